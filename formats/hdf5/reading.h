/// What all parts of the reading of one file by libhdf5 share.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <datavet/options.h>

#include "formats/evidence.h"
#include "formats/hdf5/library.h"
#include "formats/hdf5/names.h"
#include "formats/hdf5/sample_driver.h"

namespace datavet::hdf5 {

struct Reading {
  const Limits &limits;
  Evidence &evidence;
  MeteredSource &sample;
  std::uint64_t base;      ///< of the superblock: libhdf5's addresses count from it
  std::size_t offset_size; ///< bytes of an address in this file
  std::vector<std::uint64_t> ours; ///< sorted: datasets that our own code looks at, see our_datasets()

  /// The disk failed or the budget is spent: whatever fails from now on says nothing about the file.
  bool hindered() const { return sample.spent() || sample.error() != 0; }

  void add(const Rule &rule, haddr_t address, std::string detail) {
    evidence.findings.add(rule, address > sample.size() ? 0 : base + address, 0, std::move(detail));
  }
  /// The last call of libhdf5 failed: adds its complaint after `what`.
  void complain(const Rule &rule, haddr_t address, std::string_view what) {
    std::string complaint = last_complaint();
    if (!hindered()) add(rule, address, std::string(what) + ": " + complaint);
  }
};

} // namespace datavet::hdf5
