/// How deep to look, and how much a sample may cost.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace datavet {

/// Each depth includes the ones before it.
enum class Depth : std::uint8_t {
  header,    ///< recognise, first structure, dimensions, limits
  structure, ///< every segment: order, length, cross-references
  checksum,  ///< every stored checksum over stored bytes
  content,   ///< every compressed stream to its last bit, exact lengths (the default)
  decode,    ///< pixels or arrays by the real decoders, isolated
};

constexpr std::string_view name_of(Depth depth) {
  switch (depth) {
  case Depth::header: return "header";
  case Depth::structure: return "structure";
  case Depth::checksum: return "checksum";
  case Depth::content: return "content";
  case Depth::decode: return "decode";
  }
  return "unknown";
}

constexpr std::optional<Depth> depth_named(std::string_view name) {
  for (Depth depth : {Depth::header, Depth::structure, Depth::checksum, Depth::content, Depth::decode})
    if (name_of(depth) == name) return depth;
  return std::nullopt;
}

/// Compared with what a sample declares before anything is allocated.
struct Limits {
  std::uint64_t pixels = std::uint64_t{512} << 20;  ///< width x height of one frame
  std::uint64_t decoded_bytes = std::uint64_t{1} << 30; ///< width x height x channels x bytes a channel
  std::uint64_t sample_bytes = std::uint64_t{1} << 30;  ///< stored bytes of one sample held in memory
  std::uint32_t scans = 500;      ///< scans of one JPEG: legal files with 80,000 tiny scans take minutes
  std::uint32_t nesting = 16;     ///< containers within containers; IFD chains; box depth
  std::uint64_t metadata_bytes = std::uint64_t{64} << 20; ///< one inflated text, profile or metadata block
  std::uint64_t objects = 10'000'000; ///< groups and datasets walked in one HDF5 file
};

struct CheckOptions {
  Depth depth = Depth::content;
  Limits limits;
};

} // namespace datavet
