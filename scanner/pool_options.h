/// From what a caller may say about decoders to what the pool needs.
#pragma once

#include <datavet/scan.h>

#include "pipeline/isolation/decoder_pool.h"

namespace datavet {

PoolOptions pool_options(const DecoderOptions &options, const Limits &limits, unsigned workers);

} // namespace datavet
