// The checksums and format checks from memory, against reading that memory.
#include <fstream>
#include <iterator>
#include <random>
#include <span>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "formats/any/any.h"
#include "formats/checksum/adler32.h"
#include "formats/checksum/crc32.h"
#include "formats/checksum/crc32c.h"
#include "formats/checksum/fletcher32.h"
#include "formats/checksum/lookup3.h"
#include "formats/registry.h"

namespace {

using namespace datavet;

std::vector<std::uint8_t> random_bytes(std::size_t size) {
  std::mt19937_64 random(1);
  std::vector<std::uint8_t> bytes(size);
  for (std::uint8_t &byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

void count(benchmark::State &state, std::size_t bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(bytes));
}

void memory_read(benchmark::State &state) {
  const std::vector<std::uint8_t> bytes = random_bytes(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
      std::uint64_t word;
      __builtin_memcpy(&word, &bytes[i], 8);
      sum += word;
    }
    benchmark::DoNotOptimize(sum);
  }
  count(state, bytes.size());
}
BENCHMARK(memory_read)->Arg(300)->Arg(110'000)->Arg(64 << 20);

/// `compute` is any checksum of bytes.
void checksum(benchmark::State &state, std::uint32_t (*compute)(Bytes), std::size_t size) {
  const std::vector<std::uint8_t> bytes = random_bytes(size);
  for (auto _ : state) benchmark::DoNotOptimize(compute(bytes));
  count(state, size);
}

/// In the first-level cache, in the second-level cache, and from memory.
constexpr std::size_t sizes[] = {300, 110'000, 64 << 20};

void register_crc(const char *crc, std::span<const CrcVariant> variants) {
  for (const CrcVariant &variant : variants) {
    if (!variant.available()) continue;
    for (std::size_t size : sizes)
      benchmark::RegisterBenchmark(fmt::format("{}/{}/{}", crc, variant.name, size).c_str(), [&variant, size](benchmark::State &state) {
        const std::vector<std::uint8_t> bytes = random_bytes(size);
        for (auto _ : state) benchmark::DoNotOptimize(variant.compute(bytes, 0));
        count(state, size);
      });
  }
}

void register_checksums() {
  register_crc("crc32", crc32_variants());
  register_crc("crc32c", crc32c_variants());
  struct Named {
    const char *name;
    std::uint32_t (*compute)(Bytes);
  };
  constexpr Named sums[] = {{"adler32", [](Bytes bytes) { return adler32(bytes); }},
                            {"fletcher32", fletcher32},
                            {"lookup3", [](Bytes bytes) { return lookup3(bytes); }}};
  for (const Named &sum : sums)
    for (std::size_t size : sizes)
      benchmark::RegisterBenchmark(fmt::format("{}/{}", sum.name, size).c_str(), checksum, sum.compute, size);
}

/// In data without a hole it looks at one byte a page; in a hole, at every byte.
void zero_run(benchmark::State &state, bool hole) {
  const std::size_t size = static_cast<std::size_t>(state.range(0));
  const std::vector<std::uint8_t> bytes = hole ? std::vector<std::uint8_t>(size) : random_bytes(size);
  Evidence evidence;
  for (auto _ : state) {
    evidence.clear();
    find_zero_run(bytes, 0, evidence);
  }
  count(state, size);
}
BENCHMARK_CAPTURE(zero_run, data, false)->Arg(110'000)->Arg(64 << 20);
BENCHMARK_CAPTURE(zero_run, hole, true)->Arg(110'000)->Arg(64 << 20);

/// A file named on the command line, judged by our own code.
void check_file(benchmark::State &state, const std::vector<std::uint8_t> &bytes, const Format &format, Depth depth) {
  CheckOptions options;
  options.depth = depth;
  Evidence evidence;
  for (auto _ : state) {
    evidence.clear();
    format.check(bytes, options, evidence);
  }
  count(state, bytes.size());
}

} // namespace

int main(int argc, char **argv) {
  benchmark::Initialize(&argc, argv);
  register_checksums();
  std::vector<std::vector<std::uint8_t>> files;
  files.reserve(static_cast<std::size_t>(argc));
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    const std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
    files.emplace_back(text.begin(), text.end());
    const Format *format = format_of_content(registry(), files.back());
    if (format == nullptr || format->layout != Layout::whole) continue;
    for (Depth depth : {Depth::checksum, Depth::content})
      benchmark::RegisterBenchmark(fmt::format("{}/{}/{}", format->name, name_of(depth), argv[i]).c_str(),
                                   [&bytes = files.back(), format, depth](benchmark::State &state) { check_file(state, bytes, *format, depth); });
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
