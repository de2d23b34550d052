// The listing of chunks: the first bytes describe the dataset, the rest is the file.
#include "formats/checksum/lookup3.h"
#include "formats/hdf5/chunks/list_chunks.h"

#include <cassert>
#include <cstring>
#include <vector>

using namespace datavet;

namespace {

struct Counting final : hdf5::ChunkSink {
  std::uint64_t room = 0, count = 0;
  void chunk(const hdf5::Chunk &chunk) override {
    assert(chunk.address <= room && chunk.size <= room - chunk.address);
    ++count;
  }
};

// Without right checksums little behind a header would ever be reached.
void seal(std::vector<std::uint8_t> &file, std::size_t at, std::size_t bytes) {
  if (at > file.size() || bytes + 4 > file.size() - at) return;
  const std::uint32_t sum = lookup3(Bytes(file).subspan(at, bytes));
  std::memcpy(file.data() + at + bytes, &sum, 4);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  constexpr std::size_t described = 24;
  if (size < described) return 0;
  hdf5::Dataset dataset;
  dataset.space.form = hdf5::Dataspace::Class::simple;
  hdf5::Storage &storage = dataset.storage;
  storage.form = hdf5::Storage::Class::chunked;
  storage.index = static_cast<hdf5::Storage::Index>(data[0] % 7);
  storage.version = static_cast<std::uint8_t>(3 + data[0] / 64);
  dataset.space.rank = storage.rank = data[1] % 5;
  storage.element_size = data[2] % 16;
  storage.edges_unfiltered = (data[3] & 1) != 0;
  const unsigned widths[] = {2, 4, 8, 8};
  for (unsigned i = 0; i < 4; ++i) {
    dataset.space.extent[i] = data[4 + i] < 250 ? data[4 + i] : std::uint64_t{1} << (data[4 + i] - 200);
    dataset.space.maximum[i] = data[8 + i] < 128 ? data[8 + i] : hdf5::Dataspace::unlimited;
    storage.chunk[i] = data[12 + i] % 17;
  }
  for (unsigned i = 0; i < data[16] % 4u; ++i)
    dataset.filters.push_back({static_cast<std::uint16_t>(1 + i), 0, "", {4}});
  storage.single_size = data[17];
  storage.single_mask = data[17] / 16;
  std::vector<std::uint8_t> file(data + described, data + size);
  storage.address = data[18] | data[19] << 8;
  if (storage.address == 65535) storage.address = hdf5::undefined_address;
  hdf5::Superblock superblock;
  superblock.version = data[20] % 4;
  superblock.offset_size = static_cast<std::uint8_t>(widths[data[21] % 4]);
  superblock.length_size = static_cast<std::uint8_t>(widths[data[22] % 4]);
  superblock.end = file.size();
  const unsigned o = superblock.offset_size, l = superblock.length_size;
  if ((data[23] & 1) != 0) { // headers of arrays and trees
    const std::size_t headers[] = {8 + l + o, 12 + 6 * l + o, 18 + o + l};
    seal(file, storage.address & 0xffff, headers[data[23] % 3]);
  }
  const MemorySource source(file);
  hdf5::AddressSpace space(source, superblock);
  Counting sink;
  sink.room = file.size();
  Evidence evidence;
  // Depth::structure does not look at checksums: pieces behind them are reached.
  const CheckOptions options{(data[23] & 2) != 0 ? Depth::structure : Depth::content, {}};
  const hdf5::ChunkListing listing = list_chunks(space, dataset, options, sink, evidence);
  assert(listing.listed == sink.count);
  for (const Finding &finding : evidence.findings.list())
    assert(finding.offset <= file.size() && finding.length <= file.size() - finding.offset);
  return 0;
}
