#include "formats/hdf5/dataset.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "formats/hdf5/datatype.h"
#include "formats/hdf5/filters/filter_chain.h"
#include "formats/hdf5/rules.h"
#include "formats/hdf5/tiles.h"

namespace datavet::hdf5 {

namespace {

// What H5Dread is asked for at once. Elements in the heap take memory of their own: fewer of them.
constexpr std::uint64_t slab_bytes = 16 << 20;
constexpr std::uint64_t heap_slab_elements = 64 * 1024;

// Chunks are visited by coordinates, which is linear. A sparse dataset has too many coordinates for that; by
// index libhdf5 1.10 is quadratic, which is bearable for few chunks.
constexpr std::uint64_t most_coordinates = 1 << 20;
constexpr std::uint64_t most_coordinates_for_each_chunk = 16;
constexpr std::uint64_t most_chunks_by_index = 4096;

// Findings for one dataset; after that it is known to be bad.
constexpr unsigned most_bad_chunks = 16;

std::optional<std::uint64_t> product(std::span<const hsize_t> factors, std::uint64_t element) {
  std::uint64_t result = element;
  for (hsize_t factor : factors)
    if (__builtin_mul_overflow(result, factor, &result)) return std::nullopt;
  return result;
}

/// The memory that one H5Dread takes for elements in the heap: bounded, and given back at once.
class HeapValues {
public:
  explicit HeapValues(std::uint64_t most) : left_(most) {}
  ~HeapValues() {
    for (void *block : blocks_) std::free(block);
  }
  HeapValues(const HeapValues &) = delete;
  HeapValues &operator=(const HeapValues &) = delete;

  bool exhausted() const { return exhausted_; }
  bool attach(hid_t transfer) {
    return H5Pset_vlen_mem_manager(transfer, allocate, this, release, this) >= 0;
  }

private:
  static void *allocate(std::size_t size, void *data) noexcept {
    HeapValues &values = *static_cast<HeapValues *>(data);
    values.exhausted_ = values.exhausted_ || size > values.left_;
    if (values.exhausted_) return nullptr;
    try {
      values.blocks_.reserve(values.blocks_.size() + 1);
    } catch (const std::bad_alloc &) {
      values.exhausted_ = true;
      return nullptr;
    }
    void *block = std::malloc(size);
    values.exhausted_ = block == nullptr;
    if (block != nullptr) values.blocks_.push_back(block);
    values.left_ -= size;
    return block;
  }
  static void release(void *, void *) {} // the destructor does

  std::vector<void *> blocks_;
  std::uint64_t left_;
  bool exhausted_ = false;
};

class DatasetCheck {
public:
  DatasetCheck(hid_t dataset, haddr_t address, const std::string &path, Reading &reading)
      : dataset_(dataset), address_(address), name_(shown(path)), reading_(reading) {}

  void run() {
    type_ = Type(H5Dget_type(dataset_));
    if (!type_) return complain("datatype");
    space_ = Space(H5Dget_space(dataset_));
    if (!space_) return complain("dataspace");
    creation_ = Properties(H5Dget_create_plist(dataset_));
    if (!creation_) return complain("creation properties");

    types_ = examine_type(type_.id(), reading_.offset_size);
    if (types_.rule != nullptr) add(*types_.rule, types_.detail);
    // Our own code has read these data, what they lead to as well, and verified what can be.
    if (std::ranges::binary_search(reading_.ours, address_)) return;
    memory_size_ = H5Tget_size(type_.id());
    if (std::max<std::uint64_t>(memory_size_, types_.disk_size) > reading_.limits.decoded_bytes)
      return add(dataset_limit, fmt::format("elements of {} bytes", memory_size_));
    if (memory_size_ == 0 || types_.disk_size == 0) return add(dataset_unreadable, "elements of 0 bytes");

    if (H5Sget_simple_extent_type(space_.id()) == H5S_NULL) return;
    rank_ = H5Sget_simple_extent_ndims(space_.id());
    if (rank_ < 0 || H5Sget_simple_extent_dims(space_.id(), extent_.data(), nullptr) < 0)
      return complain("dataspace");

    if (lies_elsewhere()) return;
    switch (H5Pget_layout(creation_.id())) {
    case H5D_COMPACT:
    case H5D_CONTIGUOUS: read_unchunked(); break;
    case H5D_CHUNKED: read_chunked(); break;
    default: complain("layout"); break;
    }
  }

private:
  void add(const Rule &rule, std::string_view detail) {
    reading_.add(rule, address_, fmt::format("{}: {}", name_, detail));
  }
  void complain(std::string_view what) {
    reading_.complain(dataset_unreadable, address_, name_ + ": " + std::string(what));
  }

