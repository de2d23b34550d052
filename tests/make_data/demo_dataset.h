/// A small mixed dataset with seeded damage of every kind: what `datavet demo` scans.
#pragma once

#include <string>

namespace datavet::test {

/// Names begin with good_, bad_ (a scan shall call them corrupt, or unchecked for a bomb) or odd_ (suspect); of the
/// shards, number 0 to 3 are good. Throws std::runtime_error when a file cannot be written.
void write_demo_dataset(const std::string &folder, unsigned seed);

} // namespace datavet::test
