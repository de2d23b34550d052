/// Writes protobuf messages by hand: Examples, Events, and wrong ones.
#pragma once

#include <bit>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "formats/evidence.h"
#include "formats/tfrecord/payload.h"
#include "tests/support/damage.h"
#include "tests/support/guarded_bytes.h"

namespace datavet::test {

inline Blob operator+(Blob left, const Blob &right) { return append(std::move(left), right); }
inline Blob blob(std::string_view text) { return Blob(text.begin(), text.end()); }

inline Blob varint(std::uint64_t number) {
  Blob out;
  for (; number >= 0x80; number >>= 7) out.push_back(static_cast<std::uint8_t>(number | 0x80));
  out.push_back(static_cast<std::uint8_t>(number));
  return out;
}
template <class Number> Blob little_endian(Number number) {
  Blob out(sizeof number);
  std::memcpy(out.data(), &number, sizeof number);
  return out;
}
inline Blob tag(std::uint32_t number, unsigned type) { return varint(std::uint64_t{number} << 3 | type); }
inline Blob number_field(std::uint32_t number, std::uint64_t value) { return tag(number, 0) + varint(value); }
inline Blob double_field(std::uint32_t number, double value) { return tag(number, 1) + little_endian(value); }
inline Blob float_field(std::uint32_t number, float value) { return tag(number, 5) + little_endian(value); }
inline Blob field(std::uint32_t number, const Blob &payload) {
  return tag(number, 2) + varint(payload.size()) + payload;
}
inline Blob field(std::uint32_t number, std::string_view text) { return field(number, blob(text)); }

// core/example/feature.proto
inline Blob bytes_feature(std::initializer_list<Blob> values) {
  Blob list;
  for (const Blob &value : values) list = list + field(1, value);
  return field(1, list);
}
inline Blob bytes_feature(std::string_view text) { return bytes_feature({blob(text)}); }
inline Blob floats_feature(std::initializer_list<float> values) {
  Blob packed;
  for (float value : values) packed = packed + little_endian(value);
  return field(2, values.size() == 0 ? Blob() : field(1, packed));
}
inline Blob integers_feature(std::initializer_list<std::int64_t> values) {
  Blob packed;
  for (std::int64_t value : values) packed = packed + varint(static_cast<std::uint64_t>(value));
  return field(3, values.size() == 0 ? Blob() : field(1, packed));
}
/// An entry of a map, as a field of the message that holds the map.
inline Blob entry(std::string_view name, const Blob &value) {
  return field(1, field(1, name) + field(2, value));
}
inline Blob example(const Blob &entries) { return field(1, entries); }

/// Remembers what it was given.
struct KeptInner final : InnerSamples {
  void found(InnerSample inner) override { samples.push_back(std::move(inner)); }
  std::vector<InnerSample> samples;
};
struct KeptTraits final : Traits {
  void begin(std::uint64_t) override {}
  void trait(std::string_view name, std::string_view kind, std::uint64_t count) override {
    text += std::string(name) + ":" + std::string(kind) + ":" + std::to_string(count) + " ";
  }
  std::string text;
};

/// All rules broken, in order, as text: "tfrecord.example.wire@3 ".
inline std::string rules_of(const Evidence &evidence, bool with_offsets = true) {
  std::string text;
  for (const Finding &finding : evidence.findings.list())
    text += std::string(finding.rule->id).substr(9) +
            (with_offsets ? "@" + std::to_string(finding.offset) : "") + " ";
  return text;
}

/// What is found in data that lie against an inaccessible page.
inline Evidence examine(const Blob &data, tfrecord::Payload payload, bool first = false,
                        InnerSamples *inner = nullptr, Traits *traits = nullptr, std::uint64_t offset = 0) {
  const GuardedBytes guarded{Bytes(data)};
  Evidence evidence;
  evidence.inner = inner;
  evidence.traits = traits;
  tfrecord::examine_payload(guarded.bytes(), offset, payload, first, evidence);
  return evidence;
}
inline Evidence examine_example(const Blob &data) { return examine(data, tfrecord::Payload::example); }
inline std::string detail_of(const Evidence &evidence) {
  return evidence.findings.empty() ? "nothing" : evidence.findings.list()[0].detail;
}

} // namespace datavet::test
