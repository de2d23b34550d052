/// Version 1 groups: a B-tree (FMT III.A.1) whose leaves are symbol table nodes (FMT III.B), and a local heap
/// of names.
#pragma once

#include <cstdint>

#include "formats/hdf5/metadata/link_message.h"
#include "formats/hdf5/metadata/survey.h"

namespace datavet::hdf5 {

/// Receives the links of one group.
class LinkSink {
public:
  virtual ~LinkSink() = default;
  /// False: no more of them.
  virtual bool link(const Link &link) = 0;
};

/// Reads the symbol table message `body` at `address` (FMT IV.A.2.r) and gives all links of the group that
/// can be read.
void list_symbol_table(Survey &survey, Bytes body, std::uint64_t address, LinkSink &sink);

} // namespace datavet::hdf5
