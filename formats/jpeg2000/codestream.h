/// A JPEG 2000 codestream (T.800 annex A): SOC, main header, tile-parts, EOC.
#pragma once

#include <cstdint>

#include <datavet/options.h>

#include "formats/bytes/bytes.h"
#include "formats/evidence.h"

namespace datavet::jpeg2000 {

constexpr std::uint16_t soc = 0xff4f, siz = 0xff51, cod = 0xff52, coc = 0xff53, tlm = 0xff55, plm = 0xff57,
                        plt = 0xff58, qcd = 0xff5c, qcc = 0xff5d, rgn = 0xff5e, poc = 0xff5f, ppm = 0xff60,
                        ppt = 0xff61, crg = 0xff63, com = 0xff64, cap = 0xff50, prf = 0xff56, cpf = 0xff59,
                        sot = 0xff90, sop = 0xff91, eph = 0xff92, sod = 0xff93, eoc = 0xffd9;

/// What SIZ says of the image.
struct Geometry {
  bool known = false; ///< SIZ was read and is sound; all else is zero otherwise
  std::uint32_t width = 0, height = 0;
  std::uint32_t components = 0;
  std::uint32_t bits = 0; ///< of the deepest component
  bool any_signed = false;
  bool subsampled = false;
  bool shifted = false;         ///< the image does not begin at the origin of the reference grid
  bool unusual_colour = false;  ///< the colour box names neither sRGB, grey nor sYCC
  bool high_throughput = false; ///< Rsiz announces CAP (T.814)
  bool extended = false;        ///< Rsiz announces part 2
};

/// Judges a codestream that begins at `offset` of the sample. `stream` may be longer: what follows
/// EOC is a finding. At depth header it stops after SIZ.
Geometry check_codestream(Bytes stream, std::uint64_t offset, Depth depth, Evidence &evidence);

} // namespace datavet::jpeg2000
