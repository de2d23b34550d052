/// Audits files and folders, in parallel, in bounded memory. Never changes them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <datavet/options.h>
#include <datavet/report.h>
#include <datavet/result.h>
#include <datavet/sink.h>

namespace datavet {

/// How the real decoders run. They never run in the calling process.
enum class Isolation : std::uint8_t {
  automatic, ///< worker processes with every sandbox layer that the kernel grants
  required,  ///< as automatic, but a missing layer leaves the samples unchecked
  off,       ///< worker processes without a sandbox
};

struct DecoderOptions {
  Isolation isolation = Isolation::automatic;
  std::chrono::milliseconds time_per_sample{10'000}; ///< processor time; more is added for large samples
  std::uint64_t memory_bytes = std::uint64_t{3} << 29; ///< address space of one worker
  std::string worker_directory; ///< where datavet-worker-* lie; empty = beside the program or as installed
};

/// A share of the files, chosen by a hash of the path: the same files on every run with the same seed.
struct Sampling {
  double share = 1.0; ///< 0..1
  std::uint64_t seed = 0;
  std::uint32_t subset = 0;  ///< of `subsets` disjoint parts, 0-based
  std::uint32_t subsets = 1;
};

struct ScanOptions {
  std::vector<std::string> paths;      ///< roots: files or folders, bytes
  std::vector<std::string> files;      ///< further single files, each its own name in the report
  std::vector<std::string> only;       ///< names of formats; empty = all
  std::vector<std::string> exclude;    ///< patterns in gitignore syntax, relative to the root
  bool use_ignore_files = true;        ///< honour .datavetignore, skip hidden files and folders
  bool follow_links = false;
  CheckOptions check;
  std::vector<std::string> select;     ///< rule id prefixes to report; empty = all
  std::vector<std::string> ignore;     ///< rule id prefixes not to report
  Sampling sampling;
  std::optional<Schema> schema;        ///< what records shall consist of; else what they have in common is found out
  unsigned threads = 0;                ///< 0 = as many as the caller's task arena has
  std::uint64_t memory_bytes = std::uint64_t{256} << 20; ///< for buffers in flight
  DecoderOptions decoders;
};

/// Counters that another thread may read while a scan runs.
struct Progress {
  std::atomic<std::uint64_t> files_found{0};
  std::atomic<std::uint64_t> files_done{0};
  std::atomic<std::uint64_t> samples{0};
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<std::uint64_t> bad{0};
  std::atomic<bool> all_found{false};
};

/// Scans everything and returns the counts. An error means that nothing could be scanned (usage), or that the
/// sink failed (incomplete); corrupt data is never an error. Peak memory does not depend on the
/// size of the dataset. `stop` ends it early with a summary that says so.
Result<Summary> scan(const ScanOptions &options, Sink &sink, std::stop_token stop = {}, Progress *progress = nullptr);

} // namespace datavet
