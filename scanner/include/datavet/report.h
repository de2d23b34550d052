/// What a scan reports: one sample, one run, one summary.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <datavet/facts.h>
#include <datavet/finding.h>
#include <datavet/options.h>
#include <datavet/schema.h>
#include <datavet/verdict.h>

namespace datavet {

/// Which file it was, so that a later move can tell whether it still is.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;    ///< bytes
  std::int64_t mtime_ns = 0; ///< since the epoch
  std::int64_t ctime_ns = 0;
  bool operator==(const FileStamp &) const = default;
};

/// Where a record lies in its shard.
struct RecordPlace {
  std::uint64_t ordinal = 0; ///< 0-based
  std::uint64_t offset = 0;  ///< of its framing; in the inflated stream of a compressed shard
  std::uint64_t size = 0;    ///< framing included
  std::string_view wrapping; ///< "", "gzip" or "zlib"
};

/// One sample and what was found. Borrowed: valid during the call that hands it over.
struct SampleReport {
  std::string_view path;   ///< bytes, relative to its root; not necessarily UTF-8
  std::size_t root = 0;    ///< index into RunInfo::roots
  std::optional<RecordPlace> record; ///< set for a sample inside a shard
  std::string_view format; ///< "jpeg"; empty when the content is of no known format
  Verdict verdict = Verdict::healthy;
  std::uint64_t size = 0;  ///< bytes of the sample
  Facts facts;
  std::span<const Finding> findings; ///< the first and worst 64
  std::uint64_t findings_not_kept = 0;
  FileStamp stamp;
  std::optional<std::uint64_t> content_hash; ///< XXH3-64 of the file, where it was read whole and is not healthy
};

/// A file that is not a sample: no known format and no telling name.
struct OtherFile {
  std::string_view path;
  std::size_t root = 0;
};

struct RunInfo {
  std::string version;
  std::vector<std::string> roots; ///< absolute, bytes
  Depth depth = Depth::content;
  std::string started; ///< RFC 3339, UTC
};

/// Counts of a whole scan. files = judged + unchecked + other + vanished, always.
struct Summary {
  bool complete = true; ///< false: interrupted, or a root or folder could not be read
  std::uint64_t files = 0;
  std::uint64_t files_judged = 0;
  std::uint64_t files_unchecked = 0; ///< none of its samples could be judged
  std::uint64_t other = 0;
  std::uint64_t vanished = 0; ///< listed, and gone when it was to be opened
  std::uint64_t samples = 0;
  std::uint64_t bytes = 0; ///< of all samples, as stored (inflated for compressed shards)
  std::array<std::uint64_t, 4> verdicts{}; ///< by Verdict
  std::uint64_t trouble = 0;        ///< unchecked for reading, sandbox, time or memory
  std::uint64_t links_skipped = 0;  ///< symbolic links not followed
  std::uint64_t ignored = 0;        ///< left out by --exclude, .datavetignore or for being hidden
  std::uint64_t folders_unreadable = 0;
  std::map<std::string, std::uint64_t> rules;            ///< findings by rule id
  std::map<std::string, std::uint64_t> other_extensions; ///< the files counted as other, by extension
  std::vector<std::string> problems; ///< the first 20 things that made the run incomplete, in words
  std::vector<std::string> notices;  ///< what the user should know of the run: a missing sandbox layer
  Schema schema; ///< what the records of each dataset have in common
  double seconds = 0;

  std::uint64_t count(Verdict verdict) const { return verdicts[static_cast<std::size_t>(verdict)]; }
  bool adds_up() const { return files == files_judged + files_unchecked + other + vanished; }
};

} // namespace datavet
