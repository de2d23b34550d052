/// What is wrong in entropy-coded data.
#pragma once

#include <cstdint>

namespace datavet::jpeg {

/// The first thing wrong in an entropy-coded segment.
struct ScanFault {
  enum class Kind : std::uint8_t {
    none,
    missing,     ///< the data end before the last MCU
    code,        ///< bits that are no code of the table
    symbol,      ///< a code for something that cannot stand here
    coefficient, ///< a coefficient index past the end of the band
    dc_value,    ///< a DC value that no 8-bit samples have
    eob_run,     ///< an end-of-band run past the segment's last block
    extra,       ///< data are left after the last MCU
    padding,     ///< bytes of zeros or ones alone are left
    last_bits,   ///< the bits that fill the last byte are not ones
  };
  Kind kind = Kind::none;
  std::uint64_t mcu =
      0; ///< from the segment's start: the first that cannot be trusted; all MCUs when all can
  std::uint64_t byte = 0; ///< offset in the segment of the wrong symbol's first byte, stuffed zeros counted

  /// False for what is left over after good data.
  bool spoils_picture() const { return kind != Kind::none && kind < Kind::padding; }
};

} // namespace datavet::jpeg
