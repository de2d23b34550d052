/// Judges one file or one sample in memory, without the graph: for Checker and `datavet check`.
#pragma once

#include <string_view>

#include <datavet/options.h>

#include "formats/registry.h"

namespace datavet {

class DecoderPool;
class File;

struct OneSample {
  const Format *format = nullptr;
  Evidence evidence;
};

/// `meant` is what the bytes are supposed to be, or null. A shard is judged with all its records: the
/// findings of all of them, with offsets in the (inflated) stream. Without `decoders` a note says where
/// they would have been asked. Throws std::bad_alloc only.
void judge_bytes(Registry formats, Bytes bytes, const Format *meant, const CheckOptions &options, DecoderPool *decoders,
                 OneSample &one);

/// The same for an open file of a random-access format.
void judge_file(Registry formats, const Format &format, const File &file, const CheckOptions &options, DecoderPool *decoders,
                OneSample &one);

} // namespace datavet
