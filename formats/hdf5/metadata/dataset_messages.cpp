#include "formats/hdf5/metadata/dataset_messages.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/hdf5/metadata/rules.h"

namespace datavet::hdf5 {

namespace {

bool wrong_version(Survey &survey, std::uint64_t address, std::string_view what, unsigned version) {
  survey.find(structure_version, address, 1, fmt::format("{} of version {}", what, version));
  return false;
}

// --- layout ---

class LayoutReader {
public:
  LayoutReader(Survey &survey, Fields &fields, std::uint64_t address, Storage &storage,
               std::uint32_t &virtual_index)
      : survey_(survey), fields_(fields), address_(address), storage_(storage),
        virtual_index_(virtual_index) {}

  bool run() {
    storage_ = {};
    storage_.version = fields_.u8();
    if (!fields_.ok()) return cut();
    if (storage_.version == 5) { // HDF5 2.0
      survey_.unknown(address_, "a data layout of version 5");
      return false;
    }
    if (storage_.version < 1 || storage_.version > 4)
      return wrong_version(survey_, address_, "data layout", storage_.version);
    const bool good = storage_.version < 3 ? read_old() : read_new();
    return good && (fields_.ok() || cut());
  }

private:
  bool bad(std::string_view detail) {
    survey_.find(bad_layout, address_, 0, detail);
    return false;
  }
  bool cut() { return bad("the data layout is longer than its message"); }

  // Versions 1 and 2: the size of contiguous data follows from the dataspace; that in the message may be cut.
  bool read_old() {
    const unsigned rank = fields_.u8(), form = fields_.u8();
    fields_.skip(5);
    if (!fields_.ok()) return cut();
    if (rank == 0 || rank > most_dimensions + 1)
      return bad(fmt::format("a data layout of {} dimensions", rank));
    if (form > 2) return bad(fmt::format("a data layout of class {}", form));
    storage_.form = static_cast<Storage::Class>(form);
    if (storage_.form != Storage::Class::compact) storage_.address = fields_.address();
    if (storage_.form == Storage::Class::chunked) return read_sides(rank, 4);
    fields_.skip(4 * rank);
    if (storage_.form == Storage::Class::compact) read_compact(fields_.u32());
    return true;
  }

  bool read_new() {
    const unsigned form = fields_.u8();
    switch (form) {
    case 0: storage_.form = Storage::Class::compact; return read_compact(fields_.u16());
    case 1:
      storage_.form = Storage::Class::contiguous;
      storage_.address = fields_.address();
      storage_.size = fields_.length();
      return true;
    case 2:
      storage_.form = Storage::Class::chunked;
      return storage_.version == 3 ? read_chunked_3() : read_chunked_4();
    case 3:
      if (storage_.version < 4) break; // libhdf5: invalid layout version with virtual layout
      storage_.form = Storage::Class::virtual_;
      storage_.address = fields_.address();
      virtual_index_ = fields_.u32();
      return true;
    default: break;
    }
    return bad(fmt::format("a data layout of class {}, version {}", form, storage_.version));
  }

  bool read_compact(std::uint64_t size) {
    storage_.size = size;
    storage_.compact_at = address_ + fields_.offset();
    fields_.skip(size);
    return fields_.ok() || bad(fmt::format("{} bytes of compact data, more than the message has", size));
  }

  // The last of the sides is the size of an element.
  bool read_sides(unsigned count, unsigned width) {
    if (count < 2 || count > most_dimensions + 1) return bad(fmt::format("chunks of {} dimensions", count));
    storage_.rank = static_cast<std::uint8_t>(count - 1);
    std::uint64_t elements = 1;
    for (unsigned i = 0; i + 1 < count; ++i) {
      storage_.chunk[i] = fields_.number(width);
      if (!fields_.ok()) return cut();
      if (storage_.chunk[i] == 0) return bad("a chunk side of 0");
      if (__builtin_mul_overflow(elements, storage_.chunk[i], &elements))
        return bad("chunks of more elements than 64 bits can count");
    }
    const std::uint64_t element = fields_.number(width);
    if (!fields_.ok()) return cut();
    if (element == 0 || element > UINT32_MAX)
      return bad(fmt::format("chunks of elements of {} bytes", element));
    storage_.element_size = static_cast<std::uint32_t>(element);
    storage_.index = Storage::Index::btree_v1;
    return true;
  }

