#include <charconv>
#include <fstream>
#include <iostream>
#include <thread>

#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>
#include <unistd.h>

#include <datavet/scan.h>

#include "formats/registry.h"
#include "pipeline/report/escape.h"
#include "pipeline/report/json_report.h"
#include "pipeline/report/numbers.h"
#include "pipeline/report/text_report.h"
#include "scanner/cli/commands.h"
#include "scanner/cli/console.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/progress_line.h"
#include "scanner/cli/quarantine_items.h"
#include "scanner/cli/schema_toml.h"
#include "scanner/cli/several_sinks.h"

namespace datavet::cli {

namespace {

/// What was typed. Nothing here has looked at the world yet.
struct ScanFlags {
  std::vector<std::string> paths;
  std::string files_from;
  bool null_separated = false;
  std::string only, select, ignore, schema;
  std::vector<std::string> exclude;
  bool no_ignore = false, follow = false;
  std::string depth = "content";
  std::string sample = "100%", subset;
  std::uint64_t seed = 0;
  std::string time_limit;
  std::string fail_on = "error", max_bad = "0";
  std::string format = "text", output;
  std::string report_jsonl, report_csv;
  bool all = false;
  std::string quarantine, mode = "move", min_severity = "error";
  bool dry_run = false, force = false;
  unsigned threads = 0;
  std::string memory = "256MiB";
  std::string isolate = "auto", timeout = "10s", max_pixels = "512M", max_decoded = "1GiB", worker_directory;
  bool quiet = false, verbose = false, exit_zero = false;
  std::string progress = "auto", colour = "auto";
};

void add_flags(CLI::App &scan, ScanFlags &flags) {
  const std::vector<std::string> whens{"auto", "always", "never"};
  scan.add_option("PATH", flags.paths, "Files and folders to audit")->type_name("");

  const std::string what = "What to scan";
  scan.add_option("--only", flags.only, "Judge these formats only (datavet formats)")->type_name("FORMATS")->group(what);
  CLI::Option *files_from = scan.add_option("--files-from", flags.files_from, "Scan the files named in FILE, one a line; - = standard input")->type_name("FILE")->group(what);
  scan.add_flag("-0,--null", flags.null_separated, "Names in --files-from end with a zero byte")->needs(files_from)->group(what);
  scan.add_option("--exclude", flags.exclude, "Leave out what matches this pattern (gitignore syntax); repeatable")->type_name("GLOB")->allow_extra_args(false)->group(what);
  scan.add_flag("--no-ignore", flags.no_ignore, "Scan hidden files too, and do not read .datavetignore")->group(what);
  scan.add_flag("--follow", flags.follow, "Follow symbolic links")->group(what);

  const std::string depth = "How deep";
  scan.add_option("--depth", flags.depth, "header, structure, checksum, content or decode (default content)")
      ->check(CLI::IsMember({"header", "structure", "checksum", "content", "decode"}))->type_name("DEPTH")->group(depth);
  scan.add_option("--sample", flags.sample, "Scan this share of the files, the same on every run: 5%")->type_name("P%")->group(depth);
  scan.add_option("--seed", flags.seed, "Another --sample or --subset")->type_name("N")->group(depth);
  scan.add_option("--subset", flags.subset, "Scan part K of N disjoint parts of the files: 1/7 ... 7/7")->type_name("K/N")->group(depth);
  scan.add_option("--time-limit", flags.time_limit, "End after this time; the report says that it is incomplete")->type_name("T")->group(depth);

  const std::string rules = "Which rules";
  scan.add_option("--select", flags.select, "Report these rules only (prefixes: jpeg, png.chunk)")->type_name("IDS")->group(rules);
  scan.add_option("--schema", flags.schema, "What records shall consist of (TOML, as datavet schema prints it); without it they are compared with each other")->type_name("FILE")->group(rules);
  scan.add_option("--ignore", flags.ignore, "Do not report these rules")->type_name("IDS")->group(rules);
  scan.add_option("--fail-on", flags.fail_on, "What makes the exit code 1: error, warning or never (default error)")
      ->check(CLI::IsMember({"error", "warning", "never"}))->type_name("SEVERITY")->group(rules);
  scan.add_option("--max-bad", flags.max_bad, "Bad samples that do not fail the run: 10, 0.1%")->type_name("N|P%")->group(rules);
  scan.add_flag("--exit-zero", flags.exit_zero, "Exit 0 in spite of findings")->group(rules);

  const std::string output = "Output";
  scan.add_option("--format", flags.format, "text, concise, jsonl, json or csv (default text)")
      ->check(CLI::IsMember({"text", "concise", "jsonl", "json", "csv"}))->type_name("FORMAT")->group(output);
  scan.add_option("-o,--output", flags.output, "Write the report to FILE")->type_name("FILE")->group(output);
  scan.add_option("--report-jsonl", flags.report_jsonl, "A further report, as JSON lines")->type_name("FILE")->group(output);
  scan.add_option("--report-csv", flags.report_csv, "A further report, as CSV")->type_name("FILE")->group(output);
  scan.add_flag("--all", flags.all, "List healthy samples and other files too")->group(output);
  scan.add_flag("-q,--quiet", flags.quiet, "No summary, no progress")->group(output);
  scan.add_flag("-v,--verbose", flags.verbose, "Say what each finding does to a loader")->group(output);
  scan.add_option("--progress", flags.progress, "auto, always, never or json (default auto)")
      ->check(CLI::IsMember({"auto", "always", "never", "json"}))->type_name("WHEN")->group(output);
  scan.add_option("--color", flags.colour, "auto, always or never (default auto)")->check(CLI::IsMember(whens))->type_name("WHEN")->group(output);

  const std::string act = "Act when the scan has ended";
  CLI::Option *quarantine = scan.add_option("--quarantine", flags.quarantine, "Set corrupt samples aside in DIR; datavet restore undoes it")->type_name("DIR")->group(act);
  scan.add_option("--mode", flags.mode, "move, copy, link or list (default move)")
      ->check(CLI::IsMember({"move", "copy", "link", "list"}))->type_name("MODE")->needs(quarantine)->group(act);
  scan.add_option("--min-severity", flags.min_severity, "warning: set suspect samples aside too (default error)")
      ->check(CLI::IsMember({"error", "warning"}))->type_name("SEVERITY")->needs(quarantine)->group(act);
  scan.add_flag("--dry-run", flags.dry_run, "Say what would be set aside, and do nothing")->needs(quarantine)->group(act);
  scan.add_flag("--force", flags.force, "Set aside even more than 5 % or 1,000 of the samples")->needs(quarantine)->group(act);

  const std::string speed = "Speed and safety";
  scan.add_option("-j,--threads", flags.threads, "Threads, and worker processes (default: processors)")
      ->check(CLI::Range(1u, std::max(64u, 4 * std::thread::hardware_concurrency())))->type_name("N")->group(speed);
  scan.add_option("--memory", flags.memory, "For data in flight (default 256MiB)")->type_name("SIZE")->group(speed);
  scan.add_option("--isolate", flags.isolate, "Sandbox of the decoders' processes: auto, on (or not at all) or off")
      ->check(CLI::IsMember({"auto", "on", "off"}))->type_name("HOW")->group(speed);
  scan.add_option("--timeout-per-sample", flags.timeout, "Processor time a decoder may take (default 10s)")->type_name("T")->group(speed);
  scan.add_option("--max-pixels", flags.max_pixels, "Larger pictures are not examined (default 512M)")->type_name("N")->group(speed);
  scan.add_option("--max-decoded", flags.max_decoded, "Samples that decode to more are not examined (default 1GiB)")->type_name("SIZE")->group(speed);
  scan.add_option("--workers", flags.worker_directory, "Where datavet-worker-* lie")->type_name("DIR")->group(speed);
}

Error usage(std::string message) { return {Error::Kind::usage, std::move(message)}; }

std::vector<std::string> comma_list(const std::string &text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    if (end > at) parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

Result<std::uint64_t> size_flag(const char *flag, const std::string &text) {
  if (std::optional<std::uint64_t> size = parse_size(text); size && *size > 0) return *size;
  return usage(fmt::format("{} {}: not a size; write 4GiB, 256MB or a number of bytes", flag, text));
}

Result<std::uint64_t> time_flag(const char *flag, const std::string &text) {
  if (std::optional<std::uint64_t> time = parse_milliseconds(text); time && *time > 0) return *time;
  return usage(fmt::format("{} {}: not a time; write 500ms, 10s, 5m or 2h", flag, text));
}

Result<Sampling> sampling_of(const ScanFlags &flags) {
  Sampling sampling;
  sampling.seed = flags.seed;
  std::optional<Tolerance> share = flags.sample.ends_with('%') ? Tolerance::parse(flags.sample) : std::nullopt;
  if (!share || share->share <= 0) return usage(fmt::format("--sample {}: write a share above 0% up to 100%, such as 5%", flags.sample));
  sampling.share = share->share;
  if (flags.subset.empty()) return sampling;
  std::uint32_t part = 0;
  const char *end = flags.subset.data() + flags.subset.size();
  auto [slash, error] = std::from_chars(flags.subset.data(), end, part);
  if (error == std::errc() && slash != end && *slash == '/') {
    auto [stop, second] = std::from_chars(slash + 1, end, sampling.subsets);
    if (second == std::errc() && stop == end && part >= 1 && part <= sampling.subsets) {
      sampling.subset = part - 1;
      return sampling;
    }
  }
  return usage(fmt::format("--subset {}: write K/N with K from 1 to N, such as 1/7", flags.subset));
}

Result<std::vector<std::string>> listed_files(const ScanFlags &flags) {
  std::vector<std::string> files;
  if (flags.files_from.empty()) return files;
  std::ifstream file;
  if (flags.files_from != "-") {
    file.open(flags.files_from, std::ios::binary);
    if (!file) return usage(fmt::format("cannot read {}: {}", for_terminal(flags.files_from), std::strerror(errno)));
  }
  std::istream &names = flags.files_from == "-" ? std::cin : file;
  for (std::string name; std::getline(names, name, flags.null_separated ? '\0' : '\n');) {
    if (!flags.null_separated && name.ends_with('\r')) name.pop_back(); // a list written on Windows
    if (!name.empty()) files.push_back(std::move(name));
  }
  if (names.bad() || (files.empty() && flags.files_from != "-" && file.peek() != std::char_traits<char>::eof()))
    return usage(fmt::format("cannot read {}: {}", for_terminal(flags.files_from), std::strerror(errno)));
  return files;
}

/// From what was typed to what it means.
Result<ScanOptions> options_of(const ScanFlags &flags) {
  ScanOptions options;
  options.paths = flags.paths;
  Result<std::vector<std::string>> files = listed_files(flags);
  if (!files) return files.error();
  options.files = std::move(*files);
  if (options.paths.empty() && options.files.empty()) return usage("nothing to scan: name a file or a folder (datavet scan --help)");
  options.only = comma_list(flags.only);
  if (options.only.empty() && !flags.only.empty()) return usage("--only names no format; `datavet formats` lists them");
  options.exclude = flags.exclude;
  options.use_ignore_files = !flags.no_ignore;
  options.follow_links = flags.follow;
  options.check.depth = *depth_named(flags.depth);
  options.select = comma_list(flags.select);
  options.ignore = comma_list(flags.ignore);
  if (!flags.schema.empty()) {
    Result<Schema> schema = read_schema_file(flags.schema);
    if (!schema) return schema.error();
    options.schema = std::move(*schema);
  }
  Result<Sampling> sampling = sampling_of(flags);
  if (!sampling) return sampling.error();
  options.sampling = *sampling;
  options.threads = flags.threads;
  const std::pair<const char *, std::pair<const std::string *, std::uint64_t *>> sizes[] = {
      {"--memory", {&flags.memory, &options.memory_bytes}},
      {"--max-pixels", {&flags.max_pixels, &options.check.limits.pixels}},
      {"--max-decoded", {&flags.max_decoded, &options.check.limits.decoded_bytes}}};
  for (const auto &[flag, value] : sizes) {
    Result<std::uint64_t> size = size_flag(flag, *value.first);
    if (!size) return size.error();
    *value.second = *size;
  }
  Result<std::uint64_t> timeout = time_flag("--timeout-per-sample", flags.timeout);
  if (!timeout) return timeout.error();
  options.decoders.time_per_sample = std::chrono::milliseconds(*timeout);
  options.decoders.isolation = flags.isolate == "on" ? Isolation::required : flags.isolate == "off" ? Isolation::off : Isolation::automatic;
  options.decoders.worker_directory = flags.worker_directory;
  return options;
}

Result<std::unique_ptr<Output>> output_of(const std::string &path) {
  if (path.empty() || path == "-") return standard_output();
  return file_output(path);
}

class Scan {
public:
  explicit Scan(const ScanFlags &flags) : flags_(flags) {}

  int run() {
    Result<ScanOptions> options = options_of(flags_);
    if (!options) return fail(options.error());
    if (!flags_.time_limit.empty()) {
      Result<std::uint64_t> limit = time_flag("--time-limit", flags_.time_limit);
      if (!limit) return fail(limit.error());
      time_limit_ = std::chrono::milliseconds(*limit);
    }
    std::optional<Tolerance> tolerance = Tolerance::parse(flags_.max_bad);
    if (!tolerance) return fail(usage(fmt::format("--max-bad {}: write a number or a share, such as 10 or 0.1%", flags_.max_bad)));
    policy_.tolerance = *tolerance;
    policy_.exit_zero = flags_.exit_zero;
    policy_.sampled = options->sampling.share < 1 || options->sampling.subsets > 1;
    policy_.fail_on = flags_.fail_on == "never" ? ExitPolicy::FailOn::never : flags_.fail_on == "warning" ? ExitPolicy::FailOn::warning : ExitPolicy::FailOn::error;
    if (Result<void> reports = open_reports(); !reports) return fail(reports.error());
    return scan_and_act(*options);
  }

private:
  Result<void> open_reports() {
    Result<std::unique_ptr<Output>> main = output_of(flags_.output);
    if (!main) return main.error();
    sinks_.add(report(flags_.format, std::move(*main)));
    for (const auto &[format, path] : {std::pair{"jsonl", &flags_.report_jsonl}, std::pair{"csv", &flags_.report_csv}}) {
      if (path->empty()) continue;
      Result<std::unique_ptr<Output>> output = output_of(*path);
      if (!output) return output.error();
      sinks_.add(report(format, std::move(*output)));
    }
    if (!flags_.quarantine.empty()) sinks_.add(std::make_unique<QuarantineList>(bad_, quarantine_flags()));
    return {};
  }

  std::unique_ptr<Sink> report(std::string_view format, std::unique_ptr<Output> output) {
    if (format == "jsonl" || format == "json") {
      auto json = std::make_unique<JsonReport>(std::move(output), format == "json" ? JsonShape::document : JsonShape::lines,
                                               flags_.all ? Listed::all : Listed::unhealthy);
      json->set_exit_code([this](const Summary &summary) { return exit_code_for(summary, policy_, interrupted()); });
      return json;
    }
    TextOptions text;
    text.shape = format == "csv" ? TextShape::csv : format == "concise" ? TextShape::lines : TextShape::blocks;
    text.all = flags_.all;
    text.explain = flags_.verbose;
    text.quiet = flags_.quiet;
    text.colour = flags_.output.empty() && use_colour(flags_.colour == "always" ? When::always : flags_.colour == "never" ? When::never : When::automatic);
    return std::make_unique<TextReport>(std::move(output), text);
  }

  ProgressShape progress_shape() const {
    if (flags_.progress == "json") return ProgressShape::json;
    if (flags_.progress == "always") return ProgressShape::line;
    return flags_.progress == "auto" && !flags_.quiet && is_terminal(STDERR_FILENO) ? ProgressShape::line : ProgressShape::none;
  }

  int scan_and_act(ScanOptions &options) {
    catch_interrupts();
    std::stop_source stop;
    Progress progress;
    std::optional<oneapi::tbb::global_control> enough_threads;
    if (options.threads > 0) enough_threads.emplace(oneapi::tbb::global_control::max_allowed_parallelism, options.threads);
    Result<Summary> summary = [&] {
      ProgressLine shown(progress, progress_shape(), stop, time_limit_);
      return datavet::scan(options, sinks_, stop.get_token(), &progress);
    }();
    if (!summary) return fail(summary.error());
    const int exit_code = exit_code_for(*summary, policy_, interrupted());
    if (summary->samples == 0 && exit_code == exit_usage)
      say("datavet: no sample was found; `datavet formats` lists what is recognised\n");
    if (flags_.quarantine.empty()) {
      suggest_next(*summary);
      return exit_code;
    }
    if (interrupted() || !summary->complete) {
      say("datavet: nothing was set aside, as the scan did not end\n");
      return exit_code;
    }
    release_interrupts(); // the journal makes a quarantine safe to end at any moment
    const int acted = act_on(bad_, quarantine_flags());
    return acted == exit_clean ? exit_code : acted;
  }

  QuarantineFlags quarantine_flags() const {
    return {.directory = flags_.quarantine,
            .mode = quarantine_mode_named(flags_.mode),
            .min_severity = flags_.min_severity == "warning" ? Severity::warning : Severity::error,
            .dry_run = flags_.dry_run,
            .force = flags_.force,
            .on_stderr = flags_.format != "text",
            .quiet = flags_.quiet};
  }

  /// After a bad scan, one line with the next useful command.
  void suggest_next(const Summary &summary) const {
    if (flags_.quiet || flags_.format != "text" || !is_terminal(STDERR_FILENO)) return;
    if (summary.count(Verdict::corrupt) > 0 && flags_.paths.size() == 1)
      say(fmt::format("next: datavet scan {} --quarantine DIR --dry-run   (what a quarantine would set aside)\n", for_shell(flags_.paths[0])));
    else if (summary.count(Verdict::suspect) > 0)
      say("next: datavet explain RULE   (what a finding does to a loader)\n");
  }

  const ScanFlags &flags_;
  std::optional<std::chrono::milliseconds> time_limit_;
  ExitPolicy policy_;
  SeveralSinks sinks_;
  ReadReport bad_;
};

} // namespace

void add_scan_command(CLI::App &app, int &exit_code) {
  CLI::App *scan = app.add_subcommand("scan", "Audit files, folders and shards; changes nothing unless --quarantine is given");
  auto flags = std::make_shared<ScanFlags>();
  add_flags(*scan, *flags);
  scan->callback([flags, &exit_code] { exit_code = Scan(*flags).run(); });
}

} // namespace datavet::cli
