#include "formats/hdf5/metadata/datatype_message.h"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "formats/hdf5/metadata/rules.h"

namespace datavet::hdf5 {

namespace {

// Deeper types exist in no real file, and each level is a recursion here and in libhdf5.
constexpr unsigned deepest_type = 32;

// More in one element are left to libhdf5.
constexpr std::size_t most_references = 256;

constexpr std::uint8_t newest_known = 3, newest_defined = 5; // 4: HDF5 1.12, 5: HDF5 2.0

class TypeReader {
public:
  TypeReader(Survey &survey, Fields &fields, std::uint64_t address)
      : survey_(survey), fields_(fields), address_(address) {}

  bool read(Datatype &type, unsigned depth) {
    if (depth > deepest_type)
      return unknown(fmt::format("a datatype nested more than {} deep", deepest_type));
    const std::uint8_t class_and_version = fields_.u8();
    const std::uint32_t bits = static_cast<std::uint32_t>(fields_.number(3));
    type = {};
    type.size = fields_.u32();
    if (!fields_.ok()) return cut();
    const unsigned version = class_and_version >> 4, form = class_and_version & 0x0f;
    if (version == 0 || version > newest_defined) {
      survey_.find(structure_version, address_, 0, fmt::format("datatype of version {}", version));
      return false;
    }
    if (version > newest_known) return unknown(fmt::format("a datatype of version {}", version));
    if (form > static_cast<unsigned>(Datatype::Class::array))
      return bad(fmt::format("a datatype of class {}", form));
    type.form = static_cast<Datatype::Class>(form);
    if (type.size == 0) return bad("a datatype of 0 bytes");
    return read_properties(type, version, bits, depth) && (fields_.ok() || cut());
  }

private:
  bool bad(std::string_view detail) {
    survey_.find(bad_datatype, address_, 0, detail);
    return false;
  }
  bool cut() { return bad("the datatype is longer than its message"); }
  bool unknown(std::string_view detail) {
    survey_.unknown(address_, detail);
    return false;
  }

  bool read_properties(Datatype &type, unsigned version, std::uint32_t bits, unsigned depth) {
    switch (type.form) {
    case Datatype::Class::fixed_point: type.is_signed = (bits & 0x08) != 0; [[fallthrough]];
    case Datatype::Class::bit_field: type.big_endian = (bits & 1) != 0; return read_bit_range(type);
    case Datatype::Class::floating_point: return read_float(type, version, bits);
    case Datatype::Class::time:
      type.big_endian = (bits & 1) != 0;
      fields_.skip(2); // precision
      return true;
    case Datatype::Class::string: return true;
    case Datatype::Class::opaque:
      fields_.skip(bits & 0xff); // the tag; its length says how much of the message it takes
      return true;
    case Datatype::Class::compound: return read_compound(type, version, bits & 0xffff, depth);
    case Datatype::Class::reference: return read_reference(bits & 0x0f);
    case Datatype::Class::enumerated: return read_enumeration(type, version, bits & 0xffff, depth);
    case Datatype::Class::variable_length: return read_variable_length(type, bits & 0x0f, depth);
    case Datatype::Class::array: return read_array(type, version, depth);
    case Datatype::Class::unknown: break;
    }
    return false;
  }

  // Bit offset and precision: the bits that count lie inside the number.
  bool read_bit_range(const Datatype &type) {
    const std::uint32_t from = fields_.u16(), count = fields_.u16();
    if (!fields_.ok() || (count > 0 && from + std::uint64_t{count} <= type.size * 8)) return true;
    return bad(fmt::format("a number of {} bytes with {} bits from bit {} on", type.size, count, from));
  }

  bool read_float(Datatype &type, unsigned version, std::uint32_t bits) {
    type.big_endian = (bits & 1) != 0;
    type.vax_order = (bits & 0x41) == 0x41;
    if (version >= 3 && (bits & 0x41) == 0x40) return bad("a floating-point number of undefined byte order");
    if (((bits >> 4) & 3) == 3) return bad("a floating-point number of undefined normalization");
    if (!read_bit_range(type)) return false;
    const unsigned exponent_at = fields_.u8(), exponent = fields_.u8(), mantissa_at = fields_.u8(),
                   mantissa = fields_.u8();
    fields_.skip(4); // exponent bias
    if (!fields_.ok()) return true;
    const unsigned sign_at = (bits >> 8) & 0xff;
    const std::uint64_t room = type.size * 8;
    if (exponent == 0 || mantissa == 0 || exponent_at + std::uint64_t{exponent} > room ||
        mantissa_at + std::uint64_t{mantissa} > room || sign_at >= room)
      return bad(fmt::format(
          "a floating-point number of {} bytes with {} bits of exponent at {}, {} of mantissa at {}, "
          "the sign at {}",
          type.size, exponent, exponent_at, mantissa, mantissa_at, sign_at));
    // IEEE 754, 3.4: sign, exponent and fraction from the top down, and nothing else.
    const bool has_width = (type.size == 2 && exponent == 5) || (type.size == 4 && exponent == 8) ||
                           (type.size == 8 && exponent == 11);
    type.is_ieee = has_width && !type.vax_order && mantissa_at == 0 && mantissa == exponent_at &&
                   exponent_at + exponent == sign_at && sign_at + std::uint64_t{1} == room;
    return true;
  }

  bool read_reference(unsigned kind) {
    if (kind <= 1) return true; // to an object, to a region
    return unknown(fmt::format("a reference of type {}", kind));
  }

