// What a caller of the pool gets: findings, facts, versions, for one thread and for many.
#include <atomic>
#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

#include "tests/pipeline/isolation/pool_support.h"

namespace datavet::test {
namespace {

TEST(Pool, BringsFindingsAndFactsBack) {
  DecoderPool pool(pool_options());
  const Evidence evidence = judge_one(pool, "describe");
  ASSERT_EQ(evidence.findings.list().size(), 1u);
  const Finding &finding = evidence.findings.list().front();
  EXPECT_EQ(finding.rule, &complaint);
  EXPECT_EQ(finding.offset, 3u);
  EXPECT_EQ(finding.length, 2u);
  EXPECT_EQ(finding.detail, "seen at three");
  EXPECT_EQ(evidence.facts.width, 7u);
  EXPECT_EQ(evidence.facts.height, 5u);
  EXPECT_EQ(evidence.facts.colour, Colour::rgb);
  EXPECT_TRUE(evidence.facts.progressive);
}

TEST(Pool, AddsToWhatOurOwnCheckFoundAndNeverReplacesIt) {
  DecoderPool pool(pool_options());
  Evidence evidence;
  evidence.facts.width = 100;
  evidence.findings.add(any::zero_run, 9);
  const std::string word = "describe";
  DecodeJob job{.format = &misbehaving_format, .bytes = bytes_of(word), .evidence = &evidence};
  pool.decode({&job, 1});
  EXPECT_EQ(rules_in(evidence), "any.zeros.run misbehaving.word.known");
  EXPECT_EQ(evidence.facts.width, 100u);
  EXPECT_EQ(evidence.facts.height, 5u);
}

TEST(Pool, DrawsOffsetsOutsideTheSampleInToItsEnd) {
  DecoderPool pool(pool_options());
  const Evidence evidence = judge_one(pool, "lie about place");
  ASSERT_EQ(rules_in(evidence), "misbehaving.word.known");
  EXPECT_EQ(evidence.findings.list()[0].offset, std::string_view("lie about place").size());
  EXPECT_EQ(evidence.findings.list()[0].length, 0u);
}

TEST(Pool, BoundsTheNumberAndTheLengthOfFindings) {
  DecoderPool pool(pool_options());
  const Evidence evidence = judge_one(pool, "say much");
  ASSERT_EQ(evidence.findings.list().size(), Findings::kept);
  for (const Finding &finding : evidence.findings.list()) EXPECT_LE(finding.detail.size(), 1'000u);
}

TEST(Pool, TakesAnyNumberOfJobsAndAnySize) {
  DecoderPool pool(pool_options());
  std::vector<std::string> words(100, "ok");
  words[40] = "complain";
  words[70] =
      "sum\n" + std::string(std::size_t{40} << 20, 'x'); // larger than a hand-over, smaller than the slot
  words[71] = "sum\n" + std::string(std::size_t{12} << 20, 'x');
  words[72] = "sum\n" + std::string(std::size_t{12} << 20, 'x');
  words[99] = std::string();
  const std::vector<Evidence> evidence = judge(pool, words);
  for (std::size_t i = 0; i < 99; ++i)
    EXPECT_EQ(rules_in(evidence[i]), i == 40 ? "misbehaving.word.known" : "") << i << describe(evidence[i]);
  EXPECT_EQ(rules_in(evidence[99]), "misbehaving.word.known"); // no word is an unknown word
  EXPECT_EQ(pool.stats().samples, 100u);
  // A sanitizer's own memory for the large sample may wear a worker out.
  EXPECT_EQ(pool.stats().workers_started, 1 + pool.stats().workers_recycled);
}

TEST(Pool, RefusesASampleLargerThanTheSlot) {
  DecoderPool pool(pool_options());
  const std::vector<Evidence> evidence = judge(pool, {"ok", std::string(std::size_t{64} << 20, 'x'), "ok"});
  EXPECT_EQ(rules_in(evidence[0]), "");
  EXPECT_EQ(rules_in(evidence[1]), "any.size.limit");
  EXPECT_EQ(rules_in(evidence[2]), "");
}

TEST(Pool, RecyclesAWorkerAfterAThousandSamples) {
  DecoderPool pool(pool_options());
  const std::vector<std::string> words(16, "ok");
  for (int i = 0; i < 64; ++i) judge(pool, words);
  EXPECT_EQ(pool.stats().workers_started, 2u);
  EXPECT_EQ(pool.stats().workers_recycled, 1u);
  EXPECT_EQ(pool.stats().hand_overs, 64u);
}

TEST(Pool, DoesNothingForNoJobs) {
  DecoderPool pool(pool_options());
  pool.decode({});
  EXPECT_EQ(pool.stats().zygotes_started, 0u);
  EXPECT_EQ(pool.notice(), "");
}

TEST(Pool, SaysWhatDecodesWhat) {
  DecoderPool pool(pool_options());
  const std::vector<DecoderVersion> rows = pool.versions();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].family, "test");
  EXPECT_EQ(rows[0].format, "misbehaving");
  EXPECT_EQ(rows[0].library, "libmisbehave");
  EXPECT_EQ(rows[0].version, "1.2.3");
  EXPECT_EQ(rows[0].problem, "");
  EXPECT_NE(rows[0].sandbox.find("seccomp"), std::string::npos);
  EXPECT_EQ(rows[2].format, "stranger");
  EXPECT_NE(rows[2].problem, "");
}

TEST(Pool, SaysWhenADecoderCannotBeAsked) {
  DecoderPool pool(pool_options());
  const Evidence orphan = judge_one(pool, "ok", orphan_format);
  EXPECT_EQ(rules_in(orphan), "any.decoder.unavailable");
  EXPECT_NE(orphan.findings.list()[0].detail.find("datavet-worker-nowhere is not in"), std::string::npos);
  EXPECT_EQ(orphan.findings.verdict(), Verdict::unchecked);
  EXPECT_NE(pool.notice().find("nowhere"), std::string::npos);
  const Evidence stranger = judge_one(pool, "ok", stranger_format);
  EXPECT_EQ(rules_in(stranger), "any.decoder.unavailable");
  EXPECT_EQ(rules_in(judge_one(pool, "ok")), "") << "another family is not concerned";
}

TEST(Pool, JudgesJobsOfSeveralFamiliesInOneCall) {
  DecoderPool pool(pool_options());
  std::vector<Evidence> evidence(4);
  const std::string ok = "ok", complain = "complain";
  std::vector<DecodeJob> jobs = {
      {.format = &misbehaving_format, .bytes = bytes_of(ok), .evidence = &evidence[0]},
      {.format = &orphan_format, .bytes = bytes_of(ok), .evidence = &evidence[1]},
      {.format = &misbehaving_format, .bytes = bytes_of(complain), .evidence = &evidence[2]},
      {.format = &stranger_format, .bytes = bytes_of(complain), .evidence = &evidence[3]},
  };
  pool.decode(jobs);
  EXPECT_EQ(rules_in(evidence[0]), "");
  EXPECT_EQ(rules_in(evidence[1]), "any.decoder.unavailable");
  EXPECT_EQ(rules_in(evidence[2]), "misbehaving.word.known");
  EXPECT_EQ(rules_in(evidence[3]), "any.decoder.unavailable");
}

TEST(Pool, ServesManyThreadsAtOnceWithFewWorkers) {
  PoolOptions options = pool_options();
  options.workers_per_family = 2;
  DecoderPool pool(options);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t)
    threads.emplace_back([&, t] {
      for (int round = 0; round < 15; ++round) {
        const std::vector<Evidence> evidence =
            judge(pool, {"ok", "complain", round % 5 == t % 5 ? "crash" : "ok", "ok", "complain"});
        const std::string third = round % 5 == t % 5 ? "any.decoder.crashed" : "";
        if (rules_in(evidence[0]) != "" || rules_in(evidence[1]) != "misbehaving.word.known" ||
            rules_in(evidence[2]) != third || rules_in(evidence[3]) != "" ||
            rules_in(evidence[4]) != "misbehaving.word.known")
          ++wrong;
      }
    });
  for (std::thread &thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(pool.stats().samples, 6u * 15 * 5);
  EXPECT_LE(children_of(children_of(getpid()).at(0)).size(), 2u);
}

TEST(TimeBudget, GrowsWithTheSampleAndNeverPastTheMost) {
  PoolOptions options = pool_options();
  options.base_time = std::chrono::milliseconds(50);
  options.most_time = std::chrono::milliseconds(200);
  DecoderPool pool(options);
  Evidence evidence;
  evidence.facts.decoded_bytes = UINT64_MAX; // declared, so anything
  evidence.facts.frames = UINT32_MAX;
  const std::string word = "hang";
  DecodeJob job{.format = &misbehaving_format, .bytes = bytes_of(word), .evidence = &evidence};
  pool.decode({&job, 1});
  ASSERT_EQ(rules_in(evidence), "any.decoder.timeout");
  // Of processor time, or by the clock on a busy machine.
  const std::string detail = evidence.findings.list()[0].detail;
  EXPECT_TRUE(detail.find("0.2 s") != std::string::npos || detail.find("0.8 s") != std::string::npos)
      << detail;
}

class FilePool : public testing::Test {
protected:
  int file_with(const std::string &text, int flags = O_RDONLY) {
    char name[] = "/tmp/datavet-isolation-XXXXXX";
    const int writing = mkstemp(name);
    EXPECT_EQ(write(writing, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    close(writing);
    const int file = open(name, flags | O_CLOEXEC);
    unlink(name);
    files_.push_back(file);
    return file;
  }
  Evidence judge_file(DecoderPool &pool, int file, std::uint64_t size) {
    Evidence evidence;
    DecodeJob job{.format = &misbehaving_file_format, .file = file, .file_size = size, .evidence = &evidence};
    pool.decode({&job, 1});
    return evidence;
  }
  void TearDown() override {
    for (int file : files_) close(file);
  }
  std::vector<int> files_;
};

TEST_F(FilePool, ReadsAFileThroughItsDescriptorInAWorkerOfItsOwn) {
  DecoderPool pool(pool_options());
  for (int i = 0; i < 5; ++i) {
    const Evidence evidence = judge_file(pool, file_with("complain\nand more"), 17);
    EXPECT_EQ(rules_in(evidence), "misbehaving.word.known") << describe(evidence);
    EXPECT_EQ(evidence.facts.objects, 17u);
  }
  EXPECT_EQ(pool.stats().workers_started, 6u); // one told which decoders there are, then one a file
}

TEST_F(FilePool, SurvivesWhatAFileDoesToItsWorker) {
  DecoderPool pool(pool_options());
  EXPECT_EQ(rules_in(judge_file(pool, file_with("crash"), 5)), "any.decoder.crashed");
  EXPECT_EQ(rules_in(judge_file(pool, file_with("hang"), 4)), "any.decoder.timeout");
  EXPECT_EQ(rules_in(judge_file(pool, file_with("socket"), 6)), "any.decoder.forbidden");
  EXPECT_EQ(rules_in(judge_file(pool, file_with("open"), 4)), "");
}

TEST_F(FilePool, GivesAWorkerNoDescriptorThatCanWrite) {
  DecoderPool pool(pool_options());
  const Evidence evidence = judge_file(pool, file_with("ok", O_RDWR), 2);
  EXPECT_EQ(rules_in(evidence), "any.decoder.unavailable");
}

TEST_F(FilePool, TakesBytesInMemoryForAFile) {
  DecoderPool pool(pool_options());
  EXPECT_EQ(rules_in(judge_one(pool, "complain", misbehaving_file_format)), "misbehaving.word.known");
}

TEST_F(FilePool, LetsManyThreadsReadFilesOfTheirOwn) {
  PoolOptions options = pool_options();
  options.workers_per_family = 2;
  DecoderPool pool(options);
  std::vector<int> files;
  for (int i = 0; i < 4; ++i) files.push_back(file_with(i % 2 == 0 ? "ok" : "crash"));
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int round = 0; round < 8; ++round) {
        if (rules_in(judge_file(pool, files[static_cast<std::size_t>(t)], 5)) !=
            (t % 2 == 0 ? "" : "any.decoder.crashed"))
          ++wrong;
        if (rules_in(judge_one(pool, "ok")) != "") ++wrong;
      }
    });
  for (std::thread &thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

} // namespace
} // namespace datavet::test
