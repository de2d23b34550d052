// TensorBoard events: what is found lies inside the record.
#include <cstdlib>

#include "formats/tfrecord/payload.h"

namespace {

using namespace datavet;

struct Inside final : InnerSamples {
  explicit Inside(Bytes data) : data(data) {}
  void found(InnerSample inner) override {
    if (inner.offset < 100 || inner.offset - 100 > data.size() ||
        inner.bytes.size() > data.size() - (inner.offset - 100))
      std::abort();
  }
  Bytes data;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  if (size == 0) return 0;
  const Bytes data(bytes + 1, size - 1);
  Evidence evidence;
  Inside inside(data);
  evidence.inner = &inside;
  tfrecord::examine_payload(data, 100, tfrecord::Payload::event, (bytes[0] & 1) != 0, evidence);
  for (const Finding &finding : evidence.findings.list())
    if (finding.offset < 100 || finding.offset - 100 > data.size()) std::abort();
  if (tfrecord::recognise(data) == tfrecord::Payload::event &&
      evidence.findings.any_at_least(Severity::error))
    for (const Finding &finding : evidence.findings.list())
      if (finding.rule->id == "tfrecord.event.wire" || finding.rule->id == "tfrecord.event.wire_type")
        std::abort();
  return 0;
}