  std::span<const hsize_t> extent() const {
    return std::span(extent_).first(static_cast<std::size_t>(rank_));
  }

  // Data that other files hold is named and never read: a file may name /etc/passwd.
  bool lies_elsewhere() {
    const int external = H5Pget_external_count(creation_.id());
    if (external > 0) {
      std::string file(1024, '\0');
      off_t offset = 0;
      hsize_t size = 0;
      H5Pget_external(creation_.id(), 0, file.size() - 1, file.data(), &offset, &size);
      file.resize(file.find('\0'));
      add(external_storage,
          fmt::format("data in {}, the first of {} files{}", shown(file), external, leaves_folder(file)));
      return true;
    }
    if (H5Pget_layout(creation_.id()) != H5D_VIRTUAL) return false;
    std::size_t sources = 0;
    H5Pget_virtual_count(creation_.id(), &sources);
    for (std::size_t i = 0; i < sources; ++i) {
      const ssize_t length = H5Pget_virtual_filename(creation_.id(), i, nullptr, 0);
      if (length < 0 || length > 64 * 1024) continue;
      std::string file(static_cast<std::size_t>(length) + 1, '\0');
      H5Pget_virtual_filename(creation_.id(), i, file.data(), file.size());
      file.pop_back();
      if (file == ".") continue; // this file: the walk comes by
      add(virtual_dataset,
          fmt::format("made of {} parts, one of them in {}{}", sources, shown(file), leaves_folder(file)));
      break;
    }
    return true;
  }

  // --- contiguous and compact ---

  void read_unchunked() {
    const std::optional<std::uint64_t> bytes = product(extent(), types_.disk_size);
    if (!bytes) return add(dataset_limit, "more elements than 64 bits can count");
    const std::uint64_t stored = H5Dget_storage_size(dataset_);
    if (stored == 0 || *bytes == 0) return; // never written: fill values
    const haddr_t place =
        H5Dget_offset(dataset_); // counts from the start of the file; undefined when compact
    const std::uint64_t size = reading_.sample.size();
    if (place != HADDR_UNDEF && (place > size || *bytes > size - place))
      return add(dataset_outside, fmt::format("needs {} bytes at {}, the file has {}", *bytes, place, size));
    if (*bytes > stored)
      return add(dataset_outside, fmt::format("needs {} bytes, {} are stored", *bytes, stored));

    Tiles::Coordinates slab{};
    std::uint64_t room = types_.in_heap
                             ? heap_slab_elements
                             : slab_bytes / std::max<std::uint64_t>(memory_size_, types_.disk_size);
    for (std::size_t i = extent().size(); i-- > 0;) {
      slab[i] = std::clamp<std::uint64_t>(room, 1, extent_[i]);
      room /= slab[i];
    }
    for (Tiles tiles(extent(), std::span(slab).first(extent().size())); !tiles.done(); tiles.advance()) {
      if (reading_.hindered()) return;
      if (!read_tile(tiles)) return;
    }
  }

  // Reads elements as h5py does. False when there is a finding.
  bool read_tile(const Tiles &tiles) {
    const Tiles::Coordinates size = tiles.clipped();
    const hsize_t elements = *product(std::span(size).first(extent().size()), 1);
    if (elements == 0) return true;
    const Space memory(H5Screate_simple(1, &elements, nullptr));
    if (rank_ > 0 && H5Sselect_hyperslab(space_.id(), H5S_SELECT_SET, tiles.origin().data(), nullptr,
                                         size.data(), nullptr) < 0) {
      complain("selection");
      return false;
    }
    buffer_.assign(elements * memory_size_, 0);
    HeapValues values(reading_.limits.decoded_bytes);
    const Properties transfer(H5Pcreate(H5P_DATASET_XFER));
    if (!memory || !transfer || !values.attach(transfer.id())) {
      complain("transfer");
      return false;
    }
    if (H5Dread(dataset_, type_.id(), memory.id(), rank_ > 0 ? space_.id() : H5S_ALL, transfer.id(),
                buffer_.data()) >= 0)
      return true;
    if (values.exhausted())
      add(dataset_limit, fmt::format("{}: strings or sequences larger than {} bytes", place_of(tiles),
                                     reading_.limits.decoded_bytes));
    else
      complain(place_of(tiles));
    return false;
  }

