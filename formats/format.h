/// What the pipeline knows of a file format: one struct of plain functions, one row in registry.cpp.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string_view>

#include <datavet/options.h>

#include "formats/bytes/bytes.h"
#include "formats/evidence.h"
#include "formats/source.h"

namespace datavet {

/// Which steps of the pipeline a format needs.
enum class Layout : std::uint8_t {
  whole,         ///< a file is one sample and is judged in memory: check()
  records,       ///< a file is a stream of samples: split(), then check() for each
  random_access, ///< a file is one sample, too large for memory: examine() reads what it needs
};

/// One sample found by split().
struct FramedSample {
  std::uint64_t ordinal; ///< 0-based number of the sample in its file
  std::uint64_t offset;  ///< of its first byte, framing included, from the start of the stream
  std::uint64_t size;    ///< framing included
  Bytes bytes;           ///< the framed sample inside the window; empty when it is known bad already
  std::uint8_t kind = 0; ///< what the format's split() tells its check() of it, through Evidence::kind
  std::uint64_t count = 1; ///< samples here, one behind the other, all of this kind: SplitState::run_bytes
};

/// Receives what split() finds, in order.
class SampleSink {
public:
  virtual ~SampleSink() = default;
  /// A sample that check() shall judge.
  virtual void sample(const FramedSample &sample) = 0;
  /// A sample that is already known to be bad (its frame is broken). Offsets are in the stream.
  virtual void broken(const FramedSample &sample, const Finding &finding) = 0;
};

/// What a format's split() remembers from window to window beside its place.
class SplitMemory {
public:
  virtual ~SplitMemory() = default;
};

/// Where split() stands in a stream: a cursor over a shard is this and nothing else.
struct SplitState {
  std::uint64_t offset = 0;  ///< of the next byte to be framed, from the start of the stream
  std::uint64_t ordinal = 0; ///< of the next sample
  bool ended = false;        ///< nothing after this can be framed
  /// Bytes from `offset` on that belong to a sample too large to hold, which was reported already and
  /// whose frame can be trusted. A caller that can seek passes over as many of them as the stream has
  /// (offset += n, skip -= n) and gives the window behind them; another gives them to split() as they
  /// come, which consumes them unread. If the stream ends first, split() with `last` says so.
  std::uint64_t skip = 0;
  /// Offset at which the stream ends, where the caller knows: nobody then waits for what cannot come.
  std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
  /// The stream ends with this window because what carries it is damaged (`last` is false then): a sample that
  /// is incomplete here is not the shard's fault, and is left to the caller.
  bool broke_off = false;
  /// Samples one behind the other may come as one, of up to this many bytes in all: FramedSample::count.
  std::uint64_t run_bytes = 0;
  std::unique_ptr<SplitMemory> memory = {};
};

/// What split() made of a window.
struct SplitStep {
  std::uint64_t consumed = 0; ///< bytes of the window that are done with
  std::uint64_t needed = 0;   ///< when the rest of the window is no whole sample: the length of a window that begins there and would allow it
};

/// What the compressed stream around a shard may break, told in the shard's own rules.
struct StreamRules {
  const Rule *damaged = nullptr;   ///< the compressed data, or a checksum over it, is wrong
  const Rule *truncated = nullptr; ///< the stream ends in the middle
  const Rule *trailing_gzip = nullptr; ///< bytes that begin no member follow the last gzip member
  const Rule *trailing_zlib = nullptr; ///< bytes follow the zlib stream
};

/// One of several samples that are judged together.
struct SampleToCheck {
  Bytes bytes;
  Evidence *evidence; ///< of this sample alone; not owned
};

struct Format {
  std::string_view name;  ///< "png": in reports and --only; stable
  std::string_view title; ///< "PNG and APNG"
  Layout layout;
  std::span<const std::string_view> extensions; ///< lower case, no dot; the first is the usual one
  std::span<const Rule *const> rules;           ///< every rule check, examine, split and decode may name

  /// True when the first bytes are this format's and no other's. `head` is up to 4 KiB, or the file.
  bool (*sniff)(Bytes head);
  /// True when a file of this name can only be meant as this format; null = by extension.
  /// Asked when no format recognises the content.
  bool (*claims_name)(std::string_view file_name) = nullptr;

  /// Judges one sample in memory by our own strict code (of records: one, or several one behind the other). Total:
  /// no input makes it fail, throw or read outside `sample`. Offsets are from the start of `sample`. Null for
  /// random_access.
  void (*check)(Bytes sample, const CheckOptions &options, Evidence &evidence) = nullptr;
  /// Judges several samples, each as check() would: for formats that do two at a time faster than one after
  /// the other. Null = there is nothing to gain.
  void (*check_many)(std::span<const SampleToCheck> samples, const CheckOptions &options) = nullptr;
  /// Judges a file that is not read whole. Null unless random_access.
  void (*examine)(const Source &source, const CheckOptions &options, Evidence &evidence) = nullptr;
  /// Frames the samples in `window`, which continues the stream at state.offset; `last` = the
  /// stream ends with this window. Advances the state by what it consumed. Null unless records.
  SplitStep (*split)(Bytes window, bool last, const CheckOptions &options, SplitState &state,
                     SampleSink &sink) = nullptr;

  /// Set for a format that may be compressed as a whole; null = plain only. Records only.
  StreamRules stream_rules = {};

  /// The worker program that decodes this format ("images", "opencv", "hdf5"), empty = none.
  std::string_view decoder_family = {};
  /// The depth from which a real decoder is asked: content as long as our own check of the content
  /// is not strict enough to stand alone, else decode.
  Depth asks_decoder_from = Depth::decode;
};

} // namespace datavet
