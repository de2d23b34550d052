/// Many links, many attributes: a fractal heap that holds them, and version 2 B-trees that list them. FMT
/// IV.A.2.c (Link Info), IV.A.2.v (Attribute Info).
#pragma once

#include <cstdint>

#include "formats/hdf5/metadata/attribute_message.h"
#include "formats/hdf5/metadata/shared_message.h"
#include "formats/hdf5/metadata/survey.h"
#include "formats/hdf5/metadata/symbol_table.h"

namespace datavet::hdf5 {

/// Receives the attributes of one object.
class AttributeSink {
public:
  virtual ~AttributeSink() = default;
  virtual void attribute(const Attribute &attribute) = 0;
};

/// Reads a link info message and gives the links that lie in its heap; none when the group is small.
void list_dense_links(Survey &survey, Bytes body, std::uint64_t address, LinkSink &sink);

/// The same for an attribute info message.
void list_dense_attributes(Survey &survey, SharedMessages &shared, Bytes body, std::uint64_t address,
                           AttributeSink &sink);

} // namespace datavet::hdf5