  bool read_chunked_3() {
    const unsigned count = fields_.u8();
    storage_.address = fields_.address();
    return fields_.ok() ? read_sides(count, 4) : cut();
  }

  bool read_chunked_4() {
    const unsigned flags = fields_.u8(), count = fields_.u8(), width = fields_.u8();
    if (!fields_.ok()) return cut();
    if ((flags & ~3u) != 0) return bad(fmt::format("chunks with undefined flags {:#04x}", flags));
    if (width == 0 || width > 8) return bad(fmt::format("chunk sides of {} bytes each", width));
    storage_.edges_unfiltered = (flags & 1) != 0;
    if (!read_sides(count, width)) return false;
    const unsigned index = fields_.u8();
    if (!fields_.ok()) return cut();
    if (index < 1 || index > 5) return bad(fmt::format("a chunk index of type {}", index));
    storage_.index = static_cast<Storage::Index>(index);
    if (!read_index(flags)) return false;
    storage_.address = fields_.address();
    return true;
  }

  bool read_index(unsigned flags) {
    switch (storage_.index) {
    case Storage::Index::single:
      if ((flags & 2) == 0) return true;
      storage_.single_size = fields_.length();
      storage_.single_mask = fields_.u32();
      return true;
    case Storage::Index::fixed_array:
      storage_.fixed_array_page_bits = fields_.u8();
      return storage_.fixed_array_page_bits != 0 || bad("a fixed array with pages of 0 bits");
    case Storage::Index::extensible_array:
      storage_.extensible_max_bits = fields_.u8();
      storage_.extensible_index_elements = fields_.u8();
      storage_.extensible_min_pointers = fields_.u8();
      storage_.extensible_min_elements = fields_.u8();
      storage_.extensible_page_bits = fields_.u8();
      return (storage_.extensible_max_bits != 0 && storage_.extensible_index_elements != 0 &&
              storage_.extensible_min_pointers != 0 && storage_.extensible_min_elements != 0 &&
              storage_.extensible_page_bits != 0) ||
             bad("an extensible array with a creation parameter of 0");
    case Storage::Index::btree_v2:
      storage_.btree_node_size = fields_.u32();
      storage_.btree_split = fields_.u8();
      storage_.btree_merge = fields_.u8();
      return true;
    default: return true; // implicit: no parameter
    }
  }

