// Any bytes: TIFF's check ends, keeps inside the sample and says the same twice.
#include <cstdlib>

#include "formats/tiff/tiff.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  datavet::Evidence first, second;
  datavet::tiff_format.check({data, size}, {}, first);
  datavet::tiff_format.check({data, size}, {}, second);
  if (first.findings.list().size() != second.findings.list().size()) std::abort();
  for (const datavet::Finding &finding : first.findings.list())
    if (finding.offset > size || finding.length > size - finding.offset) std::abort();
  return 0;
}
