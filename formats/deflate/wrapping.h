/// A file's compression as a whole: gzip or zlib around another format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "formats/bytes/bytes.h"

namespace datavet {

enum class Wrapping : std::uint8_t { none, gzip, zlib };

constexpr std::string_view name_of(Wrapping wrapping) {
  switch (wrapping) {
  case Wrapping::none: return "none";
  case Wrapping::gzip: return "gzip";
  case Wrapping::zlib: return "zlib";
  }
  return "none";
}

/// What the first bytes look like. Ask the formats first: these signatures are 3 and 2 bytes short, and
/// a plain TFRecord whose first record has 376 bytes begins with 78 01, as a zlib stream does.
Wrapping wrapping_of(Bytes head);

/// The first `wanted` bytes of what lies inside, or as many as `head` gives before it ends or is found
/// damaged: enough to ask the formats again. Of an unwrapped head, its own first bytes.
std::vector<std::uint8_t> first_plain_bytes(Bytes head, Wrapping wrapping, std::size_t wanted);

} // namespace datavet
