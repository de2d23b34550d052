/// Walks a serialized tf.Example or tf.SequenceExample: its features, and what is wrong with its form.
///
/// TensorFlow, core/example/example.proto and feature.proto:
///   Example          { Features features = 1; }
///   SequenceExample  { Features context = 1; FeatureLists feature_lists = 2; }
///   Features         { map<string, Feature> feature = 1; }
///   FeatureLists     { map<string, FeatureList> feature_list = 1; }
///   FeatureList      { repeated Feature feature = 1; }
///   Feature          { oneof kind { BytesList bytes_list = 1; FloatList float_list = 2; Int64List int64_list
///   = 3; } } BytesList        { repeated bytes value = 1; } FloatList        { repeated float value = 1
///   [packed = true]; } Int64List        { repeated int64 value = 1 [packed = true]; }
/// A map is a repeated message { key = 1; value = 2; }.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/findings.h"
#include "formats/tfrecord/example/feature.h"

namespace datavet::tfrecord {

enum class ExampleType : std::uint8_t { example, sequence_example };

/// A list of features with one name, in a SequenceExample.
struct FeatureSteps {
  std::string_view name;
  std::uint64_t steps = 0;
  FeatureKind kind = FeatureKind::none; ///< of the first step that has one
  bool replaced = false;                ///< a later list of the same name takes its place
  std::uint32_t first = 0;              ///< place of the first step kept among steps()
  std::uint32_t kept = 0;               ///< how many steps are kept there, one behind the other
};

/// What protobuf reads without a word, though no writer means it.
enum class Oddity : std::uint8_t {
  unknown_field, ///< in the outermost message, in a list: passed over by all
  foreign_field, ///< where TensorFlow's own parser refuses what it does not know
  wrong_type,    ///< a known field of another wire type: protobuf passes it over
  entry,         ///< a map entry without key or without value, or with two
  same_name,
  set_again,
  mixed_steps,
  too_many, ///< features beyond those that are kept
};
inline constexpr std::size_t oddities = 9;

/// Keeps its memory from record to record: a healthy record of a usual size costs no allocation.
class ExampleWalk {
public:
  /// Features and feature lists that are kept; those beyond are walked for their form only.
  static constexpr std::size_t kept = std::size_t{1} << 17;

  /// False when the bytes are malformed: trouble(), trouble_at(), trouble_path(). What was seen before that
  /// is kept. `data` must outlive what is asked of this object.
  bool walk(Bytes data, ExampleType type);

  /// Of an Example, or of a SequenceExample's context, in order.
  std::span<const Feature> features() const { return features_; }
  /// Of all feature lists, one list behind the other.
  std::span<const Feature> steps() const { return steps_; }
  std::span<const FeatureSteps> lists() const { return lists_; }

  bool odd() const { return odd_ != 0; }
  bool saw(Oddity oddity) const { return (odd_ >> static_cast<unsigned>(oddity) & 1) != 0; }

  wire::Trouble trouble() const { return trouble_; }
  /// Malformed bytes: the offset in the data, and which field.
  std::uint64_t trouble_at() const { return trouble_at_; }
  const std::string &trouble_path() const { return trouble_path_; }
  /// Adds what was wrong and what was odd: one finding a rule. `offset` = of the data's first byte.
  void report(std::uint64_t offset, Findings &findings) const;

  /// Of bytes inside the data that were walked.
  std::uint64_t offset_of(const std::uint8_t *place) const {
    return static_cast<std::uint64_t>(place - data_.data());
  }

private:
  /// Which message a field stands in.
  enum class Level : std::uint8_t { record, features, entry, steps, feature, list };
  struct Seen {
    std::uint64_t count = 0;
    std::uint64_t offset = 0;
    std::string detail;
  };

  bool walk_record(Bytes data);
  bool walk_features(Bytes message);
  void see(std::string_view name);
  void keep_plain(Bytes name, std::uint32_t tag, Bytes list, std::uint64_t count);
  bool keep_short_entry(const std::uint8_t *&place, const std::uint8_t *end);
  bool keep_plain_entry(const std::uint8_t *&place, const std::uint8_t *end);
  bool walk_entry(Bytes message);
  bool walk_lists(Bytes message);
  bool walk_list_entry(Bytes message);
  bool walk_steps(Bytes message, FeatureSteps &steps);
  bool walk_feature(Bytes message, Feature &feature, unsigned depth);
  bool set_kind(const wire::Field &field, FeatureKind kind, Feature &feature, unsigned depth);
  bool walk_bytes(Bytes list, std::uint64_t &count, unsigned depth);
  /// Values that come one by one, or packed: `count_packed(bytes, count)` counts those, and is false when there is a rest.
  template <wire::Type single_type, class CountPacked>
  bool walk_numbers(Bytes list, std::uint64_t &count, unsigned depth, CountPacked count_packed);
  bool walk_floats(Bytes list, std::uint64_t &count, unsigned depth);
  bool walk_integers(Bytes list, std::uint64_t &count, unsigned depth);

  bool read_name(const wire::Field &field, std::string_view &name);
  void keep(const Feature &feature);
  void keep_step(const Feature &feature, FeatureSteps &steps);
  template <class Named> void find_same_names(std::vector<Named> &named);
  template <class Named> void find_same_names_by_order(std::vector<Named> &named);
  void replace(Feature &earlier);
  void replace(FeatureSteps &earlier);
  void give_back_memory();

  bool fail(const wire::Reader &reader, Level level);
  bool fail(wire::Trouble trouble, const std::uint8_t *where, Level level);
  void odd(Oddity oddity, const std::uint8_t *where, Level level, std::string_view what);
  void count_odd(Oddity oddity) { ++seen_[static_cast<std::size_t>(oddity)].count; }
  void odd_field(const wire::Field &field, Level level, std::uint32_t known);
  std::string path(Level level) const;

  Bytes data_;
  ExampleType type_ = ExampleType::example;
  std::vector<Feature> features_;
  std::vector<Feature> steps_;
  std::vector<FeatureSteps> lists_;
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint32_t> order_;

  // Where the walk stands, for words.
  std::string_view name_;
  bool named_ = false;
  bool in_lists_ = false;
  std::uint64_t step_ = 0;
  FeatureKind kind_ = FeatureKind::none;

  std::uint64_t names_seen_ = 0; ///< see()
  bool maybe_same_ = false;      ///< two features may have one name
  std::uint32_t odd_ = 0;
  wire::Trouble trouble_ = wire::Trouble::none;
  std::uint64_t trouble_at_ = 0;
  std::string trouble_path_;
  std::array<Seen, oddities> seen_{};
};

} // namespace datavet::tfrecord
