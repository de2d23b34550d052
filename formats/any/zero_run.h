/// Runs of zero bytes that are long enough to be a hole: compressed data has none, a lost disk block is one.
#pragma once

#include <cstdint>
#include <optional>

#include "formats/bytes/bytes.h"

namespace datavet {

struct ZeroRun {
  std::uint64_t begin, end; ///< of the first byte, and just past the last

  std::uint64_t size() const { return end - begin; }
};

/// Goes through the runs of at least `shortest` zero bytes, in order.
class ZeroRuns {
public:
  static constexpr std::uint64_t shortest = 4096;

  explicit ZeroRuns(Bytes bytes) : bytes_(bytes) {}
  std::optional<ZeroRun> next();

private:
  Bytes bytes_;
  std::uint64_t probe_ = 0;    ///< the byte to look at next
  std::uint64_t searched_ = 0; ///< no run that counts begins before it
};

} // namespace datavet
