#include "pipeline/isolation/worker/sandbox.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <seccomp.h>

namespace datavet::isolation {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitizer_build = true;
#else
constexpr bool sanitizer_build = false;
#endif

void limit(__rlimit_resource_t resource, rlim_t most) {
  const rlimit value{most, most};
  setrlimit(resource, &value);
}

/// Address space in use, from /proc: the first field of statm counts pages.
std::uint64_t address_space_in_use() {
  constexpr std::uint64_t guess = std::uint64_t{2} << 30; // without /proc; OpenCV's 140 libraries need half
  const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return guess;
  char text[32] = {};
  const ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  const std::uint64_t pages = length > 0 ? std::strtoull(text, nullptr, 10) : 0;
  return pages == 0 ? guess : pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

void set_limits(const WorkerConfig &config) {
  limit(RLIMIT_CORE, 0); // a thousand crashes must not fill the disk, and cores hold the user's data
  limit(RLIMIT_FSIZE, config.target_bytes);
  std::signal(SIGXFSZ, SIG_IGN); // EFBIG instead
  limit(RLIMIT_NPROC, 0); // repeats what seccomp says, for kernels without it
  // A sanitizer reserves terabytes of address space for its shadow.
  if (!sanitizer_build) limit(RLIMIT_AS, address_space_in_use() + config.memory_bytes);
  prctl(PR_SET_DUMPABLE, 0);
}

/// For a scan that root runs: a worker needs none of root's powers.
void drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  syscall(SYS_capset, &header, none);
}

/// Landlock with an empty rule set: no file can be opened, made or removed, no TCP port used, no signal
/// sent out. The sizes and bits are those of each version of the interface (landlock(7)); a structure
/// of our own, because Debian 12's header knows version 2 only.
bool deny_files_by_landlock() {
  struct {
    std::uint64_t file_system, network, scopes;
  } handled{};
  const long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return false;
  const unsigned file_rights = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
  handled.file_system = (std::uint64_t{1} << file_rights) - 1;
  if (version >= 4) handled.network = 3; // bind, connect
  if (version >= 6) handled.scopes = 3;  // abstract UNIX sockets, signals
  const std::size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
  const long rules = syscall(SYS_landlock_create_ruleset, &handled, size, 0);
  if (rules < 0) return false;
  const bool in_force = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
  close(static_cast<int>(rules));
  return in_force;
}

scmp_arg_cmp argument(unsigned number, scmp_compare comparison, scmp_datum_t value) {
  return {number, comparison, value, 0};
}
/// The bits of `mask` are those of `value`.
scmp_arg_cmp argument_bits(unsigned number, scmp_datum_t mask, scmp_datum_t value) {
  return {number, SCMP_CMP_MASKED_EQ, mask, value};
}

/// The seccomp filter in three lists. A system call on none of them kills the process, and that is
/// reported as any.decoder.forbidden.
class Filter {
public:
  Filter(DenialMode denial, bool writes)
      : filter_(seccomp_init(SCMP_ACT_KILL_PROCESS)), denial_(denial), writes_(writes) {}
  ~Filter() {
    if (filter_ != nullptr) seccomp_release(filter_);
  }
  Filter(const Filter &) = delete;
  Filter &operator=(const Filter &) = delete;

  bool install() {
    if (filter_ == nullptr) return false;
    allow_computing();
    allow_own_descriptors();
    if (denial_ == DenialMode::soft) refuse_harmless_calls();
    seccomp_attr_set(filter_, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    seccomp_attr_set(filter_, SCMP_FLTATR_CTL_OPTIMIZE, 2); // a binary tree: short way for each call
    return complete_ && seccomp_load(filter_) == 0;
  }

private:
  template <class... Conditions> void add(std::uint32_t action, const char *name, Conditions... conditions) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR)
      return; // a call that this library's tables do not know cannot be let through
    const std::array<scmp_arg_cmp, sizeof...(conditions)> list{conditions...};
    const int error = seccomp_rule_add_array(filter_, action, number, sizeof...(conditions), list.data());
    // EDOM: this architecture does not have the call (open, access and stat on arm64).
    if (error != 0 && error != -EDOM) complete_ = false;
  }

