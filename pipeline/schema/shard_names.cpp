#include "pipeline/schema/shard_names.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace datavet {

namespace {

constexpr std::string_view between = "-of-";
constexpr std::size_t least_digits = 5;
constexpr std::size_t most_digits = 18; // fits in 64 bits

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

std::uint64_t number_of(std::string_view digits) {
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

bool is_number(std::string_view digits) { return digits.size() >= least_digits && digits.size() <= most_digits; }

} // namespace

std::string dataset_name(std::string_view path) {
  // Folders keep their digits: 2019/ and 2020/ are two datasets.
  const std::size_t name_at = path.rfind('/') + 1; // npos + 1 = 0
  std::string name(path.substr(0, name_at));
  for (std::size_t i = name_at; i < path.size(); ++i) {
    if (!is_digit(path[i]))
      name += path[i];
    else if (i == name_at || !is_digit(path[i - 1]))
      name += '#';
  }
  return name;
}

std::string ShardNumber::name_of(std::uint64_t other) const {
  return fmt::format("{}{:0{}}{}{:0{}}{}", before, other, digits, between, of, digits, after);
}

std::optional<ShardNumber> shard_number(std::string_view name) {
  for (std::size_t at = name.rfind(between); at != std::string_view::npos && at > 0; at = name.rfind(between, at - 1)) {
    std::size_t begin = at, end = at + between.size();
    while (begin > 0 && is_digit(name[begin - 1])) --begin;
    while (end < name.size() && is_digit(name[end])) ++end;
    const std::string_view number = name.substr(begin, at - begin), of = name.substr(at + between.size(), end - at - between.size());
    if (!is_number(number) || !is_number(of)) continue;
    return ShardNumber{number_of(number), number_of(of), std::string(name.substr(0, begin)), std::string(name.substr(end)), number.size()};
  }
  return std::nullopt;
}

} // namespace datavet
