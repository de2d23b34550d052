/// For each rule of HDF5 a file that breaks it and no other.
#pragma once

#include <string>
#include <vector>

#include <datavet/finding.h>
#include <datavet/options.h>

#include "formats/source.h"
#include "tests/support/damage.h"

namespace datavet::test {

struct BrokenSample {
  std::string what;
  const Rule *rule;
  Blob bytes;
  std::uint64_t offset = 0; ///< of the finding
  bool by_library = false;  ///< found by hdf5_decode; else by examine
  Limits limits{};
  bool disk_fails = false; ///< reading gives EIO
  bool alone = true;       ///< false: whoever breaks this rule breaks others, too
  bool outlined = false;   ///< examine is asked for an outline, too
  bool judged = false;     ///< somebody judges the pictures in it
};

std::vector<BrokenSample> broken_samples();
/// Those of metadata/rules.h, of chunks/rules.h and of the data.
std::vector<BrokenSample> broken_metadata();
std::vector<BrokenSample> broken_chunks();
std::vector<BrokenSample> broken_data();

/// Fails every read, or every read past `good_bytes`.
class FaultySource final : public Source {
public:
  explicit FaultySource(Bytes bytes, std::uint64_t good_bytes = 0)
      : memory_(bytes), good_bytes_(good_bytes) {}
  std::uint64_t size() const override { return memory_.size(); }
  Read read(std::uint64_t offset, std::span<std::uint8_t> into) const override {
    if (offset + into.size() > good_bytes_) return {0, 5}; // EIO
    return memory_.read(offset, into);
  }

private:
  MemorySource memory_;
  std::uint64_t good_bytes_;
};

} // namespace datavet::test
