// Processes come and go, by our hand and by others': the host sees findings, and nothing is left over.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/pipeline/isolation/pool_support.h"

namespace datavet::test {
namespace {

/// A zombie that nobody has reaped counts as dead, too.
bool is_dead(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  return !std::getline(file, line) || line.find(") Z ") != std::string::npos;
}

int only_child() {
  const std::vector<int> children = children_of(getpid());
  EXPECT_EQ(children.size(), 1u);
  return children.empty() ? -1 : children.front();
}

TEST(Processes, AreOneChildOfTheHostAndItsWorkers) {
  ASSERT_TRUE(children_of(getpid()).empty());
  PoolOptions options = pool_options();
  options.workers_per_family = 3;
  DecoderPool pool(options);
  EXPECT_TRUE(children_of(getpid()).empty()) << "nothing starts before it is needed";
  judge_one(pool, "ok");
  const int zygote = only_child();
  EXPECT_EQ(getsid(zygote), zygote) << "Ctrl-C must not reach it";
  EXPECT_EQ(children_of(zygote).size(), 1u);
}

TEST(Processes, LeaveNoChildNoZombieAndNoDescriptorBehind) {
  const std::size_t descriptors = open_descriptors();
  {
    PoolOptions options = pool_options();
    options.workers_per_family = 2;
    DecoderPool pool(options);
    for (const char *word : {"ok", "crash", "abort", "hang", "flood", "socket", "ok"}) judge_one(pool, word);
    const int zygote = only_child();
    EXPECT_LE(children_of(zygote).size(), 2u) << "dead workers must be reaped";
  }
  EXPECT_EQ(open_descriptors(), descriptors);
  EXPECT_TRUE(children_of(getpid()).empty());
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "no child, dead or alive";
}

TEST(Processes, AWorkerKilledBetweenHandOversIsReplacedWithoutAFinding) {
  DecoderPool pool(pool_options());
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(rules_in(judge_one(pool, "ok")), "");
    const std::vector<int> workers = children_of(only_child());
    ASSERT_EQ(workers.size(), 1u);
    kill(workers.front(), SIGKILL);
    EXPECT_TRUE(soon([&] { return is_dead(workers.front()); }));
  }
  EXPECT_EQ(pool.stats().killed_from_outside, 0u) << "seen before a sample was handed over";
  EXPECT_EQ(rules_in(judge_one(pool, "complain")), "misbehaving.word.known");
}

TEST(Processes, AWorkerKilledAtWorkIsNotTheSamplesFault) {
  PoolOptions options = pool_options();
  options.base_time = std::chrono::milliseconds(20'000);
  DecoderPool pool(options);
  judge_one(pool, "ok");
  const std::vector<int> before = children_of(only_child());
  ASSERT_EQ(before.size(), 1u);
  std::thread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    kill(before.front(), SIGKILL); // the first try
    const int zygote = children_of(getpid()).at(0);
    soon([&] {
      const std::vector<int> now = children_of(zygote);
      return now.size() == 1 && now.front() != before.front();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    for (int worker : children_of(zygote)) kill(worker, SIGKILL); // the second
  });
  const std::vector<Evidence> evidence = judge(pool, {"ok", "sleep", "ok"});
  killer.join();
  EXPECT_EQ(rules_in(evidence[0]), "");
  EXPECT_EQ(rules_in(evidence[1]), "any.decoder.memory") << describe(evidence[1]); // unchecked, not corrupt
  EXPECT_EQ(rules_in(evidence[2]), "");
  EXPECT_EQ(pool.stats().killed_from_outside, 2u);
}

TEST(Processes, AZygoteKilledBetweenHandOversIsReplaced) {
  DecoderPool pool(pool_options());
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(rules_in(judge_one(pool, "ok")), "") << i;
    const int zygote = only_child();
    const std::vector<int> workers = children_of(zygote);
    kill(zygote, SIGKILL);
    for (int worker : workers)
      EXPECT_TRUE(soon([&] { return is_dead(worker); })) << "its workers die with it";
  }
  EXPECT_EQ(rules_in(judge_one(pool, "complain")), "misbehaving.word.known");
  EXPECT_EQ(pool.notice(), "");
}

TEST(Processes, AZygoteKilledWhileAWorkerDecodesCostsOneMoreTry) {
  PoolOptions options = pool_options();
  options.base_time = std::chrono::milliseconds(500);
  DecoderPool pool(options);
  judge_one(pool, "ok");
  const int zygote = only_child();
  std::thread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    kill(zygote, SIGKILL);
  });
  const std::vector<Evidence> evidence = judge(pool, {"ok", "sleep", "ok"});
  killer.join();
  EXPECT_EQ(rules_in(evidence[0]), "");
  EXPECT_NE(rules_in(evidence[1]), "any.decoder.crashed");
  EXPECT_EQ(rules_in(evidence[2]), "");
}

