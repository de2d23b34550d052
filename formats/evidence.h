/// Everything a check learns about one sample: the input of the verdict.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <datavet/facts.h>

#include "formats/bytes/bytes.h"
#include "formats/findings.h"
#include "formats/outline.h"
#include "formats/work_sharing.h"

namespace datavet {

/// A sample inside the sample: an encoded picture in a feature of a record, in a row of a dataset. The format that
/// finds it does not know the other; the pipeline judges it by its own format.
struct InnerSample {
  std::string part;         ///< which part of the outer sample: "image/encoded"; may hold bytes of the sample
  std::uint64_t offset = 0; ///< of its first byte in the outer sample
  Bytes bytes;              ///< inside the outer sample's; valid as long as those
  RowRange rows = {};       ///< where it comes from a dataset
  bool zero_padded = false; ///< zeros may follow its own end: its place is of a fixed size

  // What the outer sample says of it; where the inner one is otherwise, the rule beside it is broken, at `offset`.
  std::string_view format = {}; ///< name of a Format, empty = says nothing
  std::uint64_t width = 0;      ///< pixels, 0 = says nothing
  std::uint64_t height = 0;
  const Rule *other_format = nullptr; ///< its content is of another known format
  const Rule *other_size = nullptr;
  const Rule *no_sample = nullptr;    ///< its content is of no known format; null = that is no trouble
};

/// Receives the samples inside one sample, in order.
class InnerSamples {
public:
  virtual ~InnerSamples() = default;
  virtual void found(InnerSample inner) = 0;
};

/// Judges samples inside a sample at once, for a check that cannot keep their bytes until it returns. One thread's own.
class InnerJudge {
public:
  virtual ~InnerJudge() = default;
  /// Name of the format of single samples whose signature these bytes bear (up to 4 KiB, or all there are); empty = none.
  virtual std::string_view format_of(Bytes head) const = 0;
  /// For each of them what is found in it: offsets in its own bytes, `part` and `rows` as it says. Valid until the next
  /// call. May ask real decoders, and wait for them.
  virtual std::span<Findings> judge(std::span<const InnerSample> inner) = 0;
};

/// Where a check that works on several threads gets a judge for each of them.
class InnerJudges {
public:
  virtual ~InnerJudges() = default;
  /// May be called by several threads at once. The judge lives no longer than this.
  virtual std::unique_ptr<InnerJudge> make() const = 0;
};

/// Receives what samples consist of, where those of a dataset are expected to be alike.
class Traits {
public:
  virtual ~Traits() = default;
  /// What follows is of the sample at `offset` in what the check was given: one of several, where it was given a run.
  virtual void begin(std::uint64_t offset) = 0;
  /// `name` of the part (inside the sample's bytes), `kind` of its values (static: "bytes", "float", "int64", "none"),
  /// how many there are.
  virtual void trait(std::string_view name, std::string_view kind, std::uint64_t count) = 0;
};

struct Evidence {
  Facts facts;
  Findings findings;
  Outline *outline = nullptr;    ///< not owned; null unless somebody wants the segments (building them costs)
  InnerSamples *inner = nullptr; ///< not owned; null unless somebody judges them
  const InnerJudges *judges = nullptr; ///< not owned; the same for examine(); null unless somebody judges them
  Traits *traits = nullptr;      ///< not owned; null unless somebody compares them
  WorkSharing *sharing = nullptr; ///< not owned; null: examine() does all by itself
  std::uint8_t kind = 0;         ///< what split() said of the sample (FramedSample::kind)

  void clear() {
    facts = {};
    findings.clear();
    kind = 0;
  }
};

} // namespace datavet
