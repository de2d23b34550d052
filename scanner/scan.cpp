#include <datavet/scan.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <oneapi/tbb/task_arena.h>

#include <datavet/version.h>

#include "formats/any/any.h"
#include "pipeline/isolation/decoder_pool.h"
#include "pipeline/scan_graph.h"
#include "scanner/pool_options.h"

namespace datavet {

namespace {

Error usage(std::string message) { return {Error::Kind::usage, std::move(message)}; }

Result<std::vector<const Format *>> formats_named(const std::vector<std::string> &names) {
  std::vector<const Format *> formats;
  for (const std::string &name : names) {
    const Format *format = format_named(registry(), name);
    if (format == nullptr) return usage(fmt::format("there is no format \"{}\"; `datavet formats` lists them", name));
    formats.push_back(format);
  }
  return formats;
}

/// A prefix that covers no rule is a mistake, and would silently select nothing.
Result<void> check_prefixes(const std::vector<std::string> &prefixes) {
  for (const std::string &prefix : prefixes) {
    const RuleSelection selection{{prefix}, {}};
    auto covered = [&](std::span<const Rule *const> rules) {
      return std::any_of(rules.begin(), rules.end(), [&](const Rule *rule) { return selection.counts(rule->id); });
    };
    bool known = covered(any_rules());
    for (const Format *format : registry()) known = known || covered(format->rules);
    if (!known) return usage(fmt::format("no rule is \"{}\" or begins with \"{}.\"; `datavet rules` lists them", prefix, prefix));
  }
  return {};
}

GraphLimits graph_limits(const ScanOptions &options, unsigned threads) {
  GraphLimits limits;
  // Half of the memory for the tokens, half for samples larger than one.
  const std::uint64_t affordable = options.memory_bytes / 2 / limits.buffer_bytes;
  limits.buffers = std::clamp<std::uint64_t>(affordable, 2, 3ull * threads + 2);
  limits.open_groups = 2ull * threads + 2;
  limits.large_bytes = options.memory_bytes / 2;
  return limits;
}

std::string now_utc() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

void add_walk_counts(Summary &summary, const WalkCounts &counts, bool stopped) {
  summary.files = counts.files;
  summary.links_skipped += counts.links_skipped;
  summary.ignored = counts.ignored;
  summary.folders_unreadable = counts.folders_unreadable;
  summary.problems = counts.problems;
  summary.complete = !stopped && counts.folders_unreadable == 0;
  // What was listed and not opened before the end came.
  if (stopped) summary.files = summary.files_judged + summary.files_unchecked + summary.other + summary.vanished;
}

} // namespace

Result<Summary> scan(const ScanOptions &options, Sink &sink, std::stop_token stop, Progress *progress) {
  const auto started = std::chrono::steady_clock::now();

  // Everything that can be wrong with the question is found before anything is done.
  Result<std::vector<const Format *>> only = formats_named(options.only);
  if (!only) return only.error();
  for (const std::vector<std::string> *prefixes : {&options.select, &options.ignore})
    if (Result<void> known = check_prefixes(*prefixes); !known) return known.error();
  Result<FileWalk> walk = FileWalk::open(options);
  if (!walk) return walk.error();
  if (walk->roots().empty()) return usage("nothing to scan: name a file or a folder");

  // The steps, and what they share. Decoder processes start when the first sample needs one.
  oneapi::tbb::task_arena arena(options.threads > 0 ? static_cast<int>(options.threads) : oneapi::tbb::task_arena::automatic);
  const unsigned threads =
      options.threads > 0 ? options.threads : static_cast<unsigned>(oneapi::tbb::this_task_arena::max_concurrency());
  DecoderPool decoders(pool_options(options.decoders, options.check.limits, threads));
  Delivery delivery(sink, progress);
  ScanSteps steps{.walk = *walk,
                  .fill = {.formats = registry(), .only = *only, .check = options.check, .stamp_all = sink.wants_all(), .pair_bytes = options.memory_bytes / 2},
                  .check = {.formats = registry(), .options = options.check, .decoders = &decoders, .want_all = sink.wants_all(), .schema = options.schema ? &*options.schema : nullptr},
                  .rules = {options.select, options.ignore},
                  .delivery = delivery,
                  .progress = progress};

  if (Result<void> begun = sink.begin({version(), walk->roots(), options.check.depth, now_utc()}); !begun)
    return begun.error();

  // The parallel part. Without a number of threads the caller's own arena is used as it is.
  const GraphLimits limits = graph_limits(options, threads);
  Result<void> ran;
  if (options.threads > 0)
    arena.execute([&] { ran = run_scan_graph(steps, limits, stop); });
  else
    ran = run_scan_graph(steps, limits, stop);
  if (!ran) return ran.error();

  const bool all_files = !stop.stop_requested() && walk->counts().folders_unreadable == 0 &&
                         options.sampling.share >= 1.0 && options.sampling.subsets == 1;
  if (Result<void> told = delivery.finish(steps.rules, all_files); !told) return told.error();

  // From here nothing changes any more.
  Summary summary = delivery.summary();
  add_walk_counts(summary, walk->counts(), stop.stop_requested());
  if (std::string notice = decoders.notice(); !notice.empty()) summary.notices.push_back(std::move(notice));
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  if (!summary.adds_up())
    return Error{Error::Kind::bug, fmt::format("a bug of ours: {} files found, {} accounted for", summary.files,
                                                      summary.files_judged + summary.files_unchecked + summary.other + summary.vanished)};
  if (Result<void> finished = sink.finish(summary); !finished) return finished.error();
  return summary;
}

} // namespace datavet
