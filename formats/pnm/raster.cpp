#include "formats/pnm/raster.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "formats/pnm/rules.h"

namespace datavet::pnm {

namespace {

/// Plain kinds: each sample is read and counted.
class PlainReader {
public:
  PlainReader(const Header &header, Bytes sample, std::uint64_t at, Findings &findings)
      : header_(header), sample_(sample), at_(at), findings_(findings) {}

  std::optional<std::uint64_t> check() {
    const std::uint64_t row = header_.width * header_.depth;
    for (std::uint64_t y = 0; y < header_.height; ++y)
      for (std::uint64_t i = 0; i < row; ++i)
        if (!read_sample(y)) return std::nullopt;
    // pbm(5): the digits of a plain bitmap have no end to lose.
    if (at_ == sample_.size() && !header_.is_bitmap())
      findings_.add(plain_end, at_, 0, "the file ends with a digit");
    return at_;
  }

private:
  void skip_space() {
    while (at_ < sample_.size() && (is_space(sample_[at_]) || sample_[at_] == '#')) {
      if (sample_[at_] != '#') {
        ++at_;
        continue;
      }
      while (at_ < sample_.size() && sample_[at_] != '\n' && sample_[at_] != '\r') ++at_;
    }
  }

  bool read_sample(std::uint64_t row) {
    skip_space();
    if (at_ == sample_.size()) {
      findings_.add(raster_truncated, at_, 0,
                    fmt::format("the file ends in row {} of {}", row + 1, header_.height));
      return false;
    }
    const std::uint64_t begin = at_;
    std::uint64_t value = 0;
    // pbm(5): a plain bitmap needs no white space between its digits.
    const std::uint64_t longest = header_.is_bitmap() ? 1 : 10;
    while (at_ < sample_.size() && is_digit(sample_[at_]) && at_ - begin < longest)
      value = value * 10 + (sample_[at_++] - '0');
    const bool ended =
        header_.is_bitmap() || at_ == sample_.size() || is_space(sample_[at_]) || sample_[at_] == '#';
    if (at_ == begin || !ended) {
      findings_.add(plain_token, at_, 1, fmt::format("byte {:02x} in row {}", sample_[at_], row + 1));
      return false;
    }
    if (value > header_.maxval) {
      findings_.add(plain_range, begin, at_ - begin,
                    fmt::format("{} in row {}, maxval is {}", value, row + 1, header_.maxval));
      return false;
    }
    return true;
  }

  const Header &header_;
  Bytes sample_;
  std::uint64_t at_;
  Findings &findings_;
};

/// Index of the first 8-bit or 16-bit sample above maxval, or the number of samples.
std::uint64_t first_above(Bytes raster, std::uint32_t sample_bytes, std::uint32_t largest) {
  if (sample_bytes == 1) {
    const auto found =
        std::find_if(raster.begin(), raster.end(), [=](std::uint8_t value) { return value > largest; });
    return static_cast<std::uint64_t>(found - raster.begin());
  }
  const std::uint64_t count = raster.size() / 2;
  // pgm(5): "the most significant byte is first".
  for (std::uint64_t i = 0; i < count; ++i)
    if (raster[2 * i] * 256u + raster[2 * i + 1] > largest) return i;
  return count;
}

void check_range(const Header &header, Bytes raster, std::uint64_t at, Findings &findings) {
  const std::uint32_t bytes = header.sample_bytes();
  if (header.maxval == (bytes == 1 ? 255u : 65535u)) return;
  const std::uint64_t index = first_above(raster, bytes, header.maxval);
  if (index == raster.size() / bytes) return;
  const std::uint32_t value = bytes == 1 ? raster[index] : raster[2 * index] * 256u + raster[2 * index + 1];
  findings.add(raster_range, at + index * bytes, bytes,
               fmt::format("sample {}, maxval is {}", value, header.maxval));
}

void check_finite(const Header &header, Bytes raster, std::uint64_t at, Findings &findings) {
  // IEEE 754: infinity and NaN have an exponent of all ones.
  const std::size_t high = header.little_endian ? 3 : 0, low = header.little_endian ? 2 : 1;
  std::uint64_t count = 0, first = 0;
  for (std::uint64_t i = 0; i + 4 <= raster.size(); i += 4) {
    if ((raster[i + high] & 0x7f) != 0x7f || (raster[i + low] & 0x80) == 0) continue;
    if (count++ == 0) first = i;
  }
  if (count > 0)
    findings.add(not_finite, at + first, 4,
                 fmt::format("{} of {} samples are NaN or infinite", count, raster.size() / 4));
}

std::optional<std::uint64_t> check_raw(const Header &header, Bytes sample, std::uint64_t at, Depth depth,
                                       Findings &findings) {
  const std::uint64_t available = sample.size() - at;
  const std::uint64_t whole_rows = available / header.row_bytes();
  if (whole_rows < header.height) {
    findings.add(raster_truncated, sample.size(), 0,
                 fmt::format("the file ends in row {} of {}", whole_rows + 1, header.height));
    return std::nullopt;
  }
  const Bytes raster = sample.subspan(at, header.height * header.row_bytes());
  if (depth >= Depth::content && header.is_float()) check_finite(header, raster, at, findings);
  if (depth >= Depth::content && !header.is_float() && header.kind != '4')
    check_range(header, raster, at, findings);
  return at + raster.size();
}

} // namespace

std::optional<std::uint64_t> check_raster(const Header &header, Bytes sample, std::uint64_t image_at,
                                          Depth depth, Evidence &evidence) {
  const std::uint64_t at = image_at + header.raster_at;
  if (!header.is_plain()) return check_raw(header, sample, at, depth, evidence.findings);
  // Plain samples have to be read to be counted.
  if (depth < Depth::content) return std::nullopt;
  return PlainReader(header, sample, at, evidence.findings).check();
}

} // namespace datavet::pnm
