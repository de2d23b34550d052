/// What the structure of a JPEG says: the frame, the tables, the scans, and where their data lie.
/// Filled by parse(); an entropy decoder needs nothing else of the file but the bytes named here.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <datavet/facts.h>

namespace datavet::jpeg {

struct ByteRange {
  std::uint64_t offset = 0; ///< from the start of the sample
  std::uint64_t length = 0;
  std::uint64_t end() const { return offset + length; }
};

/// T.81 B.2.4.2.
struct HuffmanTable {
  enum Class : std::uint8_t { dc = 0, ac = 1 };

  ByteRange place;              ///< from its Tc/Th byte; length 0 = a standard table, not in the file
  std::uint8_t table_class = 0; ///< Tc
  std::uint8_t destination = 0; ///< Th
  std::array<std::uint8_t, 16> counts{};  ///< BITS: counts[i] codes of i + 1 bits
  std::array<std::uint8_t, 256> values{}; ///< HUFFVAL, in the order of their codes
  std::uint16_t size = 0;                 ///< values in use

  /// Bits of the shortest code; 0 = the table is empty.
  unsigned shortest_code() const {
    for (unsigned i = 0; i < counts.size(); ++i)
      if (counts[i] != 0) return i + 1;
    return 0;
  }
};

/// T.81 B.2.2, with the sizes that A.1.1 and A.2 derive.
struct FrameComponent {
  std::uint8_t id = 0;           ///< Ci
  std::uint8_t horizontal = 0;   ///< Hi, 1-4
  std::uint8_t vertical = 0;     ///< Vi, 1-4
  std::uint8_t quantization = 0; ///< Tqi
  std::uint32_t blocks_wide = 0; ///< 8x8 blocks in a scan of this component alone
  std::uint32_t blocks_high = 0;
};

struct Frame {
  std::uint64_t offset = 0; ///< of the SOFn marker
  std::uint8_t marker = 0;
  std::uint8_t precision = 0;             ///< P
  std::uint16_t width = 0;                ///< X
  std::uint16_t height = 0;               ///< Y
  std::vector<FrameComponent> components; ///< 1-4
  std::uint8_t max_horizontal = 1;
  std::uint8_t max_vertical = 1;
  std::uint32_t mcus_wide = 0; ///< in an interleaved scan
  std::uint32_t mcus_high = 0;

  bool progressive() const;
};

struct ScanComponent {
  std::uint8_t component = 0; ///< index into Frame::components
  std::int32_t dc_table = -1; ///< index into Structure::huffman_tables; -1 = this scan needs none
  std::int32_t ac_table = -1;
  std::uint16_t dc_step = 1; ///< quantization step of the DC coefficient; a step of zero counts as one
  std::uint16_t least_ac_step = 1; ///< the smallest of the 63 others
};

/// T.81 B.2.3. The tables are those in force when the scan starts; later DHTs do not change them.
struct Scan {
  std::uint64_t offset = 0; ///< of the SOS marker
  std::array<ScanComponent, 4> components{};
  std::uint8_t component_count = 0;
  std::uint8_t spectral_start = 0;     ///< Ss; 0 in a sequential scan, whatever the file says
  std::uint8_t spectral_end = 63;      ///< Se; 63 likewise
  std::uint8_t approximation_high = 0; ///< Ah
  std::uint8_t approximation_low = 0;  ///< Al
  std::uint32_t blocks_in_mcu = 0;
  std::uint64_t mcus = 0;
  std::uint32_t restart_interval = 0; ///< MCUs; 0 = no restart markers
  /// All entropy-coded segments with the restart markers between them; split by next_entropy_segment().
  ByteRange entropy;
  std::uint64_t segments = 0; ///< entropy-coded segments found

  std::span<const ScanComponent> in_scan() const { return {components.data(), component_count}; }
  /// T.81 E.1.4: every segment but the last holds restart_interval MCUs.
  std::uint64_t expected_segments() const {
    return restart_interval == 0 ? 1 : (mcus + restart_interval - 1) / restart_interval;
  }
};

struct Structure {
  std::optional<Frame> frame;
  std::vector<HuffmanTable> huffman_tables; ///< those that a scan uses, each once
  std::vector<Scan> scans;
  Colour colour = Colour::unknown;
  bool complete = false; ///< from SOI to EOI without an error
  std::uint64_t end = 0; ///< just past EOI, when complete
};

} // namespace datavet::jpeg
