/// Encoded pictures among the bytes of a record: told by their first bytes, named by what stands beside them.
#pragma once

#include <string_view>

#include "formats/bytes/bytes.h"

namespace datavet::tfrecord {

/// True when the value begins like JPEG, PNG, GIF, WebP, TIFF or JPEG 2000; like BMP only if `name` says
/// image, for "BM" begins many a text.
bool begins_like_picture(Bytes value, std::string_view name);

/// The format that a text like image/format names ("jpg", "JPEG", "image/png"); empty = none that is known.
std::string_view format_named(std::string_view text);

} // namespace datavet::tfrecord
