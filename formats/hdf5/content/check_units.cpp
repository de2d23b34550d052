#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "formats/hdf5/content/elements.h"
#include "formats/hdf5/content/plan.h"
#include "formats/hdf5/filters/filter_chain.h"
#include "formats/hdf5/names.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

constexpr std::uint64_t most_at_once = 1 << 20; // bytes read together, unless one chunk is larger
constexpr std::uint64_t most_gap = 16 << 10;    // bytes between two chunks that are read for nothing

} // namespace

class UnitChecker::Scratch {
public:
  Scratch(const Source &source, const ContentPlan &plan, const CheckOptions &options)
      : source_(source), plan_(plan), options_(options), elements_(source, plan, options) {}

  void run(std::size_t index, ContentReport &report) {
    const ContentUnit &unit = plan_.units()[index];
    report_ = &report;
    enter(unit.dataset);
    looks_ = options_.depth >= Depth::content && dataset_->look.any();
    if (looks_) elements_.begin(unit.dataset, report);
    if (dataset_->chunk.empty())
      read_slab(unit);
    else
      check_chunks(unit);
    if (looks_) elements_.end();
  }

private:
  void enter(std::uint32_t dataset) {
    if (dataset_ != nullptr && number_ == dataset) return;
    number_ = dataset;
    dataset_ = &plan_.datasets()[dataset];
    chain_.reset();
    if (options_.depth >= Depth::content && dataset_->undo) chain_.emplace(dataset_->filters, dataset_->chunk_bytes);
  }

  // --- chunks ---

  void check_chunks(const ContentUnit &unit) {
    for (std::uint64_t i = unit.first, end = unit.first + unit.count; i < end;) {
      const std::uint64_t next = neighbours(i, end);
      check_together(i, next);
      i = next;
    }
  }

  /// The end of the chunks from `first` on that are worth one read.
  std::uint64_t neighbours(std::uint64_t first, std::uint64_t end) const {
    const std::uint64_t from = plan_.chunks()[first].offset;
    std::uint64_t until = from + plan_.chunks()[first].size, i = first + 1;
    for (; i < end; ++i) {
      const ContentChunk &chunk = plan_.chunks()[i];
      const std::uint64_t chunk_end = chunk.offset + chunk.size;
      if (chunk.offset < from || chunk.offset > until + most_gap || chunk_end - from > most_at_once) break;
      until = std::max(until, chunk_end);
    }
    return i;
  }

  void check_together(std::uint64_t first, std::uint64_t end) {
    const std::uint64_t from = plan_.chunks()[first].offset;
    std::uint64_t until = from;
    for (std::uint64_t i = first; i < end; ++i)
      until = std::max(until, plan_.chunks()[i].offset + plan_.chunks()[i].size);
    if (const Bytes bytes = read(from, until - from); bytes.size() == until - from) {
      for (std::uint64_t i = first; i < end; ++i)
        check_chunk(i, bytes.subspan(plan_.chunks()[i].offset - from, plan_.chunks()[i].size));
      return;
    }
    // Which of them is it?
    for (std::uint64_t i = first; i < end; ++i) {
      const ContentChunk &chunk = plan_.chunks()[i];
      const Bytes bytes = read(chunk.offset, chunk.size);
      if (bytes.size() == chunk.size)
        check_chunk(i, bytes);
      else
        bad_chunk(i, unreadable, read_trouble());
    }
  }

  void check_chunk(std::uint64_t index, Bytes stored) {
    const ContentChunk &chunk = plan_.chunks()[index];
    if (looks_ && chain_) {
      const std::optional<Bytes> bytes = chain_->undo(stored, chunk.mask);
      if (!bytes) return bad_chunk(index, *chain_->trouble()->rule, chain_->trouble()->detail);
      const bool plain = bytes->data() == stored.data();
      return elements_.chunk(Elements::origin_of(*dataset_, chunk.number), *bytes, chunk.offset, chunk.size, plain);
    }
    const std::optional<ChunkTrouble> trouble = chain_ ? chain_->verify(stored, chunk.mask) : check_fletcher32(stored);
    if (trouble) bad_chunk(index, *trouble->rule, trouble->detail);
  }

