/// Judges the samples of a batch: our own checks, then the real decoders where the depth asks for them.
#pragma once

#include <span>

#include <datavet/options.h>
#include <datavet/schema.h>

#include "formats/registry.h"
#include "pipeline/messages.h"

namespace datavet {

class DecoderPool;

struct CheckContext {
  Registry formats; ///< for samples inside samples
  CheckOptions options;
  DecoderPool *decoders = nullptr; ///< null: real decoders are not asked
  bool want_all = false;           ///< results for healthy samples too
  WorkSharing *sharing = nullptr;  ///< for files that are examined in parts; null: one thread examines a file
  const Schema *schema = nullptr;  ///< what records shall consist of; null: what they have in common is found out
};

/// The one exception barrier: whatever a check throws becomes a finding of its sample.
CheckedBatchPtr check(const CheckContext &context, SampleBatchPtr batch);

/// The same for one sample in memory, without the decoders.
void check_sample(const Format &format, Bytes bytes, const CheckOptions &options, Evidence &evidence) noexcept;

/// The same for several samples of a format that has check_many().
void check_samples(const Format &format, std::span<const SampleToCheck> samples, const CheckOptions &options) noexcept;

/// True when the depth asks for the real decoder and our own check left something to ask.
bool needs_decoder(const Format &format, Depth depth, const Evidence &evidence);

} // namespace datavet
