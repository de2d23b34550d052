/// What a thread needs to inflate, kept from sample to sample: after the first ones nothing is allocated.
/// Holds no knowledge about any sample.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include <libdeflate.h>
#include <zlib.h>

#include "formats/png/scratch.h"

namespace datavet::png {

class Workspace {
public:
  Workspace() = default;
  ~Workspace();
  Workspace(const Workspace &) = delete;
  Workspace &operator=(const Workspace &) = delete;

  Scratch compressed; ///< a stream that lies in several chunks, in one piece
  Scratch raw;        ///< inflated rows, text or profile
  Scratch rows;       ///< two rows of a palette image; one row of any
  std::array<std::uint8_t, 64 * 1024> window;

  /// libdeflate's decompressor. Throws std::bad_alloc.
  libdeflate_decompressor *deflate();
  /// zlib, ready for a new zlib stream of 2^window_bits bytes (0 = as its header says). Throws
  /// std::bad_alloc.
  z_stream &inflater(int window_bits);

private:
  struct Free {
    void operator()(libdeflate_decompressor *decompressor) const {
      libdeflate_free_decompressor(decompressor);
    }
  };
  std::unique_ptr<libdeflate_decompressor, Free> deflate_;
  z_stream inflater_ = {};
  bool inflater_ready_ = false;
};

/// This thread's own.
Workspace &workspace();

} // namespace datavet::png
