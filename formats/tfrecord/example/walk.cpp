#include "formats/tfrecord/example/walk.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <tuple>

#include <fmt/format.h>

#include "formats/bytes/utf8.h"
#include "formats/tfrecord/example/rules.h"

namespace datavet::tfrecord {

namespace {

using wire::tag_of;
using wire::Type;

constexpr std::uint32_t first_message = tag_of(1, Type::length);
constexpr std::uint32_t second_message = tag_of(2, Type::length);
constexpr std::uint32_t third_message = tag_of(3, Type::length);

// How many levels may nest below each message of an Example; one less in a feature list.
constexpr unsigned below_record = wire::depth_limit;
constexpr unsigned below_features = below_record - 1;
constexpr unsigned below_entry = below_features - 1;
constexpr unsigned below_value = below_entry - 1;
constexpr unsigned below_step = below_value - 1;

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
}

std::uint64_t hash_of(std::string_view name) {
  const wire::Ends ends = wire::ends_of(bytes_of(name));
  return (ends.first * 0x9e3779b97f4a7c15) ^ std::rotl(ends.last * 0xc2b2ae3d27d4eb4f, 31) ^ name.size();
}

/// A length of one to three bytes, as all writers write those below 2 MiB; false = it is another, or leads
/// outside.
[[gnu::always_inline]] inline bool plain_length(const std::uint8_t *&at, const std::uint8_t *end,
                                                std::size_t &length) {
  const auto left = static_cast<std::size_t>(end - at);
  if (left >= 1 && at[0] < 0x80) {
    length = *at++;
  } else if (left >= 2 && at[1] < 0x80) {
    length = (at[0] & 0x7fu) | static_cast<std::size_t>(at[1]) << 7;
    at += 2;
  } else if (left >= 3 && at[2] < 0x80) {
    length = (at[0] & 0x7fu) | (at[1] & 0x7fu) << 7 | static_cast<std::size_t>(at[2]) << 14;
    at += 3;
  } else {
    return false;
  }
  return length <= static_cast<std::size_t>(end - at);
}

/// Steps over `tag` and its length if they stand at `at`.
[[gnu::always_inline]] inline bool plain_field(const std::uint8_t *&at, const std::uint8_t *end,
                                               std::uint32_t tag, std::size_t &length) {
  if (at == end || *at != tag) return false;
  ++at;
  return plain_length(at, end, length);
}

/// True when the name has up to 16 characters, all ASCII.
inline bool is_plain_name(Bytes text) {
  const wire::Ends ends = wire::ends_of(text);
  return text.size() <= 16 && ((ends.first | ends.last) & 0x8080808080808080) == 0;
}

/// Cuts what the record says to a length for words.
std::string_view shown(std::string_view name) { return name.substr(0, 80); }

} // namespace

bool ExampleWalk::walk(Bytes data, ExampleType type) {
  data_ = data;
  type_ = type;
  if (features_.capacity() + steps_.capacity() + lists_.capacity() > 8192) give_back_memory();
  features_.clear();
  steps_.clear();
  lists_.clear();
  named_ = false;
  in_lists_ = false;
  odd_ = 0;
  names_seen_ = 0;
  maybe_same_ = false;
  trouble_ = wire::Trouble::none;
  if (!walk_record(data)) return false;
  if (maybe_same_) find_same_names(features_);
  if (type == ExampleType::sequence_example) find_same_names(lists_);
  return true;
}

void ExampleWalk::give_back_memory() {
  features_ = {};
  steps_ = {};
  lists_ = {};
  hashes_ = {};
  order_ = {};
}

bool ExampleWalk::walk_record(Bytes data) {
  const std::uint8_t *at = data.data();
  std::size_t length = 0;
  if (plain_field(at, at + data.size(), first_message, length) && at + length == data.data() + data.size())
    return walk_features(Bytes(at, length)); // nearly every Example
  wire::Reader reader(data);
  wire::Field field;
  while (reader.more()) {
    if (!reader.next(field, below_record)) return fail(reader, Level::record);
    if (field.tag == first_message) {
      if (!walk_features(field.payload)) return false;
    } else if (field.tag == second_message && type_ == ExampleType::sequence_example) {
      if (!walk_lists(field.payload)) return false;
    } else {
      odd_field(field, Level::record, type_ == ExampleType::sequence_example ? 2 : 1);
    }
  }
  return true;
}

