// The sandbox is as asked for, and the pool knows when the kernel refuses it.
#include <cerrno>

#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/pipeline/isolation/pool_support.h"

namespace datavet::test {
namespace {

/// From now on this process and its children are like those in a container that forbids sandboxes.
void forbid_sandboxes() {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP));
  seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0);
  seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset), 0);
  if (seccomp_load(filter) != 0) _exit(99);
  seccomp_release(filter);
}

/// Runs `check` in a child that lives without sandboxes; it returns an error text, empty = fine.
template <class Check> void without_sandboxes(Check check) {
  EXPECT_EXIT(
      {
        forbid_sandboxes();
        const std::string error = check();
        std::fprintf(stderr, "%s\n", error.c_str());
        _exit(error.empty() ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(Sandbox, RequiredAndRefusedMakesTheDecoderUnavailable) {
  without_sandboxes([]() -> std::string {
    PoolOptions options = pool_options();
    options.sandbox = PoolOptions::Sandbox::required;
    DecoderPool pool(options);
    const Evidence evidence = judge_one(pool, "ok");
    if (rules_in(evidence) != "any.decoder.unavailable") return describe(evidence);
    return pool.notice().find("seccomp") == std::string::npos ? "no notice: " + pool.notice() : "";
  });
}

TEST(Sandbox, AutomaticAndRefusedDecodesAndSaysSo) {
  without_sandboxes([]() -> std::string {
    DecoderPool pool(pool_options());
    if (Evidence evidence = judge_one(pool, "complain"); rules_in(evidence) != "misbehaving.word.known")
      return describe(evidence);
    if (Evidence evidence = judge_one(pool, "crash"); rules_in(evidence) != "any.decoder.crashed")
      return describe(evidence);
    return pool.notice().find("refuses seccomp and Landlock") == std::string::npos
               ? "notice: " + pool.notice()
               : "";
  });
}

TEST(Sandbox, RequiredAndAllowedDecodes) {
  PoolOptions options = pool_options();
  options.sandbox = PoolOptions::Sandbox::required;
  DecoderPool pool(options);
  EXPECT_EQ(rules_in(judge_one(pool, "ok")), "");
  EXPECT_EQ(rules_in(judge_one(pool, "socket")), "any.decoder.forbidden");
}

TEST(Sandbox, OffKeepsProcessesAndLimitsAndGivesNoNotice) {
  PoolOptions options = pool_options();
  options.sandbox = PoolOptions::Sandbox::off;
  DecoderPool pool(options);
  EXPECT_EQ(rules_in(judge_one(pool, "crash")), "any.decoder.crashed");
  EXPECT_EQ(rules_in(judge_one(pool, "ok")), "");
  if (!sanitizer_build) {
    EXPECT_EQ(rules_in(judge_one(pool, "open")), "") << "no descriptor is to be had even so";
  }
  EXPECT_EQ(pool.notice(), "");
  EXPECT_EQ(pool.versions().at(0).sandbox, "switched off");
}

TEST(Sandbox, StrictKillsForAHarmlessCall) {
  if (sanitizer_build) GTEST_SKIP() << "a sanitizer makes harmless calls of its own";
  PoolOptions options = pool_options();
  options.denial = PoolOptions::Denial::strict;
  DecoderPool pool(options);
  EXPECT_EQ(rules_in(judge_one(pool, "ok")), "");
  EXPECT_EQ(rules_in(judge_one(pool, "open")), "any.decoder.forbidden");
  EXPECT_EQ(rules_in(judge_one(pool, "crash")), "any.decoder.crashed");
}

} // namespace
} // namespace datavet::test
