// The decoder of datavet-worker-test: does what a real decoder taken over by a sample might do.
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "formats/decoder.h"
#include "tests/pipeline/isolation/misbehaving_format.h"

namespace datavet {

namespace {

constexpr int channel = 3; // where the worker's socket is

volatile unsigned sink;
int *volatile nowhere = nullptr;

int recurse(int depth) {
  volatile char frame[4096];
  frame[0] = static_cast<char>(depth);
  return depth < 0 ? 0 : recurse(depth + 1) + frame[0]; // more than any stack before it ends
}

void burn(std::chrono::milliseconds most) {
  timespec time{};
  const auto used = [&] {
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  };
  const auto end = used() + most;
  while (used() < end)
    for (int i = 0; i < 100'000; ++i) sink = sink + 1;
}

/// Takes memory until there is none, and says so as a C library would: "cannot decode".
void swell(Evidence &evidence) {
  for (;;) {
    void *block = std::malloc(std::size_t{16} << 20);
    if (block == nullptr) break;
    std::memset(block, 1, std::size_t{1} << 20);
  }
  evidence.findings.add(test::complaint, 0, 0, "no memory");
}

void swell_and_fall_over() {
  char *block = nullptr;
  do block = static_cast<char *>(std::malloc(std::size_t{64} << 20));
  while (block != nullptr);
  *nowhere = 1; // as if the null pointer had not been looked at
}

/// Through volatile, or the compiler leaves writes out that nobody may read.
void scribble(volatile char *memory, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) memory[i] = 1;
}

void smash_heap() {
  char *volatile block = static_cast<char *>(std::malloc(32));
  scribble(block, 400);
  std::free(block);
}

/// Writes to memory that the C library has back. Nothing happens before it looks there.
void use_after_free() {
  char *volatile block = static_cast<char *>(std::malloc(2'000));
  void *volatile behind = std::malloc(2'000); // or the first would melt into the free memory behind it
  std::free(block);
  scribble(block, 16);
  static_cast<void>(behind);
}

void flood() {
  std::array<char, 8192> junk{};
  for (int i = 0; i < 200; ++i)
    if (write(channel, junk.data(), junk.size()) < 0) return;
}

void look_outside(Evidence &evidence) {
  if (open("/etc/passwd", O_RDONLY) >= 0) evidence.findings.add(test::complaint, 0, 0, "opened a file");
  if (std::getenv("HOME") != nullptr) evidence.findings.add(test::complaint, 0, 0, "knows the user's home");
  std::fputs("complaining on the standard error\n", stderr);
}

void lie_about_place(Evidence &evidence) {
  evidence.findings.add(test::complaint, 1'000'000, 5, "far outside");
}

void say_much(Evidence &evidence) {
  for (int i = 0; i < 100; ++i) evidence.findings.add(test::complaint, 0, 1, std::string(5'000, 'x'));
}

void describe(Evidence &evidence) {
  evidence.facts.width = 7;
  evidence.facts.height = 5;
  evidence.facts.colour = Colour::rgb;
  evidence.facts.progressive = true;
  evidence.findings.add(test::complaint, 3, 2, "seen at three");
}

void add_up(Bytes bytes) {
  for (std::size_t i = 0; i < bytes.size(); i += 512) sink = sink + bytes[i]; // each page, each disk block
}

char *const no_arguments[] = {nullptr};

void obey(const std::string &word, Bytes whole, Evidence &evidence) {
  if (word == "ok") return;
  if (word == "sum") return add_up(whole);
  if (word == "complain") return evidence.findings.add(test::complaint, 1, 2, "as told");
  if (word == "describe") return describe(evidence);
  if (word == "slow") return burn(std::chrono::milliseconds(60));
  if (word == "crash") {
    *nowhere = 1;
    return;
  }
  if (word == "abort") std::abort();
  if (word == "stack") {
    sink = static_cast<unsigned>(recurse(0));
    return;
  }
  if (word == "hang")
    for (;;) sink = sink + 1;
  if (word == "sleep") {
    sleep(1'000);
    return;
  }
  if (word == "allocate") return swell(evidence);
  if (word == "allocate and fall") return swell_and_fall_over();
  if (word == "bad alloc") throw std::bad_alloc();
  if (word == "ask too much") { // no machine has it, so the complaint is the sample's
    if (std::malloc(static_cast<std::size_t>(1) << 45) == nullptr) evidence.findings.add(test::complaint, 0);
    return;
  }
  if (word == "open") return look_outside(evidence);
  if (word == "socket") {
    sink = static_cast<unsigned>(socket(AF_INET, SOCK_STREAM, 0));
    return;
  }
  if (word == "exec") {
    execve("/bin/true", no_arguments, no_arguments);
    return;
  }
  if (word == "fork") {
    if (fork() == 0)
      for (;;) pause();
    return;
  }
  if (word == "kill parent") {
    kill(getppid(), SIGKILL);
    return;
  }
  if (word == "mmap exec") {
    mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return;
  }
  if (word == "kill self") {
    syscall(SYS_tgkill, getpid(), gettid(), SIGTERM);
    return;
  }
  if (word == "flood") return flood();
  if (word == "close channel") {
    close(channel);
    return;
  }
  if (word == "smash heap") return smash_heap();
  if (word == "use after free") return use_after_free();
  if (word == "throw") throw std::runtime_error("thrown out of the decoder");
  if (word == "throw number") throw 7;
  if (word == "exit") std::exit(3);
  if (word == "lie") return evidence.findings.add(test::foreign_rule, 0);
  if (word == "lie about place") return lie_about_place(evidence);
  if (word == "say much") return say_much(evidence);
  evidence.findings.add(test::complaint, 0, whole.size(), "an unknown word: " + word);
}

std::string first_line(Bytes bytes) {
  std::string text(bytes.begin(), bytes.end());
  return text.substr(0, text.find('\n'));
}

void decode(const DecodeInput &input, const Limits &, Evidence &evidence) {
  obey(first_line(input.bytes.first(std::min<std::size_t>(input.bytes.size(), 64))), input.bytes, evidence);
}

void decode_file(const DecodeInput &input, const Limits &, Evidence &evidence) {
  std::array<std::uint8_t, 64> head{};
  const Source::Read read = input.source->read(0, head);
  if (read.error != 0) return evidence.findings.add(test::complaint, 0, 0, "cannot read");
  evidence.facts.objects = input.source->size();
  obey(first_line(Bytes(head).first(read.count)), {}, evidence);
}

std::string version() { return "1.2.3"; }

} // namespace

std::span<const Decoder> linked_decoders() {
  static constexpr Decoder decoders[] = {
      {"misbehaving", "libmisbehave", decode, nullptr, version},
      {"misbehaving_file", "libmisbehave", decode_file, nullptr, version},
  };
  return decoders;
}

} // namespace datavet