  void bad_chunk(std::uint64_t index, const Rule &rule, std::string_view detail) {
    const ContentChunk &chunk = plan_.chunks()[index];
    if (looks_) elements_.lost_chunk(chunk.number);
    const std::vector<std::uint64_t> origin = Elements::origin_of(*dataset_, chunk.number);
    const RowRange rows{origin[0], std::min(dataset_->chunk[0], dataset_->extent[0] - origin[0])};
    report_->data.keep(number_, {rows, chunk.offset, chunk.size, &rule});
    report_->data.add(number_, index, [&] {
      return std::vector{Finding{&rule, chunk.offset, chunk.size,
                                 fmt::format("chunk at ({}), {}: {}", fmt::join(origin, ", "), name_of(rows), detail),
                                 dataset_->path, rows}};
    });
  }

  // --- contiguous data: whether the disk gives them ---

  void read_slab(const ContentUnit &unit) {
    const std::uint64_t at_once = whole_grains(most_at_once, dataset_->grain);
    for (std::uint64_t done = 0; done < unit.count; done += at_once) {
      const std::uint64_t length = std::min(at_once, unit.count - done);
      const Bytes bytes = read(unit.offset + done, length);
      if (bytes.size() != length)
        bad_slab(unit.first + done, length);
      else if (looks_)
        elements_.slab(unit.first + done, bytes);
    }
  }

  void bad_slab(std::uint64_t at, std::uint64_t length) {
    std::uint64_t row_bytes = dataset_->element_size;
    for (std::size_t i = 1; i < dataset_->extent.size(); ++i) row_bytes *= dataset_->extent[i]; // inside the file
    RowRange rows;
    if (!dataset_->extent.empty()) {
      rows.first = at / row_bytes;
      rows.count = (at + length - 1) / row_bytes + 1 - rows.first;
    }
    report_->data.keep(number_, {rows, dataset_->data_at + at, length, &unreadable});
    report_->data.add(number_, at, [&] {
      return std::vector{Finding{&unreadable, dataset_->data_at + at, length,
                                 fmt::format("{}: {}", rows.count == 0 ? "the value" : name_of(rows), read_trouble()),
                                 dataset_->path, rows}};
    });
  }

  // --- reading ---

  /// As many bytes as come.
  Bytes read(std::uint64_t offset, std::uint64_t length) {
    if (buffer_.size() < length) buffer_.resize(length);
    const Source::Read got = source_.read(offset, std::span(buffer_).first(length));
    error_ = got.error;
    return Bytes(buffer_).first(error_ != 0 ? 0 : std::min(got.count, length));
  }
  std::string read_trouble() const {
    if (error_ == 0) return "the file has become shorter since it was opened";
    return fmt::format("reading failed: {}", std::generic_category().message(error_));
  }

  const Source &source_;
  const ContentPlan &plan_;
  const CheckOptions &options_;
  ContentReport *report_ = nullptr; ///< of the unit in hand
  std::uint32_t number_ = 0;
  const ContentDataset *dataset_ = nullptr; ///< the one with that number
  std::optional<FilterChain> chain_;        ///< null: only the Fletcher-32 of the stored bytes
  bool looks_ = false; ///< into the elements of the unit in hand
  Elements elements_;
  std::vector<std::uint8_t> buffer_;
  int error_ = 0;
};

UnitChecker::UnitChecker(const Source &source, const ContentPlan &plan, const CheckOptions &options)
    : scratch_(std::make_unique<Scratch>(source, plan, options)) {}
UnitChecker::~UnitChecker() = default;
UnitChecker::UnitChecker(UnitChecker &&) noexcept = default;

void UnitChecker::run(std::size_t unit, ContentReport &report) { scratch_->run(unit, report); }

void check_units(const Source &source, const ContentPlan &plan, std::size_t begin, std::size_t end,
                 const CheckOptions &options, ContentReport &report) {
  UnitChecker checker(source, plan, options);
  for (std::size_t i = begin; i < std::min(end, plan.units().size()); ++i) checker.run(i, report);
}

} // namespace datavet::hdf5
