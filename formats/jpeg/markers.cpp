#include "formats/jpeg/markers.h"

#include <fmt/format.h>

namespace datavet::jpeg {

std::string name_of_marker(std::uint8_t code) {
  if (is_frame_header(code)) return fmt::format("SOF{}", code - SOF0);
  if (is_restart(code)) return fmt::format("RST{}", code - RST0);
  if (is_application(code)) return fmt::format("APP{}", code - APP0);
  switch (code) {
  case TEM: return "TEM";
  case DHT: return "DHT";
  case DAC: return "DAC";
  case SOI: return "SOI";
  case EOI: return "EOI";
  case SOS: return "SOS";
  case DQT: return "DQT";
  case DNL: return "DNL";
  case DRI: return "DRI";
  case DHP: return "DHP";
  case EXP: return "EXP";
  case COM: return "COM";
  default: return fmt::format("marker 0x{:02x}", code);
  }
}

std::string_view process_of(std::uint8_t frame_marker) {
  switch (frame_marker - SOF0) {
  case 0: return "baseline";
  case 1: return "extended sequential";
  case 2: return "progressive";
  case 3: return "lossless";
  case 5: return "hierarchical, differential sequential";
  case 6: return "hierarchical, differential progressive";
  case 7: return "hierarchical, differential lossless";
  case 9: return "extended sequential, arithmetic coding";
  case 10: return "progressive, arithmetic coding";
  case 11: return "lossless, arithmetic coding";
  case 13: return "hierarchical, differential sequential, arithmetic coding";
  case 14: return "hierarchical, differential progressive, arithmetic coding";
  case 15: return "hierarchical, differential lossless, arithmetic coding";
  default: return "hierarchical";
  }
}

} // namespace datavet::jpeg
