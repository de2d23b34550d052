#include "formats/pnm/header.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "formats/pnm/rules.h"

namespace datavet::pnm {

namespace {

// OpenCV reads into an int; Pillow takes at most ten digits.
constexpr std::uint64_t largest_number = 0x7fffffff;

class Parser {
public:
  explicit Parser(Bytes bytes) : bytes_(bytes) {}

  std::variant<Header, Problem> parse() {
    if (bytes_.size() < 2) return truncated();
    header_.kind = static_cast<char>(bytes_[1]);
    const bool known = (header_.kind >= '1' && header_.kind <= '7') || header_.is_float();
    if (bytes_[0] != 'P' || !known) return wrong(0, 2, "P1 to P7, PF or Pf expected");
    at_ = 2;
    if (bytes_.size() < 3) return truncated();
    // PAM and PFM are formats of lines, where PNM is one of words.
    const bool lines = header_.kind == '7' || header_.is_float();
    if (lines ? bytes_[2] != '\n' : !is_space(bytes_[2]))
      return wrong(2, 1,
                   lines ? "a line feed expected after the signature"
                         : "white space expected after the signature");
    const bool sound = header_.kind == '7' ? parse_pam() : header_.is_float() ? parse_pfm() : parse_pnm();
    if (!sound) return *problem_;
    header_.raster_at = at_;
    return header_;
  }

private:
  // --- what went wrong; each returns false or the problem, so that it can be returned at once ---

  Problem truncated() const {
    return {&header_truncated, bytes_.size(), 0, "the file ends inside the header"};
  }
  static Problem wrong(std::uint64_t at, std::uint64_t length, std::string what) {
    return {&header_grammar, at, length, std::move(what)};
  }
  bool fail(Problem problem) {
    problem_ = std::move(problem);
    return false;
  }

  bool at_end() const { return at_ >= bytes_.size(); }

  void skip_line() {
    while (!at_end() && bytes_[at_] != '\n' && bytes_[at_] != '\r') ++at_;
  }

  /// White space, and comments from # to the end of the line.
  void skip_space() {
    while (!at_end() && (is_space(bytes_[at_]) || bytes_[at_] == '#')) {
      if (bytes_[at_] == '#')
        skip_line();
      else
        ++at_;
    }
  }

  bool number(std::string_view name, std::uint64_t &value) {
    skip_space();
    return digits(name, value);
  }

  bool digits(std::string_view name, std::uint64_t &value) {
    if (at_end()) return fail(truncated());
    const std::uint64_t begin = at_;
    value = 0;
    for (; !at_end() && is_digit(bytes_[at_]); ++at_) {
      value = value * 10 + (bytes_[at_] - '0');
      if (value > largest_number)
        return fail({&dimensions, begin, 0, fmt::format("{} is 2^31 or more", name)});
    }
    if (at_ == begin) return fail(wrong(begin, 1, fmt::format("{} should be a number", name)));
    return true;
  }

  bool check_sizes(std::uint64_t at) {
    if (header_.width > 0 && header_.height > 0) return true;
    return fail({&dimensions, at, 0, fmt::format("{} x {} pixels", header_.width, header_.height)});
  }

  bool check_maxval(std::uint64_t value, std::uint64_t at) {
    if (value < 1 || value > 65535) return fail({&maxval, at, 0, fmt::format("maxval {}", value)});
    header_.maxval = static_cast<std::uint32_t>(value);
    return true;
  }

  /// The one character between the header and the raster.
  bool delimiter() {
    if (at_end()) return fail(truncated());
    if (!is_space(bytes_[at_])) return fail(wrong(at_, 1, "white space expected after a number"));
    ++at_;
    return true;
  }

  bool parse_pnm() {
    const std::uint64_t sizes_at = at_;
    if (!number("width", header_.width) || !number("height", header_.height)) return false;
    if (!check_sizes(sizes_at)) return false;
    if (!header_.is_bitmap()) {
      std::uint64_t largest = 0;
      skip_space();
      const std::uint64_t at = at_;
      if (!number("maxval", largest) || !check_maxval(largest, at)) return false;
    }
    header_.depth = header_.kind == '3' || header_.kind == '6' ? 3 : 1;
    return delimiter();
  }

