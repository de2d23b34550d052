/// What the data of a record are, and what is wrong with them.
#pragma once

#include <cstdint>
#include <string_view>

#include "formats/evidence.h"

namespace datavet::tfrecord {

enum class Payload : std::uint8_t {
  opaque, ///< nothing that we know: any bytes are legal in a record
  example,
  sequence_example,
  event,
};

std::string_view name_of(Payload payload);

/// What split() tells check() of a record: what it holds, and whether it is the first of its file.
constexpr std::uint8_t first_of_file = 0x80;
constexpr std::uint8_t kind_of(Payload payload, bool first) {
  const auto kind = static_cast<std::uint8_t>(payload);
  return payload == Payload::event && first ? kind | first_of_file : kind; // of no meaning to the others
}
constexpr Payload payload_of_kind(std::uint8_t kind) { return static_cast<Payload>(kind & ~first_of_file); }

/// Strict: an Example or SequenceExample is one when it is well-formed, consists of known fields only, at
/// every level, and has a feature with a kind (a SequenceExample: and a feature list); an Event when it
/// begins with a wall time, is well-formed, consists of known fields only and says what happened. All else is
/// opaque, damaged Examples too: what a shard holds is told by its first records, and the others are examined
/// as that.
Payload recognise(Bytes data);

/// Judges the data of one record as what `payload` says. Offsets of findings and of inner samples are places
/// in `data` plus `offset_in_record`. `first` = the record is the first of its file (event files begin with
/// their version). Total. Keeps scratch memory for the thread, at most some MiB.
void examine_payload(Bytes data, std::uint64_t offset_in_record, Payload payload, bool first,
                     Evidence &evidence);

} // namespace datavet::tfrecord
