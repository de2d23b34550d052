/// A real decoder as a worker process calls it. Only <format>/decode.cpp knows a codec library.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <datavet/options.h>

#include "formats/bytes/bytes.h"
#include "formats/evidence.h"
#include "formats/source.h"

namespace datavet {

/// What is decoded: `bytes` for a sample in memory, `source` for a file that is read at any place.
struct DecodeInput {
  Bytes bytes;
  const Source *source = nullptr; ///< not owned; set for Layout::random_access only
};

/// One row for each format that a worker program can decode.
struct Decoder {
  std::string_view format;  ///< Format::name
  std::string_view library; ///< "libpng"
  /// Decodes everything and adds findings (of rules that Format::rules lists) and facts. May crash,
  /// hang or swell on hostile input: that is why it runs in a worker.
  void (*decode)(const DecodeInput &input, const Limits &limits, Evidence &evidence);
  /// Touches what the library opens or loads lazily, before the sandbox closes. May be null.
  void (*warm_up)() = nullptr;
  /// The version of the library that is loaded, "1.6.39".
  std::string (*version)() = nullptr;
};

/// Each worker program defines it: the decoders it links.
std::span<const Decoder> linked_decoders();

} // namespace datavet
