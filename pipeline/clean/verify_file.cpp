#include "pipeline/clean/verify_file.h"

#include <cerrno>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>

#include "formats/hdf5/cut/dataset_header.h"
#include "formats/hdf5/cut/same_objects.h"
#include "formats/hdf5/cut/walk_rows.h"
#include "formats/hdf5/metadata/address_space.h"
#include "pipeline/io/file_identity.h"
#include "pipeline/isolation/decoder_pool.h"
#include "pipeline/quarantine/content_hash.h"
#include "pipeline/report/escape.h"

namespace datavet {

namespace {

StepResult wrong(std::string_view how) {
  return {Step::refused, fmt::format("what was written of it does not read back as it should, and was removed: {}", for_terminal(how))};
}

class FileVerifier {
public:
  FileVerifier(const File &copy, const File &original, const hdf5::RowCut &cut, const Format &format, const CutterOptions &options)
      : copy_(copy), original_(original), cut_(cut), format_(format), options_(options) {}

  StepResult run() {
    if (StepResult sound = check(); !sound.is_done()) return sound;
    std::vector<hdf5::Counterpart> pairs;
    if (std::string other = hdf5::compare_objects(original_, copy_, cut_, options_.limits, pairs); !other.empty()) return wrong(other);
    for (const hdf5::Counterpart &pair : pairs)
      if (StepResult same = compare(pair); !same.is_done()) return same;
    return ask_decoder();
  }

private:
  static StepResult first_error(const Evidence &evidence) {
    for (const Finding &finding : evidence.findings.list())
      if (finding.rule->severity == Severity::error) return wrong(fmt::format("{} ({})", finding.rule->id, finding.detail));
    return {};
  }

  StepResult check() const {
    Evidence evidence;
    evidence.judges = options_.judges;
    format_.examine(copy_, {Depth::content, options_.limits}, evidence);
    return first_error(evidence);
  }

  StepResult ask_decoder() const {
    PoolOptions pool_options;
    pool_options.worker_directory = options_.decoder_directory;
    pool_options.limits = options_.limits;
    DecoderPool pool(pool_options);
    Evidence evidence;
    DecodeJob job{.format = &format_, .file = copy_.fd(), .file_size = copy_.size(), .evidence = &evidence};
    pool.decode(std::span(&job, 1));
    return first_error(evidence);
  }

  struct Rows {
    Content content;
    hdf5::RowsRead read;
  };
  /// `kept` null: all data as they are stored.
  Rows rows_of(const File &file, const hdf5::Dataset &dataset, const hdf5::RowSet *kept) const {
    Rows rows;
    Evidence unheard;
    const std::optional<hdf5::Superblock> superblock = hdf5::examine_superblock(file, unheard);
    if (!superblock) return {{}, {0, "its superblock cannot be read"}};
    hdf5::AddressSpace space(file, *superblock);
    const std::optional<std::vector<std::uint8_t>> fill = hdf5::read_fill_value(space, dataset);
    ContentHash hash;
    const auto use = [&](Bytes bytes) {
      hash.add(bytes);
      rows.content.size += bytes.size();
    };
    rows.read = kept == nullptr ? hdf5::walk_stored(file, *superblock, dataset, options_.limits, use)
                                : hdf5::walk_rows(file, *superblock, dataset, fill ? Bytes(*fill) : Bytes(), *kept,
                                                  options_.limits, use);
    rows.content.hash = hash.value();
    return rows;
  }

  StepResult compare(const hdf5::Counterpart &pair) const {
    const hdf5::RowSet all = hdf5::RowSet().others(hdf5::rows_of(pair.copy));
    const Rows theirs = rows_of(original_, pair.original, pair.is_cut ? &pair.kept : nullptr);
    if (theirs.read.error != 0) return source_trouble(theirs.read.error);
    const Rows ours = rows_of(copy_, pair.copy, pair.is_cut ? &all : nullptr);
    if (ours.read.error != 0) return stopped("cannot read back what was written", ours.read.error);
    if (theirs.read.trouble != ours.read.trouble) return wrong(pair.original.path + ": " + ours.read.trouble + theirs.read.trouble);
    return theirs.content == ours.content ? StepResult{} : wrong(pair.original.path + " holds other rows");
  }

  const File &copy_, &original_;
  const hdf5::RowCut &cut_;
  const Format &format_;
  const CutterOptions &options_;
};

} // namespace

StepResult verify_file(UniqueFd copy, const File &original, const hdf5::RowCut &cut, const Format &format, const CutterOptions &options) {
  struct stat status {};
  if (::fstat(copy.get(), &status) != 0) return stopped("cannot read back what was written", errno);
  const File file(std::move(copy), identity_of(status));
  return FileVerifier(file, original, cut, format, options).run();
}

} // namespace datavet
