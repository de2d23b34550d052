#include <memory>

#include <fmt/format.h>

#include "pipeline/quarantine/quarantine.h"
#include "pipeline/report/escape.h"
#include "pipeline/report/numbers.h"
#include "scanner/cli/commands.h"
#include "scanner/cli/console.h"
#include "scanner/cli/exit_code.h"

namespace datavet::cli {

namespace {

int print_outcome(const RestoreOutcome &outcome, bool dry_run) {
  std::string text;
  for (const QuarantineNotes *notes : {&outcome.planned, &outcome.problems})
    for (const QuarantineNote &note : notes->list) text += fmt::format("  {}  {}\n", for_terminal(note.path), for_terminal(note.reason));
  text += fmt::format("{} {}restored", with_commas(outcome.restored), dry_run ? "would be " : "");
  auto add = [&](std::uint64_t count, const char *what) {
    if (count > 0) text += fmt::format(" · {} {}", with_commas(count), what);
  };
  add(outcome.occupied, "not restored: another file lies there");
  add(outcome.changed, "changed in the quarantine: left alone");
  add(outcome.vanished, "no longer in the quarantine");
  add(outcome.refused, "refused");
  add(outcome.failed, "failed");
  if (const int printed = print(text + "\n"); printed != exit_clean) return printed;
  const bool whole = outcome.occupied + outcome.changed + outcome.vanished + outcome.refused + outcome.failed == 0;
  return whole ? exit_clean : exit_incomplete;
}

} // namespace

void add_restore_command(CLI::App &app, int &exit_code) {
  CLI::App *command = app.add_subcommand("restore", "Put quarantined samples back where they were");
  auto options = std::make_shared<RestoreOptions>();
  command->add_option("DIR", options->directory, "The quarantine directory")->required()->type_name("");
  command->add_option("--only", options->only, "These paths, or folders of them, only; repeatable")->type_name("PATH")->allow_extra_args(false);
  command->add_flag("--dry-run", options->dry_run, "Say what would be put back, and do nothing");
  command->callback([options, &exit_code] {
    Result<RestoreOutcome> outcome = restore(*options);
    exit_code = outcome ? print_outcome(*outcome, options->dry_run) : fail(outcome.error());
  });
}

} // namespace datavet::cli
