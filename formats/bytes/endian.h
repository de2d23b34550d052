/// Integers as they lie on disk: byte arrays that convert to numbers.
/// An on-disk header is then a struct with alignment 1 whose size a static_assert can hold.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace datavet {

enum class ByteOrder : std::uint8_t { little, big };

template <class Unsigned, ByteOrder order> struct DiskInteger {
  std::array<std::uint8_t, sizeof(Unsigned)> bytes;

  constexpr Unsigned value() const {
    // The loop says it; at run time it is one load, which g++ 12 does not always find by itself.
    if (!std::is_constant_evaluated() && order == ByteOrder::little && std::endian::native == std::endian::little) {
      Unsigned loaded;
      std::memcpy(&loaded, bytes.data(), sizeof loaded);
      return loaded;
    }
    Unsigned number = 0;
    for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
      std::size_t shift = 8 * (order == ByteOrder::little ? i : sizeof(Unsigned) - 1 - i);
      number = static_cast<Unsigned>(number | static_cast<Unsigned>(static_cast<Unsigned>(bytes[i]) << shift));
    }
    return number;
  }
  constexpr operator Unsigned() const { return value(); } // NOLINT: reading it as a number is the point
};

using be16 = DiskInteger<std::uint16_t, ByteOrder::big>;
using be32 = DiskInteger<std::uint32_t, ByteOrder::big>;
using be64 = DiskInteger<std::uint64_t, ByteOrder::big>;
using le16 = DiskInteger<std::uint16_t, ByteOrder::little>;
using le32 = DiskInteger<std::uint32_t, ByteOrder::little>;
using le64 = DiskInteger<std::uint64_t, ByteOrder::little>;
static_assert(sizeof(le64) == 8 && alignof(le64) == 1);

/// A type that may be read from disk byte by byte: no padding, no alignment.
template <class T>
concept OnDisk = std::is_trivially_copyable_v<T> && alignof(T) == 1;

} // namespace datavet
