#include "formats/tfrecord/payload.h"

#include <algorithm>

#include "formats/tfrecord/event/event.h"
#include "formats/tfrecord/example/conventions.h"
#include "formats/tfrecord/example/walk.h"

namespace datavet::tfrecord {

namespace {

/// Scratch that a thread keeps; bounded by ExampleWalk::kept, and given back after a large record.
ExampleWalk &walk_of_thread() {
  thread_local ExampleWalk walk;
  return walk;
}

bool has_kind(std::span<const Feature> features) {
  return std::any_of(features.begin(), features.end(),
                     [](const Feature &feature) { return feature.kind != FeatureKind::none; });
}

bool is_example(Bytes data, ExampleType type) {
  ExampleWalk &walk = walk_of_thread();
  if (!walk.walk(data, type)) return false;
  for (Oddity oddity : {Oddity::unknown_field, Oddity::foreign_field, Oddity::wrong_type})
    if (walk.saw(oddity)) return false;
  if (type == ExampleType::example) return has_kind(walk.features());
  return !walk.lists().empty() && (has_kind(walk.features()) || has_kind(walk.steps()));
}

void call_traits(const ExampleWalk &walk, Traits &traits) {
  for (const Feature &feature : walk.features())
    if (!feature.replaced) traits.trait(feature.name, name_of(feature.kind), feature.count);
  for (const FeatureSteps &list : walk.lists())
    if (!list.replaced) traits.trait(list.name, name_of(list.kind), list.steps);
}

void examine_example(Bytes data, std::uint64_t offset, ExampleType type, Evidence &evidence) {
  ExampleWalk &walk = walk_of_thread();
  const bool whole = walk.walk(data, type);
  if (!whole || walk.odd()) walk.report(offset, evidence.findings);
  if (!whole) return;
  if (evidence.traits != nullptr) call_traits(walk, *evidence.traits);
  check_conventions(walk, offset, evidence);
}

} // namespace

std::string_view name_of(Payload payload) {
  switch (payload) {
  case Payload::opaque: return "opaque";
  case Payload::example: return "tf.Example";
  case Payload::sequence_example: return "tf.SequenceExample";
  case Payload::event: return "Event";
  }
  return "opaque";
}

Payload recognise(Bytes data) {
  if (data.size() < 2) return Payload::opaque;
  switch (data[0]) {
  case 0x09: return is_event(data) ? Payload::event : Payload::opaque;
  case 0x0a:
    if (is_example(data, ExampleType::example)) return Payload::example;
    [[fallthrough]];
  case 0x12:
    return is_example(data, ExampleType::sequence_example) ? Payload::sequence_example : Payload::opaque;
  default: return Payload::opaque;
  }
}

void examine_payload(Bytes data, std::uint64_t offset_in_record, Payload payload, bool first,
                     Evidence &evidence) {
  switch (payload) {
  case Payload::opaque: return;
  case Payload::example: return examine_example(data, offset_in_record, ExampleType::example, evidence);
  case Payload::sequence_example:
    return examine_example(data, offset_in_record, ExampleType::sequence_example, evidence);
  case Payload::event: return check_event(data, offset_in_record, first, evidence);
  }
}

} // namespace datavet::tfrecord
