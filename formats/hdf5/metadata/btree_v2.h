/// Version 2 B-trees: FMT III.A.2. What is in a record is the caller's business.
#pragma once

#include <cstdint>
#include <optional>

#include "formats/bytes/bytes.h"
#include "formats/hdf5/metadata/survey.h"

namespace datavet::hdf5 {

/// Receives the records of a tree in their order.
class RecordSink {
public:
  virtual ~RecordSink() = default;
  /// `record` lies at `address` and is valid during the call. False: no more of them.
  virtual bool record(Bytes record, std::uint64_t address) = 0;
};

/// Reads the tree at `address`, which must be of `type` with records of `record_size` bytes, verifies its
/// nodes, and gives all its records. False when a finding was made, or the sink had enough.
bool walk_btree_v2(Survey &survey, std::uint64_t address, std::uint8_t type, std::uint16_t record_size,
                   RecordSink &sink);

} // namespace datavet::hdf5
