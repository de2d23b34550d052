#include "formats/hdf5/metadata/attribute_message.h"

#include <fmt/format.h>

#include "formats/hdf5/metadata/dataset_messages.h"
#include "formats/hdf5/metadata/datatype_message.h"
#include "formats/hdf5/metadata/rules.h"
#include "formats/hdf5/names.h"

namespace datavet::hdf5 {

namespace {

class AttributeReader {
public:
  AttributeReader(Survey &survey, SharedMessages &shared, Bytes message, std::uint64_t address,
                  Attribute &attribute)
      : survey_(survey), shared_(shared), fields_(message, survey.space), address_(address),
        attribute_(attribute) {}

  bool run() {
    const unsigned version = fields_.u8(), flags = fields_.u8();
    const std::uint64_t name_size = fields_.u16(), type_size = fields_.u16(), space_size = fields_.u16();
    if (version == 3) fields_.u8(); // character set of the name
    if (!fields_.ok()) return cut();
    if (version < 1 || version > 3) {
      survey_.find(structure_version, address_, 1, fmt::format("attribute of version {}", version));
      return false;
    }
    if (version > 1 && (flags & ~3u) != 0)
      return bad(fmt::format("flags {:#04x}", flags)); // libhdf5: unknown flag
    // Version 1 pads each part to a multiple of 8.
    const auto part = [&](std::uint64_t size) {
      const Bytes bytes = fields_.take(size);
      if (version == 1) fields_.skip((8 - size % 8) % 8);
      return bytes;
    };
    const Bytes name = part(name_size);
    if (!fields_.ok()) return cut();
    attribute_.name = text_in(name);
    if (name_size == 0 || attribute_.name.size() + 1 != name_size)
      return bad(fmt::format("a name of {} bytes in {}", attribute_.name.size(), name_size));
    const std::uint64_t type_at = address_ + fields_.offset();
    const Bytes type = part(type_size);
    const std::uint64_t space_at = address_ + fields_.offset();
    const Bytes space = part(space_size);
    if (!fields_.ok()) return cut();
    return read_type(type, type_at, version > 1 && (flags & 1) != 0) &&
           read_space(space, space_at, version > 1 && (flags & 2) != 0) && take_value();
  }

private:
  bool bad(std::string_view detail) {
    survey_.find(bad_attribute, address_, 0,
                 fmt::format("attribute '{}': {}", shown(attribute_.name), detail));
    return false;
  }
  bool cut() { return bad("longer than its message"); }

  bool read_type(Bytes bytes, std::uint64_t address, bool is_shared) {
    Fields fields(bytes, survey_.space);
    if (!is_shared) return read_datatype(survey_, fields, address, attribute_.type);
    const SharedBody *body = shared_.follow(MessageType::datatype, fields, address);
    if (body == nullptr) return false;
    Fields there(body->bytes, survey_.space);
    return read_datatype(survey_, there, body->address, attribute_.type);
  }

  bool read_space(Bytes bytes, std::uint64_t address, bool is_shared) {
    Fields fields(bytes, survey_.space);
    if (!is_shared) return read_dataspace(survey_, fields, address, attribute_.space, attribute_.elements);
    const SharedBody *body = shared_.follow(MessageType::dataspace, fields, address);
    if (body == nullptr) return false;
    Fields there(body->bytes, survey_.space);
    return read_dataspace(survey_, there, body->address, attribute_.space, attribute_.elements);
  }

  bool take_value() {
    std::uint64_t size = 0;
    if (__builtin_mul_overflow(attribute_.elements, attribute_.type.size, &size) ||
        size > fields_.remaining())
      return bad(fmt::format("{} elements of {} bytes, {} are there", attribute_.elements,
                             attribute_.type.size, fields_.remaining()));
    attribute_.value = fields_.take(size);
    return true;
  }

  Survey &survey_;
  SharedMessages &shared_;
  Fields fields_;
  const std::uint64_t address_;
  Attribute &attribute_;
};

} // namespace

bool read_attribute(Survey &survey, SharedMessages &shared, Bytes message, std::uint64_t address,
                    Attribute &attribute) {
  attribute = {};
  return AttributeReader(survey, shared, message, address, attribute).run();
}

} // namespace datavet::hdf5
