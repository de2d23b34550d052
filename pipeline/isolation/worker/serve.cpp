#include "pipeline/isolation/worker/serve.h"

#include <array>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <optional>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pipeline/isolation/reply.h"
#include "pipeline/isolation/worker/descriptor_source.h"
#include "pipeline/isolation/worker/failed_allocation.h"
#include "pipeline/isolation/worker/sandbox.h"

namespace datavet::isolation {

namespace {

/// The sample being decoded. Of the whole process, for malloc has to find it.
struct InHand {
  ReplyName name;
  bool told = false; ///< that an allocation failed
};
std::optional<InHand> in_hand;

/// The host reads to the last byte or kills: nothing to do when a write fails but to end.
void send(Bytes message) {
  if (write(channel_descriptor, message.data(), message.size()) != static_cast<ssize_t>(message.size()))
    _exit(EXIT_SUCCESS);
}

void tell_failed_allocation() {
  static ReplyWriter writer; // not the one of the answer, which may be half written
  if (!in_hand || in_hand->told) return;
  in_hand->told = true;
  send(writer.allocation_failed(in_hand->name));
}

std::uint64_t most_resident_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss);
}

/// Makes the C library look at its lists of free memory, for which small requests are no reason: a
/// decoder that wrote where it may not then aborts here, over the right sample, rather than over the
/// next. Finds some damage, by far not all.
void provoke_heap_damage() {
  static void *volatile memory; // volatile: the compiler may not drop the pair
  for (std::size_t size : {1'100u, 60'000u}) {
    memory = std::malloc(size);
    std::free(memory);
  }
}

struct Decoded {
  Outcome outcome = Outcome::done;
  std::array<char, longest_text> text{};
};

Decoded decode(const Decoder &decoder, const DecodeInput &input, const Limits &limits, Evidence &evidence) {
  Decoded decoded;
  auto failed = [&](Outcome outcome, std::string_view text) {
    decoded.outcome = outcome;
    text.copy(decoded.text.data(), decoded.text.size() - 1);
    evidence.clear();
  };
  try {
    decoder.decode(input, limits, evidence);
  } catch (const std::bad_alloc &) {
    failed(Outcome::out_of_memory, {});
  } catch (const std::exception &exception) {
    failed(Outcome::threw, exception.what());
  } catch (...) {
    failed(Outcome::threw, "an exception of no known type");
  }
  return decoded;
}

/// Descriptors 0 to 2 are /dev/null already; the channel becomes 3, the file 4, the rest is closed. The
/// owners must not close the old numbers afterwards: they may be the new ones.
void arrange_descriptors(const UniqueFd &channel, const UniqueFd &file) {
  if (dup2(channel.get(), channel_descriptor) < 0) _exit(start_failed_status);
  if (file && dup2(file.get(), file_descriptor) < 0) _exit(start_failed_status);
  syscall(SYS_close_range, file ? file_descriptor + 1 : channel_descriptor + 1, ~0u, 0);
}

Bytes map_slot(const WorkerConfig &config, const UniqueFd &slot) {
  void *mapped = mmap(nullptr, config.slot_bytes, PROT_READ, MAP_SHARED, slot.get(), 0);
  if (mapped == MAP_FAILED) _exit(start_failed_status);
  return {static_cast<const std::uint8_t *>(mapped), config.slot_bytes};
}

bool makes_sense(const HandOver &request, std::span<const Decoder> decoders, Bytes slot) {
  if (request.count > request.samples.size()) return false;
  for (const SampleRequest &sample : std::span(request.samples).first(request.count))
    if (sample.decoder >= decoders.size() || sample.offset > slot.size() ||
        sample.length > slot.size() - sample.offset)
      return false;
  return true;
}

} // namespace

void serve(std::span<const Decoder> decoders, const WorkerConfig &config, pid_t zygote, UniqueFd channel,
           UniqueFd data) {
  // The zygote has one thread, so this is tied to its death and not to a thread's.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != zygote) _exit(start_failed_status); // it died before the line above

  const bool reads_file = config.slot_bytes == 0;
  const Bytes slot = reads_file ? Bytes() : map_slot(config, data);
  if (!reads_file) data.reset();
  arrange_descriptors(channel, data); // serve() never returns, so neither is closed
  const std::uint32_t layers = lock_in(config);
  if (config.sandbox == SandboxMode::required && (layers & layer_seccomp) == 0) _exit(no_sandbox_status);
  on_failed_allocation(tell_failed_allocation);

  static ReplyWriter writer;
  const DescriptorSource file(file_descriptor, config.file_size);
  const Ready ready{Ready::expected_magic, layers, most_resident_kib()};
  if (write(channel_descriptor, &ready, sizeof ready) != sizeof ready) _exit(EXIT_SUCCESS);
  Evidence evidence;
  HandOver request;
  while (read(channel_descriptor, &request, sizeof request) == sizeof request) {
    if (!makes_sense(request, decoders, slot)) _exit(EXIT_FAILURE);
    for (std::uint32_t i = 0; i < request.count; ++i) {
      const SampleRequest &sample = request.samples[i];
      // A format that is walked at random gets its bytes in memory as a source, too.
      const MemorySource memory(slot.subspan(sample.offset, sample.length));
      const DecodeInput input{slot.subspan(sample.offset, sample.length),
                              reads_file ? static_cast<const Source *>(&file) : &memory};
      evidence.clear();
      in_hand = InHand{{request.nonce, i}};
      const Decoded decoded = decode(decoders[sample.decoder], input, config.limits, evidence);
      provoke_heap_damage();
      in_hand.reset();
      send(writer.answer({request.nonce, i}, decoded.outcome, most_resident_kib(), evidence,
                         reads_file ? config.file_size : sample.length, decoded.text.data()));
    }
  }
  _exit(EXIT_SUCCESS); // the host has closed its end; destructors of libraries have no say here
}

} // namespace datavet::isolation
