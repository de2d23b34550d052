// szip, nbit and scale-offset: the first byte chooses the filter, the next ones make its parameters, the rest
// is the stored chunk. Where parameters are sound, so is most of what libhdf5 writes: seeds are stored
// chunks.
#include "formats/hdf5/filters/filter_chain.h"
#include "formats/hdf5/filters/nbit.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <vector>

using namespace datavet;

namespace {

constexpr std::size_t described = 16;

/// Types of types, as deep as the bytes say.
void put_type(std::vector<std::uint32_t> &parameters, const uint8_t *&at, const uint8_t *end,
              unsigned depth) {
  const auto next = [&] { return at < end ? *at++ : std::uint8_t{1}; };
  const unsigned kind = next() % 5u, size = next() % 24u;
  parameters.insert(parameters.end(), {kind, size});
  if (kind == 1) parameters.insert(parameters.end(), {next() % 3u, next() % 70u, next() % 70u});
  if (depth > 40) return;
  if (kind == 2) put_type(parameters, at, end, depth + 1);
  if (kind != 3) return;
  const unsigned members = next() % 4u;
  parameters.push_back(members);
  for (unsigned i = 0; i < members; ++i) {
    parameters.push_back(next() % 24u);
    put_type(parameters, at, end, depth + 1);
  }
}

hdf5::FilterStep step_of(const uint8_t *data) {
  hdf5::FilterStep step{static_cast<std::uint16_t>(hdf5::szip_filter + data[0] % 3u), 0, "", {}};
  std::vector<std::uint32_t> &parameters = step.parameters;
  switch (step.id) {
  case hdf5::szip_filter: {
    constexpr std::uint32_t bits[] = {32, 64, 8, 16, 11, 24, 1, 7};
    parameters = {data[1], data[2] % 34u, bits[data[3] % 8],
                  static_cast<std::uint32_t>(data[4] | (data[5] & 15) << 8)};
    break;
  }
  case hdf5::nbit_filter: {
    parameters = {0, data[1] % 8u == 7 ? 1u : 0u, data[2] % 64u};
    const uint8_t *at = data + 3;
    put_type(parameters, at, data + described - 2, 0);
    parameters[0] = static_cast<std::uint32_t>(parameters.size());
    break;
  }
  default:
    parameters.resize(20);
    parameters[0] = data[1] % 3u;
    parameters[1] = data[2] < 128 ? data[2] % 70u : data[2] - 256u;
    parameters[2] = data[3] % 64u;
    parameters[3] = data[4] % 2u;
    parameters[4] = 1u << data[5] % 4u;
    parameters[5] = data[6] % 2u;
    parameters[6] = data[7] % 2u;
    parameters[7] = data[8] % 2u;
    std::memcpy(&parameters[8], data + 9, 4);
  }
  return step;
}

/// Mostly what the parameters say, so that chunks are not all of a wrong size.
std::uint64_t size_of(const hdf5::FilterStep &step, const uint8_t *data) {
  const std::uint64_t any = data[described - 2] | (data[described - 1] & 15) << 8;
  if ((data[described - 1] & 0x80) != 0) return any;
  if (step.id == hdf5::scale_offset_filter) return std::uint64_t{step.parameters[2]} * step.parameters[4];
  if (step.id != hdf5::nbit_filter) return any;
  const std::optional<hdf5::Nbit> nbit = hdf5::read_nbit(step);
  return nbit && !nbit->as_it_is ? std::uint64_t{nbit->elements} * nbit->type.size : any;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < described) return 0;
  std::vector<hdf5::FilterStep> filters{step_of(data)};
  if ((data[0] & 0x40) != 0) filters.push_back({hdf5::fletcher32_filter, 0, "", {}});
  if ((data[0] & 0x80) != 0) filters.push_back({hdf5::deflate_filter, 0, "", {6}});
  if (!hdf5::can_undo(filters)) return 0;
  const std::uint64_t chunk = size_of(filters[0], data);
  const std::vector<std::uint8_t> stored(data + described, data + size); // its own block: overruns are seen
  hdf5::FilterChain chain(filters, chunk);
  const bool good = !chain.verify(stored, 0).has_value();
  const std::optional<Bytes> bytes = chain.undo(stored, 0);
  assert(good == bytes.has_value());
  if (bytes) {
    assert(bytes->size() == chunk);
    std::vector<std::uint8_t> first(bytes->begin(), bytes->end());
    const std::optional<Bytes> again = chain.undo(stored, 0); // nothing of the chunk before is left
    assert(again && std::equal(first.begin(), first.end(), again->begin(), again->end()));
  }
  return 0;
}
