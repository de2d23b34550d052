/// Starts a program of ours beside the running one, with nothing of the host's but what it is given.
#pragma once

#include <span>
#include <string>

#include <sys/types.h>

#include <datavet/result.h>

namespace datavet::isolation {

/// The program `name` in `directory`; where that is empty: beside the running program, in ../libexec/datavet from there,
/// where `cmake --install` puts it. An error names where it was looked for.
Result<std::string> find_program(const std::string &directory, const std::string &name);

/// The program finds `descriptors` from number 3 on, /dev/null at 0, 1 and 2, and an environment of LC_ALL and
/// LD_LIBRARY_PATH; all signals are at their defaults, in a session of its own. The caller reaps the child.
Result<pid_t> spawn_program(const std::string &program, std::span<const int> descriptors);

} // namespace datavet::isolation
