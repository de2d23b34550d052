/// The oracle for scan data: a decoder as T.81 describes it, bit by bit, slow and obvious. It shares nothing
/// with the product's decoders but the description of the structure.
#pragma once

#include <cstdint>
#include <string>

#include "formats/jpeg/structure.h"
#include "tests/support/damage.h"

namespace datavet::test {

/// "clean", or the first thing wrong: "code at 1234, scan 0, MCU 17, 3 segments, 40 lost". Then what is left
/// over.
std::string reference_outcome(const Blob &sample, const jpeg::Structure &structure);

} // namespace datavet::test
