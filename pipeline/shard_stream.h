/// The bytes of a shard as split() sees them: plain, or inflated on the way.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

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
  /// Fills `into` with the stream's bytes from `offset` on. Offsets never go back behind what keep() kept.
  virtual Window fill(std::uint64_t offset, std::span<std::uint8_t> into) = 0;
  /// The end of the last window, which split() did not consume and will see again.
  virtual void keep(Bytes tail) = 0;
};

/// `format` is that of the records inside; it outlives the stream.
std::unique_ptr<ShardStream> open_stream(std::shared_ptr<const File> file, Wrapping wrapping, const Format &format);

} // namespace datavet
