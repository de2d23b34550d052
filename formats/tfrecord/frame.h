/// The frame around one record: what lies at a place of a shard, and what is wrong with it.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <datavet/finding.h>
#include <datavet/options.h>

#include "formats/bytes/bytes.h"
#include "formats/bytes/endian.h"

namespace datavet::tfrecord {

// TensorFlow, core/lib/io/record_writer.h:
//   Format of a single record:
//     uint64    length
//     uint32    masked crc of length
//     byte      data[length]
//     uint32    masked crc of data
// All integers are little-endian.
inline constexpr std::uint64_t length_size = 8;
inline constexpr std::uint64_t header_size = length_size + 4;
inline constexpr std::uint64_t footer_size = 4;
inline constexpr std::uint64_t framing_size = header_size + footer_size;

/// The little-endian number at `offset`, which the caller has seen to lie inside. A single load: reading the
/// header as a struct, through an optional, took longer than the CRC of a record of 300 bytes.
template <class Unsigned> Unsigned stored_at(Bytes bytes, std::uint64_t offset) {
  using Stored = std::conditional_t<std::endian::native == std::endian::little, Unsigned,
                                    DiskInteger<Unsigned, ByteOrder::little>>;
  Stored number;
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

/// CRC-32C as it is stored. TensorFlow, core/lib/hash/crc32c.h: "it is problematic to compute the CRC of a
/// string that contains embedded CRCs. Therefore we recommend that CRCs stored somewhere (e.g., in files)
/// should be masked before being stored."
std::uint32_t masked(std::uint32_t crc);
std::uint32_t masked_crc32c(Bytes bytes);

/// What the first bytes of `rest` say of the record that begins there.
struct Frame {
  enum class State : std::uint8_t {
    complete,     ///< the record lies in `rest` as a whole
    header_cut,   ///< too few bytes for a header
    length_wrong, ///< the length's CRC does not match: no length is known
    over_limit,   ///< larger than a sample may be; perhaps cut too
    cut,          ///< `rest` ends before the record does
  };
  State state;
  std::uint64_t length = 0; ///< of the data
  std::uint64_t size = 0;   ///< of the record, framing included; the least possible when no length is known
  std::uint32_t stored = 0; ///< CRC of the length
  std::uint32_t computed = 0;
};

Frame frame_at(Bytes rest, const Limits &limits);

/// Bytes behind a wrong length that are looked at, to tell a tail of zeros from a damaged record. A fixed
/// number: the finding must not depend on how much of the stream a window happens to show.
inline constexpr std::uint64_t tail_looked_at = 4096;

/// Why the frame is not complete. `rest` is all that the stream has, or all that is shown of it.
Finding finding_of(const Frame &frame, Bytes rest, std::uint64_t offset);
/// The stream ends `missing` bytes before a record over the limit does.
Finding finding_of_passed_over(std::uint64_t missing, std::uint64_t end_of_stream);

} // namespace datavet::tfrecord
