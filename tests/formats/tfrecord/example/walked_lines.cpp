// What our walks say of records, one line each, for protobuf_test.py to compare with protobuf.
// Input: for each record a letter (e = Example, s = SequenceExample, v = Event), its length as four bytes,
// little-endian, and the record. Output: "bad TROUBLE" or "ok" and what was read, in the form in which the
// test writes what protobuf read.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "formats/tfrecord/event/schema.h"
#include "formats/tfrecord/example/walk.h"

namespace {

using namespace datavet;
using namespace datavet::tfrecord;

std::string in_hex(std::string_view text) {
  std::string hex;
  for (char letter : text) hex += fmt::format("{:02x}", static_cast<unsigned char>(letter));
  return hex;
}

/// Of the values, so that lists can be compared by one number.
std::uint64_t digest_of(const Feature &feature) {
  std::uint64_t digest = 0;
  const auto add = [&](std::uint64_t value) { digest = digest * 1000003 + value; };
  Bytes value;
  switch (feature.kind) {
  case FeatureKind::bytes:
    for (BytesValues values(feature.list); values.next(value);) {
      add(value.size());
      for (std::uint8_t byte : value) add(byte);
    }
    break;
  case FeatureKind::integers:
    for_each_integer(feature.list, [&](std::int64_t number) {
      add(static_cast<std::uint64_t>(number));
      return true;
    });
    break;
  case FeatureKind::floats:
    for_each_float(feature.list, [&](float number) { add(std::bit_cast<std::uint32_t>(number)); });
    break;
  case FeatureKind::none: break;
  }
  return digest;
}

std::string words_of(const Feature &feature) {
  // Of a list that was written in pieces, only the last is at hand.
  const std::string digest = feature.merged ? "merged" : fmt::format("{:x}", digest_of(feature));
  return fmt::format("{}:{}:{}", name_of(feature.kind), feature.count, digest);
}

std::string line_of(const ExampleWalk &walk) {
  std::vector<std::string> words;
  for (const Feature &feature : walk.features())
    if (!feature.replaced) words.push_back(in_hex(feature.name) + ":" + words_of(feature));
  for (const FeatureSteps &list : walk.lists()) {
    if (list.replaced) continue;
    std::string word = "list " + in_hex(list.name);
    for (const Feature &step : walk.steps().subspan(list.first, list.kept)) word += "/" + words_of(step);
    words.push_back(word);
  }
  std::sort(words.begin(), words.end());
  std::string line = walk.odd() ? "ok odd" : "ok";
  for (const std::string &word : words) line += " " + word;
  return line;
}

std::string judge(char letter, Bytes record, ExampleWalk &walk) {
  if (letter == 'v') {
    const wire::Form form = wire::form_of(record, event_schema);
    if (form.trouble != wire::Trouble::none) return fmt::format("bad {}", wire::name_of(form.trouble));
    return form.strict() ? "ok" : "ok odd";
  }
  if (!walk.walk(record, letter == 's' ? ExampleType::sequence_example : ExampleType::example))
    return fmt::format("bad {}", wire::name_of(walk.trouble()));
  return line_of(walk);
}

} // namespace

int main() {
  ExampleWalk walk;
  std::uint8_t head[5];
  while (std::fread(head, 1, sizeof head, stdin) == sizeof head) {
    const std::uint32_t size =
        head[1] | head[2] << 8 | head[3] << 16 | static_cast<std::uint32_t>(head[4]) << 24;
    std::vector<std::uint8_t> record(size);
    if (std::fread(record.data(), 1, size, stdin) != size) return 2;
    std::puts(judge(static_cast<char>(head[0]), record, walk).c_str());
  }
  return 0;
}
