/// What can be said of datasets only when all of them was seen: records unlike the rest, shards that are missing.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <datavet/schema.h>

#include "pipeline/schema/schema_sketch.h"
#include "pipeline/schema/shard_names.h"
#include "pipeline/schema/unlike.h"

namespace datavet {

class DatasetWatch {
public:
  static constexpr std::size_t most_datasets = 1024;  ///< of those past them nothing is kept
  static constexpr std::size_t most_shards = 1 << 20; ///< of all sets in all

  /// Something about a shard, not about a record.
  struct ShardTrouble {
    std::string path;
    std::size_t root = 0;
    std::string_view format;
    Finding finding;
  };

  void records(std::size_t root, std::string_view path, const SchemaSketch &sketch);
  /// A file of a format that holds records. Files that the user named one by one promise no others.
  void shard(std::size_t root, std::string_view path, std::string_view format, bool named_by_user);

  Schema schema() const;
  std::vector<UnlikeRecord> unlike() const;
  std::vector<ShardTrouble> shards() const;

private:
  /// Shards of one name that promise the same number.
  struct ShardSet {
    ShardNumber first; ///< of any of them: the names of the others follow from it
    std::string_view format;
    std::set<std::uint64_t> seen;
  };
  using DatasetKey = std::pair<std::size_t, std::string>;
  using ShardSetKey = std::pair<DatasetKey, std::uint64_t>; ///< and the promised number

  std::map<DatasetKey, SchemaSketch> datasets_;
  std::map<ShardSetKey, ShardSet> sets_;
  std::size_t shards_seen_ = 0;
};

} // namespace datavet
