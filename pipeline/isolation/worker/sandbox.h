/// What a worker gives up before it sees a sample.
#pragma once

#include <cstdint>

#include "pipeline/isolation/protocol.h"

namespace datavet::isolation {

/// Limits, capabilities, Landlock, seccomp, in this order. Afterwards this process can compute, use the
/// memory it is allowed, talk over `channel_descriptor`, pread `file_descriptor` and, with `target_bytes`, pread,
/// pwrite and truncate `target_descriptor`: no file, network, process or signal. Returns the layers in force; fewer than all where the kernel refuses some.
std::uint32_t lock_in(const WorkerConfig &config);

} // namespace datavet::isolation