  Survey &survey_;
  Fields &fields_;
  const std::uint64_t address_;
  Storage &storage_;
  std::uint32_t &virtual_index_;
};

// --- filters ---

constexpr unsigned most_filters = 32;           // H5Z_MAX_NFILTERS
constexpr std::uint16_t first_registered = 256; // filters below have no name in version 2

bool read_filter(Survey &survey, Fields &fields, std::uint64_t address, unsigned version, FilterStep &step) {
  step.id = fields.u16();
  const std::uint16_t name_length =
      version == 1 || step.id >= first_registered ? fields.u16() : std::uint16_t{0};
  step.flags = fields.u16();
  const std::uint16_t parameters = fields.u16();
  if (version == 1 && name_length % 8 != 0) { // libhdf5: filter name length is not a multiple of eight
    survey.find(bad_pipeline, address, 0, fmt::format("a filter's name of {} bytes", name_length));
    return false;
  }
  step.name = text_in(fields.take(name_length));
  Fields values = fields; // their room is looked at before any is kept
  fields.skip(std::uint64_t{parameters} * 4);
  if (!fields.ok()) return true; // the caller says so
  step.parameters.resize(parameters);
  for (std::uint32_t &parameter : step.parameters) parameter = values.u32();
  if (version == 1 && parameters % 2 == 1 && fields.remaining() >= 4) fields.skip(4);
  return true;
}

} // namespace

bool read_dataspace(Survey &survey, Fields &fields, std::uint64_t address, Dataspace &space,
                    std::uint64_t &elements) {
  const auto bad = [&](std::string_view detail) {
    survey.find(bad_dataspace, address, 0, detail);
    return false;
  };
  space = {};
  const unsigned version = fields.u8(), rank = fields.u8(), flags = fields.u8();
  const unsigned form = version == 2 ? fields.u8() : 0u;
  if (version == 1) fields.skip(5);
  if (!fields.ok()) return bad("the dataspace is longer than its message");
  if (version < 1 || version > 2) return wrong_version(survey, address, "dataspace", version);
  if (rank > most_dimensions) return bad(fmt::format("a dataspace of {} dimensions", rank));
  if (form > 2 || (version == 2 && form != 1 && rank > 0))
    return bad(fmt::format("a dataspace of class {} with {} dimensions", form, rank));
  space.rank = static_cast<std::uint8_t>(rank);
  space.form = version == 1 ? (rank > 0 ? Dataspace::Class::simple : Dataspace::Class::scalar)
                            : static_cast<Dataspace::Class>(form);
  elements = space.form == Dataspace::Class::null ? 0 : 1;
  bool empty = false, too_many = false;
  for (unsigned i = 0; i < rank; ++i) {
    space.extent[i] = fields.length();
    empty = empty || space.extent[i] == 0;
    too_many = too_many || __builtin_mul_overflow(elements, space.extent[i], &elements);
  }
  for (unsigned i = 0; i < rank && (flags & 1) != 0; ++i) {
    const std::uint64_t maximum = fields.length(), all_ones = Dataspace::unlimited >> (64 - 8 * survey.space.length_size());
    space.maximum[i] = maximum == all_ones ? Dataspace::unlimited : maximum;
  }
  if (!fields.ok()) return bad("the dataspace is longer than its message");
  if (empty) elements = 0;
  return empty || !too_many || bad("a dataspace of more elements than 64 bits can count");
}

bool read_layout(Survey &survey, Fields &fields, std::uint64_t address, Storage &storage,
                 std::uint32_t &virtual_index) {
  return LayoutReader(survey, fields, address, storage, virtual_index).run();
}

bool read_filter_pipeline(Survey &survey, Fields &fields, std::uint64_t address,
                          std::vector<FilterStep> &filters) {
  const unsigned version = fields.u8(), count = fields.u8();
  if (fields.ok() && (version < 1 || version > 2))
    return wrong_version(survey, address, "filter pipeline", version);
  if (version == 1) fields.skip(6);
  if (count > most_filters) {
    survey.find(bad_pipeline, address, 0, fmt::format("{} filters", count));
    return false;
  }
  for (unsigned i = 0; i < count && fields.ok(); ++i) {
    FilterStep step;
    if (!read_filter(survey, fields, address, version, step)) return false;
    filters.push_back(std::move(step));
  }
  if (fields.ok()) return true;
  survey.find(bad_pipeline, address, 0, "the filters are longer than their message");
  return false;
}

bool check_fill_value(Survey &survey, Fields &fields, std::uint64_t address, bool old) {
  const auto cut = [&] {
    survey.find(bad_message, address, 0, "the fill value is longer than its message");
    return false;
  };
  std::uint64_t size = 0;
  if (old) {
    size = fields.u32();
  } else {
    const unsigned version = fields.u8();
    if (fields.ok() && (version < 1 || version > 3))
      return wrong_version(survey, address, "fill value", version);
    if (version < 3) {
      fields.skip(2); // when space is allocated, when it is written
      const bool defined = fields.u8() != 0;
      // Version 1 always has the size; negative: no value.
      if (version == 1 || defined) size = fields.u32();
      if (size > INT32_MAX) size = 0;
    } else {
      const unsigned flags = fields.u8();
      const bool undefined = (flags & 0x10) != 0, defined = (flags & 0x20) != 0;
      if ((flags & 0xc0) != 0 || (undefined && defined)) {
        survey.find(bad_message, address, 0, fmt::format("a fill value with flags {:#04x}", flags));
        return false;
      }
      if (defined) size = fields.u32();
    }
  }
  if (!fields.ok()) return cut();
  fields.skip(size);
  return fields.ok() || cut();
}

bool read_external_files(Survey &survey, Fields &fields, std::uint64_t address, ExternalFiles &files) {
  const unsigned version = fields.u8();
  fields.skip(3);
  const std::uint64_t allocated = fields.u16(), used = fields.u16();
  files.heap = fields.address();
  if (fields.ok() && version != 1) return wrong_version(survey, address, "external data files", version);
  if (fields.ok() && used > allocated) {
    survey.find(bad_message, address, 0, fmt::format("{} external files in {} slots", used, allocated));
    return false;
  }
  for (std::uint64_t i = 0; i < used && fields.ok(); ++i) {
    files.names.push_back(fields.length());
    fields.length(); // where in that file
    fields.length(); // how many bytes
  }
  if (fields.ok()) return true;
  survey.find(bad_message, address, 0, "the list of external files is longer than its message");
  return false;
}

} // namespace datavet::hdf5
