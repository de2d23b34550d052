#include "formats/png/calibration_chunks.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "formats/png/rules.h"
#include "formats/png/text_chunks.h"

namespace datavet::png {
namespace {

void bad_value(Inspection &inspection, const Chunk &chunk, std::string_view detail) {
  inspection.report(ancillary_value, chunk, fmt::format("{}: {}", name_of_type(chunk.type), detail));
}

std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char *>(bytes.data()), bytes.size()}; }

/// Takes the part of `text` before the next NUL, and the NUL; nothing when there is none.
std::optional<std::string_view> take_string(std::string_view &text) {
  const std::size_t end = text.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end + 1);
  return taken;
}

/// Takes an optional sign.
void take_sign(std::string_view &text) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
}

/// Takes the digits, and says whether there were any.
bool take_digits(std::string_view &text) {
  const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(count);
  return count > 0;
}

/// "ASCII floating-point" of the extensions: a sign, digits with at most one point, at least one digit; and
/// perhaps an exponent.
bool is_number(std::string_view text) {
  take_sign(text);
  bool digits = take_digits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    digits = take_digits(text) || digits;
  }
  if (digits && (text.starts_with('e') || text.starts_with('E'))) {
    text.remove_prefix(1);
    take_sign(text);
    digits = take_digits(text);
  }
  return digits && text.empty();
}

/// Of a number: not negative, and not zero.
bool is_positive(std::string_view number) {
  return number[0] != '-' &&
         number.substr(0, number.find_first_of("eE")).find_first_of("123456789") != std::string_view::npos;
}

/// What is wrong with a width or height of sCAL, or nothing.
std::string_view fault_of_extent(std::string_view extent) {
  if (!is_number(extent)) return "is no number";
  if (!is_positive(extent)) return "is not above zero";
  return {};
}

} // namespace

/// Calibration name, NUL, two integers of four bytes, equation type, number of parameters, unit name; then,
/// a NUL before each, the parameters.
void judge_pcal(Inspection &inspection, const Chunk &chunk) {
  const std::optional<std::size_t> name = judge_keyword(inspection, chunk);
  if (!name) return;
  constexpr std::size_t at_equation = 8, at_unit = 10;
  const Bytes fields = chunk.data.subspan(std::min(*name, chunk.data.size()));
  if (fields.size() <= at_unit) return bad_value(inspection, chunk, "it ends inside its fields");
  const unsigned equation = fields[at_equation], parameters = fields[at_equation + 1];
  constexpr std::array<unsigned, 4> wanted = {2, 3, 3, 4}; // of each equation type
  if (equation >= wanted.size())
    return bad_value(inspection, chunk, fmt::format("equation type {}", equation));
  if (parameters != wanted[equation])
    return bad_value(
        inspection, chunk,
        fmt::format("{} parameters, equation type {} has {}", parameters, equation, wanted[equation]));
  std::string_view rest = as_text(fields.subspan(at_unit));
  if (!take_string(rest)) return bad_value(inspection, chunk, "no NUL ends the name of the unit");
  for (unsigned i = 0; i < parameters; ++i) {
    const bool last = i + 1 == parameters;
    const std::optional<std::string_view> parameter =
        last ? rest.substr(0, rest.find('\0')) : take_string(rest);
    if (!parameter || !is_number(*parameter))
      return bad_value(inspection, chunk, fmt::format("parameter {} is no number", i));
  }
}

/// A unit, then pixel width and height as text, a NUL between them.
void judge_scal(Inspection &inspection, const Chunk &chunk) {
  const unsigned unit = chunk.data[0];
  if (unit != 1 && unit != 2) return bad_value(inspection, chunk, fmt::format("unit {}", unit));
  std::string_view height = as_text(chunk.data.subspan(1));
  const std::optional<std::string_view> width = take_string(height);
  if (!width) return bad_value(inspection, chunk, "no NUL ends the pixel width");
  for (const auto &[name, extent] : {std::pair{"width", *width}, std::pair{"height", height}})
    if (const std::string_view fault = fault_of_extent(extent); !fault.empty())
      return bad_value(inspection, chunk, fmt::format("the pixel {} {}", name, fault));
}

} // namespace datavet::png
