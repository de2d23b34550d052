/// Runs hdf5_decode in a forked child: libhdf5 may crash or hang on damaged bytes, as in a worker.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "formats/hdf5/decode.h"
#include "tests/support/damage.h"

namespace datavet::test {

struct ChildAnswer {
  bool died = false; ///< crashed, or used up its processor time
  std::string text;  ///< one line for each finding: "rule offset detail"

  bool names(std::string_view rule) const { return text.find(std::string(rule) + " ") != std::string::npos; }
};

inline std::string lines_of(const Evidence &evidence) {
  std::string text;
  for (const Finding &finding : evidence.findings.list())
    text += fmt::format("{} {} {}\n", finding.rule->id, finding.offset, finding.detail);
  return text;
}

inline ChildAnswer decode_in_child(const Source &source, const Limits &limits = {}) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) return {true, "no pipe"};
  const pid_t child = fork();
  if (child == 0) {
    const rlimit seconds{5, 5}, no_core{0, 0};
    setrlimit(RLIMIT_CPU, &seconds);
    setrlimit(RLIMIT_CORE, &no_core);
    Evidence evidence;
    hdf5_decode({{}, &source}, limits, evidence);
    const std::string text = lines_of(evidence);
    // Less than a pipe holds, as findings are bounded; a short write would show as a missing line.
    const ssize_t written = write(pipe_ends[1], text.data(), text.size());
    _exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  close(pipe_ends[1]);
  ChildAnswer answer;
  char piece[4096];
  for (ssize_t got; (got = read(pipe_ends[0], piece, sizeof piece)) > 0;)
    answer.text.append(piece, static_cast<std::size_t>(got));
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  answer.died = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
  return answer;
}

inline ChildAnswer decode_in_child(const Blob &blob, const Limits &limits = {}) {
  return decode_in_child(MemorySource{Bytes(blob)}, limits);
}

} // namespace datavet::test
