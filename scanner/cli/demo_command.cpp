#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipeline/report/escape.h"
#include "scanner/cli/commands.h"
#include "scanner/cli/console.h"
#include "scanner/cli/exit_code.h"

extern char **environ;

namespace datavet::cli {

namespace {

namespace fs = std::filesystem;

/// Runs a program with our own input and output; its exit code, or -1 when it could not run or died.
int run_program(const std::vector<std::string> &words) {
  std::vector<char *> arguments;
  for (const std::string &word : words) arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  std::fflush(stdout);
  pid_t child = 0;
  if (::posix_spawn(&child, words[0].c_str(), nullptr, nullptr, arguments.data(), environ) != 0) return -1;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// The generator lies beside the program in the build, or with the workers when installed.
std::string generator() {
  std::error_code ignored;
  const fs::path here = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const fs::path &place : {here / "datavet-demo-data", here / "../libexec/datavet/datavet-demo-data"})
    if (fs::exists(place, ignored)) return place.string();
  return "";
}

/// Shows a command as a user types it, and runs it.
int show(const std::vector<std::string> &words) {
  std::string line = "\n$ datavet";
  for (const std::string &word : words) line += " " + for_shell(word);
  print(line + "\n");
  std::vector<std::string> command{"/proc/self/exe"};
  command.insert(command.end(), words.begin(), words.end());
  return run_program(command);
}

int demonstrate(const std::string &folder, const std::string &seed) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_empty(folder, error))
    return fail({Error::Kind::usage, fmt::format("{} is not empty: name a new folder", for_terminal(folder))});
  const std::string program = generator();
  if (program.empty()) return fail({Error::Kind::usage, "datavet-demo-data is not installed beside datavet"});
  const std::string dataset = folder + "/dataset", aside = folder + "/quarantine";
  fs::create_directories(folder, error);
  if (run_program({program, dataset, seed}) != 0) return fail({Error::Kind::incomplete, fmt::format("cannot make {}", for_terminal(dataset))});
  print(fmt::format("a dataset with damage of every kind lies in {}\n", for_terminal(dataset)));

  // Each step must end as it would for a user; a bomb among the pictures makes the run incomplete.
  const std::string report = folder + "/report.jsonl";
  const std::pair<std::vector<std::string>, int> steps[] = {
      {{"scan", dataset}, exit_incomplete},
      {{"scan", dataset, "--format", "jsonl", "-o", report}, exit_incomplete},
      {{"quarantine", report, "--to", aside, "--force"}, exit_clean},
      {{"scan", dataset + "/train", "--exclude", "bad_bomb.png"}, exit_clean},
      {{"restore", aside}, exit_clean},
      {{"explain", "tfrecord.data.crc"}, exit_clean}};
  for (const auto &[words, expected] : steps)
    if (const int code = show(words); code != expected)
      return fail({Error::Kind::bug, fmt::format("datavet {} ended with exit code {} instead of {}", words[0], code, expected)});
  print(fmt::format("\neverything is back where it was; the dataset stays in {} to try things on\n", for_terminal(folder)));
  return exit_clean;
}

} // namespace

void add_demo_command(CLI::App &app, int &exit_code) {
  CLI::App *command = app.add_subcommand("demo", "Make a small dataset with damage of every kind, scan it, quarantine and restore");
  auto folder = std::make_shared<std::string>("datavet-demo");
  auto seed = std::make_shared<std::string>("1");
  command->add_option("FOLDER", *folder, "Where (a new folder; default datavet-demo)")->type_name("");
  command->add_option("--seed", *seed, "Another dataset")->type_name("N")->check(CLI::NonNegativeNumber);
  command->callback([folder, seed, &exit_code] { exit_code = demonstrate(*folder, *seed); });
}

} // namespace datavet::cli
