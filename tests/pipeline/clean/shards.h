/// A dataset of TFRecord shards, a scan of it as the report gives it, and the target of a clean.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include <datavet/scan.h>

#include "formats/registry.h"
#include "pipeline/clean/clean.h"
#include "tests/formats/tfrecord/deflate_writer.h"
#include "tests/formats/tfrecord/tfrecord_writer.h"
#include "tests/pipeline/quarantine/dataset.h"
#include "tests/support/damage.h"

namespace datavet::test {

inline std::string text_of(const Blob &blob) { return {blob.begin(), blob.end()}; }
inline Blob blob_of(const std::string &text) { return {text.begin(), text.end()}; }

/// By zlib's own inflate, whatever the wrapping.
inline Blob unwrapped(const Blob &stored, Wrapping wrapping) {
  if (wrapping == Wrapping::none) return stored;
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, wrapping == Wrapping::gzip ? 15 + 16 : 15), Z_OK);
  stream.next_in = const_cast<Bytef *>(stored.data());
  stream.avail_in = static_cast<uInt>(stored.size());
  Blob plain;
  int answer = Z_OK;
  while (answer == Z_OK) {
    std::uint8_t block[65536];
    stream.next_out = block;
    stream.avail_out = sizeof block;
    answer = inflate(&stream, Z_NO_FLUSH);
    plain.insert(plain.end(), block, block + (sizeof block - stream.avail_out));
  }
  EXPECT_EQ(answer, Z_STREAM_END) << "the written stream is not whole";
  EXPECT_EQ(stream.avail_in, 0u);
  inflateEnd(&stream);
  return plain;
}

/// What lies between header and footer of each record, by a reader of the test's own that believes nothing.
inline std::vector<std::string> data_of(const Blob &shard) {
  std::vector<std::string> records;
  auto number = [&](std::size_t at, unsigned bytes) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < bytes; ++i) value |= std::uint64_t{shard.at(at + i)} << (8 * i);
    return value;
  };
  for (std::size_t at = 0; at < shard.size();) {
    const std::uint64_t length = number(at, 8);
    EXPECT_EQ(number(at + 8, 4), TfrecordWriter::masked_crc(shard.data() + at, 8));
    if (length > shard.size() - at) throw std::runtime_error("a record goes over the end");
    EXPECT_EQ(number(at + 12 + length, 4), TfrecordWriter::masked_crc(shard.data() + at + 12, length));
    records.emplace_back(shard.begin() + static_cast<std::ptrdiff_t>(at + 12),
                         shard.begin() + static_cast<std::ptrdiff_t>(at + 12 + length));
    at += length + 16;
  }
  return records;
}

/// What a report would say, by a real scan.
class ShardList final : public Sink {
public:
  Result<void> sample(const SampleReport &report) override {
    if (report.verdict == Verdict::healthy) return {};
    all.push_back(std::string(report.path) +
                  (report.record ? "#" + std::to_string(report.record->ordinal) : ""));
    if (report.verdict != Verdict::corrupt || report.format != "tfrecord") return {};
    ShardToClean &shard = shards[std::string(report.path)];
    shard.path = report.path;
    shard.identity = report.stamp;
    shard.format = format_named(registry(), report.format);
    std::string rules;
    for (const Finding &finding : report.findings)
      rules += (rules.empty() ? "" : ",") + std::string(finding.rule->id);
    if (report.record)
      shard.bad.push_back({report.record->ordinal, report.record->offset, report.verdict, rules});
    return {};
  }
  std::map<std::string, ShardToClean> shards;
  std::vector<std::string> all; ///< everything not healthy
};

class Shards : public Dataset {
protected:
  Shards() : target(base() + "/clean") {}

  ShardList scanned(const std::string &folder) const {
    ShardList list;
    ScanOptions options;
    options.paths = {folder};
    EXPECT_TRUE(scan(options, list));
    return list;
  }
  std::vector<ShardToClean> bad_shards() const {
    std::vector<ShardToClean> list;
    for (auto &[path, shard] : scanned(root).shards) list.push_back(shard);
    return list;
  }

  CleanOptions clean_options(RangeIndex index = RangeIndex::none) const {
    CleanOptions options;
    options.root = root;
    options.directory = target;
    options.index = index;
    return options;
  }
  CleanOutcome cleaned(const std::vector<ShardToClean> &shards, RangeIndex index = RangeIndex::none) const {
    return cleaned(shards, clean_options(index));
  }
  /// Holds each call to: the dataset is as it was, to bytes, modes and times.
  CleanOutcome cleaned(const std::vector<ShardToClean> &shards, const CleanOptions &options) const {
    const std::vector<std::string> before = listing(root);
    Result<CleanOutcome> outcome = clean(shards, options);
    EXPECT_EQ(listing(root), before) << "the dataset was touched";
    EXPECT_TRUE(outcome) << (outcome ? "" : outcome.error().message);
    for (const std::string &line : listing(target)) EXPECT_EQ(line.find(".part"), std::string::npos) << line;
    return outcome ? *outcome : CleanOutcome{};
  }
  std::string error_of_clean(const std::vector<ShardToClean> &shards, const CleanOptions &options,
                             Error::Kind kind = Error::Kind::usage) const {
    const std::vector<std::string> before = listing(root);
    Result<CleanOutcome> outcome = clean(shards, options);
    EXPECT_EQ(listing(root), before) << "the dataset was touched";
    EXPECT_FALSE(outcome);
    if (outcome) return {};
    EXPECT_EQ(outcome.error().kind, kind) << outcome.error().message;
    return outcome.error().message;
  }

  void add_shard(const std::string &path, const Blob &stored) { add(path, text_of(stored)); }
  std::string in_target(const std::string &path) const { return target + "/" + path; }
  Blob stored(const std::string &path) const { return blob_of(read_file(in_target(path))); }
  Blob clean_plain(const std::string &path, Wrapping wrapping = Wrapping::none) const {
    return unwrapped(stored(path), wrapping);
  }
  std::vector<std::string> dead_letters(const std::string &path, Wrapping wrapping = Wrapping::none) const {
    return data_of(unwrapped(stored("dead-letter/" + path), wrapping));
  }
  std::vector<nlohmann::json> provenance(const std::string &path) const {
    std::vector<nlohmann::json> lines;
    std::istringstream text(read_file(in_target("dead-letter/" + path + ".provenance.jsonl")));
    for (std::string line; std::getline(text, line);) lines.push_back(nlohmann::json::parse(line));
    return lines;
  }

  std::string target;
};

/// Ten records of unlike sizes, one of them empty, one larger than the writer's block.
inline TfrecordWriter ten_records() {
  TfrecordWriter writer;
  std::uint32_t state = 1;
  for (std::size_t size : {100u, 0u, 3000u, 300'000u, 1u, 17u, 4096u, 70'000u, 250u, 33u}) {
    Blob data(size);
    for (std::uint8_t &byte : data)
      byte = static_cast<std::uint8_t>((state = state * 1664525u + 1013904223u) >> 24);
    writer.add(data);
  }
  return writer;
}
inline std::string framed(const TfrecordWriter &writer, std::size_t index) {
  const TfrecordWriter::Place &place = writer.places()[index];
  return text_of(writer.shard()).substr(place.offset, place.size());
}
inline std::string all_framed_but(const TfrecordWriter &writer, const std::vector<std::size_t> &left_out) {
  std::string text;
  for (std::size_t i = 0; i < writer.places().size(); ++i)
    if (std::find(left_out.begin(), left_out.end(), i) == left_out.end()) text += framed(writer, i);
  return text;
}

} // namespace datavet::test
