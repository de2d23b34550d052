/// The entropy-coded data of whole pictures: the strict check of JPEG's content.
#pragma once

#include <optional>
#include <span>

#include "formats/bytes/bytes.h"
#include "formats/evidence.h"
#include "formats/jpeg/entropy/scan_fault.h"
#include "formats/jpeg/structure.h"

namespace datavet::jpeg {

/// What was found in the scans of one picture.
struct ScanDataOutcome {
  /// The first scan with a fault that spoils the picture. All restart intervals of it are judged, later scans
  /// are not told of: they may build on what is wrong.
  struct Spoiled {
    std::size_t scan = 0; ///< index into Structure::scans
    ScanFault::Kind kind = ScanFault::Kind::none;
    std::uint64_t offset = 0; ///< in the sample
    std::uint64_t mcu = 0;    ///< in the scan: the first that cannot be trusted
    std::uint64_t lost = 0;   ///< MCUs from there, and from the like places in other intervals, to their ends
    std::uint64_t segments = 0; ///< entropy-coded segments with a fault
  };
  std::optional<Spoiled> spoiled;

  /// What is left over behind good data: the first place and how many times. Kinds padding and last_bits. Not
  /// told of a spoiled picture.
  struct LeftOver {
    std::uint64_t offset = 0;
    std::uint64_t times = 0;
  };
  LeftOver padding;
  LeftOver last_bits;
};

struct Picture {
  Bytes sample;
  const Structure *structure = nullptr; ///< not owned; complete, and Huffman-coded as parse() demands
  ScanDataOutcome outcome;              ///< filled in
};

/// Decodes the symbols of all scans, two streams at a time where they are sequential: of two pictures, or of
/// two restart intervals. What a picture's outcome is does not depend on the others.
void check_scan_data(std::span<Picture> pictures);

/// How many MCUs of its last scan a picture has that was cut off in it; nullopt for progressive ones, whose
/// scans each cover the picture.
std::optional<std::uint64_t> whole_mcus_of_last_scan(Bytes sample, const Structure &structure);

} // namespace datavet::jpeg
