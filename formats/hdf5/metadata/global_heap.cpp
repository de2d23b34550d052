#include "formats/hdf5/metadata/global_heap.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "formats/hdf5/metadata/rules.h"

namespace datavet::hdf5 {

namespace {

constexpr std::string_view collection_name = "global heap collection";

} // namespace

bool GlobalHeap::load(Survey &survey, std::uint64_t address) {
  address_ = undefined_address;
  objects_.clear();
  const std::uint64_t head = 8 + survey.space.length_size();
  const std::optional<Bytes> bytes = survey.read(address, head, collection_name);
  if (!bytes || !survey.has_signature(*bytes, "GCOL", address, collection_name)) return false;
  Fields fields(*bytes, survey.space);
  fields.skip(4);
  const unsigned version = fields.u8();
  fields.skip(3);
  const std::uint64_t size = fields.length();
  if (version != 1) {
    survey.find(structure_version, address + 4, 1,
                fmt::format("global heap collection of version {}", version));
    return false;
  }
  if (size < head) {
    survey.find(bad_global_heap, address, head, fmt::format("a global heap collection of {} bytes", size));
    return false;
  }
  std::optional<std::vector<std::uint8_t>> whole = survey.read_long(address, size, collection_name);
  if (!whole) return false;
  bytes_ = std::move(*whole);
  address_ = address;
  if (survey.claim(address, size, collection_name))
    survey.segment(1, address, size, std::string(collection_name), fmt::format("{} bytes", size));
  const std::optional<HeapTrouble> trouble = list_heap_objects(bytes_, survey.space, objects_);
  if (trouble) survey.find(bad_global_heap, address + trouble->at, trouble->length, trouble->detail);
  return !trouble;
}

// FMT III.E, Global Heap Object: index, references, reserved, size, data padded to a multiple of 8. Index 0
// is the free space at the end, whose size counts its own head; less room than a head is free space without
// one.
std::optional<HeapTrouble> list_heap_objects(Bytes bytes, const AddressSpace &space, std::vector<HeapObject> &objects) {
  const std::uint64_t head = 8 + space.length_size();
  // Heads are padded as everything is: FMT says so of the data, libhdf5 of both (H5HG_SIZEOF_OBJHDR).
  const std::uint64_t aligned_head = (head + 7) / 8 * 8;
  std::uint64_t at = aligned_head;
  while (at <= bytes.size() && bytes.size() - at >= aligned_head) {
    Fields fields(bytes.subspan(at), space);
    const std::uint32_t index = fields.u16();
    fields.skip(2 + 4);
    const std::uint64_t size = fields.length();
    const std::uint64_t room = bytes.size() - at;
    if (index == 0) {
      if (size <= room && size >= aligned_head) break;
      return HeapTrouble{at, aligned_head,
                         fmt::format("{} bytes of free space in the {} that are left of a collection", size, room)};
    }
    if (size > room - aligned_head)
      return HeapTrouble{at, aligned_head,
                         fmt::format("object {} has {} bytes, its collection only {} more", index, size, room - aligned_head)};
    objects.push_back({index, at + aligned_head, size});
    at += aligned_head + std::min(room - aligned_head, (size + 7) / 8 * 8);
  }
  std::ranges::stable_sort(objects, {}, &HeapObject::index);
  return std::nullopt;
}

const HeapObject *heap_object(std::span<const HeapObject> objects, std::uint32_t index) {
  const auto object = std::ranges::lower_bound(objects, index, {}, &HeapObject::index);
  return object == objects.end() || object->index != index ? nullptr : &*object;
}

std::optional<Bytes> GlobalHeap::object(std::uint32_t index) const {
  const HeapObject *object = heap_object(objects_, index);
  if (object == nullptr) return std::nullopt;
  return Bytes(bytes_).subspan(object->at, object->size);
}

} // namespace datavet::hdf5
