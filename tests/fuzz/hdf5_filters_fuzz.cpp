// The undoing of filters: the first bytes choose them, the rest is the stored chunk.
#include "formats/hdf5/filters/filter_chain.h"

#include <cassert>
#include <vector>

using namespace datavet;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 8) return 0;
  const std::uint16_t ids[] = {1, 2, 3, 32000, 32001, 32004, 32008, 32015};
  std::vector<hdf5::FilterStep> filters;
  for (unsigned i = 0; i < 1 + data[0] % 3u; ++i) {
    const std::uint16_t id = ids[data[1 + i] % 8];
    hdf5::FilterStep step{id, 0, "", {}};
    if (id == 2) step.parameters = {data[4] % 20u};
    if (id == 32008) step.parameters = {0, 0, data[4] % 20u, (data[5] % 4u) * 8, data[5] / 64u};
    filters.push_back(step);
  }
  if (!hdf5::can_undo(filters)) return 0;
  const std::uint64_t chunk = data[6] | (data[7] & 15) << 8;
  const std::uint32_t mask = data[7] >> 5;
  const Bytes stored(data + 8, size - 8);
  hdf5::FilterChain chain(filters, chunk);
  const bool good = !chain.verify(stored, mask).has_value();
  const std::optional<Bytes> bytes = chain.undo(stored, mask);
  assert(good == bytes.has_value());
  assert(bytes.has_value() == !chain.trouble().has_value());
  if (bytes) {
    assert(bytes->size() == chunk);
    std::uint64_t sum = 0; // every byte is there
    for (std::uint8_t byte : *bytes) sum += byte;
    volatile std::uint64_t keep = sum;
    (void)keep;
  }
  return 0;
}
