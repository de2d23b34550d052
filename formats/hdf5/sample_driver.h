/// A file driver of libhdf5 that reads one Source, and counts what it reads. There is no other way for
/// libhdf5 to reach a file: every other name is refused, so links that leave the file lead nowhere.
#pragma once

#include <cstdint>

#include "formats/hdf5/library.h"
#include "formats/source.h"

namespace datavet::hdf5 {

/// Counts the bytes that libhdf5 reads. When the budget is spent or the disk fails, every read fails.
class MeteredSource {
public:
  MeteredSource(const Source &source, std::uint64_t budget) : source_(source), budget_(budget) {}

  /// Fills `into`; zeros past the end of the file, as libhdf5's own drivers give.
  bool read(std::uint64_t offset, std::span<std::uint8_t> into);
  void refuse() { ++refused_; }

  std::uint64_t size() const { return source_.size(); }
  bool spent() const { return spent_; }
  /// errno of a failed read, 0 = none.
  int error() const { return error_; }
  /// Files other than the sample that libhdf5 asked for.
  unsigned refused() const { return refused_; }

private:
  const Source &source_;
  std::uint64_t budget_;
  bool spent_ = false;
  int error_ = 0;
  unsigned refused_ = 0;
};

inline constexpr const char *sample_name = "@sample";

/// File access properties with which H5Fopen(sample_name) reads `sample`, which must outlive the file.
Properties sample_access(MeteredSource &sample);

} // namespace datavet::hdf5
