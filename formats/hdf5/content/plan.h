/// The data of a file as a list of work units, so that many threads may share one file.
///
///   ContentPlan plan;                                     // made by one thread, then constant
///   plan_content(source, options, evidence, plan);        // all metadata, all chunk indexes
///   ContentReport report;                                 // and a UnitChecker: one a thread
///   UnitChecker(source, plan, options).run(i, report);    // for each i below plan.units().size(), by any thread
///   whole.merge(std::move(report));                       // in any order
///   conclude_content(plan, whole, evidence);              // once, when all units are done
///
/// What is found does not depend on how the units were split.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <datavet/options.h>

#include "formats/evidence.h"
#include "formats/hdf5/content/look.h"
#include "formats/hdf5/content/report.h"
#include "formats/hdf5/metadata/dataset.h"
#include "formats/source.h"

namespace datavet::hdf5 {

/// What a unit needs to know of its dataset.
struct ContentDataset {
  std::string path;
  std::uint64_t header = 0; ///< file offset of its object header
  std::vector<std::uint64_t> extent;
  std::vector<std::uint64_t> chunk; ///< elements a side; empty = contiguous
  std::uint64_t element_size = 0;   ///< bytes on the disk
  std::uint64_t chunk_bytes = 0;    ///< before the filters
  std::uint64_t data_at = 0;        ///< contiguous: file offset
  std::vector<FilterStep> filters;
  bool undo = false; ///< all filters; else only the Fletcher-32 over the stored bytes is verified
  bool big_endian = false;
  Look look; ///< for what in the elements, from Depth::content on
  /// Items are split over chunks: those of one band, all that cover the same rows, follow each other in the plan, and a unit
  /// has whole bands. 0 = they are not; else how many chunks the grid has in a band.
  std::uint64_t band_chunks = 0;
  std::uint64_t band_items = 0;
  std::uint64_t grain = 1; ///< contiguous: bytes that are read together
};

/// A chunk that is to be read. 24 bytes: there may be millions.
struct ContentChunk {
  std::uint64_t offset = 0; ///< in the file
  std::uint64_t number = 0; ///< row-major in the grid of chunks that covers the extent
  std::uint32_t size = 0;   ///< bytes stored
  std::uint32_t mask = 0;   ///< filters that were not applied
};

/// About as many bytes, in whole grains: at least one.
constexpr std::uint64_t whole_grains(std::uint64_t about, std::uint64_t grain) {
  return about < grain ? grain : about / grain * grain;
}

/// Neighbouring chunks of one dataset, or a slab of contiguous or compact data.
struct ContentUnit {
  std::uint32_t dataset = 0; ///< index into datasets()
  std::uint64_t first = 0;   ///< index of the first chunk in chunks(); contiguous: bytes from the start of the data
  std::uint64_t count = 0;   ///< chunks; contiguous: bytes
  std::uint64_t offset = 0;  ///< in the file, of the first byte
};

/// Memory: 24 bytes a chunk, 32 a unit, and each dataset's name and shape.
class ContentPlan {
public:
  /// In the order of their place in the file. A unit is about 1 MiB of stored bytes, and no more than some 16 MiB
  /// once they are decompressed, as far as chunks are not larger than that by themselves.
  std::span<const ContentUnit> units() const { return units_; }
  std::span<const ContentDataset> datasets() const { return datasets_; }
  std::span<const ContentChunk> chunks() const { return chunks_; }
  /// Stored bytes that the units read, without what references in them lead to.
  std::uint64_t bytes() const { return bytes_; }
  const Superblock &superblock() const { return superblock_; }
  /// Who judges samples inside the data; null: nobody.
  const InnerJudges *judges() const { return judges_; }
  /// Accounts for what all units together read of global heaps: false when that was too much. May be called by
  /// several threads at once.
  bool may_read_heap(std::uint64_t bytes) const { return heap_read_.fetch_add(bytes) + bytes <= most_heap_; }
  /// The same however the units were split: whether it ever said no.
  bool heap_was_too_much() const { return heap_read_ > most_heap_; }

private:
  friend class PlanMaker;

  std::vector<ContentDataset> datasets_;
  std::vector<ContentChunk> chunks_; ///< of one dataset together, in the order of their place in the file
  std::vector<ContentUnit> units_;
  std::uint64_t bytes_ = 0;
  ContentRemarks remarks_;
  Superblock superblock_;
  const InnerJudges *judges_ = nullptr;
  std::uint64_t most_heap_ = 0;
  mutable std::atomic<std::uint64_t> heap_read_ = 0;

  friend void conclude_content(const ContentPlan &, const ContentReport &, Evidence &);
};

/// True when our own code looks at all stored data of the dataset, as far as anything can be verified, and follows its
/// references into heaps: libhdf5 then need not read it.
bool is_ours(const Dataset &dataset);

/// Addresses, sorted, of the object headers of all datasets that plan_content() looks at: is_ours(). Those that our own
/// walk does not understand are not among them.
std::vector<std::uint64_t> our_datasets(const Source &source, const Limits &limits);

/// Judges superblock, metadata and chunk indexes, as examine() does. From Depth::checksum on, fills `plan` (which is
/// empty before) with what there is to read: at Depth::checksum chunks with Fletcher-32 over the stored bytes, from
/// Depth::content on all data, plain ones too, as a disk may fail to give them. True when there are units.
///
/// At most limits.objects chunks are planned, and chunks within limits.decoded_bytes and limits.sample_bytes; a
/// finding names what is left out. The units together read no more than twice the file's size.
bool plan_content(const Source &source, const CheckOptions &options, Evidence &evidence, ContentPlan &plan);

/// Reads and verifies units. Keeps its memory from unit to unit: 1 MiB, or four times the largest chunk, and what the
/// codecs' contexts take; `largest_picture` where rows are put together; 4 MiB of references and the collections they lead to,
/// at most 8 MiB or one. One a thread; any number of them may share a source and a plan.
class UnitChecker {
public:
  /// All outlive it; `options` are those of the plan.
  UnitChecker(const Source &source, const ContentPlan &plan, const CheckOptions &options);
  ~UnitChecker();
  UnitChecker(UnitChecker &&) noexcept;

  /// `unit` is an index into plan.units(). std::bad_alloc may come out.
  void run(std::size_t unit, ContentReport &report);

private:
  class Scratch;
  std::unique_ptr<Scratch> scratch_;
};

/// The units [begin, end) of the plan, as a UnitChecker of its own does.
void check_units(const Source &source, const ContentPlan &plan, std::size_t begin, std::size_t end,
                 const CheckOptions &options, ContentReport &report);

/// Adds the findings of all units, and what is said once for a file.
void conclude_content(const ContentPlan &plan, const ContentReport &report, Evidence &evidence);

} // namespace datavet::hdf5
