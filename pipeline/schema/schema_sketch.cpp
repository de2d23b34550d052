#include "pipeline/schema/schema_sketch.h"

#include <algorithm>
#include <utility>

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

bool SchemaSketch::has_features_of_last(std::span<const FeatureTrait> features) const {
  return last_signature_ != nullptr && std::ranges::equal(features, last_, [](const FeatureTrait &feature, const Last &last) {
           return feature.name == last.name && feature.kind == last.kind;
         });
}

/// The same features with as many values each, and nothing to remember of the record itself.
bool SchemaSketch::is_as_last(std::span<const FeatureTrait> features, const RecordRef &record) const {
  if (last_signature_ == nullptr || features.size() != last_.size() || !last_signature_->places.rejects(record)) return false;
  for (std::size_t i = 0; i < features.size(); ++i)
    if (features[i].count != last_[i].count || features[i].kind.data() != last_[i].kind.data() || features[i].name != last_[i].name) return false;
  return std::ranges::all_of(last_, [&](const Last &last) { return last.bucket == nullptr || last.bucket->places.rejects(record); });
}

void SchemaSketch::settle() {
  const std::uint64_t repeats = std::exchange(repeats_, 0);
  if (repeats == 0 || last_signature_ == nullptr) return;
  last_signature_->records += repeats;
  for (const Last &last : last_)
    if (last.bucket != nullptr) last.bucket->records += repeats;
}

void SchemaSketch::look_up(std::span<const FeatureTrait> features) {
  last_.clear();
  const auto [entry, is_new] = signatures_.try_emplace(signature_of(features));
  last_signature_ = &entry->second;
  for (const FeatureTrait &feature : features) {
    auto found = lengths_.find(feature.name);
    if (found == lengths_.end()) found = lengths_.emplace(feature.name, Lengths{}).first;
    last_.push_back({std::string(feature.name), feature.kind, feature.count, &found->second, nullptr});
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
  repeats_ = 0;
}

void SchemaSketch::count(Last &last, const RecordRef &record) {
  last.bucket = nullptr;
  if (last.kind == no_kind || last.lengths->vary) return;
  Bucket &bucket = last.lengths->buckets[last.count];
  ++bucket.records;
  bucket.places.add(record);
  last.bucket = &bucket;
  if (last.lengths->buckets.size() <= most_lengths) return;
  last.lengths->vary = true;
  last.lengths->buckets.clear();
  for (Last &other : last_)
    if (other.lengths == last.lengths) other.bucket = nullptr;
}

void SchemaSketch::add(std::span<const FeatureTrait> features, const RecordRef &record) {
  ++records_;
  if (too_various_) return;
  if (is_as_last(features, record)) {
    ++repeats_;
    return;
  }
  settle();
  if (!has_features_of_last(features)) look_up(features);
  if (too_various_) return;
  ++last_signature_->records;
  last_signature_->places.add(record);
  for (std::size_t i = 0; i < features.size(); ++i) {
    last_[i].count = features[i].count;
    count(last_[i], record);
  }
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
