/// Cuts a shard into records, window by window, and goes on behind what is damaged.
#pragma once

#include "formats/format.h"

namespace datavet::tfrecord {

/// Format::split of TFRecord. A record is framed when its length matches its CRC. Where that ends, the search slides
/// to the next eight bytes that match their CRC and whose record's data match theirs, and reports the hole: so every
/// intact record is found, and none is invented.
SplitStep split(Bytes window, bool last, const CheckOptions &options, SplitState &state, SampleSink &sink);

} // namespace datavet::tfrecord