bool ExampleWalk::walk_features(Bytes message) {
  in_lists_ = false;
  named_ = false;
  const std::uint8_t *at = message.data();
  const std::uint8_t *const end = at + message.size();
  while (at != end && features_.size() < kept && (keep_short_entry(at, end) || keep_plain_entry(at, end))) {
  }
  wire::Reader reader(message.last(static_cast<std::size_t>(end - at)));
  wire::Field field;
  while (reader.more()) {
    if (!reader.next(field, below_features)) return fail(reader, Level::features);
    if (field.tag != first_message)
      odd_field(field, Level::features, 1);
    else if (!walk_entry(field.payload))
      return false;
    named_ = false;
  }
  return true;
}

/// Marks a name as seen, in 64 bits: cheap, and enough to know that few names are all different.
inline void ExampleWalk::see(std::string_view name) {
  std::uint64_t mix = name.size();
  if (!name.empty())
    mix += 5u * static_cast<std::uint8_t>(name.back()) +
           11u * static_cast<std::uint8_t>(name[name.size() / 2]) +
           23u * static_cast<std::uint8_t>(name.front());
  const std::uint64_t bit = std::uint64_t{1} << (mix % 64);
  maybe_same_ |= (names_seen_ & bit) != 0;
  names_seen_ |= bit;
}

inline void ExampleWalk::keep_plain(Bytes name, std::uint32_t tag, Bytes list, std::uint64_t count) {
  see(wire::text_of(name));
  // Written in place: a copy of a struct that was just put together waits for its parts.
  Feature &feature = features_.emplace_back();
  feature.name = wire::text_of(name);
  feature.list = list;
  feature.count = count;
  feature.kind = static_cast<FeatureKind>(wire::number_of(tag));
}

/// As keep_plain_entry(), for an entry of less than 128 bytes that holds one bytes value or packed numbers:
/// each length in it is one byte, and says no more than what is known already.
[[gnu::always_inline]] inline bool ExampleWalk::keep_short_entry(const std::uint8_t *&place,
                                                                 const std::uint8_t *end) {
  if (end - place < 2 || place[0] != first_message || place[1] >= 0x80 || end - place - 2 < place[1])
    return false;
  const std::uint8_t *const at = place + 2;
  const unsigned size = place[1];
  if (size < 8 || at[0] != first_message || at[1] > size - 8) return false;
  const unsigned name_size = at[1];
  const std::uint8_t *const value = at + 2 + name_size;
  const unsigned list_size = size - name_size - 6;
  const unsigned values_size = list_size - 2;
  if (value[0] != second_message || value[1] != list_size + 2 || value[3] != list_size ||
      value[4] != first_message || value[5] != values_size)
    return false;
  const Bytes name(at + 2, name_size);
  if (!is_plain_name(name) && !is_utf8(name)) return false;
  std::uint64_t count = 1;
  switch (value[2]) {
  case first_message: break;
  case second_message:
    if (values_size % 4 != 0) return false;
    count = values_size / 4;
    break;
  case third_message:
    if (values_size == 1 && value[6] < 0x80) break;
    count = 0;
    if (!wire::count_varints(Bytes(value + 6, values_size), count)) return false;
    break;
  default: return false;
  }
  keep_plain(name, value[2], Bytes(value + 4, list_size), count);
  place = at + size;
  return true;
}

