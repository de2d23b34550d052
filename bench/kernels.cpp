// The checksums and format checks from memory, against reading that memory.
#include <fstream>
#include <iterator>
#include <numeric>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "formats/any/any.h"
#include "formats/checksum/crc32.h"
#include "formats/checksum/crc32c.h"
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
BENCHMARK(memory_read)->Arg(300)->Arg(110'000)->Arg(16 << 20);

void crc32_of(benchmark::State &state) {
  const std::vector<std::uint8_t> bytes = random_bytes(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(crc32(bytes));
  count(state, bytes.size());
}
BENCHMARK(crc32_of)->Arg(300)->Arg(110'000)->Arg(16 << 20);

void zero_run(benchmark::State &state) {
  const std::vector<std::uint8_t> bytes = random_bytes(static_cast<std::size_t>(state.range(0)));
  Evidence evidence;
  for (auto _ : state) find_zero_run(bytes, 0, evidence);
  count(state, bytes.size());
}
BENCHMARK(zero_run)->Arg(110'000)->Arg(16 << 20);

/// A file named on the command line, judged by our own code at depth content.
void check_file(benchmark::State &state, const std::vector<std::uint8_t> &bytes, const Format &format) {
  Evidence evidence;
  for (auto _ : state) {
    evidence.clear();
    format.check(bytes, {}, evidence);
  }
  count(state, bytes.size());
}

} // namespace

int main(int argc, char **argv) {
  benchmark::Initialize(&argc, argv);
  for (const Crc32cVariant &variant : crc32c_variants()) {
    if (!variant.available()) continue;
    for (std::size_t size : {std::size_t{300}, std::size_t{110'000}, std::size_t{16} << 20})
      benchmark::RegisterBenchmark(("crc32c/" + std::string(variant.name) + "/" + std::to_string(size)).c_str(), [&variant, size](benchmark::State &state) {
        const std::vector<std::uint8_t> bytes = random_bytes(size);
        for (auto _ : state) benchmark::DoNotOptimize(variant.compute(bytes, 0));
        count(state, size);
      });
  }
  std::vector<std::vector<std::uint8_t>> files;
  files.reserve(static_cast<std::size_t>(argc));
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    const std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
    files.emplace_back(text.begin(), text.end());
    const Format *format = format_of_content(registry(), files.back());
    if (format == nullptr || format->layout != Layout::whole) continue;
    benchmark::RegisterBenchmark((std::string(format->name) + "/content/" + argv[i]).c_str(),
                                 [&bytes = files.back(), format](benchmark::State &state) { check_file(state, bytes, *format); });
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
