/// Bytes in memory in, verdict out: the call of an ingestion service.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <datavet/facts.h>
#include <datavet/finding.h>
#include <datavet/options.h>
#include <datavet/scan.h>
#include <datavet/verdict.h>

namespace datavet {

struct CheckResult {
  Verdict verdict = Verdict::unchecked;
  std::string_view format; ///< static; empty when the content is of no known format
  Facts facts;
  std::vector<Finding> findings;
  std::uint64_t findings_not_kept = 0;
};

struct CheckerOptions {
  CheckOptions check;
  /// Ask the real decoders too, in worker processes. False judges by datavet's own code alone, in
  /// this process, without starting any other; a format that needs its decoder at this depth is
  /// then judged as far as our own code goes, and a note says so.
  bool use_decoders = false;
  DecoderOptions decoders;
};

/// Not thread-safe: one per thread. Keeps its scratch memory from call to call.
class Checker {
public:
  explicit Checker(CheckerOptions options = {});
  ~Checker();
  Checker(Checker &&) noexcept;
  Checker &operator=(Checker &&) noexcept;

  /// Judges one sample. `format` ("jpeg") is what the sample is meant to be, empty = whatever its
  /// content says. The bytes are borrowed during the call. A shard (TFRecord) is judged whole: the
  /// findings of all its records, verdict of the worst.
  CheckResult check(std::span<const std::uint8_t> bytes, std::string_view format = {}) noexcept;

private:
  class State;
  std::unique_ptr<State> state_;
};

} // namespace datavet