/// An entry as writers write it: a key, a value, one list, its values packed. Steps over it and keeps the
/// feature; does nothing when the entry is otherwise, or wrong: walk_entry() will say. This is the whole walk
/// of nearly every record.
inline bool ExampleWalk::keep_plain_entry(const std::uint8_t *&place, const std::uint8_t *end) {
  const std::uint8_t *at = place;
  std::size_t length = 0;
  if (!plain_field(at, end, first_message, length)) return false;
  end = at + length;
  if (!plain_field(at, end, first_message, length)) return false;
  const Bytes name(at, length);
  if (!is_plain_name(name) && !is_utf8(name)) return false;
  at += length;
  if (!plain_field(at, end, second_message, length) || at + length != end || length == 0) return false;
  const std::uint32_t tag = *at++;
  if (!plain_length(at, end, length) || at + length != end) return false;
  const Bytes list(at, length);
  std::uint64_t count = 0;
  switch (tag) {
  case first_message:
    for (; at != end; at += length, ++count)
      if (!plain_field(at, end, first_message, length)) return false;
    break;
  case second_message:
    if (at == end) break;
    if (!plain_field(at, end, first_message, length) || at + length != end || length % 4 != 0) return false;
    count = length / 4;
    break;
  case third_message:
    if (at == end) break;
    if (!plain_field(at, end, first_message, length) || at + length != end) return false;
    if (length == 1 && *at < 0x80)
      count = 1;
    else if (!wire::count_varints(Bytes(at, length), count))
      return false;
    break;
  default: return false;
  }
  keep_plain(name, tag, list, count);
  place = end;
  return true;
}

bool ExampleWalk::walk_entry(Bytes message) {
  wire::Reader reader(message);
  wire::Field field;
  Feature feature;
  unsigned names = 0;
  unsigned values = 0;
  while (reader.more()) {
    if (!reader.next(field, below_entry)) return fail(reader, Level::entry);
    if (field.tag == first_message) {
      if (!read_name(field, feature.name)) return false;
      ++names;
    } else if (field.tag == second_message) {
      if (!walk_feature(field.payload, feature, below_value)) return false;
      ++values;
    } else {
      odd_field(field, Level::entry, 2);
    }
  }
  if (names != 1 || values != 1) [[unlikely]]
    odd(Oddity::entry, message.data(), Level::entry,
        names == 0    ? "no name"
        : names > 1   ? "two names"
        : values == 0 ? "no value"
                      : "two values");
  // A feature without a kind is how TFX writes a missing value, and parse_example reads it so: nothing to tell.
  keep(feature);
  return true;
}

bool ExampleWalk::walk_lists(Bytes message) {
  wire::Reader reader(message);
  wire::Field field;
  in_lists_ = true;
  named_ = false;
  while (reader.more()) {
    if (!reader.next(field, below_features)) return fail(reader, Level::features);
    if (field.tag != first_message)
      odd_field(field, Level::features, 1);
    else if (!walk_list_entry(field.payload))
      return false;
    named_ = false;
  }
  return true;
}

bool ExampleWalk::walk_list_entry(Bytes message) {
  wire::Reader reader(message);
  wire::Field field;
  FeatureSteps steps;
  steps.first = static_cast<std::uint32_t>(steps_.size());
  unsigned names = 0;
  unsigned values = 0;
  while (reader.more()) {
    if (!reader.next(field, below_entry)) return fail(reader, Level::entry);
    if (field.tag == first_message) {
      if (!read_name(field, steps.name)) return false;
      ++names;
    } else if (field.tag == second_message) {
      if (!walk_steps(field.payload, steps)) return false;
      ++values;
    } else {
      odd_field(field, Level::entry, 2);
    }
  }
  if (names != 1 || values != 1)
    odd(Oddity::entry, message.data(), Level::entry,
        names == 0    ? "no name"
        : names > 1   ? "two names"
        : values == 0 ? "no value"
                      : "two values");
  for (std::size_t step = steps.first; step < steps_.size(); ++step) steps_[step].name = steps.name;
  steps.kept = static_cast<std::uint32_t>(steps_.size() - steps.first);
  if (lists_.size() < kept)
    lists_.push_back(steps);
  else
    odd(Oddity::too_many, message.data(), Level::entry, "one list too many");
  return true;
}

