#include "pipeline/schema/dataset_watch.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/any/rules.h"

namespace datavet {

namespace {

/// Compressed shards and plain ones may make up one set.
std::string without_compression(std::string name) {
  for (const std::string_view end : {".gz", ".gzip", ".zlib"})
    if (name.ends_with(end)) name.resize(name.size() - end.size());
  return name;
}

std::uint64_t first_missing(const std::set<std::uint64_t> &seen, std::uint64_t from) {
  while (seen.contains(from)) ++from;
  return from;
}

/// "0-3, 5", of the numbers below `of`.
std::string missing_ranges(const std::set<std::uint64_t> &seen, std::uint64_t of) {
  constexpr unsigned most_ranges = 16;
  std::string text;
  unsigned ranges = 0;
  for (std::uint64_t begin = first_missing(seen, 0); begin < of;) {
    if (ranges++ == most_ranges) return text + ", ...";
    const auto next = seen.lower_bound(begin);
    const std::uint64_t end = next == seen.end() ? of : std::min(*next, of);
    text += fmt::format("{}{}", text.empty() ? "" : ", ", begin);
    if (end - begin > 1) text += fmt::format("-{}", end - 1);
    begin = first_missing(seen, end);
  }
  return text;
}

} // namespace

void DatasetWatch::records(std::size_t root, std::string_view path, const SchemaSketch &sketch) {
  const DatasetKey key{root, dataset_name(path)};
  const auto at = datasets_.find(key);
  if (at != datasets_.end())
    at->second.merge(sketch);
  else if (datasets_.size() < most_datasets)
    datasets_[key].merge(sketch);
}

void DatasetWatch::shard(std::size_t root, std::string_view path, std::string_view format, bool named_by_user) {
  std::optional<ShardNumber> number = named_by_user ? std::nullopt : shard_number(path);
  if (!number || shards_seen_ == most_shards) return;
  ++shards_seen_;
  const std::uint64_t of = number->of, which = number->number;
  const auto [at, is_new] = sets_.try_emplace({{root, number->before + "#" + without_compression(number->after)}, of});
  if (is_new) at->second = {std::move(*number), format, {}};
  at->second.seen.insert(which);
}

Schema DatasetWatch::schema() const {
  Schema schema;
  for (const auto &[key, sketch] : datasets_) {
    DatasetSchema &dataset = schema.datasets.emplace_back(schema_of(sketch));
    dataset.root = key.first;
    dataset.path = key.second;
  }
  return schema;
}

std::vector<UnlikeRecord> DatasetWatch::unlike() const {
  std::vector<UnlikeRecord> all;
  for (const auto &[key, sketch] : datasets_) std::ranges::move(unlike_records(sketch), std::back_inserter(all));
  return all;
}

std::vector<DatasetWatch::ShardTrouble> DatasetWatch::shards() const {
  std::vector<ShardTrouble> troubles;
  if (shards_seen_ == most_shards) return troubles; // not all were kept
  for (auto set = sets_.begin(); set != sets_.end(); ++set) {
    const auto &[key, shards] = *set;
    const std::size_t root = key.first.first;
    const std::uint64_t of = shards.first.of;
    const auto add = [&](std::uint64_t number, const Rule &rule, std::string detail) {
      troubles.push_back({shards.first.name_of(number), root, shards.format, {&rule, 0, 0, std::move(detail)}});
    };
    for (const std::uint64_t number : shards.seen)
      if (number >= of) add(number, any::shard_surplus, fmt::format("number {} of {}: the last would be {}", number, of, of > 0 ? of - 1 : 0));
    const auto before = set == sets_.begin() ? sets_.end() : std::prev(set);
    if (before != sets_.end() && before->first.first == key.first)
      add(*shards.seen.begin(), any::shard_surplus,
          fmt::format("shards of {} and of {} lie side by side", before->first.second, of));
    const auto seen = static_cast<std::uint64_t>(std::distance(shards.seen.begin(), shards.seen.lower_bound(of)));
    if (seen < of) {
      const std::uint64_t first = first_missing(shards.seen, 0);
      add(first, any::shard_missing, fmt::format("{} of {} shards are there, missing: {}", seen, of, missing_ranges(shards.seen, of)));
    }
  }
  return troubles;
}

} // namespace datavet
