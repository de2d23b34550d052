/// What is worth saying of datasets without looking at their data.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "formats/evidence.h"
#include "formats/hdf5/content/report.h"
#include "formats/hdf5/metadata/address_space.h"
#include "formats/hdf5/metadata/dataset.h"

namespace datavet::hdf5 {

/// Finds the datasets whose data may change without anybody seeing it: no Fletcher-32, and no stream that ends in a
/// checksum of its own.
class Protection {
public:
  /// Both outlive it.
  Protection(AddressSpace &space, ContentRemarks &remarks) : space_(space), remarks_(remarks) {}
  void look_at(const Dataset &dataset);

private:
  bool has_data(const Dataset &dataset) const;
  bool is_protected(const Dataset &dataset);

  AddressSpace &space_;
  ContentRemarks &remarks_;
};

/// One note a dataset; of more than 16 the last note says how many. Data without a checksum are the usual case, but a note
/// changes no verdict, and reports list a healthy file only to who asks for all.
void report_unprotected(const ContentRemarks &remarks, Evidence &evidence);

/// Compares the first dimensions of images and labels in one group.
class Rows {
public:
  void look_at(const Dataset &dataset, const AddressSpace &space);
  void report(Evidence &evidence) const;

private:
  struct Candidate {
    std::string path;
    std::uint64_t header; ///< file offset
    std::vector<std::uint64_t> extent;
    bool is_number;
  };
  static constexpr std::size_t most = 4096; ///< a file with more than that many pairs is not what this is about

  void compare(const Candidate &samples, const Candidate &labels, Evidence &evidence) const;

  std::vector<Candidate> candidates_;
};

} // namespace datavet::hdf5