bool ExampleWalk::walk_steps(Bytes message, FeatureSteps &steps) {
  wire::Reader reader(message);
  wire::Field field;
  while (reader.more()) {
    step_ = steps.steps;
    if (!reader.next(field, below_value)) return fail(reader, Level::steps);
    if (field.tag != first_message) {
      odd_field(field, Level::steps, 1);
      continue;
    }
    Feature feature;
    feature.in_list = true;
    if (!walk_feature(field.payload, feature, below_step)) return false;
    if (steps.kind == FeatureKind::none)
      steps.kind = feature.kind;
    else if (feature.kind != FeatureKind::none && steps.kind != feature.kind)
      odd(Oddity::mixed_steps, field.start, Level::feature, "values of another kind than in an earlier step");
    keep_step(feature, steps);
  }
  return true;
}

bool ExampleWalk::walk_feature(Bytes message, Feature &feature, unsigned depth) {
  wire::Reader reader(message);
  wire::Field field;
  while (reader.more()) {
    if (!reader.next(field, depth)) return fail(reader, Level::feature);
    switch (field.tag) {
    case first_message:
      if (!set_kind(field, FeatureKind::bytes, feature, depth - 1)) return false;
      break;
    case second_message:
      if (!set_kind(field, FeatureKind::floats, feature, depth - 1)) return false;
      break;
    case third_message:
      if (!set_kind(field, FeatureKind::integers, feature, depth - 1)) return false;
      break;
    default: odd_field(field, Level::feature, 3);
    }
  }
  return true;
}

// A oneof: another kind takes the place of what was there, the same kind again is merged into it.
bool ExampleWalk::set_kind(const wire::Field &field, FeatureKind kind, Feature &feature, unsigned depth) {
  if (feature.kind != FeatureKind::none) [[unlikely]] {
    odd(Oddity::set_again, field.start, Level::feature,
        feature.kind == kind ? "a list, and one more of its kind" : "a list, and one of another kind");
    feature.merged = feature.kind == kind;
    if (!feature.merged) feature.count = 0;
  }
  kind_ = kind;
  feature.kind = kind;
  feature.list = field.payload;
  switch (kind) {
  case FeatureKind::bytes: return walk_bytes(field.payload, feature.count, depth);
  case FeatureKind::floats: return walk_floats(field.payload, feature.count, depth);
  default: return walk_integers(field.payload, feature.count, depth);
  }
}

bool ExampleWalk::walk_bytes(Bytes list, std::uint64_t &count, unsigned depth) {
  wire::Reader reader(list);
  wire::Field field;
  while (reader.more()) {
    if (!reader.next(field, depth)) return fail(reader, Level::list);
    if (field.tag == first_message)
      ++count;
    else
      odd_field(field, Level::list, 1);
  }
  return true;
}

template <Type single_type, class CountPacked>
bool ExampleWalk::walk_numbers(Bytes list, std::uint64_t &count, unsigned depth, CountPacked count_packed) {
  wire::Reader reader(list);
  wire::Field field;
  std::uint64_t packed = 0;
  std::uint64_t single = 0;
  while (reader.more()) {
    if (!reader.next(field, depth)) return fail(reader, Level::list);
    if (field.tag == first_message) {
      if (!count_packed(field.payload, count)) return fail(wire::Trouble::packed_rest, field.start, Level::list);
      ++packed;
    } else if (field.tag == tag_of(1, single_type)) {
      ++count;
      ++single;
    } else {
      odd_field(field, Level::list, 1);
    }
  }
  if (packed > 1 || (packed != 0 && single != 0)) [[unlikely]]
    odd(Oddity::set_again, list.data(), Level::list, "packed values, and others beside them");
  return true;
}

bool ExampleWalk::walk_floats(Bytes list, std::uint64_t &count, unsigned depth) {
  return walk_numbers<Type::fixed32>(list, count, depth, [](Bytes packed, std::uint64_t &values) {
    values += packed.size() / 4;
    return packed.size() % 4 == 0;
  });
}

