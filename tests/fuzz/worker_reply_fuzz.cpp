// A hostile worker speaks: whatever it says, findings are bounded, of the format's rules, inside the sample.
#include "pipeline/isolation/reply.h"
#include "tests/pipeline/isolation/misbehaving_format.h"
#include <cstdlib>
#include <cstring>
using namespace datavet;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  isolation::ReplyName name;
  if (size >= 12)
    std::memcpy(&name.nonce, data, 8), std::memcpy(&name.index, data + 8, 4); // else all are refused
  const isolation::Reply reply = isolation::parse_reply({data, size}, name, test::misbehaving_format, 1'000);
  if (const auto *answer = std::get_if<isolation::Answer>(&reply))
    for (const Finding &finding : answer->findings)
      if (finding.rule != &test::complaint || finding.offset + finding.length > 1'000) std::abort();
  return 0;
}
