#include "pipeline/schema/unlike.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "formats/any/rules.h"

namespace datavet {

namespace {

/// How a feature occurs in a dataset.
struct Usage {
  std::uint64_t records = 0;                       ///< that have it
  std::map<std::string_view, std::uint64_t> kinds; ///< records by kind

  std::string_view usual_kind() const {
    if (kinds.empty()) return no_kind;
    return std::ranges::max_element(kinds, {}, [](const auto &kind) { return kind.second; })->first;
  }
};
using Usages = std::map<std::string, Usage, std::less<>>;

Usages usages_of(const SchemaSketch &sketch) {
  Usages usages;
  for (const auto &[hash, signature] : sketch.signatures())
    for (const auto &[name, kind] : signature.features) {
      Usage &usage = usages[name];
      if (kind == no_kind) continue;
      usage.records += signature.records;
      usage.kinds[kind] += signature.records;
    }
  return usages;
}

// Few records show no habit. One exception in twenty is a slip; from a hundred on, one in a hundred.
constexpr std::uint64_t least_records = 20;
constexpr std::uint64_t least_records_of_a_kind = 10;

bool is_rare(std::uint64_t exceptions, std::uint64_t records) {
  return exceptions > 0 && records >= least_records && exceptions <= std::max<std::uint64_t>(1, records / 100);
}

bool is_rare_kind(std::uint64_t exceptions, std::uint64_t records) {
  return exceptions > 0 && records >= least_records_of_a_kind && exceptions <= records / 10;
}

class Unlike {
public:
  explicit Unlike(const SchemaSketch &sketch) : sketch_(sketch), usages_(usages_of(sketch)) {}

  std::vector<UnlikeRecord> find() {
    for (const auto &[hash, signature] : sketch_.signatures()) compare(signature);
    for (const auto &[name, lengths] : sketch_.lengths()) compare(name, lengths);
    std::vector<UnlikeRecord> records;
    for (auto &[place, findings] : found_) {
      std::ranges::sort(findings, {}, [](const Finding &finding) { return std::pair(finding.rule->id, std::string_view(finding.detail)); });
      records.push_back({place, std::move(findings)});
    }
    return records;
  }

private:
  void add(const Places &places, const Rule &rule, const std::string &detail) {
    for (const RecordAt &place : places.list()) found_[place].push_back({&rule, place.offset, place.size, detail});
  }

  void compare(const SchemaSketch::Signature &signature) {
    for (const auto &[name, usage] : usages_) {
      const auto at = std::ranges::find(signature.features, name, [](const auto &feature) -> const std::string & { return feature.first; });
      if (at == signature.features.end() || at->second == no_kind) {
        if (is_rare(sketch_.records() - usage.records, sketch_.records()))
          add(signature.places, any::unlike_missing,
              fmt::format("the feature \"{}\" is missing, which {} of {} records have", name, usage.records, sketch_.records()));
        continue;
      }
      const std::string_view usual = usage.usual_kind();
      if (at->second != usual && is_rare_kind(usage.records - usage.kinds.at(usual), usage.records))
        add(signature.places, any::unlike_kind,
            fmt::format("the feature \"{}\" is of kind {}, in {} of {} records it is {}", name, at->second, usage.kinds.at(usual), usage.records, usual));
    }
  }

  void compare(const std::string &name, const SchemaSketch::Lengths &lengths) {
    if (lengths.vary || lengths.buckets.size() < 2) return;
    const std::uint64_t records = usages_.at(name).records;
    const auto usual = std::ranges::max_element(lengths.buckets, {}, [](const auto &entry) { return entry.second.records; });
    if (!is_rare(records - usual->second.records, records)) return;
    for (const auto &[values, bucket] : lengths.buckets)
      if (values != usual->first)
        add(bucket.places, any::unlike_length,
            fmt::format("the feature \"{}\" has {} values, in {} of {} records it has {}", name, values, usual->second.records, records, usual->first));
  }

  const SchemaSketch &sketch_;
  const Usages usages_;
  std::map<RecordAt, std::vector<Finding>> found_;
};

} // namespace

std::vector<UnlikeRecord> unlike_records(const SchemaSketch &sketch) {
  return sketch.too_various() ? std::vector<UnlikeRecord>{} : Unlike(sketch).find();
}

DatasetSchema schema_of(const SchemaSketch &sketch) {
  DatasetSchema schema;
  schema.records = sketch.records();
  schema.too_various = sketch.too_various();
  for (const auto &[name, usage] : usages_of(sketch)) {
    FeatureSchema &feature = schema.features.emplace_back();
    feature.name = name;
    feature.kind = usage.usual_kind();
    feature.records = usage.records;
    feature.required = usage.records == sketch.records();
    const SchemaSketch::Lengths &lengths = sketch.lengths().find(name)->second;
    if (!lengths.vary && lengths.buckets.size() == 1) feature.length = lengths.buckets.begin()->first;
  }
  return schema;
}

} // namespace datavet
