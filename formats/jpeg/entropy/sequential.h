/// Entropy-coded segments of a sequential scan, decoded one symbol at a time: slower than the lanes, but
/// exact about what is wrong and where.
#pragma once

#include "formats/bytes/bytes.h"
#include "formats/jpeg/entropy/bit_reader.h"
#include "formats/jpeg/entropy/scan_fault.h"
#include "formats/jpeg/entropy/scan_plan.h"

namespace datavet::jpeg {

/// T.81 F.2. `segment` must hold `mcus` MCUs, and nothing else.
/// `data` is room to work in.
ScanFault check_sequential_segment(const SequentialPlan &plan, Bytes segment, std::uint64_t mcus,
                                   SegmentData &data);

/// Once the last MCU was decoded: T.81 F.1.2.3, the last byte is filled with ones, and nothing follows.
ScanFault check_tail(BitReader reader, Bytes segment, std::uint64_t mcus);

} // namespace datavet::jpeg
