#include "formats/hdf5/cut/encode.h"

#include <algorithm>
#include <cstring>
#include <new>

#include <zlib.h>

#include "formats/checksum/fletcher32.h"
#include "formats/hdf5/filters/filter_chain.h"

namespace datavet::hdf5 {

namespace {

bool is_applied(const FilterStep &step) {
  return step.id == deflate_filter || step.id == shuffle_filter || step.id == fletcher32_filter;
}

// H5Zshuffle.c: all first bytes of the elements, then all second bytes, ...; what is left over as it was.
void shuffle(Bytes in, std::uint64_t element, std::vector<std::uint8_t> &out) {
  out.resize(in.size());
  const std::uint64_t count = in.size() / element;
  for (std::uint64_t byte = 0; byte < element; ++byte)
    for (std::uint64_t i = 0; i < count; ++i) out[byte * count + i] = in[i * element + byte];
  const std::uint64_t done = count * element;
  if (done < in.size()) std::memcpy(out.data() + done, in.data() + done, in.size() - done);
}

// H5Zdeflate.c: compress2() with the level that is the filter's parameter.
void deflate(Bytes in, const FilterStep &step, std::vector<std::uint8_t> &out) {
  const int level = step.parameters.empty() ? Z_DEFAULT_COMPRESSION
                                            : static_cast<int>(std::min<std::uint32_t>(step.parameters[0], 9));
  uLongf size = compressBound(in.size());
  out.resize(size);
  if (compress2(out.data(), &size, in.data(), in.size(), level) != Z_OK) throw std::bad_alloc(); // its one failure
  out.resize(size);
}

// H5Zfletcher32.c: the checksum behind the bytes, little-endian.
void append_fletcher32(Bytes in, std::vector<std::uint8_t> &out) {
  out.assign(in.begin(), in.end());
  const std::uint32_t sum = fletcher32(in);
  for (unsigned i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(sum >> (8 * i)));
}

} // namespace

bool can_apply(std::span<const FilterStep> filters) { return std::ranges::all_of(filters, is_applied); }

ChunkEncoder::Encoded ChunkEncoder::apply(Bytes elements) {
  Encoded encoded{elements, 0};
  for (std::size_t i = 0; i < filters_.size(); ++i) {
    std::vector<std::uint8_t> &out =
        encoded.bytes.data() == buffers_[0].data() ? buffers_[1] : buffers_[0];
    switch (filters_[i].id) {
    case shuffle_filter: shuffle(encoded.bytes, filters_[i].parameters[0], out); break;
    case deflate_filter: deflate(encoded.bytes, filters_[i], out); break;
    case fletcher32_filter: append_fletcher32(encoded.bytes, out); break;
    default: encoded.mask |= 1u << i; continue;
    }
    encoded.bytes = out;
  }
  return encoded;
}

} // namespace datavet::hdf5
