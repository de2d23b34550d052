#include "scanner/cli/quarantine_items.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/registry.h"
#include "pipeline/quarantine/quarantine_directory.h"
#include "pipeline/report/escape.h"
#include "pipeline/report/numbers.h"
#include "scanner/cli/console.h"
#include "scanner/cli/exit_code.h"

namespace datavet::cli {

namespace {

constexpr std::size_t notes_shown = 20;

/// Where the words about a quarantine go.
void tell(const QuarantineFlags &flags, const std::string &text) {
  if (flags.quiet) return;
  if (flags.on_stderr)
    say(text);
  else
    print(text);
}

/// A finding about a shard as a whole (bytes behind its stream) does not take its good records away.
bool is_shard(const ReportedSample &sample) {
  const Format *format = format_named(registry(), sample.format);
  return !sample.record && format != nullptr && format->layout == Layout::records;
}

std::string verb(QuarantineMode mode) {
  switch (mode) {
  case QuarantineMode::move: return "moved";
  case QuarantineMode::copy: return "copied";
  case QuarantineMode::link: return "linked";
  case QuarantineMode::list: return "listed";
  }
  return "";
}

int print_outcome(const QuarantineOutcome &outcome, const QuarantineFlags &flags) {
  std::string text = notes_text("would be set aside:", outcome.planned) + notes_text("quarantine:", outcome.problems);
  text += fmt::format("quarantine {}: {} {}", for_terminal(flags.directory), with_commas(outcome.done),
                                 (flags.dry_run ? "would be " : "") + verb(flags.mode));
  auto add = [&](std::uint64_t count, const char *what) {
    if (count > 0) text += fmt::format(" · {} {}", with_commas(count), what);
  };
  add(outcome.listed, "listed as excluded");
  add(outcome.already_done, "done before");
  add(outcome.changed_since_scan, "changed since the scan: left alone");
  add(outcome.vanished, "vanished");
  add(outcome.refused, "refused");
  add(outcome.failed, "failed");
  text += "\n";
  if (outcome.fell_back_to_list) text += "the dataset is read-only: see excluded.txt in the quarantine\n";
  if (!flags.dry_run && outcome.done > 0) text += fmt::format("undo: datavet restore {}\n", for_shell(flags.directory));
  tell(flags, text);
  return outcome.failed + outcome.refused + outcome.changed_since_scan > 0 ? exit_incomplete : exit_clean;
}

} // namespace

bool is_bad_enough(Verdict verdict, Severity min_severity) {
  return verdict == Verdict::corrupt || (verdict == Verdict::suspect && min_severity != Severity::error);
}

std::string notes_text(const char *heading, const QuarantineNotes &notes) {
  if (notes.list.empty()) return "";
  std::string text = fmt::format("{}\n", heading);
  for (std::size_t i = 0; i < std::min(notes.list.size(), notes_shown); ++i)
    text += fmt::format("  {}  {}\n", for_terminal(notes.list[i].path), for_terminal(notes.list[i].reason));
  if (const std::uint64_t rest = notes.list.size() + notes.not_kept; rest > notes_shown)
    text += fmt::format("  ... and {} more\n", with_commas(rest - notes_shown));
  return text;
}

QuarantineMode quarantine_mode_named(std::string_view name) {
  if (name == "copy") return QuarantineMode::copy;
  if (name == "link") return QuarantineMode::link;
  return name == "list" ? QuarantineMode::list : QuarantineMode::move;
}

Error one_root_only() { return {Error::Kind::usage, "a quarantine belongs to one root; scan each root by itself"}; }

Result<void> QuarantineList::begin(const RunInfo &run) {
  if (run.roots.size() != 1) return one_root_only();
  report_.roots = run.roots;
  Result<QuarantineFolder> target = open_quarantine_folder(flags_.directory, run.roots[0], WhenMissing::pretend);
  return target ? Result<void>() : Result<void>(target.error());
}

Result<void> QuarantineList::sample(const SampleReport &report) {
  if (!is_bad_enough(report.verdict, flags_.min_severity)) return {};
  std::string rules;
  for (const Finding &finding : report.findings)
    if (rules.size() < 500) rules += (rules.empty() ? "" : ",") + std::string(finding.rule->id);
  report_.samples.push_back({std::string(report.path), report.root, std::string(report.format), report.record, report.verdict,
                             report.stamp, report.content_hash, std::move(rules)});
  return {};
}

Result<void> QuarantineList::finish(const Summary &summary) {
  report_.samples_in_all = summary.samples;
  report_.has_summary = true;
  report_.complete = summary.complete;
  return {};
}

int act_on(const ReadReport &report, const QuarantineFlags &flags) {
  if (report.roots.size() != 1) return fail(one_root_only());
  std::string shards;
  std::vector<QuarantineItem> items;
  for (const ReportedSample &sample : report.samples) {
    if (!is_bad_enough(sample.verdict, flags.min_severity)) continue;
    if (sample.record && sample.record->size == 0) continue; // its stream broke off right before it: no byte of it exists
    if (is_shard(sample)) {
      shards += fmt::format("  {}  its bad records are set aside, the shard stays ({})\n", for_terminal(sample.path), sample.rules);
      continue;
    }
    QuarantineItem &item = items.emplace_back();
    item.path = sample.path;
    item.identity = sample.stamp;
    item.content_hash = sample.content_hash;
    item.reason = sample.rules;
    item.record = sample.record;
  }
  if (!shards.empty()) tell(flags, "quarantine:\n" + shards);
  if (items.empty()) {
    tell(flags, "quarantine: nothing to set aside\n");
    return exit_clean;
  }
  // The order of a report is that of the threads; the journal's shall not be.
  std::sort(items.begin(), items.end(), [](const QuarantineItem &a, const QuarantineItem &b) {
    return a.path != b.path ? a.path < b.path : (a.record ? a.record->ordinal : 0) < (b.record ? b.record->ordinal : 0);
  });
  Result<QuarantineOutcome> outcome = quarantine(items, {.root = report.roots[0],
                                                         .directory = flags.directory,
                                                         .mode = flags.mode,
                                                         .dry_run = flags.dry_run,
                                                         .force = flags.force,
                                                         .dataset_samples = report.samples_in_all});
  return outcome ? print_outcome(*outcome, flags) : fail(outcome.error());
}

} // namespace datavet::cli
