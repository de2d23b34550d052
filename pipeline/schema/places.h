/// Where records lie that may turn out to be unlike the rest.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <datavet/report.h>

namespace datavet {

/// A shard, as reports name it.
struct ShardName {
  std::string path;
  std::size_t root = 0;
  std::string_view format; ///< static
  std::string wrapping;
  FileStamp stamp;
};

struct RecordAt {
  std::shared_ptr<const ShardName> shard;
  std::uint64_t ordinal = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  friend bool operator<(const RecordAt &a, const RecordAt &b) {
    return std::tie(a.shard->root, a.shard->path, a.ordinal) < std::tie(b.shard->root, b.shard->path, b.ordinal);
  }
};

/// A record on its way: what RecordAt keeps, borrowed. Most records are never kept.
struct RecordRef {
  const std::shared_ptr<const ShardName> &shard; ///< null: the record is counted and not named
  std::uint64_t ordinal;
  std::uint64_t offset;
  std::uint64_t size;
};

/// The first records of a kind, in the order of paths: the same whatever the order in which they come.
class Places {
public:
  static constexpr std::size_t most = 32;

  void add(const RecordRef &record) {
    if (record.shard != nullptr && !rejects(record)) add(RecordAt{record.shard, record.ordinal, record.offset, record.size});
  }
  /// True when the record, of the shard of the last one kept, would not be kept.
  bool rejects(const RecordRef &record) const {
    return list_.size() == most && list_.back().shard == record.shard && list_.back().ordinal < record.ordinal;
  }
  void add(RecordAt record) {
    if (list_.size() == most && list_.back() < record) return;
    list_.insert(std::upper_bound(list_.begin(), list_.end(), record), std::move(record));
    if (list_.size() > most) list_.pop_back();
  }
  void merge(const Places &others) {
    for (const RecordAt &other : others.list_) add(other);
  }
  const std::vector<RecordAt> &list() const { return list_; }

private:
  std::vector<RecordAt> list_;
};

} // namespace datavet
