/// A worker's life: from the fork to the last sample.
#pragma once

#include <span>

#include <sys/types.h>

#include "formats/decoder.h"
#include "pipeline/io/unique_fd.h"
#include "pipeline/isolation/protocol.h"

namespace datavet::isolation {

/// Called in a fresh child of the zygote. `data` is the slot, or the file when config.slot_bytes is 0.
[[noreturn]] void serve(std::span<const Decoder> decoders, const WorkerConfig &config, pid_t zygote,
                        UniqueFd channel, UniqueFd data);

} // namespace datavet::isolation
