#include <cstdlib>

#include "formats/jpeg/jpeg.h"
#include "tests/support/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  datavet::Evidence first, second;
  datavet::jpeg_format.check({data, size}, {}, first);
  datavet::jpeg_format.check({data, size}, {}, second);
  for (const datavet::Finding &finding : first.findings.list())
    if (finding.offset > size || finding.length > size - finding.offset) std::abort();
  if (datavet::test::describe(first) != datavet::test::describe(second)) std::abort();
  return 0;
}