  /// Debevec: "PF", sizes, scale; readers take one white-space character between them, no comment.
  bool parse_pfm() {
    const std::uint64_t sizes_at = ++at_;
    if (!digits("width", header_.width) || !delimiter() || !digits("height", header_.height) || !delimiter())
      return false;
    if (!check_sizes(sizes_at)) return false;
    const std::uint64_t begin = at_;
    while (!at_end() && !is_space(bytes_[at_])) ++at_;
    if (at_end()) return fail(truncated());
    const char *first = reinterpret_cast<const char *>(bytes_.data()) + begin;
    const char *last = reinterpret_cast<const char *>(bytes_.data()) + at_;
    if (first != last && *first == '+') ++first; // from_chars takes no plus sign
    double scale = 0;
    const std::from_chars_result result = std::from_chars(first, last, scale);
    if (result.ec != std::errc{} || result.ptr != last || scale == 0 || !std::isfinite(scale))
      return fail({&pfm_scale, begin, at_ - begin, "the scale is no finite number, or zero"});
    header_.little_endian = scale < 0;
    header_.depth = header_.kind == 'F' ? 3 : 1;
    return delimiter();
  }

  /// pam(5): lines "NAME value" in any order, up to the line ENDHDR.
  bool parse_pam() {
    struct Field {
      std::string_view name;
      std::uint64_t value = 0;
      bool seen = false;
    };
    Field fields[] = {{"WIDTH"}, {"HEIGHT"}, {"DEPTH"}, {"MAXVAL"}};
    while (true) {
      skip_space();
      const std::uint64_t begin = at_;
      while (!at_end() && !is_space(bytes_[at_])) ++at_;
      if (at_end()) return fail(truncated());
      const std::string_view name(reinterpret_cast<const char *>(bytes_.data()) + begin, at_ - begin);
      if (name == "ENDHDR") break;
      if (name == "TUPLTYPE") {
        read_tuple_type();
        continue;
      }
      Field *field = nullptr;
      for (Field &known : fields)
        if (known.name == name) field = &known;
      if (field == nullptr || field->seen)
        return fail(
            {&pam_fields, begin, at_ - begin,
             field == nullptr ? "a line that is no field of PAM" : fmt::format("{} stands twice", name)});
      while (!at_end() && (bytes_[at_] == ' ' || bytes_[at_] == '\t')) ++at_;
      if (!digits(name, field->value) || !rest_of_line()) return false;
      field->seen = true;
    }
    skip_line();
    if (at_end()) return fail(truncated());
    ++at_;
    for (const Field &field : fields)
      if (!field.seen) return fail({&pam_fields, 0, at_, fmt::format("{} is missing", field.name)});
    header_.width = fields[0].value;
    header_.height = fields[1].value;
    constexpr std::uint64_t deepest = 512; // OpenCV: CV_CN_MAX
    if (fields[2].value < 1 || fields[2].value > deepest)
      return fail({&pam_fields, 0, at_, fmt::format("DEPTH {}", fields[2].value)});
    header_.depth = static_cast<std::uint32_t>(fields[2].value);
    return check_sizes(0) && check_maxval(fields[3].value, 0);
  }

  /// pam(5): one field on a line.
  bool rest_of_line() {
    while (!at_end() && bytes_[at_] != '\n') {
      if (!is_space(bytes_[at_])) return fail({&pam_fields, at_, 1, "more than one value on a line"});
      ++at_;
    }
    return true;
  }

  void read_tuple_type() {
    while (!at_end() && (bytes_[at_] == ' ' || bytes_[at_] == '\t')) ++at_;
    const std::uint64_t begin = at_;
    skip_line();
    std::string_view value(reinterpret_cast<const char *>(bytes_.data()) + begin, at_ - begin);
    while (!value.empty() && is_space(static_cast<std::uint8_t>(value.back()))) value.remove_suffix(1);
    constexpr std::size_t longest_kept = 64; // longer ones are of no known type anyway
    header_.tuple_type = std::string(value.substr(0, longest_kept));
  }

  Bytes bytes_;
  std::uint64_t at_ = 0;
  Header header_;
  std::optional<Problem> problem_;
};

} // namespace

std::variant<Header, Problem> read_header(Bytes bytes) { return Parser(bytes).parse(); }

bool is_pnm(Bytes head) {
  std::variant<Header, Problem> result = read_header(head);
  // Numbers out of range are still numbers in their places.
  if (const Problem *problem = std::get_if<Problem>(&result))
    return problem->rule == &dimensions || problem->rule == &maxval || problem->rule == &pfm_scale;
  const Header &header = std::get<Header>(result);
  if (!header.is_plain()) return true;
  std::uint64_t at = header.raster_at;
  while (at < head.size() && is_space(head[at])) ++at;
  return at == head.size() || is_digit(head[at]) || head[at] == '#';
}

} // namespace datavet::pnm
