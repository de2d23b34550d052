#include <cstdlib>

#include "formats/gif/gif.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  datavet::Evidence first, second;
  datavet::gif_format.check({data, size}, {}, first);
  datavet::gif_format.check({data, size}, {}, second);
  if (first.findings.list().size() != second.findings.list().size()) std::abort();
  for (const datavet::Finding &finding : first.findings.list())
    if (finding.offset > size) std::abort();
  return 0;
}