  void allow_computing() {
    for (const char *name :
         {"futex", "brk", "munmap", "mremap", "madvise", "exit", "exit_group", "rt_sigreturn",
          "rt_sigprocmask", "restart_syscall", "clock_gettime", "gettimeofday", "clock_nanosleep",
          "nanosleep", "sched_yield", "getpid", "gettid", "getrandom", "getrusage"})
      add(SCMP_ACT_ALLOW, name);
    // Memory without a file behind it, and never executable. Only the low half of a descriptor counts.
    add(SCMP_ACT_ALLOW, "mmap", argument_bits(2, PROT_EXEC, 0), argument_bits(4, 0xffffffffu, 0xffffffffu));
    add(SCMP_ACT_ALLOW, "mprotect", argument_bits(2, PROT_EXEC, 0));
    // abort() may end this process; no other process and no other signal.
    add(SCMP_ACT_ALLOW, "tgkill", argument(0, SCMP_CMP_EQ, static_cast<scmp_datum_t>(getpid())),
        argument(2, SCMP_CMP_EQ, SIGABRT));
    if (sanitizer_build) allow_what_sanitizers_need();
  }

  /// UBSan learns whether memory can be read by writing it into a pipe, before each virtual call.
  void allow_what_sanitizers_need() {
    for (const char *name : {"rt_sigaction", "sigaltstack", "pipe", "pipe2"}) add(SCMP_ACT_ALLOW, name);
    for (const char *name : {"read", "write", "close"})
      add(SCMP_ACT_ALLOW, name, argument(0, SCMP_CMP_GT, file_descriptor));
  }

  /// 0, 1 and 2 are /dev/null: what a decoder complains there is dropped.
  void allow_own_descriptors() {
    for (const char *name : {"read", "write"})
      add(SCMP_ACT_ALLOW, name, argument(0, SCMP_CMP_LE, channel_descriptor));
    add(SCMP_ACT_ALLOW, "writev", argument(0, SCMP_CMP_LE, STDERR_FILENO));
    add(SCMP_ACT_ALLOW, "pread64", argument(0, SCMP_CMP_EQ, file_descriptor));
    if (!writes_) return;
    for (const char *name : {"pread64", "pwrite64", "ftruncate"})
      add(SCMP_ACT_ALLOW, name, argument(0, SCMP_CMP_EQ, target_descriptor));
  }

  /// Calls that libraries make on their way, most of all on error paths. To kill for them was measured
  /// to be wrong: 26 % of damaged JPEGs died for one line of warning.
  void refuse_harmless_calls() {
    const std::uint32_t no_access = SCMP_ACT_ERRNO(EACCES);
    for (const char *name :
         {"open",      "openat",           "openat2", "creat",     "stat",       "lstat",    "newfstatat",
          "statx",     "statfs",           "access",  "faccessat", "faccessat2", "readlink", "readlinkat",
          "getcwd",    "getdents64",       "unlink",  "unlinkat",  "mkdir",      "uname",    "sysinfo",
          "prlimit64", "sched_getaffinity"})
      add(no_access, name);
    const std::uint32_t bad_descriptor = SCMP_ACT_ERRNO(EBADF);
    for (const char *name : {"fstat", "lseek", "flock", "fcntl", "dup", "fsync"}) add(bad_descriptor, name);
    add(SCMP_ACT_ERRNO(ENOTTY), "ioctl");
    add(bad_descriptor, "writev", argument(0, SCMP_CMP_GT, STDERR_FILENO));
    add(bad_descriptor, "pread64", argument(0, SCMP_CMP_LT, file_descriptor));
    add(bad_descriptor, "pread64", argument(0, SCMP_CMP_GT, writes_ ? target_descriptor : file_descriptor));
    if (sanitizer_build) {
      for (const char *name : {"read", "write"})
        add(bad_descriptor, name, argument(0, SCMP_CMP_EQ, file_descriptor));
      add(bad_descriptor, "close", argument(0, SCMP_CMP_LE, file_descriptor));
      add(no_access, "prctl");
    } else {
      for (const char *name : {"read", "write"})
        add(bad_descriptor, name, argument(0, SCMP_CMP_GT, channel_descriptor));
      add(bad_descriptor, "close");
    }
  }

  scmp_filter_ctx filter_;
  DenialMode denial_;
  bool writes_;
  bool complete_ = true;
};

} // namespace

std::uint32_t lock_in(const WorkerConfig &config) {
  set_limits(config);
  drop_capabilities();
  const bool wanted = config.sandbox != SandboxMode::off && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  std::uint32_t layers = 0;
  if (wanted && deny_files_by_landlock()) layers |= layer_landlock;
  // No new descriptor, not even a rule set: so after Landlock. Those that are open stay usable.
  limit(RLIMIT_NOFILE, sanitizer_build ? 16 : 0);
  if (wanted && Filter(config.denial, config.target_bytes > 0).install()) layers |= layer_seccomp;
  return layers;
}

} // namespace datavet::isolation
