// The program: picks a command and maps what it says to an exit code. Everything reusable is in the library.
#include <csignal>
#include <cstdlib>
#include <exception>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include "pipeline/report/escape.h"
#include "scanner/cli/commands.h"
#include "scanner/cli/console.h"
#include "scanner/cli/exit_code.h"

namespace datavet::cli {

namespace {

constexpr const char *description =
    "datavet finds the samples of a dataset that would crash a loader, or feed it wrong data.\n";
constexpr const char *footer = R"(
Exit codes: 0 nothing found · 1 findings · 2 usage, or nothing to scan · 3 incomplete (something could
not be read) · 101 a bug of datavet's · 130 interrupted. Treat any other as failure.)";

int run(int argc, char **argv) {
  CLI::App app(description, "datavet");
  app.footer(footer);
  app.require_subcommand(0, 1);
  app.failure_message([](const CLI::App *, const CLI::Error &error) {
    return fmt::format("datavet: {}\nTry: datavet --help\n", for_terminal(error.what())); // it quotes what was typed
  });
  bool version = false;
  app.add_flag("--version", version, "Versions of datavet, of the libraries in use, and processor features");
  int exit_code = exit_clean;
  add_scan_command(app, exit_code);
  add_check_command(app, exit_code);
  add_quarantine_command(app, exit_code);
  add_restore_command(app, exit_code);
  add_clean_command(app, exit_code);
  add_schema_command(app, exit_code);
  add_rules_command(app, exit_code);
  add_explain_command(app, exit_code);
  add_formats_command(app, exit_code);
  add_demo_command(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    // CLI11 has a code for every kind of mistake; ours are exit_clean (help) and exit_usage.
    return app.exit(error) == 0 ? exit_clean : exit_usage;
  }
  if (version) return print(version_text());
  if (app.get_subcommands().empty()) {
    say(app.help());
    return exit_usage;
  }
  return exit_code;
}

/// A program started with a closed descriptor would give its number to the next file, and print into that.
void secure_standard_streams() {
  for (int fd = 0; fd <= 2; ++fd)
    if (::fcntl(fd, F_GETFD) < 0 && ::open(fd == 1 ? "/dev/full" : "/dev/null", O_RDWR) < 0) std::_Exit(exit_usage);
}

/// Deep trees and many roots keep folders open; the usual soft limit of 1,024 is there for select(2) only.
void raise_open_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace

} // namespace datavet::cli

int main(int argc, char **argv) {
  datavet::cli::secure_standard_streams();
  datavet::cli::raise_open_file_limit();
  std::signal(SIGPIPE, SIG_IGN); // a reader that went away is an error of write(), and a success of ours
  try {
    return datavet::cli::run(argc, argv);
  } catch (const std::exception &error) {
    datavet::cli::say(std::string("datavet: a bug of ours: ") + error.what() + "\n");
  } catch (...) {
    datavet::cli::say("datavet: a bug of ours\n");
  }
  return datavet::cli::exit_bug;
}
