/// Formats simple enough to write by hand, one for each layout, to test the pipeline with.
///   toy      "TOY!" and a body; every 'x' in the body is a finding; "throw" in the body makes the check throw;
///            neighbours are judged together
///   toylist  records "R" + 8 decimal digits + body, each judged as a toy's body; may be gzip as a whole
///   toyfile  "TOYF" and a body of any size, read through its Source
#pragma once

#include <functional>
#include <string>

#include "formats/registry.h"

namespace datavet::test {

extern const Rule toy_x;         ///< an 'x' in a body
extern const Rule toylist_frame; ///< no "R" and digits where a record should start
extern const Rule toylist_torn;  ///< a record that the end cuts off

Registry toy_registry();

std::string toy(const std::string &body);
std::string toy_record(const std::string &body);

/// Called by toyfile's examine(), so that a test can change the file meanwhile. Empty = nothing.
extern std::function<void()> during_examine;

} // namespace datavet::test
