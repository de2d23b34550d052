#include "formats/hdf5/metadata/dataset_object.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "formats/checksum/lookup3.h"
#include "formats/hdf5/metadata/dataset_messages.h"
#include "formats/hdf5/metadata/datatype_message.h"
#include "formats/hdf5/metadata/global_heap.h"
#include "formats/hdf5/metadata/local_heap.h"
#include "formats/hdf5/metadata/rules.h"
#include "formats/hdf5/names.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

class DatasetReader {
public:
  DatasetReader(Survey &survey, SharedMessages &shared, const ObjectHeader &object)
      : survey_(survey), shared_(shared), header_(object) {}

  std::optional<Dataset> run() {
    dataset_.path = survey_.path;
    dataset_.address = header_.address;
    // All are read, so that all findings are made.
    const bool space = read(MessageType::dataspace, [&](Fields &fields, std::uint64_t at) {
      return read_dataspace(survey_, fields, at, dataset_.space, elements_);
    });
    const bool type = read(MessageType::datatype, [&](Fields &fields, std::uint64_t at) {
      return read_datatype(survey_, fields, at, dataset_.type);
    });
    const bool filters = read(MessageType::filter_pipeline, [&](Fields &fields, std::uint64_t at) {
      return read_filter_pipeline(survey_, fields, at, dataset_.filters);
    });
    for (const bool old : {false, true})
      read(old ? MessageType::fill_value_old : MessageType::fill_value,
           [&](Fields &fields, std::uint64_t at) { return check_fill_value(survey_, fields, at, old); });
    const bool external = read(MessageType::external_files, [&](Fields &fields, std::uint64_t at) {
      dataset_.external = true;
      ExternalFiles files;
      return read_external_files(survey_, fields, at, files) && list_external(files);
    });
    if (!read_storage() || !space || !type || !filters || !external) return std::nullopt;
    if (!agrees()) return std::nullopt;
    if (dataset_.type.vax_order && before_libhdf5())
      survey_.find(vax_type, header_.address, 0, "a floating-point number in VAX byte order");
    return std::move(dataset_);
  }

private:
  // The first message of a type, wherever it is. A type that is not there is no trouble.
  template <class Parse> bool read(MessageType type, Parse parse) {
    const Message *message = header_.first(type);
    if (message == nullptr) return true;
    Fields fields(header_.body(*message), survey_.space);
    if (!message->is_shared()) return parse(fields, message->address);
    const SharedBody *body = shared_.follow(type, fields, message->address);
    if (body == nullptr) return false;
    Fields there(body->bytes, survey_.space);
    return parse(there, body->address);
  }

  bool bad(std::string_view detail) {
    survey_.find(bad_layout, layout_at_, 0, detail);
    return false;
  }

  bool read_storage() {
    const Message *message = header_.first(MessageType::layout);
    if (message == nullptr) {
      survey_.find(bad_layout, header_.address, 0, "a dataset without a data layout");
      return false;
    }
    layout_at_ = message->address;
    std::uint32_t virtual_index = 0;
    Fields fields(header_.body(*message), survey_.space);
    if (!read_layout(survey_, fields, message->address, dataset_.storage, virtual_index)) return false;
    if (dataset_.storage.form == Storage::Class::virtual_) return check_mapping(virtual_index);
    return true;
  }

  // From Depth::content on libhdf5 walks over the same file, and names what loaders stumble over though it is
  // sound.
  bool before_libhdf5() const { return survey_.options.depth < Depth::content; }

  // --- what lies elsewhere: named, never read ---

  bool list_external(const ExternalFiles &files) {
    LocalHeap heap;
    if (!heap.load(survey_, files.heap)) return false;
    for (std::size_t i = 0; i < files.names.size(); ++i) {
      const std::optional<std::string_view> name = heap.text(files.names[i]);
      if (!name) {
        survey_.find(bad_message, header_.address, 0, "the name of an external file is none in its heap");
        return false;
      }
      if (i == 0 && before_libhdf5())
        survey_.find(external_storage, header_.address, 0,
                     fmt::format("data in {}, the first of {} files{}", shown(*name), files.names.size(),
                                 leaves_folder(*name)));
    }
    return true;
  }

