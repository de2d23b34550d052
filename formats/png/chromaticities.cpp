#include "formats/png/chromaticities.h"

#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "formats/png/rules.h"

namespace datavet::png {
namespace {

/// On disk: CIE x and y, times 100,000.
struct Chromaticity {
  be32 x, y;
};
struct Chrm {
  Chromaticity white, red, green, blue;
};
static_assert(sizeof(Chrm) == 32 && alignof(Chrm) == 1);

constexpr std::int64_t unity = 100'000;

bool is_chromaticity(const Chromaticity &colour) {
  return std::int64_t{colour.x} + std::int64_t{colour.y} <= unity; // z is what is left, and is not negative
}

/// Twice the area of the triangle abc, positive when it turns anticlockwise.
std::int64_t turn(const Chromaticity &a, const Chromaticity &b, const Chromaticity &c) {
  const auto to = [&a](const Chromaticity &point) {
    return std::pair{std::int64_t{point.x} - std::int64_t{a.x}, std::int64_t{point.y} - std::int64_t{a.y}};
  };
  const auto [bx, by] = to(b);
  const auto [cx, cy] = to(c);
  return bx * cy - by * cx;
}

/// White is a sum of all three primaries, none of them negative or zero: it lies inside their triangle.
bool white_is_inside(const Chrm &chrm) {
  const std::int64_t whole = turn(chrm.red, chrm.green, chrm.blue);
  const std::int64_t sign = whole < 0 ? -1 : 1;
  return sign * turn(chrm.white, chrm.red, chrm.green) > 0 &&
         sign * turn(chrm.white, chrm.green, chrm.blue) > 0 &&
         sign * turn(chrm.white, chrm.blue, chrm.red) > 0;
}

} // namespace

void judge_chrm(Inspection &inspection, const Chunk &chunk) {
  Chrm chrm;
  std::memcpy(&chrm, chunk.data.data(), sizeof chrm);
  const auto report = [&](std::string_view detail) {
    inspection.report(ancillary_value, chunk, fmt::format("cHRM: {}", detail));
  };
  for (const auto &[name, colour] : {std::pair{"white", &chrm.white}, std::pair{"red", &chrm.red},
                                     std::pair{"green", &chrm.green}, std::pair{"blue", &chrm.blue}})
    if (!is_chromaticity(*colour))
      return report(
          fmt::format("{} at ({}, {}) / 100000 is no colour", name, colour->x.value(), colour->y.value()));
  if (!white_is_inside(chrm)) report("white does not lie between red, green and blue");
}

} // namespace datavet::png
