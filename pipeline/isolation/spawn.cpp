#include "pipeline/isolation/spawn.h"

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <unistd.h>

#include "pipeline/io/unique_fd.h"
#include "pipeline/isolation/protocol.h"

namespace datavet::isolation {

namespace {

std::string directory_of_this_program() {
  char path[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  if (length <= 0) return {};
  const std::string_view whole(path, static_cast<std::size_t>(length));
  return std::string(whole.substr(0, whole.rfind('/')));
}

/// RAII for the two halves of a posix_spawn.
struct SpawnPlan {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan &) = delete;
  SpawnPlan &operator=(const SpawnPlan &) = delete;
};

void plan_descriptors(SpawnPlan &plan, std::span<const UniqueFd> descriptors) {
  int number = channel_descriptor;
  for (const UniqueFd &descriptor : descriptors) // clears close-on-exec, too
    posix_spawn_file_actions_adddup2(&plan.actions, descriptor.get(), number++);
  posix_spawn_file_actions_addopen(&plan.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&plan.actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&plan.actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  // Whatever the host has open without close-on-exec.
  posix_spawn_file_actions_addclosefrom_np(&plan.actions, number);
}

/// Default signals, empty mask, and a session of its own: Ctrl-C reaches the host alone, which then
/// finishes its report in peace.
void plan_attributes(SpawnPlan &plan) {
  sigset_t every, none;
  sigfillset(&every);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&plan.attributes, &every);
  posix_spawnattr_setsigmask(&plan.attributes, &none);
  posix_spawnattr_setflags(&plan.attributes, static_cast<short>(POSIX_SPAWN_SETSIGDEF |
                                                                POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID));
}

} // namespace

Result<std::string> find_program(const std::string &directory, const std::string &name) {
  std::vector<std::string> places;
  if (!directory.empty()) {
    places = {directory};
  } else {
    const std::string own = directory_of_this_program();
    if (!own.empty()) places = {own, own + "/../libexec/datavet"};
    places.emplace_back(DATAVET_LIBEXEC_DIR);
  }
  for (const std::string &place : places)
    if (std::string program = fmt::format("{}/{}", place, name); access(program.c_str(), X_OK) == 0) return program;
  return Error{Error::Kind::incomplete, fmt::format("{} is not in {}", name, fmt::join(places, ", "))};
}

Result<pid_t> spawn_program(const std::string &program, std::span<const int> descriptors) {
  // Above all numbers that they shall have: no dup2 may take one that is still to be copied.
  std::vector<UniqueFd> copies;
  const int lowest = channel_descriptor + static_cast<int>(descriptors.size());
  for (int descriptor : descriptors) {
    copies.emplace_back(fcntl(descriptor, F_DUPFD_CLOEXEC, lowest));
    if (!copies.back()) return Error{Error::Kind::incomplete, fmt::format("{}: {}", program, std::strerror(errno))};
  }
  SpawnPlan plan;
  plan_descriptors(plan, copies);
  plan_attributes(plan);

  // A clean environment: no locale, home, preloaded library or plugin path of the user's reaches a
  // decoder. Where the libraries lie must be known, though (conda and the like).
  const char *library_path = std::getenv("LD_LIBRARY_PATH");
  std::string libraries = fmt::format("LD_LIBRARY_PATH={}", library_path == nullptr ? "" : library_path);
  std::string locale = "LC_ALL=C";
  char *const environment[] = {locale.data(), library_path == nullptr ? nullptr : libraries.data(), nullptr};
  std::string name = program;
  char *const arguments[] = {name.data(), nullptr};
  pid_t pid = -1;
  const int error = posix_spawn(&pid, program.c_str(), &plan.actions, &plan.attributes, arguments, environment);
  if (error != 0) return Error{Error::Kind::incomplete, fmt::format("{}: {}", program, std::strerror(error))};
  return pid;
}

} // namespace datavet::isolation
