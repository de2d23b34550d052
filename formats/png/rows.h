/// Inflated image data read as rows: their filter types, and palette indices where one may be too high.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "formats/bytes/bytes.h"
#include "formats/png/geometry.h"
#include "formats/png/palette_watch.h"
#include "formats/png/scratch.h"

namespace datavet::png {

/// The first pixel found whose palette index has no entry.
struct PaletteOverrun {
  unsigned index = 0;    ///< the highest of its row
  std::uint64_t row = 0; ///< in its pass
  unsigned pass = 0;
};

class RowScanner {
public:
  /// `palette_entries`: 0 = any index is fine. `memory` is used when it is not 0.
  RowScanner(const Geometry &geometry, unsigned palette_entries, Scratch &memory);

  /// Reads on; bytes after the last row are ignored. False when a row has an unknown filter type:
  /// the scanner then stands at that row.
  bool feed(Bytes inflated);

  bool complete() const { return rows_left_ == 0; }
  /// Bytes that the row which is being read still lacks, its filter type included.
  std::uint64_t left_in_row() const { return row_size_ - in_row_; }
  /// The filter type of the row that is being read, or stopped feed().
  std::uint8_t filter() const { return filter_; }
  /// Which rows are lost when the data ends, or goes wrong, here: "row 12 of 64 is the first one lost,
  /// 81.3 % of the picture"; empty when none is.
  std::string lost() const;
  /// "row 12", "row 3 of pass 5".
  std::string place() const { return name_of_row(row_, pass_); }
  std::string name_of_row(std::uint64_t row, unsigned pass) const;
  const std::optional<PaletteOverrun> &overrun() const { return overrun_; }

private:
  void begin_pass();
  void end_row();

  Geometry geometry_;
  std::optional<PaletteWatch> palette_;
  Scratch &memory_;
  unsigned pass_ = 0;
  std::uint64_t row_ = 0;       ///< in the pass
  std::uint64_t rows_left_ = 0; ///< of the pass; 0 = all passes are done
  std::uint64_t row_size_ = 0;  ///< with the filter type
  std::uint64_t in_row_ = 0;    ///< bytes of the row that were read
  std::uint64_t whole_rows_bytes_ = 0;
  std::uint8_t filter_ = 0;
  std::optional<PaletteOverrun> overrun_;
};

} // namespace datavet::png
