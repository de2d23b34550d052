// Every rule has a sample that breaks it, and is told well.
#include <set>

#include <gtest/gtest.h>

#include "tests/formats/tfrecord/compressed_shard.h"
#include "tests/formats/tfrecord/deflate_writer.h"

namespace datavet::test {
namespace {

struct Breaker {
  const Rule *rule;
  Reading (*reading)();
};

Reading of_empty_check() {
  Evidence evidence = check(tfrecord_format, {});
  Reading reading;
  for (const Finding &finding : evidence.findings.list())
    reading.findings.push_back(
        {std::string(finding.rule->id), finding.offset, finding.length, finding.detail});
  return reading;
}

CheckOptions tiny_limit() {
  CheckOptions options;
  options.limits.sample_bytes = 40;
  return options;
}

const Breaker breakers[] = {
    {&tfrecord::length_crc, [] { return read_whole(flip_bit(small_shard().shard(), 8)); }},
    {&tfrecord::data_crc, [] { return read_whole(flip_bit(small_shard().shard(), 12)); }},
    {&tfrecord::record_short, [] { return read_whole(erase(small_shard().shard(), 12, 2)); }},
    {&tfrecord::tail_torn, [] { return read_whole(truncate(small_shard().shard(), 20)); }},
    {&tfrecord::record_limit, [] { return read_whole(small_shard().shard(), tiny_limit()); }},
    {&tfrecord::stream_damaged,
     [] { return read_compressed(set_byte(gzip(small_shard().shard()), 10, 7), Wrapping::gzip); }},
    {&tfrecord::stream_truncated,
     [] { return read_compressed(truncate(gzip(small_shard().shard()), 30), Wrapping::gzip); }},
    {&tfrecord::stream_trailing,
     [] { return read_compressed(append(gzip(small_shard().shard()), {0}), Wrapping::gzip); }},
    {&tfrecord::stream_trailing_ignored,
     [] { return read_compressed(append(zlib(small_shard().shard()), {0}), Wrapping::zlib); }},
    {&tfrecord::shard_empty, of_empty_check},
};

TEST(TfrecordRules, EachHasASampleThatBreaksItAlone) {
  for (const Rule *rule : tfrecord::all_rules) {
    // What records hold has its own test: example/rules_test.cpp.
    if (rule->id.starts_with("tfrecord.example.") || rule->id.starts_with("tfrecord.event.")) continue;
    const Breaker *breaker = std::find_if(std::begin(breakers), std::end(breakers),
                                          [&](const Breaker &one) { return one.rule == rule; });
    ASSERT_NE(breaker, std::end(breakers)) << "no sample breaks " << rule->id;
    const Reading reading = breaker->reading();
    ASSERT_EQ(reading.findings.size(), 1u) << rule->id << "\n" << describe(reading);
    EXPECT_EQ(reading.findings[0].rule, rule->id);
  }
}

TEST(TfrecordRules, AreNamedAndExplained) {
  std::set<std::string_view> ids;
  for (const Rule *rule : tfrecord_format.rules) {
    EXPECT_TRUE(rule->id.starts_with("tfrecord."));
    EXPECT_TRUE(ids.insert(rule->id).second) << rule->id << " twice";
    EXPECT_TRUE(rule->summary.ends_with(".")) << rule->id;
    EXPECT_FALSE(rule->source.empty()) << rule->id;
    EXPECT_FALSE(rule->why.empty()) << rule->id;
  }
  EXPECT_EQ(ids.size(), std::size(tfrecord::all_rules));
}

TEST(TfrecordRules, GiveTheRightVerdict) {
  auto verdict_of = [](const Rule &rule) {
    const Finding finding{&rule, 0, 0, {}};
    return judge(std::span(&finding, 1));
  };
  EXPECT_EQ(verdict_of(tfrecord::length_crc), Verdict::corrupt);
  EXPECT_EQ(verdict_of(tfrecord::data_crc), Verdict::corrupt);
  EXPECT_EQ(verdict_of(tfrecord::tail_torn), Verdict::corrupt);
  EXPECT_EQ(verdict_of(tfrecord::stream_damaged), Verdict::corrupt);
  EXPECT_EQ(verdict_of(tfrecord::stream_truncated), Verdict::corrupt);
  EXPECT_EQ(verdict_of(tfrecord::record_limit), Verdict::unchecked);
  EXPECT_EQ(verdict_of(tfrecord::stream_trailing), Verdict::corrupt);
  EXPECT_EQ(verdict_of(tfrecord::stream_trailing_ignored), Verdict::suspect);
  EXPECT_EQ(verdict_of(tfrecord::shard_empty), Verdict::healthy);
}

} // namespace
} // namespace datavet::test
