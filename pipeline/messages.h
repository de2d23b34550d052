/// The types on the arrows of the scan graph, in the order in which a sample meets them:
///   enumerate -> FileCursor -> fill -> SampleBatch -> check -> CheckedBatch -> decide -> DecidedBatch -> deliver
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <datavet/report.h>

#include "formats/deflate/wrapping.h"
#include "formats/format.h"
#include "pipeline/io/buffer.h"
#include "pipeline/io/file.h"
#include "pipeline/shard_stream.h"

namespace datavet {

/// A folder that is kept open while names in it are still to be opened: names then need no long path,
/// and renaming a parent meanwhile changes nothing.
struct Folder {
  UniqueFd fd;
  std::string path;     ///< relative to the root, "" or ending in '/'
  std::size_t root = 0; ///< index of the root
};

/// A name as the listing of its folder gave it.
struct FileName {
  std::string name;
  bool regular = true; ///< false: a FIFO, socket or device, which is never opened
  bool asked_for = false; ///< named by the user himself: it is a mistake if it is not there
};

/// Up to 64 names of one folder. Nobody has looked at the files yet: a stat costs more than the listing.
struct FileGroup {
  std::shared_ptr<const Folder> folder;
  std::vector<FileName> names;
  bool follow_links = false;
};

/// A file whose samples do not fit in one buffer, between two of them.
struct OpenShard {
  std::uint64_t id = 0; ///< unique in the scan: ties the shard's batches together
  std::string path;     ///< relative to the root
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
  std::unique_ptr<OpenShard> shard; ///< set while the file names[next] is being streamed
};
using FileCursorPtr = std::shared_ptr<FileCursor>;

/// A file of which the batch holds samples.
struct BatchFile {
  std::string path; ///< relative to the root
  std::size_t root = 0;
  FileStamp stamp;
  std::string_view wrapping;        ///< "", "gzip", "zlib"
  std::shared_ptr<const File> open; ///< kept for a random-access sample, else null
  std::uint64_t shard = 0;          ///< OpenShard::id of a file that spans batches, else 0
  std::uint64_t shard_batches = 0;  ///< in the last batch of a shard: how many there were, else 0
};

/// A file that is not a sample.
struct OtherName {
  std::string path; ///< relative to the root
  std::size_t root = 0;
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
};

/// Many small files, or one window of a large one.
struct SampleBatch {
  BufferPtr buffer;
  std::vector<BatchFile> files;
  std::vector<Sample> samples;
  std::vector<Evidence> presets;  ///< what was found while reading, with offsets in the file
  std::vector<OtherName> others;
  std::uint64_t vanished = 0;

  Bytes bytes_of(const Sample &sample) const {
    return sample.size == 0 || sample.judged ? Bytes{} : Bytes(buffer->bytes().data() + sample.begin, sample.size);
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

struct CheckedBatch {
  SampleBatchPtr batch;
  std::vector<SampleResult> results; ///< in any order; a sample without one is healthy
};
using CheckedBatchPtr = std::shared_ptr<CheckedBatch>;

/// Same as checked, after the policy: rules that were not asked for are gone, verdicts are final.
using DecidedBatchPtr = CheckedBatchPtr;

} // namespace datavet