bool ExampleWalk::walk_integers(Bytes list, std::uint64_t &count, unsigned depth) {
  return walk_numbers<Type::varint>(list, count, depth, wire::count_varints);
}

bool ExampleWalk::read_name(const wire::Field &field, std::string_view &name) {
  const Bytes text = field.payload;
  if (!is_plain_name(text) && !is_utf8(text))
    return fail(wire::Trouble::not_utf8, field.start, Level::entry);
  name = wire::text_of(text);
  name_ = name;
  named_ = true;
  return true;
}

void ExampleWalk::keep(const Feature &feature) {
  see(feature.name);
  if (features_.size() < kept) [[likely]]
    features_.push_back(feature);
  else
    odd(Oddity::too_many, data_.data(), Level::features, "one feature too many");
}

void ExampleWalk::keep_step(const Feature &feature, FeatureSteps &steps) {
  ++steps.steps;
  if (steps_.size() < kept)
    steps_.push_back(feature);
  else
    odd(Oddity::too_many, data_.data(), Level::features, "one step too many");
}

// protobuf's maps: the last entry of a name replaces those before it.
template <class Named> void ExampleWalk::find_same_names(std::vector<Named> &named) {
  constexpr std::size_t few = 32;
  const std::size_t count = named.size();
  if (count < 2) return;
  if (count > few) return find_same_names_by_order(named);
  std::array<std::uint64_t, few> hashes;
  for (std::size_t later = 0; later < count; ++later) {
    const std::uint64_t hash = hash_of(named[later].name);
    for (std::size_t earlier = 0; earlier < later; ++earlier)
      if (hashes[earlier] == hash && named[earlier].name == named[later].name && !named[earlier].replaced)
        replace(named[earlier]);
    hashes[later] = hash;
  }
}

/// For as many as a hostile record may have: never more than n log n comparisons.
template <class Named> void ExampleWalk::find_same_names_by_order(std::vector<Named> &named) {
  hashes_.resize(named.size());
  for (std::size_t place = 0; place < named.size(); ++place) hashes_[place] = hash_of(named[place].name);
  order_.resize(named.size());
  std::iota(order_.begin(), order_.end(), std::uint32_t{0});
  std::sort(order_.begin(), order_.end(), [&](std::uint32_t left, std::uint32_t right) {
    return std::tuple(hashes_[left], named[left].name, left) <
           std::tuple(hashes_[right], named[right].name, right);
  });
  for (std::size_t place = 1; place < order_.size(); ++place) {
    Named &earlier = named[order_[place - 1]];
    const Named &later = named[order_[place]];
    if (hashes_[order_[place - 1]] == hashes_[order_[place]] && earlier.name == later.name) replace(earlier);
  }
}

void ExampleWalk::replace(Feature &earlier) {
  earlier.replaced = true;
  name_ = earlier.name;
  named_ = true;
  in_lists_ = false;
  const auto *place = reinterpret_cast<const std::uint8_t *>(earlier.name.data());
  odd(Oddity::same_name, place != nullptr ? place : data_.data(), Level::entry,
      "a later feature has this name too");
}

void ExampleWalk::replace(FeatureSteps &earlier) {
  earlier.replaced = true;
  for (std::uint32_t step = 0; step < earlier.kept; ++step) steps_[earlier.first + step].replaced = true;
  name_ = earlier.name;
  named_ = true;
  in_lists_ = true;
  const auto *place = reinterpret_cast<const std::uint8_t *>(earlier.name.data());
  odd(Oddity::same_name, place != nullptr ? place : data_.data(), Level::entry,
      "a later list has this name too");
}

bool ExampleWalk::fail(const wire::Reader &reader, Level level) {
  return fail(reader.trouble(), reader.where(), level);
}

[[gnu::cold, gnu::noinline]] bool ExampleWalk::fail(wire::Trouble trouble, const std::uint8_t *where,
                                                    Level level) {
  trouble_ = trouble;
  trouble_at_ = offset_of(where);
  trouble_path_ = path(level);
  return false;
}

