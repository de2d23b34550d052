/// Raw values beside their declared shape.
#pragma once

#include <cstdint>
#include <string_view>

#include "formats/findings.h"
#include "formats/tfrecord/example/walk.h"

namespace datavet::tfrecord {

/// True for the names that check_raw_values() looks for: "...shape", "depth", "channels".
constexpr bool may_declare_shape(std::string_view name) {
  if (name.size() < 5) return false;
  switch (name.back()) {
  case 'e': return name.ends_with("shape");
  case 'h': return name == "depth" || name == "image/depth";
  case 's': return name == "channels" || name == "image/channels";
  default: return false;
  }
}

/// The only value of a bytes feature must have the length that a shape beside it gives, if it is raw:
///   X with X/shape (or X_shape, X.shape), and perhaps X/dtype;
///   image_raw, raw_image, img_raw, image/raw with height, width and depth or channels, plain or under
///   image/.
/// Pictures and serialized, pickled or compressed values are none, as their first bytes tell.
void check_raw_values(const ExampleWalk &walk, std::uint64_t offset, Findings &findings);

} // namespace datavet::tfrecord
