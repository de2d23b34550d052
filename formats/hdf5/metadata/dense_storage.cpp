#include "formats/hdf5/metadata/dense_storage.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "formats/checksum/lookup3.h"
#include "formats/hdf5/metadata/btree_v2.h"
#include "formats/hdf5/metadata/fractal_heap.h"
#include "formats/hdf5/metadata/rules.h"
#include "formats/hdf5/names.h"

namespace datavet::hdf5 {

namespace {

/// How the records of one kind of tree are laid out: FMT III.A.2, Record Layout.
struct RecordKind {
  std::uint8_t type;
  std::uint16_t size;
  unsigned id_at, id_size;
  int hash_at;  ///< negative: records are sorted by creation order
  int flags_at; ///< of the message; negative: none
};
constexpr RecordKind link_by_name{5, 11, 4, 7, 0, -1};
constexpr RecordKind link_by_order{6, 15, 8, 7, -1, -1};
constexpr RecordKind attribute_by_name{8, 17, 0, 8, 13, 8};
constexpr RecordKind attribute_by_order{9, 13, 0, 8, -1, 8};

constexpr std::uint8_t shared_flag = 0x02;

struct Record {
  std::array<std::uint8_t, 8> id{};
  std::uint32_t hash = 0;
  std::uint8_t flags = 0;
  std::uint64_t address = 0; // in the tree
};

/// Keeps the records of one tree. They are looked up in the order of the heap, which is not that of the
/// names.
class Records final : public RecordSink {
public:
  Records(Survey &survey, const RecordKind &kind) : survey_(survey), kind_(kind) {}
  ~Records() override { survey_.give_back(list.size() * sizeof(Record)); }

  bool record(Bytes bytes, std::uint64_t address) override {
    if (!survey_.hold(sizeof(Record))) {
      survey_.give_back(sizeof(Record));
      return false;
    }
    Record record;
    std::ranges::copy(bytes.subspan(kind_.id_at, kind_.id_size), record.id.begin());
    record.address = address;
    if (kind_.flags_at >= 0) record.flags = bytes[static_cast<std::size_t>(kind_.flags_at)];
    if (kind_.hash_at >= 0) {
      Fields hash(bytes.subspan(static_cast<std::size_t>(kind_.hash_at)), survey_.space);
      record.hash = hash.u32();
      if (!list.empty() && record.hash < list.back().hash)
        survey_.find(name_order, address, kind_.size, "a record of the B-tree of names is out of order");
    }
    list.push_back(record);
    return true;
  }

  std::vector<Record> list;

private:
  Survey &survey_;
  const RecordKind &kind_;
};

struct DenseStorage {
  std::uint64_t heap, names, order; // undefined where there is none
  const Rule *orders_differ;        // broken when the trees of names and of creation order do not list as many
};

// Calls `take(record, object)` for each entry of the tree of names.
template <class Take>
void for_each_object(Survey &survey, const DenseStorage &storage, const RecordKind &by_name,
                     const RecordKind &by_order, Take take) {
  FractalHeap heap(survey);
  if (!heap.open(storage.heap)) return;
  Records names(survey, by_name);
  walk_btree_v2(survey, storage.names, by_name.type, by_name.size, names);
  if (storage.order != undefined_address) {
    Records order(survey, by_order);
    const bool whole = walk_btree_v2(survey, storage.order, by_order.type, by_order.size, order);
    if (whole && order.list.size() != names.list.size() && !survey.stopped())
      survey.find(
          *storage.orders_differ, storage.order, 0,
          fmt::format("{} names, {} places in the order of creation", names.list.size(), order.list.size()));
  }
  const auto id_of = [&](const Record &record) { return Bytes(record.id).first(by_name.id_size); };
  std::ranges::stable_sort(names.list, {},
                           [&](const Record &record) { return heap.place_of(id_of(record)); });
  for (const Record &record : names.list) {
    if (survey.stopped()) return;
    if ((record.flags & shared_flag) != 0) { // then the ID is one of the heap of shared messages
      survey.unknown(record.address, "an attribute in the heap of shared messages");
      continue;
    }
    const std::optional<FractalHeap::Object> object = heap.object(id_of(record));
    if (object) take(record, *object);
  }
}

void check_hash(Survey &survey, const Record &record, std::string_view name) {
  const std::uint32_t computed = lookup3({reinterpret_cast<const std::uint8_t *>(name.data()), name.size()});
  if (record.hash != computed)
    survey.find(name_order, record.address, 0,
                fmt::format("'{}' is listed under {:08x}, looked for under {:08x}", shown(name), record.hash,
                            computed));
}

} // namespace

// FMT IV.A.2.c
void list_dense_links(Survey &survey, Bytes body, std::uint64_t address, LinkSink &sink) {
  Fields fields(body, survey.space);
  const unsigned version = fields.u8(), flags = fields.u8();
  if (fields.ok() && version != 0)
    return survey.find(structure_version, address, 1, fmt::format("link info of version {}", version));
  if ((flags & ~3u) != 0)
    return survey.find(bad_message, address, 2, fmt::format("link info with flags {:#04x}", flags));
  if ((flags & 1) != 0) fields.skip(8); // the highest creation index
  DenseStorage storage{};
  storage.orders_differ = &structure_reserved;
  storage.heap = fields.address();
  storage.names = fields.address();
  storage.order = (flags & 2) != 0 ? fields.address() : undefined_address;
  if (!fields.ok())
    return survey.find(bad_message, address, body.size(), fmt::format("link info of {} bytes", body.size()));
  if (storage.heap == undefined_address) return;
  bool wanted = true;
  for_each_object(survey, storage, link_by_name, link_by_order,
                  [&](const Record &record, const FractalHeap::Object &object) {
                    Link link;
                    if (!wanted || !read_link(survey, object.bytes,
                                              object.address != 0 ? object.address : record.address, link))
                      return;
                    check_hash(survey, record, link.name);
                    wanted = sink.link(link);
                  });
}

// FMT IV.A.2.v
void list_dense_attributes(Survey &survey, SharedMessages &shared, Bytes body, std::uint64_t address,
                           AttributeSink &sink) {
  Fields fields(body, survey.space);
  const unsigned version = fields.u8(), flags = fields.u8();
  if (fields.ok() && version != 0)
    return survey.find(structure_version, address, 1, fmt::format("attribute info of version {}", version));
  if ((flags & ~3u) != 0)
    return survey.find(bad_message, address, 2, fmt::format("attribute info with flags {:#04x}", flags));
  if ((flags & 1) != 0) fields.skip(2); // the highest creation index
  DenseStorage storage{};
  storage.orders_differ = &attribute_order;
  storage.heap = fields.address();
  storage.names = fields.address();
  storage.order = (flags & 2) != 0 ? fields.address() : undefined_address;
  if (!fields.ok())
    return survey.find(bad_message, address, body.size(),
                       fmt::format("attribute info of {} bytes", body.size()));
  if (storage.heap == undefined_address) return;
  for_each_object(survey, storage, attribute_by_name, attribute_by_order,
                  [&](const Record &record, const FractalHeap::Object &object) {
                    // What it refers to is read elsewhere: the message is kept.
                    const std::vector<std::uint8_t> message(object.bytes.begin(), object.bytes.end());
                    Attribute attribute;
                    if (!read_attribute(survey, shared, message,
                                        object.address != 0 ? object.address : record.address, attribute))
                      return;
                    check_hash(survey, record, attribute.name);
                    sink.attribute(attribute);
                  });
}

} // namespace datavet::hdf5
