/// What many records consist of, in bounded memory. Sketches of parts merge to the sketch of the whole, in any order.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pipeline/schema/places.h"
#include "pipeline/schema/record_traits.h"

namespace datavet {

/// The kind of a feature without values of any kind. It counts as missing: loaders read it so, and TFX writes
/// missing values so.
inline constexpr std::string_view no_kind = "none";

class SchemaSketch {
public:
  // More is no schema. Past these the sketch says so and counts records only.
  static constexpr std::size_t most_signatures = 1024;
  static constexpr std::size_t most_features = 4096;
  static constexpr std::size_t most_lengths = 16; ///< of one feature; more is a length that varies

  /// Which features records have and of which kinds; two records with the same are of one signature.
  struct Signature {
    std::vector<std::pair<std::string, std::string_view>> features; ///< name and kind, sorted
    std::uint64_t records = 0;
    Places places;
  };
  struct Bucket {
    std::uint64_t records = 0;
    Places places;
  };
  struct Lengths {
    std::map<std::uint64_t, Bucket> buckets; ///< by number of values
    bool vary = false;                       ///< there were more than most_lengths; the buckets are gone
  };

  void add(std::span<const FeatureTrait> features, const RecordRef &record);
  void merge(const SchemaSketch &part);

  /// Adds up what was put off. The counts below are of what was added before.
  void settle();

  std::uint64_t records() const { return records_; }
  bool too_various() const { return too_various_; }
  const std::unordered_map<std::uint64_t, Signature> &signatures() const { return signatures_; }
  const std::map<std::string, Lengths, std::less<>> &lengths() const { return lengths_; }

private:
  /// A record of the same features as the one before, in the same order, takes no look-up.
  struct Last {
    std::string name;
    std::string_view kind;
    std::uint64_t count;
    Lengths *lengths;
    Bucket *bucket; ///< of `count`; null where lengths are not counted
  };

  bool has_features_of_last(std::span<const FeatureTrait> features) const;
  bool is_as_last(std::span<const FeatureTrait> features, const RecordRef &record) const;
  void look_up(std::span<const FeatureTrait> features);
  void count(Last &last, const RecordRef &record);
  void give_up();

  std::uint64_t records_ = 0;
  bool too_various_ = false;
  std::unordered_map<std::uint64_t, Signature> signatures_; ///< by hash; nodes do not move
  std::map<std::string, Lengths, std::less<>> lengths_;
  std::vector<Last> last_;
  Signature *last_signature_ = nullptr;
  std::uint64_t repeats_ = 0; ///< records since that were the same in all and need not be named: counted later
};

} // namespace datavet
