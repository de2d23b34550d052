// The same findings in one window or in many, none outside. The first byte is the size of the windows.
#include <cstdlib>

#include "tests/formats/tfrecord/shard_reading.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  using namespace datavet::test;
  if (size == 0) return 0;
  const datavet::Bytes shard(data + 1, size - 1);
  const Reading reading = read_whole(Blob(shard.begin(), shard.end()));
  if (!(read_shard(shard, 1u + data[0]) == reading) || testing::Test::HasFailure()) std::abort();
  for (const SeenFinding &finding : reading.findings)
    if (finding.offset > shard.size()) std::abort();
  return 0;
}
