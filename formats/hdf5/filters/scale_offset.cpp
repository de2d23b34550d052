#include "formats/hdf5/filters/scale_offset.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

#include <fmt/format.h>

#include "formats/bytes/byte_reader.h"
#include "formats/hdf5/filters/bit_source.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

// cd_values of the filter: always 20.
enum Slot : std::size_t {
  scale_type,
  scale_factor,
  elements,
  number_class,
  size,
  sign,
  order,
  fill_defined,
  fill_value
};
constexpr std::size_t parameters_given = 20;

constexpr std::uint32_t integer_class = 0, float_class = 1;
constexpr std::uint32_t decimal_scale = 0, integer_scale = 2; // 1, a binary scale, no library has

// Before the numbers: how many bits each has, the size of the smallest number, which is 8, and the smallest
// number in 16 bytes, of which 8 are used.
constexpr std::uint64_t header_bytes = 21, bits_at = 0, smallest_size_at = 4, smallest_at = 5;

std::uint32_t parameter(const FilterStep &step, Slot slot) { return step.parameters[slot]; }

/// Bits a number that the user asked for; 0 = as few as the chunk needs.
std::uint32_t fixed_bits(const FilterStep &step) {
  const auto factor = static_cast<std::int32_t>(parameter(step, scale_factor));
  return parameter(step, number_class) == integer_class && factor > 0 ? static_cast<std::uint32_t>(factor)
                                                                      : 0;
}

std::uint64_t little_endian(Bytes bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = std::min<std::size_t>(bytes.size(), 8); i-- > 0;) value = value << 8 | bytes[i];
  return value;
}

/// Everything of a chunk but its numbers.
struct Chunk {
  std::uint32_t elements = 0, bits = 0;
  std::uint64_t smallest = 0;
  bool has_fill = false, big_endian = false;
  std::uint64_t fill = 0;    ///< as the number's bytes
  std::int32_t decimals = 0; ///< of floats
  Bytes numbers;
};

/// `Number` is what is written: an unsigned integer of the number's size, in the order of the file.
template <class Number> void put(std::uint8_t *out, Number value, bool big_endian) {
  for (std::size_t i = 0; i < sizeof value; ++i)
    out[big_endian ? sizeof value - 1 - i : i] = static_cast<std::uint8_t>(value >> (8 * i));
}

ChunkTrouble beyond_type(std::uint64_t element) {
  return {&chunk_stream, fmt::format("number {} of scale-offset is larger than its type allows", element)};
}

/// The number that stands for the fill value: all bits set.
std::uint64_t fill_code(std::uint32_t bits) { return (std::uint64_t{1} << bits) - 1; }

template <class Integer> std::optional<ChunkTrouble> unpack_integers(const Chunk &chunk, std::uint8_t *out) {
  using Word = std::make_unsigned_t<Integer>;
  const Word smallest = static_cast<Word>(chunk.smallest), fill = static_cast<Word>(chunk.fill);
  const auto room = static_cast<Word>(static_cast<Word>(std::numeric_limits<Integer>::max()) - smallest);
  BitSource bits(chunk.numbers);
  for (std::uint64_t i = 0; i < chunk.elements; ++i, out += sizeof(Word)) {
    const std::uint64_t code = bits.take(chunk.bits);
    const bool is_fill = chunk.has_fill && code == fill_code(chunk.bits);
    // The writer's number was no larger than its type: libhdf5 gives a small one, without a word.
    if (!is_fill && code > room) return beyond_type(i);
    put(out, is_fill ? fill : static_cast<Word>(smallest + code), chunk.big_endian);
  }
  return std::nullopt;
}

/// In the type's own arithmetic, as libhdf5 does it: the last bit may depend on that.
template <class Real, class Word> void unpack_reals(const Chunk &chunk, std::uint8_t *out) {
  static_assert(sizeof(Real) == sizeof(Word));
  const Real smallest = std::bit_cast<Real>(static_cast<Word>(chunk.smallest)),
             scale = std::pow(Real{10}, static_cast<Real>(static_cast<double>(chunk.decimals)));
  BitSource bits(chunk.numbers);
  for (std::uint64_t i = 0; i < chunk.elements; ++i, out += sizeof(Word)) {
    const std::uint64_t code = bits.take(chunk.bits);
    const bool is_fill = chunk.has_fill && code == fill_code(chunk.bits);
    const Real value = static_cast<Real>(static_cast<std::make_signed_t<Word>>(code)) / scale + smallest;
    put(out, is_fill ? static_cast<Word>(chunk.fill) : std::bit_cast<Word>(value), chunk.big_endian);
  }
}

