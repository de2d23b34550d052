#include "pipeline/schema/compare.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/any/rules.h"

namespace datavet {

namespace {

const FeatureSchema *find(const DatasetSchema &dataset, std::string_view name) {
  const auto at = std::ranges::lower_bound(dataset.features, name, {}, [](const FeatureSchema &feature) { return std::string_view(feature.name); });
  return at != dataset.features.end() && at->name == name ? &*at : nullptr;
}

bool kind_fits(const FeatureSchema &wanted, const FeatureTrait &feature) { return wanted.kind == feature.kind; }

bool length_fits(const FeatureSchema &wanted, const FeatureTrait &feature) {
  return !wanted.length || *wanted.length == feature.count;
}

} // namespace

bool agrees(const DatasetSchema &dataset, std::span<const FeatureTrait> features) {
  std::size_t required = 0;
  for (const FeatureTrait &feature : features) {
    const FeatureSchema *wanted = find(dataset, feature.name);
    if (wanted == nullptr || !kind_fits(*wanted, feature) || !length_fits(*wanted, feature)) return false;
    required += wanted->required;
  }
  return required == static_cast<std::size_t>(std::ranges::count_if(dataset.features, &FeatureSchema::required));
}

void compare(const DatasetSchema &dataset, std::span<const FeatureTrait> features, std::uint64_t offset, std::uint64_t size,
             Findings &findings) {
  for (const FeatureTrait &feature : features) {
    const FeatureSchema *wanted = find(dataset, feature.name);
    if (wanted == nullptr)
      findings.add(any::schema_unexpected, offset, size, fmt::format("the schema has no feature \"{}\"", feature.name));
    else if (!kind_fits(*wanted, feature))
      findings.add(any::schema_kind, offset, size,
                   fmt::format("the feature \"{}\" is of kind {}, the schema says {}", feature.name, feature.kind, wanted->kind));
    else if (!length_fits(*wanted, feature))
      findings.add(any::schema_length, offset, size,
                   fmt::format("the feature \"{}\" has {} values, the schema says {}", feature.name, feature.count, *wanted->length));
  }
  for (const FeatureSchema &wanted : dataset.features)
    if (wanted.required && std::ranges::find(features, wanted.name, &FeatureTrait::name) == features.end())
      findings.add(any::schema_missing, offset, size, fmt::format("the feature \"{}\" is missing", wanted.name));
}

} // namespace datavet
