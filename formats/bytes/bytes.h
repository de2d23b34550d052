/// Borrowed bytes of a sample. Never owned by who holds the span.
#pragma once

#include <cstdint>
#include <span>

namespace datavet {

using Bytes = std::span<const std::uint8_t>;

} // namespace datavet
