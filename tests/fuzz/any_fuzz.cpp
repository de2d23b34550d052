#include <cstdlib>

#include "formats/any/any.h"
#include "formats/bmp/bmp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  datavet::Evidence evidence, zeros;
  datavet::explain_unknown_content({data, size}, size, datavet::bmp_format, evidence);
  if (evidence.findings.list().size() != 1) std::abort();
  datavet::find_zero_run({data, size}, 512, zeros);
  if (zeros.findings.list().size() > 1) std::abort();
  return 0;
}
