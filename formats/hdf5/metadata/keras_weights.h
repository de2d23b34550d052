/// Keras weight files: the layers and weights that attributes list are groups and datasets of the file.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "formats/hdf5/metadata/attribute_message.h"
#include "formats/hdf5/metadata/global_heap.h"
#include "formats/hdf5/metadata/survey.h"

namespace datavet::hdf5 {

/// Learns of attributes and links in the order of the walk: those of an object before its members.
class KerasWeights {
public:
  explicit KerasWeights(Survey &survey) : survey_(survey) {}
  ~KerasWeights() { survey_.give_back(held_); }
  KerasWeights(const KerasWeights &) = delete;
  KerasWeights &operator=(const KerasWeights &) = delete;

  void attribute(const std::string &group, const Attribute &attribute);
  /// There is something at `path`; not followed: whatever lies below it is taken to be there.
  void linked(const std::string &path, bool followed);
  /// One finding, when the walk has seen all and something is missing.
  void report();

private:
  std::vector<std::string> strings_in(const Attribute &attribute);
  void expect(const std::string &group, std::string_view name);

  Survey &survey_;
  std::map<std::string, bool> expected_; // path; seen
  GlobalHeap heap_;
  std::uint64_t held_ = 0;
};

} // namespace datavet::hdf5
