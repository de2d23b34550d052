/// Judges the samples inside a file that several threads examine: each has a company of its own, and asks the decoders
/// before it goes on, as the bytes are gone then.
#pragma once

#include <memory>

#include <datavet/options.h>

#include "formats/registry.h"

namespace datavet {

class DecoderPool;

class RowJudges final : public InnerJudges {
public:
  /// All outlive it; `decoders` null: they are not asked.
  RowJudges(Registry formats, const CheckOptions &options, DecoderPool *decoders)
      : formats_(formats), options_(options), decoders_(decoders) {}
  std::unique_ptr<InnerJudge> make() const override;

private:
  Registry formats_;
  const CheckOptions &options_;
  DecoderPool *decoders_;
};

} // namespace datavet