  // Names are padded to a multiple of 8 bytes before version 3.
  std::string_view read_name(unsigned version) {
    const std::string_view name = fields_.text();
    if (version < 3 && fields_.ok()) fields_.skip((8 - (name.size() + 1) % 8) % 8);
    return name;
  }

  bool read_compound(Datatype &type, unsigned version, unsigned members, unsigned depth) {
    if (members == 0) return bad("a compound datatype of no members");
    for (unsigned i = 0; i < members; ++i) {
      const std::string name(read_name(version).substr(0, 64));
      const std::uint64_t offset = version < 3 ? fields_.u32() : fields_.number(offset_width(type.size));
      std::uint64_t copies = 1;
      if (version == 1 && !read_old_array(copies)) return false;
      if (!fields_.ok()) return cut();
      Datatype member;
      if (!read(member, depth + 1)) return false;
      type.in_heap = type.in_heap || member.in_heap;
      type.vax_order = type.vax_order || member.vax_order;
      std::uint64_t size = 0;
      if (__builtin_mul_overflow(member.size, copies, &size) || offset > type.size ||
          size > type.size - offset)
        return bad(fmt::format("member '{}' of {} bytes at {} in a compound of {} bytes", name, member.size,
                               offset, type.size));
      add_references(type, member, offset, copies);
    }
    return true;
  }

  /// Those of `copies` members one behind the other, which lie inside the type.
  static void add_references(Datatype &type, const Datatype &member, std::uint64_t offset, std::uint64_t copies) {
    type.nested = type.nested || member.nested;
    for (std::uint64_t copy = 0; copy < copies && !member.references.empty() && !type.nested; ++copy)
      for (const HeapReference &reference : member.references) {
        type.nested = type.nested || type.references.size() == most_references;
        if (type.nested) return;
        type.references.push_back({offset + copy * member.size + reference.at, reference.base_size});
      }
  }

  // Version 3 takes as many bytes as the compound's size needs.
  static unsigned offset_width(std::uint64_t size) {
    return size <= 0xff ? 1 : size <= 0xffff ? 2 : size <= 0xff'ffff ? 3 : 4;
  }

  // Before array types there were members of up to four dimensions.
  bool read_old_array(std::uint64_t &copies) {
    const unsigned rank = fields_.u8();
    fields_.skip(3 + 4 + 4); // reserved, permutation, reserved
    if (fields_.ok() && rank > 4) return bad(fmt::format("a member of {} dimensions", rank));
    for (unsigned i = 0; i < 4; ++i) {
      const std::uint32_t side = fields_.u32();
      if (i < rank && __builtin_mul_overflow(copies, std::uint64_t{side}, &copies))
        return bad("a member of more elements than 64 bits can count");
    }
    return true;
  }

  bool read_base(Datatype &type, Datatype &base, unsigned depth) {
    if (!read(base, depth + 1)) return false;
    type.base = base.form;
    type.base_size = base.size;
    return true;
  }

  bool read_enumeration(Datatype &type, unsigned version, unsigned members, unsigned depth) {
    Datatype base;
    if (!read_base(type, base, depth)) return false;
    if (base.form != Datatype::Class::fixed_point || base.size != type.size)
      return bad(fmt::format("an enumeration of {} bytes, its base type has {}", type.size, base.size));
    type.big_endian = base.big_endian;
    type.is_signed = base.is_signed;
    for (unsigned i = 0; i < members && fields_.ok(); ++i) read_name(version);
    fields_.skip(members * base.size); // the values: at most 65,535 of 32-bit sizes
    return true;
  }

  bool read_variable_length(Datatype &type, unsigned kind, unsigned depth) {
    if (kind > 1) return bad(fmt::format("a variable-length type of kind {}", kind));
    type.is_string = kind == 1;
    type.in_heap = true;
    Datatype base;
    if (!read_base(type, base, depth)) return false;
    // FMT: the length of the sequence, and the global heap ID of an address and an index.
    const std::uint64_t size = 4 + survey_.space.offset_size() + 4;
    if (type.size != size)
      return bad(fmt::format("references to sequences of {} bytes, not {}", type.size, size));
    type.nested = base.in_heap;
    type.references.push_back({0, base.size});
    return true;
  }

  bool read_array(Datatype &type, unsigned version, unsigned depth) {
    const unsigned rank = fields_.u8();
    if (version < 3) fields_.skip(3);
    if (fields_.ok() && rank > most_dimensions) return bad(fmt::format("an array of {} dimensions", rank));
    std::uint64_t elements = 1;
    for (unsigned i = 0; i < rank; ++i)
      if (__builtin_mul_overflow(elements, fields_.number(4), &elements))
        return bad("an array of more elements than 64 bits can count");
    if (version < 3) fields_.skip(4 * rank); // permutation
    if (!fields_.ok()) return cut();
    Datatype base;
    if (!read_base(type, base, depth)) return false;
    type.in_heap = base.in_heap;
    type.vax_order = base.vax_order;
    type.big_endian = base.big_endian;
    type.is_signed = base.is_signed;
    std::uint64_t size = 0;
    if (__builtin_mul_overflow(elements, base.size, &size) || size != type.size)
      return bad(
          fmt::format("an array of {} elements of {} bytes in {} bytes", elements, base.size, type.size));
    add_references(type, base, 0, elements);
    return true;
  }

  Survey &survey_;
  Fields &fields_;
  const std::uint64_t address_;
};

} // namespace

bool read_datatype(Survey &survey, Fields &fields, std::uint64_t address, Datatype &type) {
  return TypeReader(survey, fields, address).read(type, 0);
}

} // namespace datavet::hdf5
