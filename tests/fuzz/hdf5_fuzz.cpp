#include "formats/hdf5/hdf5.h"
#include <cassert>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  using namespace datavet;
  const MemorySource source({data, size});
  Evidence once, twice;
  hdf5_format.examine(source, {}, once);
  hdf5_format.examine(source, {}, twice);
  assert(once.findings.list().size() == twice.findings.list().size());
  for (const Finding &finding : once.findings.list())
    assert(finding.offset <= size && finding.length <= size - finding.offset);
  return 0;
}
