#include <memory>

#include "scanner/cli/commands.h"
#include "scanner/cli/console.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/quarantine_items.h"

namespace datavet::cli {

void add_quarantine_command(CLI::App &app, int &exit_code) {
  struct Flags {
    std::string report, directory, mode = "move", min_severity = "error";
    bool dry_run = false, force = false;
  };
  CLI::App *command = app.add_subcommand("quarantine", "Set aside what a report (--format jsonl) names as corrupt");
  auto flags = std::make_shared<Flags>();
  command->add_option("REPORT", flags->report, "A report of datavet scan --format jsonl")->required()->type_name("");
  command->add_option("--to", flags->directory, "The quarantine directory")->required()->type_name("DIR");
  command->add_option("--mode", flags->mode, "move, copy, link or list (default move)")
      ->check(CLI::IsMember({"move", "copy", "link", "list"}))->type_name("MODE");
  command->add_option("--min-severity", flags->min_severity, "warning: suspect samples too (default error)")
      ->check(CLI::IsMember({"error", "warning"}))->type_name("SEVERITY");
  command->add_flag("--dry-run", flags->dry_run, "Say what would be set aside, and do nothing");
  command->add_flag("--force", flags->force, "Set aside even more than 5 % or 1,000 of the samples");
  command->callback([flags, &exit_code] {
    Result<ReadReport> report = read_report(flags->report);
    if (!report) {
      exit_code = fail(report.error());
      return;
    }
    if (!report->has_summary) {
      exit_code = fail({Error::Kind::usage, "the report was cut short (it has no summary line): scan again"});
      return;
    }
    if (!report->complete) {
      exit_code = fail({Error::Kind::usage, "the scan of this report did not go to its end: scan again"});
      return;
    }
    const Severity severity = flags->min_severity == "warning" ? Severity::warning : Severity::error;
    exit_code = act_on(*report, {.directory = flags->directory,
                                 .mode = quarantine_mode_named(flags->mode),
                                 .min_severity = severity,
                                 .dry_run = flags->dry_run,
                                 .force = flags->force});
  });
}

} // namespace datavet::cli
