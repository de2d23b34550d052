/// The bytes of a shard as split() sees them: plain, or inflated on the way.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <datavet/finding.h>

#include "formats/deflate/wrapping.h"
#include "formats/format.h"
#include "pipeline/io/file.h"

namespace datavet {

class ShardStream {
public:
  virtual ~ShardStream() = default;

  struct Window {
    std::uint64_t count = 0; ///< bytes filled
    bool last = false;       ///< the stream ends after them
    bool broke_off = false;  ///< it ends before its end: what it would have held is lost
    std::optional<Finding> trouble; ///< how it ends, if not as it should; offset in the stream
  };
  /// Fills `into` with what comes next in the stream, after what was kept.
  Window next(std::span<std::uint8_t> into);
  /// The end of the last window, which split() did not consume and will see again first. Copied: to read
  /// an incomplete record a second time costs more.
  void keep(Bytes tail) { kept_.assign(tail.begin(), tail.end()); }

private:
  /// Adds to `window` what fits into `space`, until that is full or the stream ends.
  virtual void read_on(std::span<std::uint8_t> space, Window &window) = 0;

  std::vector<std::uint8_t> kept_;
};

/// `format` is that of the records inside; it outlives the stream.
std::unique_ptr<ShardStream> open_stream(std::shared_ptr<const File> file, Wrapping wrapping, const Format &format);

} // namespace datavet
