#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "formats/registry.h"
#include "pipeline/clean/clean.h"
#include "pipeline/isolation/decoder_pool.h"
#include "pipeline/report/escape.h"
#include "pipeline/report/numbers.h"
#include "pipeline/report/read_report.h"
#include "pipeline/row_judges.h"
#include "scanner/cli/commands.h"
#include "scanner/cli/console.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/quarantine_items.h"

namespace datavet::cli {

namespace {

/// The format whose records can be written anew one behind the other: nothing else stands in its shards.
constexpr std::string_view cleaned_format = "tfrecord";
/// The one whose rows can be taken out.
constexpr std::string_view cut_format = "hdf5";
/// As long as read_report() lets a list of rules become.
constexpr std::size_t longest_rules = 500;

struct Flags {
  std::string report, directory, min_severity = "error";
  bool index = false, index_only = false, dry_run = false, force = false;
};

/// What of a report is cleaned, and what is not.
struct Selection {
  std::vector<ShardToClean> shards;
  std::vector<FileToClean> hdf5;
  std::map<std::string, std::uint64_t> not_cleaned; ///< bad samples by title of their format
  std::uint64_t files = 0;                          ///< bad ones that are no shards
};

/// The stream around the records is bad: its records are good all the same, and can be written anew.
bool is_about_stream(const ReportedSample &sample, const Format &format) {
  const StreamRules &rules = format.stream_rules;
  for (const Rule *rule : {rules.damaged, rules.truncated, rules.trailing_gzip, rules.trailing_zlib})
    if (rule != nullptr &&
        ("," + sample.rules + ",").find(fmt::format(",{},", rule->id)) != std::string::npos)
      return true;
  return false;
}

Selection select(const ReadReport &report, Severity min_severity) {
  Selection selection;
  std::map<std::string, ShardToClean> shards;
  for (const ReportedSample &sample : report.samples) {
    if (!is_bad_enough(sample.verdict, min_severity)) continue;
    const Format *format = format_named(registry(), sample.format);
    if (format != nullptr && format->name == cut_format && sample.names_rows) {
      selection.hdf5.push_back({sample.path, sample.stamp, format, sample.rules, sample.rules.size() < longest_rules});
      continue;
    }
    if (format == nullptr || format->name != cleaned_format) {
      const bool holds_several = format != nullptr && format->layout == Layout::records;
      ++(holds_several ? selection.not_cleaned[std::string(format->title)] : selection.files);
      continue;
    }
    if (!sample.record && !is_about_stream(sample, *format)) {
      ++selection.files; // a name that misleads, say: to write the shard anew would mend nothing
      continue;
    }
    ShardToClean &shard = shards[sample.path];
    shard.path = sample.path;
    shard.identity = sample.stamp;
    shard.format = format;
    if (sample.record)
      shard.bad.push_back({sample.record->ordinal, sample.record->offset, sample.verdict, sample.rules});
  }
  for (auto &[path, shard] : shards) selection.shards.push_back(std::move(shard));
  return selection;
}

std::string left_alone_text(const Selection &selection) {
  std::string text;
  for (const auto &[title, count] : selection.not_cleaned)
    text += fmt::format("skipped: {} bad {} of {}, which is not cleaned yet\n", with_commas(count),
                        count == 1 ? "sample" : "samples", title);
  if (selection.files > 0)
    text +=
        fmt::format("skipped: {} bad {} without bad records or rows inside: datavet quarantine sets those aside\n",
                    with_commas(selection.files), selection.files == 1 ? "file" : "files");
  return text;
}

std::string counts_text(const CleanOutcome &outcome, const Selection &selection, const Flags &flags) {
  const bool any_shards = !selection.shards.empty(), any_files = !selection.hdf5.empty();
  std::string text = fmt::format("clean {}:", for_terminal(flags.directory));
  const auto written = [&](std::uint64_t count, const char *one, const char *many) {
    text += fmt::format("{} {} {} {}", text.ends_with(':') ? "" : " ·", with_commas(count), count == 1 ? one : many,
                        flags.dry_run ? "would be written" : "written");
  };
  if (any_shards) written(outcome.written, flags.index_only ? "index" : "clean shard", flags.index_only ? "indexes" : "clean shards");
  if (any_files) written(outcome.written_files, "clean HDF5 file", "clean HDF5 files");
  auto add = [&](std::uint64_t count, const char *what) {
    if (count > 0) text += fmt::format(" · {} {}", with_commas(count), what);
  };
  add(outcome.already_done, "done before");
  add(outcome.without_good,
      outcome.without_good == 1 ? "without a good record or row" : "without good records or rows");
  add(outcome.changed_since_scan, "changed since the scan: left alone");
  add(outcome.vanished, "vanished");
  add(outcome.refused, "refused");
  add(outcome.failed, "failed");
  const auto kept = [&](std::uint64_t good, std::uint64_t bad, const char *one, const char *many) {
    text += fmt::format("\n{} good · {} bad {}", with_commas(good), with_commas(bad), good + bad == 1 ? one : many);
  };
  const bool any_rows = outcome.good_rows + outcome.bad_rows > 0;
  if (any_shards)
    kept(outcome.good_records, outcome.bad_records, "record", "records");
  const auto into = [&](const char *what) {
    text += fmt::format("; {} {} {}{}", what, flags.dry_run ? "would go to" : "are in", for_terminal(flags.directory),
                        flags.directory.ends_with('/') ? "dead-letter/" : "/dead-letter/");
  };
  if (!flags.index_only && outcome.bad_records > 0) into("the bad ones");
  if (any_rows) {
    kept(outcome.good_rows, outcome.bad_rows, "row", "rows");
    into("lists of the bad ones");
  }
  return text + "\n";
}

int print_outcome(const CleanOutcome &outcome, const Selection &selection, const Flags &flags) {
  std::string text = notes_text(flags.dry_run ? "would be cleaned:" : "cleaned:", outcome.shards) +
                     notes_text("not cleaned:", outcome.problems);
  text += left_alone_text(selection) + counts_text(outcome, selection, flags);
  const bool wrote = !flags.dry_run && outcome.written + outcome.written_files + outcome.without_good + outcome.already_done > 0;
  if (!flags.index_only) text += "shards and files without damage are not copied: take those from the dataset\n";
  if (wrote && !flags.index_only)
    text += fmt::format("verify: datavet scan {}\n", for_shell(flags.directory));
  if (const int printed = print(text); printed != exit_clean) return printed;
  const std::uint64_t not_done =
      outcome.changed_since_scan + outcome.vanished + outcome.refused + outcome.failed;
  return not_done > 0 ? exit_incomplete : exit_clean;
}

int run(const Flags &flags) {
  const Result<ReadReport> report = read_report(flags.report);
  if (!report) return fail(report.error());
  if (!report->has_summary)
    return fail({Error::Kind::usage, "the report was cut short (it has no summary line): scan again"});
  if (!report->complete)
    return fail({Error::Kind::usage, "the scan of this report did not go to its end: scan again"});
  if (report->roots.size() != 1)
    return fail({Error::Kind::usage, "a clean folder belongs to one root; scan each root by itself"});
  const Selection selection =
      select(*report, flags.min_severity == "warning" ? Severity::warning : Severity::error);
  if (selection.shards.empty() && selection.hdf5.empty())
    return print(left_alone_text(selection) + "clean: the report names no bad record of a shard, and no bad row\n");
  RangeIndex index = flags.index ? RangeIndex::of_clean : RangeIndex::none;
  if (flags.index_only) index = RangeIndex::of_original;
  // What the scan's decoders found in pictures in rows, they find again.
  PoolOptions pool;
  pool.formats = registry();
  DecoderPool decoders(pool);
  const CheckOptions check{std::max(report->depth, Depth::content), {}};
  const RowJudges judges(registry(), check, &decoders);
  CutterOptions cutter;
  cutter.judges = &judges;
  const Result<CleanOutcome> outcome = clean(selection.shards, {.root = report->roots[0],
                                                                .directory = flags.directory,
                                                                .index = index,
                                                                .dry_run = flags.dry_run,
                                                                .force = flags.force,
                                                                .dataset_samples = report->samples_in_all,
                                                                .cutter = cutter},
                                             selection.hdf5);
  return outcome ? print_outcome(*outcome, selection, flags) : fail(outcome.error());
}

constexpr const char *footer = R"(
DIR gets, in the tree of the dataset:
  PATH                                  the good records, byte for byte; plain, GZIP or ZLIB as the shard was
  dead-letter/PATH                      the bad ones: a shard whose records hold their bytes as they were found
  dead-letter/PATH.provenance.jsonl     where each came from: path, index, offset, size, rules
  PATH.idx                              --index: "offset size" of each record, as DALI's tfrecord2idx writes it
and of HDF5 files:
  PATH                                  the file without rows that lie in a bad chunk or hold a bad picture; datasets
                                        with as many rows, in the same group or above it, lose the same rows
  dead-letter/PATH.rows.jsonl           the list: datasets, first row, rows, rules, offsets
Shards are read only, nothing in DIR is overwritten, and the same command again does what is left.

Examples:
  datavet scan /data --format jsonl -o report.jsonl
  datavet clean report.jsonl --to /data-clean --dry-run
  datavet clean report.jsonl --to /data-clean --index
  datavet clean report.jsonl --to /data-ranges --index-only    # no copy: where the good records lie
  datavet scan /data-clean)";

} // namespace

