#include "formats/hdf5/datatype.h"

#include <string_view>

#include <fmt/format.h>

#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

// Deeper types exist in no real file, and each level is a recursion here and in libhdf5.
constexpr unsigned deepest_type = 32;

// The first trouble stays, but an error displaces what is merely foreign.
void report(TypeReport &types, const Rule &rule, std::string detail) {
  if (types.rule != nullptr && types.rule->severity >= rule.severity) return;
  types.rule = &rule;
  types.detail = std::move(detail);
}

void examine_integer(hid_t type, TypeReport &types) {
  const std::size_t size = H5Tget_size(type);
  if (size != 1 && size != 2 && size != 4 && size != 8)
    report(types, foreign_type, fmt::format("an integer of {} bytes (h5py: data type not understood)", size));
}

void examine_float(hid_t type, TypeReport &types) {
  if (H5Tget_order(type) == H5T_ORDER_VAX) {
    report(types, vax_type, "a floating-point number in VAX byte order");
    return;
  }
  // NumPy's widest, the x87 long double, has 15 bits of exponent and 64 of significand.
  std::size_t sign = 0, exponent_at = 0, exponent = 0, mantissa_at = 0, mantissa = 0;
  if (H5Tget_fields(type, &sign, &exponent_at, &exponent, &mantissa_at, &mantissa) >= 0 &&
      (exponent > 15 || mantissa > 64))
    report(types, foreign_type,
           fmt::format("a floating-point number with {} bits of exponent and {} of mantissa (h5py: "
                       "insufficient precision "
                       "in available types)",
                       exponent, mantissa));
}

// h5py takes a bit field for an unsigned integer of the same size and byte order. Of one byte there is only
// a little-endian one, and libhdf5 does not turn that round: measured with h5py 3.7.
void examine_bitfield(hid_t type, TypeReport &types) {
  const std::size_t size = H5Tget_size(type);
  const bool one_byte = size == 1 && H5Tget_order(type) != H5T_ORDER_BE;
  if (!one_byte && size != 2 && size != 4 && size != 8)
    report(types, foreign_type,
           fmt::format("a {}bit field of {} bytes (h5py: no appropriate function for conversion path)",
                       H5Tget_order(type) == H5T_ORDER_BE ? "big-endian " : "", size));
}

void examine_opaque(hid_t type, TypeReport &types) {
  char *tag = H5Tget_tag(type);
  const std::string text = tag != nullptr ? tag : "";
  H5free_memory(tag);
  // h5py reads untagged bytes as np.void, and NumPy types that it tagged itself.
  if (!text.empty() && std::string_view(text).substr(0, 6) != "NUMPY:")
    report(types, foreign_type, fmt::format("opaque data tagged '{}'", text));
}

/// Walks one type and the types that it is made of; gives its size in the file.
class TypeWalk {
public:
  TypeWalk(std::size_t offset_size, TypeReport &types) : offset_size_(offset_size), types_(types) {}

  std::uint64_t walk(hid_t type, unsigned depth) {
    if (depth > deepest_type) {
      report(types_, foreign_type, fmt::format("types nested more than {} deep", deepest_type));
      return H5Tget_size(type);
    }
    switch (H5Tget_class(type)) {
    case H5T_INTEGER: examine_integer(type, types_); break;
    case H5T_FLOAT: examine_float(type, types_); break;
    case H5T_TIME:
      report(types_, foreign_type, "a time (h5py: no NumPy equivalent for TypeTimeID exists)");
      break;
    case H5T_BITFIELD: examine_bitfield(type, types_); break;
    case H5T_OPAQUE: examine_opaque(type, types_); break;
    case H5T_STRING:
      if (H5Tis_variable_str(type) > 0) return heap_reference();
      break;
    case H5T_VLEN: base_size(type, depth); return heap_reference();
    case H5T_REFERENCE:
      return offset_size_ + (H5Tequal(type, H5T_STD_REF_DSETREG) > 0 ? sizeof(std::uint32_t) : 0);
    case H5T_ENUM: return base_size(type, depth);
    case H5T_ARRAY: return array_size(type, depth);
    case H5T_COMPOUND: return compound_size(type, depth);
    default: report(types_, foreign_type, "a datatype of a class that libhdf5 does not name"); break;
    }
    return H5Tget_size(type);
  }

private:
  // FMT IV.A.2.d, variable-length: a length, and the global heap ID of an address and an index.
  std::uint64_t heap_reference() {
    types_.in_heap = true;
    return sizeof(std::uint32_t) + offset_size_ + sizeof(std::uint32_t);
  }

  std::uint64_t base_size(hid_t type, unsigned depth) {
    const Type base(H5Tget_super(type));
    return base ? walk(base.id(), depth + 1) : 0;
  }

  std::uint64_t array_size(hid_t type, unsigned depth) {
    const Type base(H5Tget_super(type));
    const std::size_t in_memory = base ? H5Tget_size(base.id()) : 0;
    return in_memory == 0 ? 0 : H5Tget_size(type) / in_memory * walk(base.id(), depth + 1);
  }

  // A compound has gaps where its writer had them; only its members change in size.
  std::uint64_t compound_size(hid_t type, unsigned depth) {
    std::uint64_t size = H5Tget_size(type);
    for (int i = 0, members = H5Tget_nmembers(type); i < members; ++i) {
      const Type member(H5Tget_member_type(type, static_cast<unsigned>(i)));
      if (member) size += walk(member.id(), depth + 1) - H5Tget_size(member.id());
    }
    return size;
  }

  const std::size_t offset_size_;
  TypeReport &types_;
};

} // namespace

TypeReport examine_type(hid_t type, std::size_t offset_size) {
  TypeReport types;
  types.disk_size = TypeWalk(offset_size, types).walk(type, 0);
  return types;
}

} // namespace datavet::hdf5
