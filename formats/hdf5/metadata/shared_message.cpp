#include "formats/hdf5/metadata/shared_message.h"

#include <utility>

#include <fmt/format.h>

#include "formats/hdf5/metadata/rules.h"

namespace datavet::hdf5 {

namespace {

// Bodies of up to 64 KiB each; a file has a handful of committed types.
constexpr std::size_t most_known = 256;

// FMT IV.A.2, Shared Message, Type.
constexpr std::uint8_t in_heap = 1;

} // namespace

const SharedBody *SharedMessages::follow(MessageType type, Fields &fields, std::uint64_t address) {
  const std::uint8_t version = fields.u8(), kind = fields.u8();
  if (fields.ok() && (version < 1 || version > 3)) {
    survey_.find(structure_version, address, 1, fmt::format("shared message of version {}", version));
    return nullptr;
  }
  if (version == 1) { // reserved, and the name of the other object in a heap, as in a symbol table entry
    fields.skip(6);
    fields.length();
  }
  if (version == 3 && kind == in_heap) {
    fields.skip(8); // its ID
    survey_.unknown(address, fmt::format("a message of type {:#x} in the heap of shared messages",
                                         static_cast<unsigned>(type)));
    return nullptr;
  }
  const std::uint64_t header = fields.address();
  if (!fields.ok()) {
    survey_.find(bad_shared, address, 0, "a shared message without an address");
    return nullptr;
  }
  return read(type, header, address);
}

const SharedBody *SharedMessages::read(MessageType type, std::uint64_t header_address,
                                       std::uint64_t address) {
  const bool keep = type == MessageType::datatype;
  if (const auto known = known_.find(header_address); keep && known != known_.end()) return &known->second;
  ObjectHeader header;
  if (!read_object_header(survey_, header_address, "a shared message", header)) return nullptr;
  const Message *message = header.first(type);
  if (message == nullptr ||
      message->is_shared()) { // libhdf5: unable to locate the message; loops of it crash
    survey_.find(bad_shared, address, 0,
                 fmt::format("the object header at address {} holds no message of type {:#x}", header_address,
                             static_cast<unsigned>(type)));
    return nullptr;
  }
  if (known_.size() >= most_known) known_.clear();
  const Bytes body = header.body(*message);
  SharedBody &kept = known_[keep ? header_address : undefined_address];
  kept = {{body.begin(), body.end()}, message->address};
  return &kept;
}

} // namespace datavet::hdf5
