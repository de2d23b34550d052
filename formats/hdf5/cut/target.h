/// The copy, as libhdf5 writes into it.
#pragma once

#include <cstdint>

#include "formats/bytes/bytes.h"
#include "formats/source.h"

namespace datavet::hdf5 {

class Target : public Source {
public:
  /// 0 or an errno.
  virtual int write(std::uint64_t offset, Bytes bytes) = 0;
  /// The file ends there from now on, or is filled up with zeros to there. 0 or an errno.
  virtual int truncate(std::uint64_t size) = 0;
};

} // namespace datavet::hdf5