  // FMT III.F, Global Heap Block for Virtual Datasets: version, number of entries, names and selections,
  // checksum.
  bool check_mapping(std::uint32_t index) {
    const std::uint64_t address = dataset_.storage.address;
    if (address == undefined_address) return true; // no sources yet
    GlobalHeap heap;
    if (!heap.load(survey_, address)) return false;
    const std::optional<Bytes> block = heap.object(index);
    if (!block) {
      survey_.find(bad_layout, layout_at_, 0,
                   fmt::format("the virtual mapping is object {} of a heap that has none", index));
      return false;
    }
    Fields fields(*block, survey_.space);
    const unsigned version = fields.u8();
    const std::uint64_t entries = fields.length();
    if (fields.ok() && version != 0) {
      survey_.unknown(address, fmt::format("a virtual mapping of version {}", version));
      return false;
    }
    if (!fields.ok() || fields.remaining() < 4)
      return bad(fmt::format("a virtual mapping of {} bytes", block->size()));
    Fields sum(block->last(4), survey_.space);
    if (survey_.wants_checksums() && sum.u32() != lookup3(block->first(block->size() - 4))) {
      survey_.find(structure_checksum, address, 0, "the virtual mapping");
      return false;
    }
    return list_sources(fields, entries);
  }

  bool list_sources(Fields &fields, std::uint64_t entries) {
    for (std::uint64_t i = 0; i < entries; ++i) {
      const std::string_view file = fields.text();
      fields.text(); // the dataset in it
      if (!fields.ok()) return bad(fmt::format("{} virtual sources, {} are there", entries, i));
      if (file != "." && before_libhdf5()) { // "." is this file: the walk comes by
        survey_.find(
            virtual_dataset, header_.address, 0,
            fmt::format("made of {} parts, one of them in {}{}", entries, shown(file), leaves_folder(file)));
        return true;
      }
      if (!skip_selection(fields) || !skip_selection(fields))
        return true; // of another version: not known, no trouble
    }
    return true;
  }

  // FMT III.F, Dataspace Selection: type, version; then a length and as many bytes.
  static bool skip_selection(Fields &fields) {
    const std::uint32_t type = fields.u32(), version = fields.u32();
    if (type == 2 && version == 2)
      fields.skip(1); // flags
    else if (version == 1)
      fields.skip(4); // reserved
    else
      return false;
    fields.skip(fields.u32());
    return fields.ok();
  }

  // --- space, type and layout together ---

  bool agrees() {
    switch (dataset_.storage.form) {
    case Storage::Class::compact: return compact_agrees();
    case Storage::Class::contiguous: return contiguous_agrees();
    case Storage::Class::chunked: return chunks_agree();
    default: return true;
    }
  }

  std::optional<std::uint64_t> needed() const {
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(elements_, dataset_.type.size, &bytes)) return std::nullopt;
    return bytes;
  }

  bool compact_agrees() {
    const std::optional<std::uint64_t> bytes = needed();
    if (bytes && *bytes <= dataset_.storage.size) return true;
    return bad(fmt::format("{} elements of {} bytes in {} bytes of compact data", elements_,
                           dataset_.type.size, dataset_.storage.size));
  }

  bool contiguous_agrees() {
    Storage &storage = dataset_.storage;
    if (dataset_.external || storage.address == undefined_address) return true; // never written: fill values
    const std::optional<std::uint64_t> bytes = needed();
    if (storage.version < 3) storage.size = bytes.value_or(0);
    if (bytes == 0u) return true;
    if (!bytes || !survey_.space.holds(storage.address, *bytes)) {
      survey_.find(dataset_outside, header_.address, 0,
                   fmt::format("needs {} elements of {} bytes at {}, the file has {}", elements_,
                               dataset_.type.size, survey_.space.file_offset(storage.address),
                               survey_.space.source().size()));
      return false;
    }
    if (storage.size < *bytes) {
      survey_.find(dataset_outside, header_.address, 0,
                   fmt::format("needs {} bytes, {} are stored", *bytes, storage.size));
      return false;
    }
    if (!survey_.claim(storage.address, *bytes, "contiguous data"))
      survey_.find(structure_overlap, storage.address, *bytes,
                   fmt::format("the data at address {} belong to two datasets", storage.address));
    survey_.segment(1, storage.address, *bytes, "contiguous data");
    return true;
  }

  bool chunks_agree() {
    const Storage &storage = dataset_.storage;
    if (storage.rank != dataset_.space.rank)
      return bad(fmt::format("chunks of {} dimensions in a space of {}", storage.rank, dataset_.space.rank));
    if (storage.element_size != dataset_.type.size)
      return bad(fmt::format("chunks of elements of {} bytes, the type has {}", storage.element_size,
                             dataset_.type.size));
    return true;
  }

  Survey &survey_;
  SharedMessages &shared_;
  const ObjectHeader &header_;
  Dataset dataset_;
  std::uint64_t elements_ = 0, layout_at_ = 0;
};

} // namespace

std::optional<Dataset> read_dataset(Survey &survey, SharedMessages &shared, const ObjectHeader &header) {
  return DatasetReader(survey, shared, header).run();
}

} // namespace datavet::hdf5
