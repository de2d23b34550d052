/// Judges one compressed picture: its zlib stream to the last bit, and the rows in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <datavet/finding.h>

#include "formats/png/data_run.h"
#include "formats/png/geometry.h"
#include "formats/png/rows.h"

namespace datavet::png {

struct ImageReport {
  const Rule *rule = nullptr; ///< the first rule that the stream or a row breaks; null = sound
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::string detail;
  std::string lost;          ///< which rows cannot be had, in words; empty when all can
  std::uint64_t surplus = 0; ///< bytes after the end of a sound stream
  std::uint64_t surplus_offset = 0;
  std::string overrun; ///< a palette index without an entry, in words; empty when there is none
};

/// Streams and pictures up to this size are inflated whole by libdeflate, about twice as fast; larger
/// ones by zlib through a window of 64 KiB.
inline constexpr std::uint64_t whole_size = std::uint64_t{64} << 20;

/// `palette_entries`: of a palette image whose indices may exceed its PLTE, else 0. The report does not
/// depend on `whole`.
ImageReport inspect_image_data(const DataRun &run, const Geometry &geometry, unsigned palette_entries,
                               std::uint64_t whole = whole_size);

} // namespace datavet::png
