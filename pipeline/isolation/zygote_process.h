/// The host's end of one worker program: the only child process that a pool has for a family.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <datavet/result.h>
#include <sys/types.h>

#include "pipeline/io/unique_fd.h"
#include "pipeline/isolation/descriptor_passing.h"
#include "pipeline/isolation/protocol.h"

namespace datavet::isolation {

/// How a worker ended.
struct Death {
  bool known = false;      ///< false: its zygote died, and took it along
  bool was_killed = false; ///< by us: it had not ended of its own accord
  int wait_status = 0;
};

struct DecoderName {
  std::string format;
  std::string library;
  std::string version;
};

/// Started by posix_spawn, never fork: the host may have any number of threads. No signal handler, no
/// SIGCHLD; only this child is waited for, by its pid. Not thread-safe: its crew holds a lock.
class ZygoteProcess {
public:
  static Result<std::unique_ptr<ZygoteProcess>> start(const std::string &program);
  /// Closes the socket, at which the zygote ends its workers and itself; waits for it.
  ~ZygoteProcess();
  ZygoteProcess(const ZygoteProcess &) = delete;
  ZygoteProcess &operator=(const ZygoteProcess &) = delete;

  const std::vector<DecoderName> &decoders() const { return decoders_; }
  /// The socket works; false = this zygote can only be thrown away.
  bool is_alive() const { return alive_; }

  /// `data` is the slot or the file. The descriptors stay the caller's.
  Result<pid_t> start_worker(const WorkerConfig &config, int channel, int data);
  Death end_worker(pid_t worker, std::chrono::milliseconds grace);

private:
  ZygoteProcess() = default;
  Result<void> spawn(const std::string &program);
  Result<void> greet();
  bool ask(const ControlRequest &request, std::span<const int> descriptors, ControlReply &reply);
  void kill_now();

  pid_t pid_ = -1;
  UniqueFd process_; ///< pidfd, where the kernel has it
  UniqueFd socket_;
  bool alive_ = false;
  std::vector<DecoderName> decoders_;
};

} // namespace datavet::isolation
