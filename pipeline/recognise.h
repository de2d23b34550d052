/// What a file is, by its first bytes and by its name.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "formats/deflate/wrapping.h"
#include "formats/registry.h"

namespace datavet {

/// Enough to recognise every format; formats are asked with at most this much.
inline constexpr std::size_t head_bytes = 4096;

struct Recognition {
  const Format *format = nullptr; ///< null: not a sample, or `evidence` says what is wrong
  Wrapping wrapping = Wrapping::none;
  bool is_sample = false;           ///< false: no known content and no telling name
  std::optional<Evidence> evidence; ///< what content and name have to say to each other
};

/// `bytes` is the start of the file, or all of it where it is at hand; `size` its size, `name` its name, `meant` the
/// format_of_name() or null. The more bytes, the better what cannot be recognised is explained.
Recognition recognise(Registry formats, Bytes bytes, std::uint64_t size, std::string_view name, const Format *meant);
/// The same without a name to agree with.
Recognition recognise_as(Registry formats, Bytes bytes, std::uint64_t size, const Format *meant);

} // namespace datavet
