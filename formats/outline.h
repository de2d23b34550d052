/// The segments of a sample as a tree, for `datavet check`.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace datavet {

struct Segment {
  unsigned level;       ///< 0 = top; a child follows its parent with level + 1
  std::uint64_t offset; ///< bytes from the start of the sample
  std::uint64_t length; ///< bytes, headers and checksums included
  std::string name;     ///< as the specification names it: "IHDR", "SOF0", "superblock"
  std::string detail;   ///< "500 x 375, 8-bit RGB"; may hold bytes of the sample: escape before printing
};

/// Bounded like Findings: hostile files have a million chunks.
class Outline {
public:
  static constexpr std::size_t kept = 10'000;
  void add(unsigned level, std::uint64_t offset, std::uint64_t length, std::string name,
           std::string detail = {}) {
    if (segments_.size() < kept)
      segments_.push_back({level, offset, length, std::move(name), std::move(detail)});
    else
      ++not_kept_;
  }
  const std::vector<Segment> &segments() const { return segments_; }
  std::uint64_t not_kept() const { return not_kept_; }

private:
  std::vector<Segment> segments_;
  std::uint64_t not_kept_ = 0;
};

} // namespace datavet
