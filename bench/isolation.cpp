// The price of isolation: decoding the same files in process and in a sandboxed worker, hand-overs of 1 and of 16.
//   datavet_bench_isolation FOLDER_OF_WORKERS FILE...
#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "formats/decoder.h"
#include "formats/registry.h"
#include "pipeline/isolation/decoder_pool.h"

namespace {

using namespace datavet;

struct File {
  std::vector<std::uint8_t> bytes;
  const Format *format;
  const Decoder *decoder;
};

double seconds_of(const auto &work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<File> read_files(int argc, char **argv) {
  std::vector<File> files;
  for (int i = 2; i < argc; ++i) {
    std::ifstream in(argv[i], std::ios::binary);
    const std::vector<char> text{std::istreambuf_iterator<char>(in), {}};
    File file{{text.begin(), text.end()}, nullptr, nullptr};
    file.format = format_of_content(registry(), file.bytes);
    for (const Decoder &decoder : linked_decoders())
      if (file.format != nullptr && decoder.format == file.format->name) file.decoder = &decoder;
    if (file.decoder != nullptr) files.push_back(std::move(file));
  }
  return files;
}

void decode_here(const std::vector<File> &files) {
  for (const File &file : files) {
    Evidence evidence;
    file.decoder->decode({file.bytes, nullptr}, {}, evidence);
  }
}

void decode_isolated(DecoderPool &pool, const std::vector<File> &files, std::size_t at_once) {
  for (std::size_t first = 0; first < files.size(); first += at_once) {
    std::vector<Evidence> evidence(std::min(at_once, files.size() - first));
    std::vector<DecodeJob> jobs(evidence.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      jobs[i].format = files[first + i].format;
      jobs[i].bytes = files[first + i].bytes;
      jobs[i].evidence = &evidence[i];
    }
    pool.decode(jobs);
  }
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: datavet_bench_isolation FOLDER_OF_WORKERS FILE...\n");
    return 2;
  }
  const std::vector<File> files = read_files(argc, argv);
  PoolOptions options;
  options.worker_directory = argv[1];
  options.formats = registry();
  DecoderPool pool(options);
  decode_here(files);
  decode_isolated(pool, files, 16);
  // Alternating, so that a change of the machine's speed meets all three alike.
  std::vector<double> here, one, sixteen;
  for (int round = 0; round < 7; ++round) {
    here.push_back(seconds_of([&] { decode_here(files); }));
    one.push_back(seconds_of([&] { decode_isolated(pool, files, 1); }));
    sixteen.push_back(seconds_of([&] { decode_isolated(pool, files, 16); }));
  }
  auto median = [](std::vector<double> &times) {
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
  };
  const double base = median(here);
  fmt::print("{} files: in process {:.0f} us a file, isolated 1 at once {:+.1f} %, 16 at once {:+.1f} %\n", files.size(),
             1e6 * base / static_cast<double>(files.size()), 100 * (median(one) / base - 1), 100 * (median(sixteen) / base - 1));
  return 0;
}
