#include "pipeline/report/numbers.h"

#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace datavet {

std::string with_commas(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string bytes_for_people(double bytes) {
  constexpr const char *units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  for (; bytes >= 999.95 && unit + 1 < std::size(units); ++unit) bytes /= 1000;
  return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.1f} {}", bytes, units[unit]);
}

std::string time_for_people(double seconds) {
  if (seconds < 9.95) return fmt::format("{:.2f} s", seconds);
  if (seconds < 120) return fmt::format("{:.0f} s", seconds);
  const auto minutes = static_cast<std::uint64_t>(seconds / 60 + 0.5);
  return minutes < 120 ? fmt::format("{} min", minutes) : fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

namespace {

/// A non-negative number and the letters behind it.
std::optional<std::pair<double, std::string_view>> number_and_unit(std::string_view text) {
  double number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
  return std::pair{number, text.substr(static_cast<std::size_t>(end - text.data()))};
}

std::optional<std::uint64_t> whole(double number) {
  if (number >= 9.2e18) return std::nullopt;
  return static_cast<std::uint64_t>(number);
}

} // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  auto parts = number_and_unit(text);
  if (!parts) return std::nullopt;
  constexpr std::pair<std::string_view, double> units[] = {
      {"", 1},        {"B", 1},         {"k", 1e3},        {"K", 1024},        {"kB", 1e3},         {"KB", 1e3},
      {"KiB", 1024},  {"M", 1048576},   {"MB", 1e6},       {"MiB", 1048576},   {"G", 1073741824.0}, {"GB", 1e9},
      {"GiB", 1073741824.0}, {"T", 1099511627776.0}, {"TB", 1e12}, {"TiB", 1099511627776.0}};
  for (const auto &[name, factor] : units)
    if (parts->second == name) return whole(parts->first * factor);
  return std::nullopt;
}

std::optional<std::uint64_t> parse_milliseconds(std::string_view text) {
  auto parts = number_and_unit(text);
  if (!parts) return std::nullopt;
  constexpr std::pair<std::string_view, double> units[] = {{"", 1e3}, {"s", 1e3}, {"ms", 1}, {"m", 6e4}, {"min", 6e4}, {"h", 3.6e6}};
  for (const auto &[name, factor] : units)
    if (parts->second == name) return whole(parts->first * factor);
  return std::nullopt;
}

} // namespace datavet
