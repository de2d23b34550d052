#include "formats/hdf5/filters/nbit.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "formats/hdf5/filters/bit_source.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

constexpr unsigned deepest_type = 32; // as in datatype messages: each level is a recursion

/// cd_values: how many there are, whether the filter does nothing, elements of a chunk; then the type.
class ParameterReader {
public:
  explicit ParameterReader(std::span<const std::uint32_t> parameters) : left_(parameters) {}

  bool at_end() const { return left_.empty(); }
  std::optional<std::uint32_t> next() {
    if (left_.empty()) return std::nullopt;
    const std::uint32_t value = left_.front();
    left_ = left_.subspan(1);
    return value;
  }

  /// The kind of a type stands before what belongs to the kind.
  bool read_type(NbitType &type, unsigned depth) {
    const std::optional<std::uint32_t> kind = next(), size = next();
    if (!size || *size == 0 || depth > deepest_type) return false;
    type.size = *size;
    switch (*kind) {
    case static_cast<unsigned>(NbitType::Kind::number): return read_number(type);
    case static_cast<unsigned>(NbitType::Kind::array): return read_array(type, depth);
    case static_cast<unsigned>(NbitType::Kind::compound): return read_compound(type, depth);
    case static_cast<unsigned>(NbitType::Kind::plain):
      type.kind = NbitType::Kind::plain;
      type.bits = 8 * std::uint64_t{type.size};
      return true;
    default: return false;
    }
  }

private:
  // H5Znbit.c: "invalid datatype precision/offset" otherwise.
  bool read_number(NbitType &type) {
    type.kind = NbitType::Kind::number;
    const std::optional<std::uint32_t> order = next(), precision = next(), offset = next();
    if (!offset || *order > 1 || *precision == 0) return false;
    type.big_endian = *order == 1;
    type.precision = *precision;
    type.offset = *offset;
    type.bits = *precision;
    return std::uint64_t{*precision} + *offset <= 8 * std::uint64_t{type.size};
  }

  bool read_array(NbitType &type, unsigned depth) {
    type.kind = NbitType::Kind::array;
    type.members.resize(1);
    const NbitType &element = type.members[0].type;
    if (!read_type(type.members[0].type, depth + 1) || type.size % element.size != 0) return false;
    type.bits = type.size / element.size * element.bits;
    return true;
  }

  // Members share no byte, so what is decoded of an element is never longer than the element.
  bool read_compound(NbitType &type, unsigned depth) {
    type.kind = NbitType::Kind::compound;
    const std::optional<std::uint32_t> members = next();
    if (!members) return false;
    std::uint64_t taken = 0;
    for (std::uint32_t i = 0; i < *members; ++i) {
      const std::optional<std::uint32_t> at = next();
      NbitType member;
      if (!at || !read_type(member, depth + 1)) return false;
      taken += member.size;
      if (taken > type.size || *at > type.size - member.size) return false;
      type.bits += member.bits;
      type.members.push_back({*at, std::move(member)});
    }
    return true;
  }

  std::span<const std::uint32_t> left_;
};

class Unpacking {
public:
  explicit Unpacking(Bytes in) : bits_(in) {}

  /// `out` is zero before, and has the type's size.
  void element(const NbitType &type, std::uint8_t *out) {
    switch (type.kind) {
    case NbitType::Kind::number: number(type, out); break;
    case NbitType::Kind::plain:
      for (std::uint32_t i = 0; i < type.size; ++i) out[i] = static_cast<std::uint8_t>(bits_.take(8));
      break;
    case NbitType::Kind::array: {
      const NbitType &of = type.members[0].type;
      for (std::uint32_t at = 0; at < type.size; at += of.size) element(of, out + at);
      break;
    }
    case NbitType::Kind::compound:
      for (const NbitType::Member &member : type.members) element(member.type, out + member.at);
      break;
    }
  }

private:
  // The highest bit comes first, in either order of bytes.
  void number(const NbitType &type, std::uint8_t *out) {
    for (std::uint64_t end = std::uint64_t{type.offset} + type.precision; end > type.offset;) {
      const std::uint64_t byte = (end - 1) / 8, from = std::max<std::uint64_t>(byte * 8, type.offset);
      const std::uint64_t value = bits_.take(static_cast<unsigned>(end - from)) << (from - byte * 8);
      out[type.big_endian ? type.size - 1 - byte : byte] = static_cast<std::uint8_t>(value);
      end = from;
    }
  }

  BitSource bits_;
};

} // namespace

std::optional<Nbit> read_nbit(const FilterStep &step) {
  ParameterReader reader(step.parameters);
  const std::optional<std::uint32_t> count = reader.next(), as_it_is = reader.next(),
                                     elements = reader.next();
  if (!count || *count != step.parameters.size()) return std::nullopt; // libhdf5 refuses it
  Nbit nbit;
  if (as_it_is && *as_it_is != 0) {
    nbit.as_it_is = true;
    return nbit;
  }
  if (!elements || !reader.read_type(nbit.type, 0) || !reader.at_end()) return std::nullopt;
  if (nbit.type.kind == NbitType::Kind::plain)
    return std::nullopt; // libhdf5 leaves such chunks alone, and says so
  nbit.elements = *elements;
  return nbit;
}

std::optional<ChunkTrouble> decode_nbit(const Nbit &nbit, Bytes in, std::span<std::uint8_t> out) {
  const std::uint64_t gives = std::uint64_t{nbit.elements} * nbit.type.size;
  if (gives != out.size())
    return ChunkTrouble{&chunk_size, fmt::format("nbit gives {} bytes instead of {}", gives, out.size())};
  // No more than 8 * out.size(). libhdf5 1.10 does not look, and reads other memory.
  const std::uint64_t needed = (nbit.elements * nbit.type.bits + 7) / 8;
  if (in.size() < needed)
    return ChunkTrouble{&chunk_stream, fmt::format("{} numbers of nbit take {} bytes, {} are stored",
                                                   nbit.elements, needed, in.size())};
  if (!out.empty()) std::memset(out.data(), 0, out.size());
  Unpacking unpacking(in);
  for (std::uint64_t at = 0; at < out.size(); at += nbit.type.size)
    unpacking.element(nbit.type, out.data() + at);
  return std::nullopt;
}

} // namespace datavet::hdf5
