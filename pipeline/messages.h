/// The types on the arrows of the scan graph, in the order in which a sample meets them:
///   enumerate -> FileCursor -> fill -> SampleBatch -> check -> CheckedBatch -> decide -> DecidedBatch -> deliver
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <datavet/report.h>

#include "formats/deflate/wrapping.h"
#include "formats/format.h"
#include "pipeline/enumerate/file_names.h"
#include "pipeline/io/buffer.h"
#include "pipeline/io/file.h"
#include "pipeline/schema/schema_sketch.h"
#include "pipeline/shard_stream.h"

namespace datavet {

/// A folder that is kept open while names in it are still to be opened: names then need no long path,
/// and renaming a parent meanwhile changes nothing.
struct Folder {
  UniqueFd fd;
  std::string path;     ///< relative to the root, "" or ending in '/'
  std::size_t root = 0; ///< index of the root
};

/// Up to 64 names of one folder. Nobody has looked at the files yet: a stat costs more than the listing.
struct FileGroup {
  std::shared_ptr<const Folder> folder;
  std::shared_ptr<const FileNames> listing; ///< the names of this group and, as a rule, of others
  std::size_t first = 0;                    ///< index in the listing
  std::size_t count = 0;
  bool follow_links = false;

  std::span<const FileName> names() const { return listing->list().subspan(first, count); }
};

/// A file whose samples do not fit in one buffer, between two of them.
struct OpenShard {
  std::uint64_t id = 0; ///< unique in the scan: ties the shard's batches together
  std::shared_ptr<const File> file;
  const Format *format = nullptr;
  Wrapping wrapping = Wrapping::none;
  std::unique_ptr<ShardStream> stream;
  SplitState state;
  std::uint64_t window = 0; ///< bytes that the next window must hold
  std::uint64_t batches = 0;
};

/// Where fill() stands in a group.
struct FileCursor {
  FileGroup group;
  std::size_t next = 0; ///< index of the next name
  bool large = false;   ///< the file before was, so this one will be: look first, before reading much of it
  std::unique_ptr<OpenShard> shard{}; ///< set while the file names[next] is being streamed
  bool split_off = false; ///< from another cursor, while that one streams a file

  /// While a file is streamed, the names behind it need not wait: takes them away. Null when there are none.
  std::shared_ptr<FileCursor> split_off_rest() {
    if (shard == nullptr || next + 1 >= group.count) return nullptr;
    auto rest = std::make_shared<FileCursor>();
    rest->group = group;
    rest->group.first += next + 1;
    rest->group.count -= next + 1;
    rest->split_off = true;
    group.count = next + 1;
    return rest;
  }
};
using FileCursorPtr = std::shared_ptr<FileCursor>;

/// A file of which the batch holds samples.
struct BatchFile {
  std::string_view name;            ///< of SampleBatch::group; a NUL follows
  std::optional<FileStamp> stamp;   ///< nullopt: read without a look at the file; confirm() looks where it matters
  std::string_view wrapping;        ///< "", "gzip", "zlib"
  std::shared_ptr<const File> open; ///< kept for a random-access sample, else null
  std::uint64_t shard = 0;          ///< OpenShard::id of a file that spans batches, else 0
  std::uint64_t shard_batches = 0;  ///< in the last batch of a shard: how many there were, else 0
};

/// A sample in the buffer (or, for random access, in its open file).
struct Sample {
  static constexpr std::uint32_t no_preset = ~std::uint32_t{0};

  const Format *format = nullptr; ///< null: content of no known format under a telling name
  std::uint32_t file = 0;         ///< index into SampleBatch::files
  std::uint32_t preset = no_preset; ///< index into SampleBatch::presets
  bool is_record = false;
  bool judged = false;            ///< the presets say all: there is nothing to check
  std::uint64_t ordinal = 0;      ///< of a record in its shard
  std::uint64_t offset = 0;       ///< of a record in its stream, else 0
  std::uint64_t size = 0;         ///< bytes of the sample
  std::size_t begin = 0;          ///< in the buffer
  std::uint64_t count = 1;        ///< records, one behind the other: healthy together; 0 = each has a sample of its own
  std::uint8_t kind = 0;          ///< FramedSample::kind
};

/// Many small files, or one window of a large one. The batches go round as the tokens do, and keep their memory.
struct SampleBatch {
  explicit SampleBatch(std::size_t buffer_bytes) : buffer(buffer_bytes) {}

  Buffer buffer;
  FileGroup group;                ///< the files' own: names and folder live as long as the batch
  std::vector<BatchFile> files;
  std::vector<Sample> samples;
  std::vector<Evidence> presets;  ///< what was found while reading, with offsets in the file
  std::vector<std::string_view> others; ///< names, in the group, of files that are no samples
  std::uint64_t vanished = 0;

  Bytes bytes_of(const Sample &sample) const {
    return sample.size == 0 || sample.judged ? Bytes{} : buffer.bytes().subspan(sample.begin, sample.size);
  }
  /// Makes ready for other files; keeps the memory.
  void clear() {
    buffer.shrink_to_normal();
    group = {};
    files.clear();
    samples.clear();
    presets.clear();
    others.clear();
    vanished = 0;
  }
};
using SampleBatchPtr = std::shared_ptr<SampleBatch>;

/// What the check of one sample gave. Healthy samples have one only when somebody wants to hear of them.
struct SampleResult {
  std::uint32_t sample = 0; ///< index into SampleBatch::samples
  Verdict verdict = Verdict::healthy;
  Facts facts;
  std::vector<Finding> findings;
  std::uint64_t findings_not_kept = 0;
  std::optional<std::uint64_t> content_hash;
};

/// What the records of one shard in a batch consist of.
struct ShardSketch {
  std::uint32_t file = 0; ///< index into SampleBatch::files
  SchemaSketch sketch;
};

struct CheckedBatch {
  SampleBatchPtr batch;
  std::vector<ShardSketch> sketches;
  std::vector<SampleResult> results; ///< in any order; a sample without one is healthy
};
using CheckedBatchPtr = std::shared_ptr<CheckedBatch>;

/// Same as checked, after the policy: rules that were not asked for are gone, verdicts are final.
using DecidedBatchPtr = CheckedBatchPtr;

} // namespace datavet
