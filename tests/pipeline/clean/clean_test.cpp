#include "pipeline/clean/clean.h"

#include <sstream>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mount.h>

#include "tests/pipeline/clean/shards.h"

namespace datavet::test {
namespace {

bool says(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

// ---- what is written

class CleanWrapped : public Shards, public ::testing::WithParamInterface<Wrapping> {};

TEST_P(CleanWrapped, KeepsEveryGoodRecordByteForByteWhereverTheDamageLies) {
  const TfrecordWriter writer = ten_records();
  const std::vector<std::vector<std::size_t>> damages = {{0}, {5}, {9}, {0, 3, 4, 9}, {2, 3}};
  for (std::size_t i = 0; i < damages.size(); ++i) {
    Blob plain = writer.shard();
    for (std::size_t bad : damages[i]) plain = flip_bit(plain, writer.places()[bad].data_crc_offset());
    add_shard("s/" + std::to_string(i) + ".tfrecord", wrap(plain, GetParam()));
  }
  const CleanOutcome outcome = cleaned(bad_shards());
  EXPECT_EQ(outcome.written, damages.size()) << notes(outcome.problems);
  for (std::size_t i = 0; i < damages.size(); ++i) {
    const std::string path = "s/" + std::to_string(i) + ".tfrecord";
    EXPECT_EQ(text_of(clean_plain(path, GetParam())), all_framed_but(writer, damages[i])) << path;
    const std::vector<std::string> dead = dead_letters(path, GetParam());
    const std::vector<nlohmann::json> lines = provenance(path);
    ASSERT_EQ(dead.size(), damages[i].size());
    ASSERT_EQ(lines.size(), dead.size());
    for (std::size_t n = 0; n < dead.size(); ++n) {
      const TfrecordWriter::Place &place = writer.places()[damages[i][n]];
      std::string expected = framed(writer, damages[i][n]);
      expected[expected.size() - 4] = static_cast<char>(expected[expected.size() - 4] ^ 1);
      EXPECT_EQ(dead[n], expected) << "the raw bytes, as found";
      EXPECT_EQ(lines[n]["root"], root);
      EXPECT_EQ(lines[n]["path"], path);
      EXPECT_EQ(lines[n]["index"], damages[i][n]);
      EXPECT_EQ(lines[n]["offset"], place.offset);
      EXPECT_EQ(lines[n]["size"], place.size());
      EXPECT_EQ(lines[n]["dead_letter"], n);
      EXPECT_EQ(lines[n]["severity"], "error");
      EXPECT_EQ(lines[n]["rules"], nlohmann::json({"tfrecord.data.crc"}));
      EXPECT_EQ(lines[n].value("wrapping", "none"), name_of(GetParam()));
    }
  }
  EXPECT_EQ(scanned(target).all, std::vector<std::string>{}) << "clean shards and dead letters are healthy";
}

TEST_P(CleanWrapped, ADamagedLengthLosesNoRecordBeforeItAndInventsNone) {
  const TfrecordWriter writer = ten_records();
  add_shard("a.tfrecord", wrap(flip_bit(writer.shard(), writer.places()[6].offset), GetParam()));
  const CleanOutcome outcome = cleaned(bad_shards());
  EXPECT_EQ(outcome.written, 1u) << notes(outcome.problems);
  // Whether the records behind it can be framed again is for the splitter to know.
  const std::string kept = text_of(clean_plain("a.tfrecord", GetParam()));
  const std::string before = text_of(writer.shard()).substr(0, writer.places()[6].offset);
  EXPECT_TRUE(kept.starts_with(before));
  const std::string behind = kept.substr(before.size());
  EXPECT_TRUE(all_framed_but(writer, {0, 1, 2, 3, 4, 5, 6}).ends_with(behind));
  std::size_t dead_bytes = 0;
  for (const std::string &dead : dead_letters("a.tfrecord", GetParam())) dead_bytes += dead.size();
  EXPECT_EQ(dead_bytes + kept.size(), writer.shard().size()) << "each byte is on one side";
}

TEST_P(CleanWrapped, ATornTailGoesToTheDeadLetter) {
  const TfrecordWriter writer = ten_records();
  const Blob torn = truncate(writer.shard(), writer.places()[9].offset + 20);
  add_shard("a.tfrecord", wrap(torn, GetParam()));
  EXPECT_EQ(cleaned(bad_shards()).written, 1u);
  EXPECT_EQ(text_of(clean_plain("a.tfrecord", GetParam())), all_framed_but(writer, {9}));
  EXPECT_EQ(dead_letters("a.tfrecord", GetParam()),
            std::vector<std::string>{framed(writer, 9).substr(0, 20)});
}

TEST_P(CleanWrapped, ADamagedFirstLengthAndNothingElseLeavesNoCleanShard) {
  TfrecordWriter writer;
  writer.add("only");
  add_shard("a.tfrecord", wrap(flip_bit(writer.shard(), 0), GetParam()));
  const CleanOutcome outcome = cleaned(bad_shards());
  EXPECT_EQ(outcome.without_good, 1u) << notes(outcome.problems);
  EXPECT_EQ(outcome.written, 0u);
  EXPECT_TRUE(says(notes(outcome.shards), "no clean shard is written"));
  EXPECT_FALSE(exists(in_target("a.tfrecord")));
  // What lies in a zlib stream is recognised by its content only: here it is the stream that is no record.
  const bool recognised = GetParam() != Wrapping::zlib;
  EXPECT_EQ(dead_letters("a.tfrecord", recognised ? GetParam() : Wrapping::none),
            std::vector<std::string>{recognised ? text_of(flip_bit(writer.shard(), 0))
                                                : read_file(in_data("a.tfrecord"))});
}

TEST_P(CleanWrapped, AllRecordsBad) {
  const TfrecordWriter writer = ten_records();
  Blob plain = writer.shard();
  for (const TfrecordWriter::Place &place : writer.places()) plain = flip_bit(plain, place.data_crc_offset());
  add_shard("a.tfrecord", wrap(plain, GetParam()));
  EXPECT_EQ(cleaned(bad_shards(), RangeIndex::of_clean).without_good, 1u);
  EXPECT_FALSE(exists(in_target("a.tfrecord")));
  EXPECT_FALSE(exists(in_target("a.tfrecord.idx")));
  EXPECT_EQ(dead_letters("a.tfrecord", GetParam()).size(), 10u);
}

INSTANTIATE_TEST_SUITE_P(All, CleanWrapped, ::testing::Values(Wrapping::none, Wrapping::gzip, Wrapping::zlib),
                         [](const auto &wrapping) { return std::string(name_of(wrapping.param)); });

class Clean : public Shards {
protected:
  /// A shard whose record 5 is bad.
  TfrecordWriter add_bad_shard(const std::string &path = "a.tfrecord") {
    TfrecordWriter writer = ten_records();
    add_shard(path, flip_bit(writer.shard(), writer.places()[5].data_offset()));
    return writer;
  }
};

// ---- streams that are bad

/// In their order; a flipped bit may have hit a byte of a record and be found out there.
bool are_records_of(const TfrecordWriter &writer, const Blob &shard) {
  std::size_t next = 0;
  for (const std::string &data : data_of(shard)) {
    while (next < writer.places().size() &&
           framed(writer, next).substr(12, writer.places()[next].data_size) != data)
      ++next;
    if (next++ == writer.places().size()) return false;
  }
  return true;
}

TEST_F(Clean, TheRecordsBeforeTheDamageOfACompressedStreamAreWrittenAsAWholeStream) {
  const TfrecordWriter writer = ten_records();
  for (Wrapping wrapping : {Wrapping::gzip, Wrapping::zlib}) {
    const std::string name(name_of(wrapping));
    const Blob whole = wrap(writer.shard(), wrapping);
    add_shard("cut-" + name + ".tfrecord", truncate(whole, whole.size() / 2));
    add_shard("flipped-" + name + ".tfrecord", flip_bit(whole, whole.size() / 2, 3));
    add_shard("trailer-" + name + ".tfrecord",
              flip_bit(whole, whole.size() - (wrapping == Wrapping::gzip ? 6 : 2)));
  }
  const CleanOutcome outcome = cleaned(bad_shards());
  EXPECT_EQ(outcome.written, 6u) << notes(outcome.problems);
  EXPECT_TRUE(says(notes(outcome.shards), "stream is bad"));
  for (Wrapping wrapping : {Wrapping::gzip, Wrapping::zlib})
    for (const char *damage : {"cut-", "flipped-", "trailer-"}) {
      const std::string path = damage + std::string(name_of(wrapping)) + ".tfrecord";
      const std::string kept = text_of(clean_plain(path, wrapping));
      EXPECT_FALSE(kept.empty()) << path;
      if (damage == std::string("trailer-"))
        EXPECT_EQ(kept, text_of(writer.shard()))
            << "no record is lost, only the checksum behind them is wrong";
      else
        EXPECT_TRUE(are_records_of(writer, clean_plain(path, wrapping))) << path;
      for (const nlohmann::json &line : provenance(path))
        EXPECT_EQ(line["dead_letter"].is_null(), line["size"] == 0) << path;
    }
  EXPECT_EQ(scanned(target).all, std::vector<std::string>{});
}

TEST_F(Clean, WhateverTheDamageEachGoodRecordThatIsKeptIsOneOfTheOriginals) {
  const TfrecordWriter writer = ten_records();
  std::uint32_t state = 20;
  auto below = [&state](std::size_t limit) {
    state = state * 1664525u + 1013904223u;
    return static_cast<std::size_t>((std::uint64_t{state >> 4} * limit) >> 28);
  };
  std::map<std::string, Wrapping> wrappings;
  for (int i = 0; i < 90; ++i) {
    const auto wrapping = static_cast<Wrapping>(i % 3);
    Blob stored = wrap(writer.shard(), wrapping);
    for (std::size_t flips = below(4); flips > 0; --flips)
      stored = flip_bit(stored, below(stored.size()), static_cast<unsigned>(below(8)));
    if (below(3) == 0) stored = truncate(stored, 1 + below(stored.size() - 1));
    if (below(5) == 0) stored = zero(stored, stored.size() / 2, stored.size() / 4);
    if (below(5) == 0) stored = append(stored, Blob(1 + below(50), 'x'));
    const std::string path = std::to_string(i) + ".tfrecord";
    wrappings[path] = wrapping;
    add_shard(path, stored);
  }
  const std::vector<ShardToClean> shards = bad_shards();
  EXPECT_GT(shards.size(), 60u);
  const CleanOutcome outcome = cleaned(shards);
  EXPECT_EQ(outcome.written + outcome.without_good, shards.size()) << notes(outcome.problems);
  EXPECT_GT(outcome.written, 40u);
  for (const auto &[path, wrapping] : wrappings)
    EXPECT_TRUE(!exists(in_target(path)) || are_records_of(writer, clean_plain(path, wrapping))) << path;
  EXPECT_EQ(scanned(target).all, std::vector<std::string>{});
}

TEST_F(Clean, BytesBehindAStreamAreLeftOutAndNoRecordIsBad) {
  const TfrecordWriter writer = ten_records();
  add_shard("a.tfrecord.gz", append(gzip(writer.shard()), Blob{'m', 'o', 'r', 'e'}));
  EXPECT_EQ(cleaned(bad_shards()).written, 1u);
  EXPECT_EQ(clean_plain("a.tfrecord.gz", Wrapping::gzip), writer.shard());
  EXPECT_FALSE(exists(in_target("dead-letter")));
}

// ---- a splitter that goes on behind a hole, and records that overlap

/// As TFRecord's, but behind a broken length it goes on at the next frame that is whole.
SplitStep split_on(Bytes window, bool last, const CheckOptions &, SplitState &state, SampleSink &sink) {
  if (!last) return {0, window.size() * 2}; // the tests' shards are small: all at once
  auto whole_at = [&](std::size_t at) -> std::uint64_t {
    if (window.size() - at < 16) return 0;
    std::uint64_t length = 0;
    for (unsigned i = 0; i < 8; ++i) length |= std::uint64_t{window[at + i]} << (8 * i);
    std::uint32_t stored = 0;
    for (unsigned i = 0; i < 4; ++i) stored |= std::uint32_t{window[at + 8 + i]} << (8 * i);
    const bool right = stored == TfrecordWriter::masked_crc(window.data() + at, 8);
    return right && length <= window.size() - at - 16 ? length + 16 : 0;
  };
  static constexpr Rule hole{"tfrecord.length.crc", Fault::checksum, Severity::error, "", "", ""};
  for (std::size_t at = 0; at < window.size();) {
    if (const std::uint64_t size = whole_at(at); size > 0) {
      const Bytes record = window.subspan(at, size);
      sink.sample({state.ordinal++, at, size, record});
      Evidence evidence;
      format_named(registry(), "tfrecord")->check(record, {}, evidence);
      // A record that is bad may be a length that was hit by chance: look for others inside it.
      std::size_t next = at + size;
      if (!evidence.findings.list().empty())
        for (next = at + 1; next < at + size && whole_at(next) == 0;) ++next;
      at = next;
      continue;
    }
    const std::size_t begin = at;
    while (at < window.size() && whole_at(at) == 0) ++at;
    sink.broken({state.ordinal++, begin, at - begin, {}}, {&hole, begin, at - begin, {}});
  }
  state.offset = window.size();
  state.ended = true;
  return {window.size(), 0};
}

Format resyncing() {
  Format format = *format_named(registry(), "tfrecord");
  format.split = split_on;
  return format;
}

class Overlapping : public Clean, public ::testing::WithParamInterface<Wrapping> {};

TEST_P(Overlapping, HolesInTheMiddleAndGoodRecordsInsideABadOne) {
  const Format format = resyncing();
  TfrecordWriter inner;
  inner.add("inside one");
  inner.add("inside two");
  TfrecordWriter writer;
  writer.add("first");
  writer.add("its length will be wrong");
  writer.add("third");
  writer.add(inner.shard()); // its data CRC will be wrong: those inside are found
  writer.add("fifth");
  writer.add("the last, whose length will be wrong");
  Blob plain = flip_bit(writer.shard(), writer.places()[1].offset);
  plain = flip_bit(plain, writer.places()[3].data_crc_offset());
  plain = flip_bit(plain, writer.places()[5].offset);
  add_shard("a.tfrecord", wrap(plain, GetParam()));

  ShardToClean shard{"a.tfrecord", item("a.tfrecord").identity, &format, {}};
  const auto &places = writer.places();
  shard.bad.push_back({7, places[5].offset, Verdict::corrupt, "tfrecord.length.crc"}); // in any order
  shard.bad.push_back({1, places[1].offset, Verdict::corrupt, "tfrecord.length.crc"});
  shard.bad.push_back({3, places[3].offset, Verdict::corrupt, "tfrecord.data.crc"});
  // Behind the two inside lies the CRC of the outer one, which was no record's beginning.
  shard.bad.push_back({6, places[3].data_crc_offset(), Verdict::corrupt, "tfrecord.length.crc"});
  shard.bad.front().ordinal = 8;
  const CleanOutcome outcome = cleaned({shard}, RangeIndex::of_clean);
  EXPECT_EQ(outcome.written, 1u) << notes(outcome.problems);
  EXPECT_EQ(text_of(clean_plain("a.tfrecord", GetParam())),
            framed(writer, 0) + framed(writer, 2) + text_of(inner.shard()) + framed(writer, 4));
  const std::string all = text_of(plain);
  EXPECT_EQ(
      dead_letters("a.tfrecord", GetParam()),
      (std::vector<std::string>{all.substr(places[1].offset, places[1].size()),
                                all.substr(places[3].offset, places[3].size()),
                                all.substr(places[3].data_crc_offset(), 4), all.substr(places[5].offset)}));
  EXPECT_EQ(exists(in_target("a.tfrecord.idx")), GetParam() == Wrapping::none);
}

INSTANTIATE_TEST_SUITE_P(All, Overlapping, ::testing::Values(Wrapping::none, Wrapping::gzip, Wrapping::zlib),
                         [](const auto &wrapping) { return std::string(name_of(wrapping.param)); });

// ---- byte ranges

std::string selected(const std::string &shard, const std::string &index) {
  std::string text;
  std::istringstream lines(index);
  std::size_t offset, size;
  while (lines >> offset >> size) text += shard.substr(offset, size);
  return text;
}

TEST_F(Clean, AnIndexSelectsEachRecordOfTheCleanShard) {
  const TfrecordWriter writer = add_bad_shard();
  EXPECT_EQ(cleaned(bad_shards(), RangeIndex::of_clean).written, 1u);
  const std::string index = read_file(in_target("a.tfrecord.idx"));
  EXPECT_TRUE(index.starts_with("0 116\n116 16\n132 3016\n")) << index;
  EXPECT_EQ(std::count(index.begin(), index.end(), '\n'), 9);
  EXPECT_EQ(selected(text_of(stored("a.tfrecord")), index), text_of(stored("a.tfrecord")));
}

TEST_F(Clean, AnIndexOfTheOriginalSelectsExactlyTheGoodRecordsAndNothingElseIsWritten) {
  const TfrecordWriter writer = add_bad_shard();
  EXPECT_EQ(cleaned(bad_shards(), RangeIndex::of_original).written, 1u);
  EXPECT_EQ(selected(read_file(in_data("a.tfrecord")), read_file(in_target("a.tfrecord.idx"))),
            all_framed_but(writer, {5}));
  EXPECT_EQ(listing(target).size(), 1u);
}

TEST_F(Clean, ACompressedShardHasNoIndexAndThatIsSaid) {
  const TfrecordWriter writer = ten_records();
  add_shard("a.tfrecord", gzip(flip_bit(writer.shard(), writer.places()[5].data_offset())));
  const CleanOutcome only = cleaned(bad_shards(), RangeIndex::of_original);
  EXPECT_EQ(only.refused, 1u);
  EXPECT_TRUE(says(notes(only.problems), "compressed"));
  const CleanOutcome beside = cleaned(bad_shards(), RangeIndex::of_clean);
  EXPECT_EQ(beside.written, 1u);
  EXPECT_TRUE(says(notes(beside.shards), "without an index"));
  EXPECT_FALSE(exists(in_target("a.tfrecord.idx")));
}

// ---- report and shard

TEST_F(Clean, AShardChangedSinceTheScanIsLeftAlone) {
  add_bad_shard();
  const std::vector<ShardToClean> shards = bad_shards();
  add("a.tfrecord", read_file(in_data("a.tfrecord")) + "x");
  const CleanOutcome outcome = cleaned(shards);
  EXPECT_EQ(outcome.changed_since_scan, 1u);
  EXPECT_EQ(listing(target), std::vector<std::string>{});
}

/// What happens at the n-th time that records are framed: 1 in the survey, 2 while writing, 3 while reading
/// back.
int frames_until_event = 0;
std::function<void()> event;

SplitStep split_and_disturb(Bytes window, bool last, const CheckOptions &options, SplitState &state,
                            SampleSink &sink) {
  if (--frames_until_event == 0) event();
  return format_named(registry(), "tfrecord")->split(window, last, options, state, sink);
}

TEST_F(Clean, AShardThatChangesMeanwhileIsLeftAloneWhenever) {
  Format format = *format_named(registry(), "tfrecord");
  format.split = split_and_disturb;
  event = [&] { std::ofstream(in_data("a.tfrecord"), std::ios::app) << "x"; };
  for (int when : {1, 2, 3}) {
    add_bad_shard();
    std::vector<ShardToClean> shards = bad_shards();
    shards[0].format = &format;
    frames_until_event = when;
    const Result<CleanOutcome> outcome = clean(shards, clean_options(RangeIndex::of_clean));
    ASSERT_TRUE(outcome) << when;
    EXPECT_EQ(outcome->changed_since_scan, 1u) << when << notes(outcome->problems);
    for (const std::string &line : listing(target))
      EXPECT_TRUE(says(line, "dead-letter 1")) << "a folder at most: " << line;
  }
}

TEST_F(Clean, AShardThatLosesItsEndMeanwhileIsLeftAlone) {
  Format format = *format_named(registry(), "tfrecord");
  format.split = split_and_disturb;
  event = [&] { std::filesystem::resize_file(in_data("a.tfrecord"), 200); };
  for (int when : {1, 2}) {
    const TfrecordWriter writer = ten_records();
    add_shard("a.tfrecord",
              flip_bit(writer.shard(), writer.places()[9].offset)); // a hole: read a second time
    std::vector<ShardToClean> shards = bad_shards();
    shards[0].format = &format;
    frames_until_event = when;
    const Result<CleanOutcome> outcome = clean(shards, clean_options());
    ASSERT_TRUE(outcome) << when;
    EXPECT_EQ(outcome->changed_since_scan, 1u) << when << notes(outcome->problems);
    EXPECT_FALSE(exists(in_target("dead-letter/a.tfrecord")));
  }
}

TEST_F(Clean, AVanishedShardIsCounted) {
  add_bad_shard();
  const std::vector<ShardToClean> shards = bad_shards();
  std::filesystem::remove(in_data("a.tfrecord"));
  EXPECT_EQ(cleaned(shards).vanished, 1u);
}

TEST_F(Clean, AReportThatContradictsTheShardIsRefused) {
  const TfrecordWriter writer = add_bad_shard();
  const ShardToClean right = bad_shards().at(0);
  ShardToClean elsewhere = right, unnamed = right, both = right;
  elsewhere.bad[0].offset += 1;
  unnamed.bad.clear();
  both.bad.push_back({5, 7, Verdict::corrupt, "tfrecord.data.crc"});
  for (const ShardToClean &wrong : {elsewhere, unnamed, both}) {
    const CleanOutcome outcome = cleaned({wrong});
    EXPECT_EQ(outcome.refused, 1u);
    EXPECT_TRUE(says(notes(outcome.problems), "scan it again")) << notes(outcome.problems);
    EXPECT_EQ(listing(target), std::vector<std::string>{});
  }
}

TEST_F(Clean, ABrokenRecordThatTheReportDoesNotNameIsRefused) {
  const TfrecordWriter writer = ten_records();
  Blob plain = flip_bit(writer.shard(), writer.places()[2].data_offset());
  add_shard("a.tfrecord", flip_bit(plain, writer.places()[6].offset));
  std::vector<ShardToClean> shards = bad_shards();
  ASSERT_GE(shards.at(0).bad.size(), 2u);
  std::erase_if(shards[0].bad, [](const BadRecord &bad) { return bad.ordinal == 6; });
  const CleanOutcome outcome = cleaned(shards);
  EXPECT_EQ(outcome.refused, 1u);
  EXPECT_TRUE(says(notes(outcome.problems), "record #6")) << notes(outcome.problems);
}

TEST_F(Clean, ARecordOverTheLimitIsNotJudgedSoItsShardStays) {
  TfrecordWriter writer;
  writer.add("good");
  writer.add_header(std::uint64_t{3} << 30);
  // Of a plain file it shows at once that the record is torn; where a stream ends nobody knows.
  add_shard("a.tfrecord", wrap(append(writer.shard(), Blob(100)), Wrapping::gzip));
  const CleanOutcome outcome = cleaned(bad_shards());
  EXPECT_EQ(outcome.refused, 1u);
  EXPECT_TRUE(says(notes(outcome.problems), "nobody knows")) << notes(outcome.problems);
}

TEST_F(Clean, ARecordNamedTwiceIsOne) {
  add_bad_shard();
  std::vector<ShardToClean> shards = bad_shards();
  shards[0].bad.push_back(shards[0].bad[0]);
  const CleanOutcome outcome = cleaned(shards);
  EXPECT_EQ(outcome.bad_records, 1u);
  EXPECT_EQ(dead_letters("a.tfrecord").size(), 1u);
}

TEST_F(Clean, AFileThatIsNoShardIsRefused) {
  add_bad_shard();
  std::vector<ShardToClean> shards = bad_shards();
  add("a.tfrecord", std::string("GIF89a") + std::string(1000, '\1'));
  shards[0].identity = item("a.tfrecord").identity;
  const CleanOutcome outcome = cleaned(shards);
  EXPECT_EQ(outcome.refused, 1u);
  EXPECT_EQ(listing(target), std::vector<std::string>{});
}

// ---- names, links, modes

TEST_F(Clean, AnyNameIsMirrored) {
  const std::vector<std::string> names = {"with space/a b.tfrecord", "line\nbreak.tfrecord",
                                          "no\xff utf8/\xfe.tfrecord", "-x.tfrecord"};
  for (const std::string &name : names) add_bad_shard(name);
  const CleanOutcome outcome = cleaned(bad_shards());
  EXPECT_EQ(outcome.written, names.size()) << notes(outcome.problems);
  for (const std::string &name : names) {
    EXPECT_EQ(data_of(stored(name)).size(), 9u);
    EXPECT_EQ(dead_letters(name).size(), 1u);
    EXPECT_EQ(provenance(name).at(0).contains("path_b64"), name[0] == 'n') << name;
  }
  EXPECT_EQ(provenance(names[2]).at(0)["path_b64"], "bm//IHV0Zjgv/i50ZnJlY29yZA==");
}

TEST_F(Clean, LinksAreNotFollowedAndHardLinksAreFiles) {
  add_bad_shard("real/a.tfrecord");
  const ShardToClean real = bad_shards().at(0);
  std::filesystem::create_hard_link(in_data("real/a.tfrecord"), in_data("hard.tfrecord"));
  std::filesystem::create_symlink("real/a.tfrecord", in_data("soft.tfrecord"));
  std::filesystem::create_symlink("real", in_data("folder"));
  std::vector<ShardToClean> shards(4, real);
  shards[0].path = "hard.tfrecord";
  shards[1].path = "soft.tfrecord";
  shards[2].path = "folder/a.tfrecord";
  shards[3].path = "../data/real/a.tfrecord";
  for (ShardToClean &shard : shards) shard.identity = identity_of(lstat_of(in_data("real/a.tfrecord")));
  const CleanOutcome outcome = cleaned(shards);
  EXPECT_EQ(outcome.written, 1u) << notes(outcome.problems);
  EXPECT_EQ(outcome.refused, 3u) << notes(outcome.problems);
  EXPECT_TRUE(exists(in_target("hard.tfrecord")));
}

TEST_F(Clean, AFifoInItsPlaceDoesNotHang) {
  add_bad_shard();
  const std::vector<ShardToClean> shards = bad_shards();
  std::filesystem::remove(in_data("a.tfrecord"));
  ASSERT_EQ(::mkfifo(in_data("a.tfrecord").c_str(), 0600), 0);
  const Result<CleanOutcome> outcome = clean(shards, clean_options());
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->refused, 1u);
}

TEST_F(Clean, TheModeIsKept) {
  add_bad_shard("private.tfrecord");
  add_bad_shard("readable.tfrecord");
  ::chmod(in_data("private.tfrecord").c_str(), 0600);
  ::chmod(in_data("readable.tfrecord").c_str(), 04444);
  EXPECT_EQ(cleaned(bad_shards(), RangeIndex::of_clean).written, 2u);
  for (const char *end : {"", ".idx"}) {
    EXPECT_EQ(lstat_of(in_target("private.tfrecord") + end).st_mode & 07777, 0600u);
    EXPECT_EQ(lstat_of(in_target("readable.tfrecord") + end).st_mode & 07777, 0444u) << "no set-user-ID bit";
  }
  EXPECT_EQ(lstat_of(in_target("dead-letter/private.tfrecord")).st_mode & 07777, 0600u);
}

TEST_F(Clean, AShardInAFolderNamedAsThatOfTheDeadLettersIsRefused) {
  add_bad_shard("dead-letter/a.tfrecord");
  const CleanOutcome outcome = cleaned(bad_shards());
  EXPECT_EQ(outcome.refused, 1u);
  EXPECT_TRUE(says(notes(outcome.problems), "dead letters"));
}

// ---- the target

TEST_F(Clean, TheSameAgainIsDoneBefore) {
  add_bad_shard();
  EXPECT_EQ(cleaned(bad_shards(), RangeIndex::of_clean).written, 1u);
  const std::vector<std::string> first = listing(target);
  EXPECT_EQ(first.size(), 5u); // four files, one folder
  EXPECT_EQ(cleaned(bad_shards(), RangeIndex::of_clean).already_done, 1u);
  EXPECT_EQ(listing(target), first);
}

TEST_F(Clean, WhatStandsInTheTargetIsNeverOverwritten) {
  const char *taken[] = {"a.tfrecord", "a.tfrecord.idx", "dead-letter/a.tfrecord",
                         "dead-letter/a.tfrecord.provenance.jsonl"};
  add_bad_shard();
  for (const char *name : taken) {
    std::filesystem::remove_all(target);
    write_file(in_target(name), "of another");
    const CleanOutcome outcome = cleaned(bad_shards(), RangeIndex::of_clean);
    EXPECT_EQ(outcome.refused, 1u) << name;
    EXPECT_TRUE(says(notes(outcome.problems), "never overwritten")) << notes(outcome.problems);
    EXPECT_EQ(read_file(in_target(name)), "of another");
    EXPECT_TRUE(name == std::string("a.tfrecord") || !exists(in_target("a.tfrecord")))
        << "the clean shard comes last";
  }
}

TEST_F(Clean, ALinkOrAFolderInItsPlaceIsNotFollowed) {
  add_bad_shard();
  write_file(base() + "/elsewhere", "of another");
  std::filesystem::create_directory(target);
  std::filesystem::create_symlink(base() + "/elsewhere", in_target("a.tfrecord"));
  EXPECT_EQ(cleaned(bad_shards()).refused, 1u);
  EXPECT_EQ(read_file(base() + "/elsewhere"), "of another");
  std::filesystem::remove(in_target("a.tfrecord"));
  std::filesystem::create_directory(in_target("a.tfrecord"));
  EXPECT_EQ(cleaned(bad_shards()).refused, 1u);
  std::filesystem::remove_all(target);
  std::filesystem::create_directories(base() + "/out");
  std::filesystem::create_directory(target);
  std::filesystem::create_symlink(base() + "/out", in_target("dead-letter"));
  EXPECT_EQ(cleaned(bad_shards()).refused, 1u);
  EXPECT_EQ(listing(base() + "/out"), std::vector<std::string>{});
}

TEST_F(Clean, ATemporaryFileThatAKilledRunLeftIsReplaced) {
  add_bad_shard();
  write_file(in_target(".datavet-clean-shard.part"), "half");
  EXPECT_EQ(cleaned(bad_shards()).written, 1u);
}

TEST_F(Clean, OnlyOneWorksInATarget) {
  add_bad_shard();
  std::filesystem::create_directory(target);
  const UniqueFd other(::open(target.c_str(), O_RDONLY | O_DIRECTORY));
  ASSERT_EQ(::flock(other.get(), LOCK_EX), 0);
  EXPECT_TRUE(says(error_of_clean(bad_shards(), clean_options()), "another datavet"));
}

TEST_F(Clean, WhatCannotBeATargetIsRefused) {
  add_bad_shard("sub/a.tfrecord");
  const std::vector<ShardToClean> shards = bad_shards();
  std::filesystem::create_directory(in_data("empty"));
  std::filesystem::create_symlink(base(), base() + "/link");
  write_file(base() + "/file", "");
  write_file(base() + "/q/datavet-quarantine.jsonl", "");
  for (const std::string &wrong :
       {root, in_data("empty"), in_data("new"), in_data("sub"), base(), base() + "/link", base() + "/link/",
        base() + "/file", base() + "/no/such", std::string()}) {
    CleanOptions options = clean_options();
    options.directory = wrong;
    EXPECT_NE(error_of_clean(shards, options), "") << wrong;
    options.dry_run = true;
    EXPECT_NE(error_of_clean(shards, options), "") << wrong;
  }
}

TEST_F(Clean, AQuarantineIsNoTarget) {
  add_bad_shard();
  add("x.jpg");
  run({item("x.jpg")});
  CleanOptions options = clean_options();
  options.directory = directory;
  EXPECT_TRUE(says(error_of_clean(bad_shards(), options), "is a quarantine"));
}

TEST_F(Clean, DryRunSaysAndWritesNothing) {
  add_bad_shard();
  CleanOptions options = clean_options(RangeIndex::of_clean);
  options.dry_run = true;
  const CleanOutcome outcome = cleaned(bad_shards(), options);
  EXPECT_EQ(outcome.written, 1u);
  EXPECT_EQ(outcome.good_records, 9u);
  EXPECT_EQ(outcome.bad_records, 1u);
  EXPECT_FALSE(exists(target));
}

TEST_F(Clean, SafetyStop) {
  add_bad_shard();
  CleanOptions options = clean_options();
  options.dataset_samples = 10;
  EXPECT_TRUE(says(error_of_clean(bad_shards(), options), "1 of 10 samples would be left out"));
  EXPECT_FALSE(exists(target));
  options.force = true;
  EXPECT_EQ(cleaned(bad_shards(), options).written, 1u);
}

TEST_F(Clean, AReadOnlyTargetIsRefused) {
  add_bad_shard();
  const std::vector<ShardToClean> shards = bad_shards();
  std::filesystem::create_directory(target);
  as_plain_user(base(), [&] {
    ShardToClean shard = shards[0];
    shard.identity = identity_of(lstat_of(in_data("a.tfrecord")));
    ::chmod(target.c_str(), 0555);
    EXPECT_TRUE(says(error_of_clean({shard}, clean_options()), "cannot be written"));
    ::chmod(target.c_str(), 0755);
    std::filesystem::create_directory(in_target("dead-letter"));
    ::chmod(in_target("dead-letter").c_str(), 0555);
    EXPECT_TRUE(
        says(error_of_clean({shard}, clean_options(), Error::Kind::incomplete), "no original was touched"));
    ::chmod(in_target("dead-letter").c_str(), 0755);
  });
}

TEST_F(Clean, AFullDiskLeavesNoTemporaryFileAndTheSameCallGoesOnLater) {
  add_bad_shard();
  const std::vector<ShardToClean> shards = bad_shards();
  std::filesystem::create_directory(target);
  with_mounts([&] { return ::mount("none", target.c_str(), "tmpfs", 0, "size=128k") == 0; },
              [&] {
                EXPECT_TRUE(
                    says(error_of_clean(shards, clean_options(), Error::Kind::incomplete), "No space left"));
                for (const std::string &line : listing(target)) EXPECT_FALSE(says(line, ".part")) << line;
                EXPECT_FALSE(exists(in_target("a.tfrecord")));
                EXPECT_EQ(::mount("none", target.c_str(), "tmpfs", MS_REMOUNT, "size=16m"), 0);
                EXPECT_EQ(cleaned(shards).written, 1u);
              });
}

TEST_F(Clean, NothingToDo) { EXPECT_EQ(cleaned({}).written, 0u); }

} // namespace
} // namespace datavet::test
