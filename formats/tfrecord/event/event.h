/// TensorBoard's Event: one record of an event file.
#pragma once

#include <cstdint>

#include "formats/evidence.h"

namespace datavet::tfrecord {

/// True when the bytes begin with a wall time of a second or more, are a well-formed Event of known fields
/// only, and say what happened. (So little marks an Event that less would take random bytes for one.)
bool is_event(Bytes data);

/// Judges an Event and hands the pictures of its summaries to evidence.inner. `offset` = of `data` in the
/// sample. `first` = the record is the first of its file.
void check_event(Bytes data, std::uint64_t offset, bool first, Evidence &evidence);

} // namespace datavet::tfrecord
