/// The state of one check: what the subjects (IHDR, PLTE, ancillary chunks, animation, ...) share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <datavet/options.h>

#include "formats/evidence.h"
#include "formats/png/animation.h"
#include "formats/png/chunk.h"
#include "formats/png/data_run.h"
#include "formats/png/geometry.h"
#include "formats/png/image_data.h"

namespace datavet::png {

struct Inspection {
  Inspection(Bytes bytes, const CheckOptions &with, Evidence &into)
      : sample(bytes), options(with), evidence(into) {
    image.sample = bytes;
    image.type = idat;
  }

  Bytes sample;
  const CheckOptions &options;
  Evidence &evidence;

  /// IHDR, when it can be believed.
  std::optional<Ihdr> header;
  /// The geometry of the picture; none when IHDR is bad or the picture exceeds the limits.
  std::optional<Geometry> geometry;

  bool ihdr_seen = false, plte_seen = false, idat_seen = false;
  bool idat_ended = false;      ///< another chunk followed the IDATs
  unsigned palette_entries = 0; ///< of a sound PLTE

  /// After damage that may have hidden or invented chunks, what is missing or out of place is its
  /// consequence and no finding of its own.
  bool chunks_doubtful = false;
  /// Likewise for the zlib stream, when the IDATs are known to be damaged.
  bool image_doubtful = false;

  DataRun image;
  Animation animation;
  std::uint64_t ancillary_seen = 0; ///< a bit for each row of the table of ancillary chunks
  std::uint64_t text_bytes = 0;     ///< inflated, of all text chunks

  bool reaches(Depth depth) const { return options.depth >= depth; }

  void report(const Rule &rule, std::uint64_t offset, std::uint64_t length, std::string detail) {
    evidence.findings.add(rule, offset, length, std::move(detail));
  }
  void report(const Rule &rule, const Chunk &chunk, std::string detail) {
    report(rule, chunk.offset, chunk.size(), std::move(detail));
  }
  /// What was found in the stream of the picture or of a frame; `whose` begins each detail.
  void report_image(const DataRun &run, const ImageReport &found, const std::string &whose);

  /// The entries of PLTE when a pixel may name one that is not there, else 0: then nobody need look.
  unsigned watched_palette_entries() const;
};

} // namespace datavet::png
