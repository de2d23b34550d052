/// The worker program before it is a worker: loads the decoders once, then forks workers on request.
#pragma once

#include <span>

#include "formats/decoder.h"

namespace datavet::isolation {

/// Serves the socket at `channel_descriptor` until the host closes it, then kills and reaps every worker
/// and returns the exit status. Single-threaded, and sees no byte of a sample.
int run_zygote(std::span<const Decoder> decoders);

} // namespace datavet::isolation
