#include "pipeline/isolation/reply.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include <fmt/format.h>

#include "formats/bytes/byte_reader.h"
#include "pipeline/isolation/protocol.h"

namespace datavet::isolation {

namespace {

enum class Kind : std::uint8_t { answer, allocation_failed };

struct WireHeader {
  std::uint64_t nonce;
  std::uint32_t index;
  std::uint8_t kind;
  std::uint8_t outcome;
  std::uint16_t findings;
  std::uint64_t resident_kib;
};

/// Facts field by field, for a bool or an enumerator out of range must never be formed.
struct WireFacts {
  std::uint32_t width, height;
  std::uint16_t channels, bits;
  std::uint32_t frames;
  std::uint8_t colour, progressive, orientation, unused[5];
  std::uint64_t decoded_bytes, objects, datasets;
};
static_assert(sizeof(Facts) == 48, "a fact was added: send it too");

struct WireFinding {
  std::uint64_t offset, length;
};

static_assert(Message<WireHeader> && Message<WireFacts> && Message<WireFinding>);

WireFacts to_wire(const Facts &facts) {
  WireFacts wire{};
  wire.width = facts.width;
  wire.height = facts.height;
  wire.channels = facts.channels;
  wire.bits = facts.bits;
  wire.frames = facts.frames;
  wire.colour = static_cast<std::uint8_t>(facts.colour);
  wire.progressive = facts.progressive ? 1 : 0;
  wire.orientation = facts.orientation;
  wire.decoded_bytes = facts.decoded_bytes;
  wire.objects = facts.objects;
  wire.datasets = facts.datasets;
  return wire;
}

std::optional<Facts> from_wire(const WireFacts &wire) {
  if (wire.colour > static_cast<std::uint8_t>(Colour::ycck) || wire.progressive > 1 || wire.orientation > 8)
    return std::nullopt;
  Facts facts;
  facts.width = wire.width;
  facts.height = wire.height;
  facts.channels = wire.channels;
  facts.bits = wire.bits;
  facts.frames = wire.frames;
  facts.colour = static_cast<Colour>(wire.colour);
  facts.progressive = wire.progressive == 1;
  facts.orientation = wire.orientation;
  facts.decoded_bytes = wire.decoded_bytes;
  facts.objects = wire.objects;
  facts.datasets = wire.datasets;
  return facts;
}

template <Message T> std::optional<T> take(ByteReader &reader) {
  std::optional<Bytes> bytes = reader.take(sizeof(T));
  if (!bytes) return std::nullopt;
  T value;
  std::memcpy(&value, bytes->data(), sizeof(T));
  return value;
}

/// Text is its length in 16 bits, then its bytes.
std::optional<std::string_view> take_text(ByteReader &reader) {
  std::optional<std::uint16_t> length = take<std::uint16_t>(reader);
  if (!length || *length > longest_text) return std::nullopt;
  std::optional<Bytes> bytes = reader.take(*length);
  if (!bytes) return std::nullopt;
  return std::string_view(reinterpret_cast<const char *>(bytes->data()), bytes->size());
}

std::variant<Finding, Misbehaviour> parse_finding(ByteReader &reader, const Format &format,
                                                  std::uint64_t sample_size) {
  const std::optional<WireFinding> place = take<WireFinding>(reader);
  const std::optional<std::string_view> id = place ? take_text(reader) : std::nullopt;
  const std::optional<std::string_view> detail = id ? take_text(reader) : std::nullopt;
  if (!detail) return Misbehaviour{"a finding is cut short"};
  const auto rule = std::find_if(format.rules.begin(), format.rules.end(),
                                 [&](const Rule *candidate) { return candidate->id == *id; });
  if (rule == format.rules.end())
    return Misbehaviour{fmt::format("a finding names a rule that {} does not have", format.name)};
  if (place->offset > sample_size || place->length > sample_size - place->offset)
    return Misbehaviour{fmt::format("a finding lies outside the sample: offset {}, length {}, sample {}",
                                    place->offset, place->length, sample_size)};
  return Finding{*rule, place->offset, place->length, std::string(*detail)};
}

} // namespace

// --- In the worker ---------------------------------------------------------------------------------

template <class T> void ReplyWriter::put(const T &value) {
  static_assert(Message<T>);
  std::memcpy(buffer_.data() + size_, &value, sizeof(T));
  size_ += sizeof(T);
}

void ReplyWriter::put(std::string_view text) {
  text = text.substr(0, longest_text);
  put(static_cast<std::uint16_t>(text.size()));
  if (!text.empty()) std::memcpy(buffer_.data() + size_, text.data(), text.size());
  size_ += text.size();
}

Bytes ReplyWriter::answer(ReplyName name, Outcome outcome, std::uint64_t resident_kib,
                          const Evidence &evidence, std::uint64_t sample_size, std::string_view text) {
  constexpr std::size_t longest_id = 128;
  constexpr std::size_t largest_finding = sizeof(WireFinding) + 4 + longest_id + longest_text;
  static_assert(sizeof(WireHeader) + sizeof(WireFacts) + 2 + longest_text +
                    Findings::kept * largest_finding <=
                largest_reply);
  size_ = 0;
  const std::span<const Finding> findings = evidence.findings.list();
  put(WireHeader{name.nonce, name.index, static_cast<std::uint8_t>(Kind::answer),
                 static_cast<std::uint8_t>(outcome), static_cast<std::uint16_t>(findings.size()),
                 resident_kib});
  put(to_wire(evidence.facts));
  put(text);
  for (const Finding &finding : findings) {
    const std::uint64_t offset = std::min(finding.offset, sample_size);
    put(WireFinding{offset, std::min(finding.length, sample_size - offset)});
    put(finding.rule->id.substr(0, longest_id));
    put(std::string_view(finding.detail));
  }
  return Bytes(buffer_).first(size_);
}

Bytes ReplyWriter::allocation_failed(ReplyName name) {
  size_ = 0;
  put(WireHeader{name.nonce, name.index, static_cast<std::uint8_t>(Kind::allocation_failed), 0, 0, 0});
  return Bytes(buffer_).first(size_);
}

// --- In the host -----------------------------------------------------------------------------------

Reply parse_reply(Bytes message, ReplyName expected, const Format &format, std::uint64_t sample_size) {
  if (message.size() > largest_reply) return Misbehaviour{"a reply is too long"};
  ByteReader reader(message);
  const std::optional<WireHeader> header = take<WireHeader>(reader);
  if (!header) return Misbehaviour{"a reply is cut short"};
  if (header->nonce != expected.nonce || header->index != expected.index)
    return Misbehaviour{"a reply does not belong to the request"};
  if (header->kind == static_cast<std::uint8_t>(Kind::allocation_failed) && reader.at_end())
    return AllocationFailed{};
  if (header->kind != static_cast<std::uint8_t>(Kind::answer))
    return Misbehaviour{"a reply is of no known kind"};
  if (header->outcome > static_cast<std::uint8_t>(Outcome::threw))
    return Misbehaviour{"an outcome is out of range"};
  if (header->findings > Findings::kept) return Misbehaviour{"too many findings"};

  const std::optional<WireFacts> wire_facts = take<WireFacts>(reader);
  const std::optional<std::string_view> text = wire_facts ? take_text(reader) : std::nullopt;
  if (!text) return Misbehaviour{"a reply is cut short"};
  const std::optional<Facts> facts = from_wire(*wire_facts);
  if (!facts) return Misbehaviour{"a fact is out of range"};

  Answer answer{static_cast<Outcome>(header->outcome), header->resident_kib, *facts, {}, std::string(*text)};
  for (unsigned i = 0; i < header->findings; ++i) {
    std::variant<Finding, Misbehaviour> finding = parse_finding(reader, format, sample_size);
    if (Misbehaviour *misbehaviour = std::get_if<Misbehaviour>(&finding)) return std::move(*misbehaviour);
    answer.findings.push_back(std::move(std::get<Finding>(finding)));
  }
  if (!reader.at_end()) return Misbehaviour{"bytes follow the end of a reply"};
  return answer;
}

} // namespace datavet::isolation
