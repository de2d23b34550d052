// The check of JPEG content beside libjpeg-turbo, from memory, on one core: how many times as fast.
//
//   datavet_bench_jpeg FOLDER [ROUNDS]      every file of the folder is a sound JPEG
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <vector>

#include <jpeglib.h>

#include "formats/format.h"
#include "formats/jpeg/jpeg.h"

namespace {

using namespace datavet;
using File = std::vector<std::uint8_t>;

std::vector<File> read_folder(const char *path) {
  std::vector<File> files;
  for (const auto &entry : std::filesystem::directory_iterator(path)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
    files.emplace_back(text.begin(), text.end());
  }
  return files;
}

/// As the pipeline does it: so many at once.
void check_all(const std::vector<File> &files, Depth depth) {
  constexpr std::size_t together = 16;
  std::vector<Evidence> evidence(together);
  for (std::size_t i = 0; i < files.size(); i += together) {
    std::vector<SampleToCheck> samples;
    for (std::size_t j = i; j < std::min(files.size(), i + together); ++j) {
      evidence[j - i].clear();
      samples.push_back({files[j], &evidence[j - i]});
    }
    jpeg_format.check_many(samples, {depth, {}});
    for (const SampleToCheck &sample : samples)
      if (sample.evidence->findings.any_at_least(Severity::error)) std::fprintf(stderr, "a file is not sound\n");
  }
}

void decode(const File &file, bool coefficients_only) {
  jpeg_decompress_struct libjpeg;
  jpeg_error_mgr errors;
  libjpeg.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&libjpeg);
  jpeg_mem_src(&libjpeg, file.data(), static_cast<unsigned long>(file.size()));
  jpeg_read_header(&libjpeg, TRUE);
  if (coefficients_only) {
    jpeg_read_coefficients(&libjpeg);
  } else {
    if (libjpeg.num_components == 3) libjpeg.out_color_space = JCS_RGB;
    jpeg_start_decompress(&libjpeg);
    std::vector<JSAMPLE> row(std::size_t{libjpeg.output_width} * static_cast<std::size_t>(libjpeg.output_components));
    JSAMPROW rows[] = {row.data()};
    while (libjpeg.output_scanline < libjpeg.output_height) jpeg_read_scanlines(&libjpeg, rows, 1);
  }
  jpeg_finish_decompress(&libjpeg);
  jpeg_destroy_decompress(&libjpeg);
}

struct Contender {
  const char *name;
  std::function<void()> run;
  std::vector<double> seconds = {};
  double median() {
    std::sort(seconds.begin(), seconds.end());
    return seconds[seconds.size() / 2];
  }
};

} // namespace

int main(int argc, char **argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: %s FOLDER [ROUNDS]\n", argv[0]), 2;
  const std::vector<File> files = read_folder(argv[1]);
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  double megabytes = 0;
  for (const File &file : files) megabytes += static_cast<double>(file.size()) / 1e6;
  std::vector<Contender> contenders{
      {"libjpeg-turbo to RGB", [&] { for (const File &file : files) decode(file, false); }},
      {"jpeg_read_coefficients", [&] { for (const File &file : files) decode(file, true); }},
      {"datavet structure", [&] { check_all(files, Depth::structure); }},
      {"datavet content", [&] { check_all(files, Depth::content); }},
  };
  for (int round = 0; round < rounds; ++round) // in turn, so that a change of the machine's speed meets all alike
    for (Contender &contender : contenders) {
      const auto start = std::chrono::steady_clock::now();
      contender.run();
      contender.seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
  std::printf("%zu files, %.1f MB, medians of %d rounds\n", files.size(), megabytes, rounds);
  const double reference = contenders[0].median();
  for (Contender &contender : contenders)
    std::printf("%-24s %8.1f MB/s  %6.2f x\n", contender.name, megabytes / contender.median(), reference / contender.median());
  return 0;
}
