/// Numbers as people read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace datavet {

/// 1329279 -> "1,329,279".
std::string with_commas(std::uint64_t number);
/// 148200000000 -> "148.2 GB" (powers of ten, as disks and networks count).
std::string bytes_for_people(double bytes);
/// 3725 -> "1 h 2 min", 61.2 -> "61 s", 0.42 -> "0.42 s".
std::string time_for_people(double seconds);

/// "4GiB", "256MB", "1000" -> bytes; nullopt when it is no size.
std::optional<std::uint64_t> parse_size(std::string_view text);
/// "10s", "500ms", "2m", "1h", "5" (seconds) -> milliseconds; nullopt when it is no time.
std::optional<std::uint64_t> parse_milliseconds(std::string_view text);

} // namespace datavet