std::optional<ChunkTrouble> unpack(const FilterStep &step, const Chunk &chunk, std::uint8_t *out) {
  const bool is_signed = parameter(step, sign) == 1;
  const bool is_float = parameter(step, number_class) == float_class;
  switch (parameter(step, size)) {
  case 1:
    return is_signed ? unpack_integers<std::int8_t>(chunk, out) : unpack_integers<std::uint8_t>(chunk, out);
  case 2:
    return is_signed ? unpack_integers<std::int16_t>(chunk, out) : unpack_integers<std::uint16_t>(chunk, out);
  case 4:
    if (is_float) break;
    return is_signed ? unpack_integers<std::int32_t>(chunk, out) : unpack_integers<std::uint32_t>(chunk, out);
  default:
    if (is_float) break;
    return is_signed ? unpack_integers<std::int64_t>(chunk, out) : unpack_integers<std::uint64_t>(chunk, out);
  }
  if (parameter(step, size) == sizeof(float))
    unpack_reals<float, std::uint32_t>(chunk, out);
  else
    unpack_reals<double, std::uint64_t>(chunk, out);
  return std::nullopt;
}

/// The numbers have all their bits: they stand as they are, the lowest byte first.
void copy(const Chunk &chunk, std::uint32_t number_size, std::span<std::uint8_t> out) {
  if (out.empty()) return;
  std::memcpy(out.data(), chunk.numbers.data(), out.size());
  if (!chunk.big_endian) return;
  for (std::size_t at = 0; at < out.size(); at += number_size)
    std::reverse(out.begin() + static_cast<std::ptrdiff_t>(at),
                 out.begin() + static_cast<std::ptrdiff_t>(at + number_size));
}

} // namespace

bool scale_offset_is_known(const FilterStep &step) {
  if (step.parameters.size() != parameters_given) return false;
  const std::uint32_t bytes = parameter(step, size), form = parameter(step, number_class),
                      scale = parameter(step, scale_type);
  if (parameter(step, order) > 1 || parameter(step, fill_defined) > 1) return false;
  if (form == float_class)
    return scale == decimal_scale && (bytes == sizeof(float) || bytes == sizeof(double));
  return form == integer_class && scale == integer_scale && parameter(step, sign) <= 1 &&
         (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8) && fixed_bits(step) <= 8 * bytes;
}

bool scale_offset_does_nothing(const FilterStep &step) {
  return fixed_bits(step) == 8 * parameter(step, size);
}

std::optional<ChunkTrouble> decode_scale_offset(const FilterStep &step, Bytes in,
                                                std::span<std::uint8_t> out) {
  const auto trouble = [](const Rule &rule, std::string detail) {
    return ChunkTrouble{&rule, std::move(detail)};
  };
  Chunk chunk;
  chunk.elements = parameter(step, elements);
  const std::uint32_t number_size = parameter(step, size);
  if (const std::uint64_t gives = std::uint64_t{chunk.elements} * number_size; gives != out.size())
    return trouble(chunk_size, fmt::format("scale-offset gives {} bytes instead of {}", gives, out.size()));
  if (in.size() < header_bytes)
    return trouble(chunk_stream,
                   fmt::format("{} bytes have no room for the header of scale-offset", in.size()));

  chunk.bits = static_cast<std::uint32_t>(little_endian(in.subspan(bits_at, 4)));
  if (chunk.bits > 8 * number_size)
    return trouble(chunk_stream,
                   fmt::format("scale-offset has {} bits for numbers of {} bytes", chunk.bits, number_size));
  if (const std::uint32_t asked = fixed_bits(step); asked != 0 && asked != chunk.bits)
    return trouble(chunk_stream,
                   fmt::format("scale-offset has {} bits a number instead of {}", chunk.bits, asked));
  // libhdf5 takes as many bytes of the smallest number as the chunk says, which is 8 wherever it was built.
  const std::uint64_t used = std::min<std::uint64_t>(in[smallest_size_at], 8);
  chunk.smallest = little_endian(in.subspan(smallest_at, used));
  if (chunk.smallest != little_endian(in.subspan(smallest_at, 8)))
    return trouble(chunk_stream,
                   fmt::format("the smallest number of scale-offset has {} bytes, and more follow", used));

  chunk.numbers = in.subspan(header_bytes);
  // libhdf5 1.10 does not look, and reads other memory.
  if (const std::uint64_t needed = (std::uint64_t{chunk.elements} * chunk.bits + 7) / 8;
      chunk.numbers.size() < needed)
    return trouble(chunk_stream, fmt::format("{} numbers of scale-offset take {} bytes, {} are stored",
                                             chunk.elements, needed, chunk.numbers.size()));
  chunk.big_endian = parameter(step, order) == 1;
  if (chunk.bits == 8 * number_size) {
    copy(chunk, number_size, out);
    return std::nullopt;
  }
  chunk.has_fill = parameter(step, fill_defined) == 1;
  chunk.fill = step.parameters[fill_value] | std::uint64_t{step.parameters[fill_value + 1]} << 32;
  chunk.decimals = static_cast<std::int32_t>(parameter(step, scale_factor));
  return unpack(step, chunk, out.data());
}

} // namespace datavet::hdf5
