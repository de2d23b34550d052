#include "formats/hdf5/metadata/link_message.h"

#include <fmt/format.h>

#include "formats/hdf5/metadata/rules.h"

namespace datavet::hdf5 {

namespace {

constexpr std::uint8_t soft_type = 1, first_user_type = 64, external_type = 64;

std::string text_of(Bytes bytes) { return {reinterpret_cast<const char *>(bytes.data()), bytes.size()}; }

// FMT IV.A.2.g, Link Information, external: version and flags, the file's name, the object's path.
bool read_external(Fields value, Link &link) {
  value.skip(1);
  link.file = value.text();
  link.target = value.text();
  return value.ok();
}

} // namespace

bool read_link(Survey &survey, Bytes message, std::uint64_t address, Link &link) {
  link = {};
  link.found_at = address;
  Fields fields(message, survey.space);
  const auto bad = [&](std::string_view detail) {
    survey.find(bad_link, address, 0, detail);
    return false;
  };
  const unsigned version = fields.u8(), flags = fields.u8();
  if (fields.ok() && version != 1) {
    survey.find(structure_version, address, 1, fmt::format("link message of version {}", version));
    return false;
  }
  if ((flags & ~0x1fu) != 0) return bad(fmt::format("a link with flags {:#04x}", flags));
  link.type = (flags & 0x08) != 0 ? fields.u8() : std::uint8_t{0};
  if ((flags & 0x04) != 0) fields.skip(8); // creation order
  const unsigned characters = (flags & 0x10) != 0 ? fields.u8() : 0u;
  const std::uint64_t name_size = fields.number(1u << (flags & 3));
  if (!fields.ok()) return bad("the link is longer than its message");
  if (link.type > soft_type && link.type < first_user_type)
    return bad(fmt::format("a link of type {}", link.type));
  if (characters > 1) return bad(fmt::format("a link's name in character set {}", characters));
  if (name_size == 0) return bad("a link without a name"); // libhdf5: invalid name length
  const Bytes name = fields.take(name_size);
  if (!fields.ok())
    return bad(fmt::format("a link's name of {} bytes in a message of {}", name_size, message.size()));
  link.name = text_in(name);
  if (link.type == 0) {
    link.address = fields.address();
    return fields.ok() || bad("a hard link without an address");
  }
  const Bytes value = fields.take(fields.u16());
  if (!fields.ok()) return bad("the value of a link is longer than its message");
  link.kind = link.type == soft_type       ? Link::Kind::soft
              : link.type == external_type ? Link::Kind::external
                                           : Link::Kind::user;
  if (link.kind == Link::Kind::soft) link.target = text_of(value);
  if (link.kind == Link::Kind::soft && value.empty())
    return bad("a soft link to nothing"); // libhdf5: invalid link length
  if (link.kind == Link::Kind::external && !read_external(Fields(value, survey.space), link))
    return bad("an external link without two names");
  return true;
}

} // namespace datavet::hdf5
