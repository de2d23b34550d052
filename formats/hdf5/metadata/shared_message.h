/// Messages that several objects share: FMT IV.A.2, Shared Message. Committed datatypes are the usual ones.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "formats/hdf5/metadata/fields.h"
#include "formats/hdf5/metadata/object_header.h"
#include "formats/hdf5/metadata/survey.h"

namespace datavet::hdf5 {

/// A message's body, and where it lies.
struct SharedBody {
  std::vector<std::uint8_t> bytes;
  std::uint64_t address = 0;
};

class SharedMessages {
public:
  explicit SharedMessages(Survey &survey) : survey_(survey) {}

  /// Follows the reference in `fields`, found at `address`, to a message of `type`. Nothing when it leads
  /// nowhere (a finding) or into the heap of shared messages, which is not read (a note). Valid until the
  /// next call.
  const SharedBody *follow(MessageType type, Fields &fields, std::uint64_t address);

private:
  const SharedBody *read(MessageType type, std::uint64_t header, std::uint64_t address);

  Survey &survey_;
  std::unordered_map<std::uint64_t, SharedBody> known_; // by address of the header; datatypes only
};

} // namespace datavet::hdf5
