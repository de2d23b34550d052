/// What the records of a dataset consist of: inferred by a scan, or fixed by the user.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace datavet {

struct FeatureSchema {
  std::string name; ///< bytes as in the records
  std::string kind; ///< "bytes", "float" or "int64"; "none" when no record gives it values
  std::optional<std::uint64_t> length; ///< values in each record; nullopt = varies
  bool required = false;               ///< every record has it
  std::uint64_t records = 0;           ///< that have it; 0 in a schema from a file
};

/// A dataset is the shards of one folder whose names differ in digits only: "train-#-of-#.tfrecord".
struct DatasetSchema {
  std::string path;       ///< relative to its root, with # for each run of digits
  std::size_t root = 0;   ///< index into RunInfo::roots
  std::uint64_t records = 0;
  bool too_various = false; ///< no more is known: the records have too many features, or too many sets of them
  std::vector<FeatureSchema> features; ///< sorted by name
};

struct Schema {
  std::vector<DatasetSchema> datasets; ///< sorted by root and path

  /// The one for a dataset: of the same path, else the only one whose path is "*", else none.
  const DatasetSchema *find(const std::string &path) const {
    const DatasetSchema *for_all = nullptr;
    for (const DatasetSchema &dataset : datasets) {
      if (dataset.path == path) return &dataset;
      if (dataset.path == "*") for_all = &dataset;
    }
    return for_all;
  }
};

} // namespace datavet
