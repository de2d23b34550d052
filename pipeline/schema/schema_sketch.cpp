#include "pipeline/schema/schema_sketch.h"

#include <algorithm>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace datavet {

namespace {

/// The same for any order of features: a map's entries are written in any.
std::uint64_t signature_of(std::span<const FeatureTrait> features) {
  std::uint64_t sum = features.size();
  for (const FeatureTrait &feature : features) {
    const std::uint64_t kind = XXH3_64bits(feature.kind.data(), feature.kind.size());
    sum += XXH3_64bits_withSeed(feature.name.data(), feature.name.size(), kind);
  }
  return sum;
}

} // namespace

bool SchemaSketch::is_as_last(std::span<const FeatureTrait> features) const {
  return last_signature_ != nullptr && std::ranges::equal(features, last_, [](const FeatureTrait &feature, const Last &last) {
           return feature.name == last.name && feature.kind == last.kind;
         });
}

void SchemaSketch::look_up(std::span<const FeatureTrait> features) {
  last_.clear();
  const auto [entry, is_new] = signatures_.try_emplace(signature_of(features));
  last_signature_ = &entry->second;
  for (const FeatureTrait &feature : features) {
    auto found = lengths_.find(feature.name);
    if (found == lengths_.end()) found = lengths_.emplace(feature.name, Lengths{}).first;
    last_.push_back({std::string(feature.name), feature.kind, &found->second});
    if (is_new) entry->second.features.emplace_back(feature.name, feature.kind);
  }
  if (is_new) std::ranges::sort(entry->second.features);
  if (signatures_.size() > most_signatures || lengths_.size() > most_features) give_up();
}

void SchemaSketch::give_up() {
  too_various_ = true;
  signatures_.clear();
  lengths_.clear();
  last_.clear();
  last_signature_ = nullptr;
}

void SchemaSketch::count(Lengths &lengths, std::uint64_t values, const RecordAt &place) {
  if (lengths.vary) return;
  Bucket &bucket = lengths.buckets[values];
  ++bucket.records;
  bucket.places.add(place);
  if (lengths.buckets.size() <= most_lengths) return;
  lengths.vary = true;
  lengths.buckets.clear();
}

void SchemaSketch::add(std::span<const FeatureTrait> features, const RecordAt &place) {
  ++records_;
  if (too_various_) return;
  if (!is_as_last(features)) look_up(features);
  if (too_various_) return;
  ++last_signature_->records;
  last_signature_->places.add(place);
  for (std::size_t i = 0; i < features.size(); ++i)
    if (features[i].kind != no_kind) count(*last_[i].lengths, features[i].count, place);
}

void SchemaSketch::merge(const SchemaSketch &part) {
  records_ += part.records_;
  if (too_various_) return;
  if (part.too_various_) return give_up();
  for (const auto &[hash, theirs] : part.signatures_) {
    Signature &ours = signatures_[hash];
    if (ours.records == 0) ours.features = theirs.features;
    ours.records += theirs.records;
    ours.places.merge(theirs.places);
  }
  for (const auto &[name, theirs] : part.lengths_) {
    Lengths &ours = lengths_[name];
    ours.vary = ours.vary || theirs.vary;
    for (const auto &[values, bucket] : theirs.buckets) {
      if (ours.vary) break;
      Bucket &mine = ours.buckets[values];
      mine.records += bucket.records;
      mine.places.merge(bucket.places);
      ours.vary = ours.buckets.size() > most_lengths;
    }
    if (ours.vary) ours.buckets.clear();
  }
  if (signatures_.size() > most_signatures || lengths_.size() > most_features) give_up();
}

} // namespace datavet