  // --- chunked ---

  void read_chunked() {
    Tiles::Coordinates chunk{};
    if (H5Pget_chunk(creation_.id(), rank_, chunk.data()) != rank_) return complain("chunk shape");
    const std::span<const hsize_t> shape = std::span(chunk).first(extent().size());
    if (std::ranges::find(shape, hsize_t{0}) != shape.end())
      return add(dataset_unreadable, "a chunk side of 0");
    const std::optional<std::uint64_t> bytes = product(shape, types_.disk_size);
    const std::optional<std::uint64_t> in_memory = product(shape, memory_size_);
    if (!bytes || !in_memory || std::max(*bytes, *in_memory) > reading_.limits.decoded_bytes)
      return add(dataset_limit,
                 fmt::format("chunks of {} elements of {} bytes", fmt::join(shape, " x "), memory_size_));
    if (!read_filters()) return;
    unsigned options = 0;
    H5Pget_chunk_opts(creation_.id(), &options);
    edges_unfiltered_ = (options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS) != 0;

    hsize_t chunks = 0;
    if (H5Dget_num_chunks(dataset_, space_.id(), &chunks) < 0) return complain("chunk index");
    if (chunks == 0) return;
    undo_ourselves_ = can_undo(filters_);
    std::optional<FilterChain> verifier;
    if (undo_ourselves_) verifier.emplace(filters_, *bytes);
    verifier_ = verifier ? &*verifier : nullptr;
    visit_chunks(Tiles(extent(), shape), chunks);
  }

  bool read_filters() {
    const int count = H5Pget_nfilters(creation_.id());
    for (int i = 0; i < count; ++i) {
      unsigned flags = 0, config = 0;
      std::vector<unsigned> parameters(64);
      std::size_t given = parameters.size();
      char name[64] = {};
      const H5Z_filter_t id = H5Pget_filter2(creation_.id(), static_cast<unsigned>(i), &flags, &given,
                                             parameters.data(), sizeof name, name, &config);
      if (id < 0) {
        complain("filters");
        return false;
      }
      if (id != static_cast<H5Z_filter_t>(lzf_filter) && H5Zfilter_avail(id) <= 0) {
        name[sizeof name - 1] = '\0';
        add(unknown_filter, fmt::format("filter {} ({})", id, name));
        return false;
      }
      parameters.resize(std::min(given, parameters.size()));
      filters_.push_back({static_cast<std::uint16_t>(id), static_cast<std::uint16_t>(flags), name, std::move(parameters)});
    }
    // LZF with a filter beside it that only libhdf5 has: nobody here can read that.
    if (!can_undo(filters_) && std::ranges::count(filters_, lzf_filter, &FilterStep::id) > 0) {
      add(unknown_filter, fmt::format("filter {} (lzf) together with others", lzf_filter));
      return false;
    }
    return true;
  }

  void visit_chunks(Tiles tiles, std::uint64_t chunks) {
    const std::uint64_t coordinates = tiles.count();
    if (coordinates <= most_coordinates || coordinates / most_coordinates_for_each_chunk <= chunks) {
      for (; !tiles.done() && may_go_on(); tiles.advance()) visit_chunk(tiles);
    } else if (chunks <= most_chunks_by_index) {
      for (hsize_t i = 0; i < chunks && may_go_on(); ++i) {
        Tiles::Coordinates origin{};
        unsigned mask = 0;
        haddr_t place = 0;
        hsize_t stored = 0;
        if (H5Dget_chunk_info(dataset_, space_.id(), i, origin.data(), &mask, &place, &stored) < 0)
          return complain("chunk index");
        tiles.move_to(origin);
        visit_chunk(tiles);
      }
    } else {
      add(dataset_limit, fmt::format("{} chunks scattered over {} places", chunks, coordinates));
    }
  }

