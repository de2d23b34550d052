/// The scan header, SOS, and the script that the scans of a frame must follow.
#pragma once

#include <array>
#include <vector>

#include "formats/evidence.h"
#include "formats/jpeg/segment.h"
#include "formats/jpeg/structure.h"
#include "formats/jpeg/tables.h"

namespace datavet::jpeg {

/// Which bits of which coefficients have come, as libjpeg's coef_bits (jdphuff.c) knows it.
class ScanScript {
public:
  /// T.81 G.1.1.1. Judges `scan` as the next one and takes note of it; false when it added an error.
  bool accept(const Scan &scan, const Frame &frame, Evidence &evidence);
  /// Once the frame has ended at `offset`: is everything there? False when it added an error.
  bool judge_whole(const Frame &frame, std::uint64_t offset, Evidence &evidence) const;

private:
  static constexpr std::int8_t nothing = -1;
  /// Lowest bit that came of each coefficient, for each component; `nothing` = none of its bits.
  using Coefficients = std::array<std::int8_t, 64>;
  std::vector<Coefficients> low_bit_;
};

/// T.81 B.2.3. Nullopt when it added an error. Puts the tables that the scan uses into `structure`.
std::optional<Scan> read_scan(const Segment &sos, Tables &tables, Structure &structure, Evidence &evidence);

} // namespace datavet::jpeg
