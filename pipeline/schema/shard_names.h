/// What the names of shards say: which belong together, and how many there shall be.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace datavet {

/// The name with "#" for each run of digits: shards of one dataset have the same.
std::string dataset_name(std::string_view path);

/// "train-00017-of-01024.tfrecord": TensorFlow's and Beam's shard names, of at least five digits each.
struct ShardNumber {
  std::uint64_t number = 0; ///< 0-based
  std::uint64_t of = 0;
  std::string before, after; ///< of the name around "00017-of-01024"
  std::size_t digits = 5;    ///< of the number

  /// The name of another shard of the same set.
  std::string name_of(std::uint64_t other) const;
};
std::optional<ShardNumber> shard_number(std::string_view name);

} // namespace datavet
