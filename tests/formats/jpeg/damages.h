/// For every rule "jpeg.*" a sample that breaks it and nothing else.
#pragma once

#include <string_view>
#include <vector>

#include <datavet/options.h>

#include "tests/support/damage.h"

namespace datavet::test {

struct Damage {
  enum class By : std::uint8_t { check, decode } found_by;
  std::string_view rule;
  Blob sample;
  std::uint64_t offset; ///< where the finding must point; decoders: not held, they read ahead
  Limits limits = {};
};

std::vector<Damage> damages();

} // namespace datavet::test
