/// Marker codes of ITU-T T.81 table B.1, and their names.
#pragma once

#include <cstdint>
#include <string>

namespace datavet::jpeg {

enum Marker : std::uint8_t {
  TEM = 0x01,
  SOF0 = 0xC0, ///< baseline DCT
  SOF1 = 0xC1, ///< extended sequential DCT
  SOF2 = 0xC2, ///< progressive DCT
  DHT = 0xC4,
  JPG = 0xC8,
  DAC = 0xCC,
  SOF15 = 0xCF,
  RST0 = 0xD0,
  RST7 = 0xD7,
  SOI = 0xD8,
  EOI = 0xD9,
  SOS = 0xDA,
  DQT = 0xDB,
  DNL = 0xDC,
  DRI = 0xDD,
  DHP = 0xDE,
  EXP = 0xDF,
  APP0 = 0xE0,
  APP1 = 0xE1,
  APP2 = 0xE2,
  APP13 = 0xED,
  APP14 = 0xEE,
  APP15 = 0xEF,
  COM = 0xFE,
};

constexpr bool is_restart(std::uint8_t code) { return code >= RST0 && code <= RST7; }
constexpr bool is_application(std::uint8_t code) { return code >= APP0 && code <= APP15; }
/// C4, C8 and CC lie in the range but are not frame headers.
constexpr bool is_frame_header(std::uint8_t code) {
  return code >= SOF0 && code <= SOF15 && code != DHT && code != JPG && code != DAC;
}

/// "SOF0", "RST3", "APP14", "marker 0x38".
std::string name_of_marker(std::uint8_t code);
/// "baseline", "lossless, arithmetic coding": what a frame header says (T.81 table B.1).
std::string_view process_of(std::uint8_t frame_marker);

} // namespace datavet::jpeg
