// tf.Example and tf.SequenceExample: what is found lies inside; the straight way through a record says what
// the walk of its message by schema says; whatever is recognised is free of malformed bytes.
#include <cstdlib>

#include "formats/tfrecord/example/walk.h"
#include "formats/tfrecord/payload.h"
#include "tests/formats/tfrecord/example/schema.h"

namespace {

using namespace datavet;
using namespace datavet::tfrecord;

struct Inside final : InnerSamples, Traits {
  explicit Inside(Bytes data) : data(data) {}
  void found(InnerSample inner) override {
    if (inner.offset < 100 || inner.offset - 100 > data.size() ||
        inner.bytes.size() > data.size() - (inner.offset - 100))
      std::abort();
  }
  void trait(std::string_view, std::string_view, std::uint64_t) override {}
  Bytes data;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  if (size == 0) return 0;
  const Bytes data(bytes + 1, size - 1);
  const bool sequence = (bytes[0] & 1) != 0;
  const Payload payload = sequence ? Payload::sequence_example : Payload::example;
  Evidence evidence;
  Inside inside(data);
  evidence.inner = &inside;
  evidence.traits = &inside;
  examine_payload(data, 100, payload, false, evidence);
  for (const Finding &finding : evidence.findings.list())
    if (finding.offset < 100 || finding.offset - 100 > data.size()) std::abort();

  ExampleWalk walk;
  const bool walked = walk.walk(data, sequence ? ExampleType::sequence_example : ExampleType::example);
  const wire::Form form =
      wire::form_of(data, sequence ? test::sequence_example_schema : test::example_schema);
  if (walked != (form.trouble == wire::Trouble::none)) std::abort();
  const bool strange =
      walk.saw(Oddity::unknown_field) || walk.saw(Oddity::foreign_field) || walk.saw(Oddity::wrong_type);
  if (walked && strange == form.strict()) std::abort();
  if (recognise(data) == payload && !form.strict()) std::abort();
  return 0;
}
