#include "pipeline/quarantine/record_copy.h"

#include <random>

#include <zlib.h>

#include "tests/pipeline/quarantine/dataset.h"

namespace datavet::test {
namespace {

std::string random_bytes(std::size_t size) {
  std::mt19937 random(7);
  std::string bytes(size, '\0');
  for (char &byte : bytes) byte = static_cast<char>(random() % 32);
  return bytes;
}

std::string compressed(const std::string &plain, Wrapping wrapping) {
  z_stream stream{};
  const int window_bits = wrapping == Wrapping::gzip ? 15 + 16 : 15;
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, plain.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef *>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

class RecordCopy : public Dataset {
protected:
  QuarantineItem record(const std::string &path, std::uint64_t ordinal, std::uint64_t offset,
                        std::uint64_t size, std::string_view wrapping = "") const {
    QuarantineItem record = item(path);
    record.record = RecordPlace{ordinal, offset, size, wrapping};
    return record;
  }
  std::string copy(const std::string &path, std::uint64_t ordinal) const {
    return directory + "/records/" + path + "#" + std::to_string(ordinal) + ".record";
  }
};

TEST_F(RecordCopy, CopiesTheFramedBytesAndNeverTouchesTheShard) {
  const std::string shard = random_bytes(700'000);
  add("s/train.tfrecord", shard);
  const std::vector<std::string> before = listing(root);
  const std::vector<QuarantineItem> bad = {record("s/train.tfrecord", 9, 400'000, 299'999),
                                           record("s/train.tfrecord", 3, 17, 100)};
  EXPECT_EQ(run(bad).done, 2u);
  EXPECT_EQ(listing(root), before);
  EXPECT_EQ(read_file(copy("s/train.tfrecord", 3)), shard.substr(17, 100));
  EXPECT_EQ(read_file(copy("s/train.tfrecord", 9)), shard.substr(400'000, 299'999));
  EXPECT_EQ(read_file(directory + "/excluded-records.tsv"),
            "s/train.tfrecord\t3\t17\t100\ns/train.tfrecord\t9\t400000\t299999\n");
  EXPECT_EQ(run(bad).already_done, 2u);
}

TEST_F(RecordCopy, InflatesCompressedShards) {
  const std::string plain = random_bytes(2'000'000);
  for (Wrapping wrapping : {Wrapping::gzip, Wrapping::zlib}) {
    const std::string path = std::string(name_of(wrapping)) + ".tfrecord";
    add(path, compressed(plain, wrapping));
    std::vector<QuarantineItem> bad;
    for (std::uint64_t n = 0; n < 70; ++n) // more than a batch
      bad.push_back(record(path, n, n * 28'000, 700 + n, name_of(wrapping)));
    std::shuffle(bad.begin(), bad.end(), std::mt19937(3));
    EXPECT_EQ(run(bad).done, bad.size());
    for (std::uint64_t n = 0; n < 70; ++n)
      EXPECT_EQ(read_file(copy(path, n)), plain.substr(n * 28'000, 700 + n)) << n;
  }
}

TEST_F(RecordCopy, ReadsThroughSeveralGzipMembers) {
  const std::string plain = random_bytes(900'000);
  add("s", compressed(plain.substr(0, 300'000), Wrapping::gzip) +
               compressed(plain.substr(300'000), Wrapping::gzip));
  EXPECT_EQ(run({record("s", 0, 299'000, 2'000, "gzip")}).done, 1u);
  EXPECT_EQ(read_file(copy("s", 0)), plain.substr(299'000, 2'000));
}

TEST_F(RecordCopy, CopiesWhatThereIsOfATruncatedRecord) {
  const std::string plain = random_bytes(500'000), whole = compressed(plain, Wrapping::gzip);
  add("plain", plain);
  add("cut", whole.substr(0, whole.size() / 2));
  EXPECT_EQ(run({record("plain", 1, 499'990, 1'000'000), record("cut", 2, 1'000, 1'000'000, "gzip")}).done,
            2u);
  EXPECT_EQ(read_file(copy("plain", 1)), plain.substr(499'990));
  const std::string rest = read_file(copy("cut", 2));
  EXPECT_GT(rest.size(), 100'000u);
  EXPECT_EQ(rest, plain.substr(1'000, rest.size()));
}

TEST_F(RecordCopy, RefusesPlacesBehindTheEnd) {
  add("s", "short");
  const QuarantineOutcome outcome = run({record("s", 0, 5, 1), record("s", 1, UINT64_MAX, 1),
                                         record("s", 2, 3, UINT64_MAX), record("s", 3, 1ull << 62, 1)});
  EXPECT_EQ(outcome.refused, 4u) << notes(outcome.problems);
}

TEST_F(RecordCopy, LeavesAChangedShardAlone) {
  add("s", "0123456789");
  const QuarantineItem bad = record("s", 0, 2, 4);
  add("s", "0123456789 and more");
  EXPECT_EQ(run({bad}).changed_since_scan, 1u);
  EXPECT_FALSE(exists(copy("s", 0)));
}

TEST_F(RecordCopy, ComesBeforeTheShardItselfIsMoved) {
  add("s", "0123456789");
  EXPECT_EQ(run({item("s"), record("s", 0, 2, 4)}).done, 2u);
  EXPECT_EQ(read_file(copy("s", 0)), "2345");
  EXPECT_FALSE(exists(in_data("s")));
}

TEST_F(RecordCopy, IsListedOnlyInTheModeList) {
  add("a\tb", "0123456789");
  EXPECT_EQ(run({record("a\tb", 7, 2, 4)}, QuarantineMode::list).listed, 1u);
  EXPECT_FALSE(exists(directory + "/records"));
  EXPECT_EQ(read_file(directory + "/excluded-records.tsv"), "\\a\\tb\t7\t2\t4\n");
}

TEST_F(RecordCopy, RestoreOnlyEndsTheExclusion) {
  add("s", "0123456789");
  run({record("s", 0, 2, 4)});
  EXPECT_EQ(put_back().restored, 1u);
  EXPECT_EQ(read_file(directory + "/excluded-records.tsv"), "");
  EXPECT_EQ(read_file(in_data("s")), "0123456789");
}

} // namespace
} // namespace datavet::test