void add_clean_command(CLI::App &app, int &exit_code) {
  CLI::App *command = app.add_subcommand(
      "clean", "Write TFRecord shards and HDF5 files anew without the records and rows that are corrupt");
  command->footer(footer);
  auto flags = std::make_shared<Flags>();
  command->add_option("REPORT", flags->report, "A report of datavet scan --format jsonl")
      ->required()
      ->type_name("");
  command->add_option("--to", flags->directory, "The folder for clean shards, outside the dataset")
      ->required()
      ->type_name("DIR");
  command
      ->add_option("--min-severity", flags->min_severity,
                   "warning: leave out suspect records too (default error)")
      ->check(CLI::IsMember({"error", "warning"}))
      ->type_name("SEVERITY");
  CLI::Option *index = command->add_flag(
      "--index", flags->index, "Write the byte ranges of the records of each clean shard beside it");
  command
      ->add_flag("--index-only", flags->index_only,
                 "Write no shards, only the byte ranges of good records in the original shards")
      ->excludes(index);
  command->add_flag("--dry-run", flags->dry_run, "Say what would be written, and do nothing");
  command->add_flag("--force", flags->force, "Leave out even more than 5 % or 1,000 of the samples");
  command->callback([flags, &exit_code] { exit_code = run(*flags); });
}

} // namespace datavet::cli