TEST(Processes, WorkersDieWithTheirHost) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t host = fork();
  if (host == 0) {
    DecoderPool pool(pool_options());
    judge_one(pool, "ok");
    const int zygote = children_of(getpid()).at(0);
    const int pids[] = {zygote, children_of(zygote).at(0)};
    if (write(ends[1], pids, sizeof pids) != sizeof pids) _exit(1);
    kill(getpid(), SIGKILL);
  }
  int pids[2] = {};
  ASSERT_EQ(read(ends[0], pids, sizeof pids), static_cast<ssize_t>(sizeof pids));
  waitpid(host, nullptr, 0);
  close(ends[0]);
  close(ends[1]);
  EXPECT_TRUE(soon([&] { return is_dead(pids[0]) && is_dead(pids[1]); }));
}

TEST(Processes, InheritNothingFromTheHost) {
  // Ignored and blocked signals, and a descriptor without close-on-exec.
  signal(SIGCHLD, SIG_IGN);
  sigset_t blocked, old;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGSEGV);
  sigaddset(&blocked, SIGABRT);
  pthread_sigmask(SIG_BLOCK, &blocked, &old);
  const int leak = dup(STDERR_FILENO);
  {
    DecoderPool pool(pool_options());
    EXPECT_EQ(rules_in(judge_one(pool, "crash")), "any.decoder.crashed");
    EXPECT_EQ(rules_in(judge_one(pool, "abort")), "any.decoder.crashed");
    const std::vector<int> children = children_of(getpid());
    EXPECT_EQ(children.size(), 1u);
    for (int child : children) {
      const std::filesystem::path descriptors = "/proc/" + std::to_string(child) + "/fd";
      std::size_t count = 0;
      for ([[maybe_unused]] const auto &entry : std::filesystem::directory_iterator(descriptors)) ++count;
      EXPECT_EQ(count, 4u) << "three times /dev/null and the socket";
    }
  }
  close(leak);
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  signal(SIGCHLD, SIG_DFL);
  EXPECT_TRUE(children_of(getpid()).empty());
}

TEST(Processes, SurviveAHostWithoutStandardDescriptors) {
  const pid_t host = fork();
  if (host == 0) {
    close(0), close(1), close(2);
    DecoderPool pool(pool_options());
    const bool fine = rules_in(judge_one(pool, "ok")).empty() &&
                      rules_in(judge_one(pool, "crash")) == "any.decoder.crashed";
    _exit(fine ? 0 : 1);
  }
  int status = 0;
  waitpid(host, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

/// A worker program that is none, in a folder of its own.
class WrongProgram : public testing::Test {
protected:
  void SetUp() override {
    char name[] = "/tmp/datavet-workers-XXXXXX";
    folder_ = mkdtemp(name);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  Evidence judge_with(const std::string &script) {
    const std::filesystem::path program = folder_ / "datavet-worker-test";
    std::ofstream(program) << script;
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    PoolOptions options = pool_options();
    options.worker_directory = folder_;
    DecoderPool pool(options);
    judge_one(pool, "ok");
    Evidence evidence = judge_one(pool, "ok");
    notice_ = pool.notice();
    return evidence;
  }
  std::filesystem::path folder_;
  std::string notice_;
};

TEST_F(WrongProgram, ThatEndsAtOnceIsUnavailable) {
  const Evidence evidence = judge_with("#!/bin/sh\nexit 1\n");
  EXPECT_EQ(rules_in(evidence), "any.decoder.unavailable") << describe(evidence);
  EXPECT_NE(notice_.find("ended at its start"), std::string::npos) << notice_;
}

TEST_F(WrongProgram, OfAnotherKindIsUnavailable) {
  const Evidence evidence = judge_with("#!/bin/sh\necho hello >&3\nsleep 5\n");
  EXPECT_EQ(rules_in(evidence), "any.decoder.unavailable") << describe(evidence);
  EXPECT_NE(notice_.find("another version"), std::string::npos) << notice_;
}

TEST_F(WrongProgram, ThatCannotBeExecutedIsUnavailable) {
  const Evidence evidence = judge_with("not a program");
  EXPECT_EQ(rules_in(evidence), "any.decoder.unavailable") << describe(evidence);
}

TEST(WorkerProgram, StartedByHandSaysWhoStartsIt) {
  FILE *output = popen(DATAVET_TEST_WORKERS "/datavet-worker-test 2>&1 3<&-", "r");
  ASSERT_NE(output, nullptr);
  char line[256] = {};
  ASSERT_NE(fgets(line, sizeof line, output), nullptr);
  EXPECT_NE(std::string_view(line).find("datavet scan"), std::string_view::npos) << line;
  EXPECT_EQ(WEXITSTATUS(pclose(output)), 2);
}

} // namespace
} // namespace datavet::test