  bool may_go_on() const { return bad_chunks_ < most_bad_chunks && !reading_.hindered(); }

  void visit_chunk(const Tiles &tiles) {
    hsize_t stored = 0;
    if (H5Dget_chunk_storage_size(dataset_, tiles.origin().data(), &stored) < 0) {
      // 1.10.8 calls it an error when other chunks of the dataset have storage and this one has none.
      if (last_reason() == "chunk storage is not allocated") return;
      return bad_chunk_complaint(tiles);
    }
    if (stored == 0) return; // never written: fill values
    if (stored > reading_.sample.size())
      return bad_chunk(tiles, dataset_unreadable,
                       fmt::format("{} bytes are stored, says the index; the file has {}", stored,
                                   reading_.sample.size()));
    if (stored > reading_.limits.sample_bytes)
      return bad_chunk(tiles, dataset_limit, fmt::format("{} bytes are stored", stored));
    if (undo_ourselves_ && !verify_chunk(tiles, stored)) return;
    // The verified bytes of a plain chunk are its elements. Others only libhdf5 can make elements of.
    if ((!undo_ourselves_ || needs_heap()) && !read_tile(tiles)) ++bad_chunks_;
  }

  bool needs_heap() const {
    return types_.in_heap && std::ranges::count(filters_, lzf_filter, &FilterStep::id) == 0;
  }

  bool verify_chunk(const Tiles &tiles, std::uint64_t stored) {
    std::uint32_t mask = 0;
    buffer_.resize(stored);
    if (H5Dread_chunk(dataset_, H5P_DEFAULT, tiles.origin().data(), &mask, buffer_.data()) < 0) {
      bad_chunk_complaint(tiles);
      return false;
    }
    if (edges_unfiltered_ && tiles.is_partial()) mask = ~0u;
    const std::optional<ChunkTrouble> trouble = verifier_->verify(buffer_, mask);
    if (trouble) bad_chunk(tiles, *trouble->rule, trouble->detail);
    return !trouble;
  }

  void bad_chunk_complaint(const Tiles &tiles) {
    const std::string complaint = last_complaint();
    if (!reading_.hindered()) bad_chunk(tiles, dataset_unreadable, complaint);
  }

  void bad_chunk(const Tiles &tiles, const Rule &rule, std::string_view detail) {
    ++bad_chunks_;
    unsigned mask = 0;
    haddr_t place = HADDR_UNDEF;
    hsize_t stored = 0;
    H5Dget_chunk_info_by_coord(dataset_, tiles.origin().data(), &mask, &place, &stored);
    const bool known = place <= reading_.sample.size() && stored <= reading_.sample.size();
    reading_.evidence.findings.add(
        rule, reading_.base + (known ? place : address_), known ? stored : 0,
        fmt::format("{}: {}: {}{}", name_, place_of(tiles), detail,
                    bad_chunks_ == most_bad_chunks ? "; the chunks after it were not read" : ""));
  }

  // "chunk at (32, 0), rows 32 to 47": which elements are concerned.
  std::string place_of(const Tiles &tiles) const {
    if (rank_ == 0) return "the value";
    const Tiles::Coordinates size = tiles.clipped();
    return fmt::format("elements at ({}), rows {} to {}",
                       fmt::join(std::span(tiles.origin()).first(extent().size()), ", "), tiles.origin()[0],
                       tiles.origin()[0] + std::max<hsize_t>(size[0], 1) - 1);
  }

  const hid_t dataset_;
  const haddr_t address_;
  const std::string name_;
  Reading &reading_;
  Type type_;
  Space space_;
  Properties creation_;
  TypeReport types_;
  std::uint64_t memory_size_ = 0; // of an element
  int rank_ = 0;
  Tiles::Coordinates extent_{};
  std::vector<FilterStep> filters_;
  bool undo_ourselves_ = false, edges_unfiltered_ = false;
  FilterChain *verifier_ = nullptr;
  unsigned bad_chunks_ = 0;
  std::vector<std::uint8_t> buffer_;
};

} // namespace

void examine_dataset(hid_t dataset, haddr_t address, const std::string &path, Reading &reading) {
  DatasetCheck(dataset, address, path, reading).run();
}

} // namespace datavet::hdf5
