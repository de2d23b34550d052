/// Entropy-coded segments of a progressive scan.
#pragma once

#include <span>

#include "formats/bytes/bytes.h"
#include "formats/jpeg/entropy/band_table.h"
#include "formats/jpeg/entropy/bit_reader.h"
#include "formats/jpeg/entropy/scan_fault.h"
#include "formats/jpeg/entropy/scan_plan.h"

namespace datavet::jpeg {

/// Which coefficients of a block are not zero so far: bit k for coefficient k of the zigzag order. It tells
/// how many correction bits a refinement scan has, and is all of the coefficients that is kept.
using NonZero = std::uint64_t;

struct ProgressivePlan {
  unsigned spectral_start = 0; ///< Ss, Se, Ah, Al of T.81 B.2.3
  unsigned spectral_end = 0;
  unsigned approximation_high = 0;
  unsigned approximation_low = 0;
  BandTable several_ac;                            ///< of a first scan with Ss > 0
  HuffmanDecoder ac;                               ///< of a scan with Ss > 0
  std::array<HuffmanDecoder, 4> dc;                ///< of each component of a first DC scan
  std::array<std::optional<DcRange>, 4> dc_ranges; ///< likewise, of those that are judged
  std::array<std::uint8_t, 10> component_of_block{};
  unsigned blocks_in_mcu = 0;
  unsigned most_ac_bits = 10;
};

/// T.81 G.1.2. `segment` must hold the scan's MCUs from `first_mcu` on, `mcus` of them, and nothing else.
/// `blocks`: of the scan's component, in raster order, for all MCUs of the scan; DC scans do not look at it.
/// `data` is room to work in.
ScanFault check_progressive_segment(const ProgressivePlan &plan, Bytes segment, std::uint64_t first_mcu,
                                    std::uint64_t mcus, std::span<NonZero> blocks, SegmentData &data);

} // namespace datavet::jpeg
