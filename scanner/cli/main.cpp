// The program: picks a command and maps what it says to an exit code. Everything reusable is in the library.
#include <csignal>
#include <cstdio>
#include <exception>

#include <fmt/format.h>

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
    return fmt::format("datavet: {}\nTry: datavet --help\n", error.what());
  });
  bool version = false;
  app.add_flag("--version", version, "Versions of datavet, of the libraries in use, and processor features");
  int exit_code = exit_clean;
  add_scan_command(app, exit_code);
  add_check_command(app, exit_code);
  add_quarantine_command(app, exit_code);
  add_restore_command(app, exit_code);
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
    fmt::print(stderr, "{}", app.help());
    return exit_usage;
  }
  return exit_code;
}

} // namespace

} // namespace datavet::cli

int main(int argc, char **argv) {
  std::signal(SIGPIPE, SIG_IGN); // a reader that went away is an error of write(), and a success of ours
  try {
    return datavet::cli::run(argc, argv);
  } catch (const std::exception &error) {
    fmt::print(stderr, "datavet: a bug of ours: {}\n", error.what());
  } catch (...) {
    fmt::print(stderr, "datavet: a bug of ours\n");
  }
  return datavet::cli::exit_bug;
}