[[gnu::cold, gnu::noinline]] void ExampleWalk::odd_field(const wire::Field &field, Level level,
                                                         std::uint32_t known) {
  const std::uint32_t number = wire::number_of(field.tag);
  const Oddity oddity = number <= known          ? Oddity::wrong_type
                        : level == Level::record ? Oddity::unknown_field
                                                 : Oddity::foreign_field;
  if (saw(oddity)) return count_odd(oddity);
  odd(oddity, field.start, level,
      fmt::format("field {} as {}", number, wire::name_of(wire::type_of(field.tag))));
}

[[gnu::cold, gnu::noinline]] void ExampleWalk::odd(Oddity oddity, const std::uint8_t *where, Level level,
                                                   std::string_view what) {
  if (saw(oddity)) return count_odd(oddity);
  odd_ |= 1u << static_cast<unsigned>(oddity);
  seen_[static_cast<std::size_t>(oddity)] = {1, offset_of(where), fmt::format("{}: {}", path(level), what)};
}

std::string ExampleWalk::path(Level level) const {
  const bool sequence = type_ == ExampleType::sequence_example;
  if (level == Level::record) return sequence ? "tf.SequenceExample" : "tf.Example";
  std::string path = in_lists_  ? "feature_lists.feature_list"
                     : sequence ? "context.feature"
                                : "features.feature";
  if (level == Level::features) return path;
  path += named_ ? fmt::format("[\"{}\"]", shown(name_)) : "[no name yet]";
  if (level == Level::entry) return path;
  if (in_lists_) path += fmt::format(".feature[{}]", step_);
  if (level != Level::list) return path;
  return path + (kind_ == FeatureKind::bytes    ? ".bytes_list"
                 : kind_ == FeatureKind::floats ? ".float_list"
                                                : ".int64_list");
}

void ExampleWalk::report(std::uint64_t offset, Findings &findings) const {
  if (trouble_ != wire::Trouble::none) {
    const Rule &rule = trouble_ == wire::Trouble::not_utf8 ? example_name_utf8 : example_wire;
    findings.add(rule, offset + trouble_at_, 0,
                 fmt::format("{}: {}", trouble_path_, wire::name_of(trouble_)));
  }
  static constexpr const Rule *rules[oddities] = {
      &example_unknown_field, &example_foreign_field, &example_wire_type,
      &example_entry,         &example_same_name,     &example_set_again,
      &example_mixed_steps,   &example_many_features,
  };
  for (std::size_t oddity = 0; oddity < oddities; ++oddity) {
    if (!saw(static_cast<Oddity>(oddity))) continue;
    const Seen &seen = seen_[oddity];
    std::string detail = seen.detail;
    if (seen.count > 1) detail += fmt::format("; and {} more", seen.count - 1);
    findings.add(*rules[oddity], offset + seen.offset, 0, std::move(detail));
  }
}

bool FloatValues::next(float &value) {
  wire::Field field;
  while (run_.empty()) {
    if (!reader_.more() || !reader_.next(field, wire::depth_limit)) return false;
    if (field.tag == first_message) run_ = field.payload;
    if (field.tag == tag_of(1, Type::fixed32)) {
      value = std::bit_cast<float>(static_cast<std::uint32_t>(field.value));
      return true;
    }
  }
  value = std::bit_cast<float>(stored_at<std::uint32_t>(run_, 0));
  run_ = run_.subspan(4);
  return true;
}

bool only_integer(const Feature &feature, std::int64_t &value) {
  if (feature.kind != FeatureKind::integers || feature.count != 1 || feature.merged) return false;
  bool found = false;
  for_each_integer(feature.list, [&](std::int64_t number) {
    value = number;
    found = true;
    return false;
  });
  return found;
}

bool only_bytes(const Feature &feature, Bytes &value) {
  return feature.kind == FeatureKind::bytes && feature.count == 1 && !feature.merged &&
         BytesValues(feature.list).next(value);
}

} // namespace datavet::tfrecord
