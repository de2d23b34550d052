#include "tests/make_data/bench_corpora.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>

#include "tests/formats/tfrecord/example/message_writer.h"
#include "tests/formats/tfrecord/tfrecord_writer.h"
#include "tests/make_data/samples.h"

namespace datavet::test {

namespace {

void append_to(std::ofstream &out, const Blob &bytes) {
  out.write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!out) throw std::runtime_error("cannot write: is the disk full?");
}

void write_file(const std::filesystem::path &file, const Blob &bytes) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary);
  append_to(out, bytes);
}

} // namespace

void write_jpegs(const std::string &folder, std::size_t count, bool progressive) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto seed = static_cast<unsigned>(i);
    write_file(std::filesystem::path(folder) / fmt::format("{:06}.jpg", i), progressive ? progressive_jpeg(seed) : photo_jpeg(seed));
  }
}

void write_pngs(const std::string &folder, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    write_file(std::filesystem::path(folder) / fmt::format("{:06}.png", i), photo_png(static_cast<unsigned>(i), 500, 375));
}

void write_small_files(const std::string &folder, std::size_t count, std::size_t different) {
  const std::filesystem::path top(folder);
  for (std::size_t i = 0; i < count; ++i) {
    const std::filesystem::path file = top / fmt::format("{:04}", i / 1000) / fmt::format("{:07}.{}", i, i % different % 2 == 0 ? "jpg" : "png");
    if (i < different) {
      const auto seed = static_cast<unsigned>(i);
      write_file(file, i % 2 == 0 ? photo_jpeg(seed, 64, 64) : photo_png(seed, 40, 40));
      continue;
    }
    std::filesystem::create_directories(file.parent_path());
    std::filesystem::create_hard_link(top / fmt::format("{:04}", i % different / 1000) / fmt::format("{:07}.{}", i % different, i % different % 2 == 0 ? "jpg" : "png"), file);
  }
}

void write_shard(const std::string &file, std::size_t bytes, std::size_t record_bytes) {
  std::ofstream out(file, std::ios::binary);
  unsigned seed = 0;
  for (std::size_t written = 0; written < bytes;) {
    TfrecordWriter writer;
    while (writer.shard().size() < std::min<std::size_t>(bytes - written, 16 << 20)) writer.add(random_record(++seed, record_bytes));
    append_to(out, writer.shard());
    written += writer.shard().size();
  }
}

void write_examples(const std::string &file, std::size_t bytes) {
  TfrecordWriter writer;
  for (unsigned i = 0; i < 20'000; ++i) {
    const Blob noise = random_record(i, 188);
    Blob embedding(noise.begin(), noise.begin() + 128);
    for (std::size_t at = 3; at < embedding.size(); at += 4) embedding[at] = 0x3f; // floats near one
    writer.add(example(entry("id", bytes_feature(fmt::format("sample-{:08}", i))) + entry("label", integers_feature({i % 1000})) +
                       entry("embedding", field(2, field(1, embedding))) + entry("text", bytes_feature({Blob(noise.begin() + 128, noise.end())}))));
  }
  std::ofstream out(file, std::ios::binary);
  for (std::size_t written = 0; written < bytes; written += writer.shard().size()) append_to(out, writer.shard());
}

void write_shard_with_hole(const std::string &file, std::size_t bytes, std::size_t record_bytes, std::size_t hole) {
  write_shard(file, bytes / 2, record_bytes);
  std::ofstream out(file, std::ios::binary | std::ios::app);
  constexpr std::size_t piece = 16 << 20;
  for (std::size_t done = 0; done < hole; done += piece) append_to(out, random_record(static_cast<unsigned>(done / piece), std::min(piece, hole - done)));
  TfrecordWriter writer;
  for (unsigned i = 0; writer.shard().size() < std::min<std::size_t>(bytes / 2, 64 << 20); ++i) writer.add(random_record(i, record_bytes));
  append_to(out, writer.shard());
}

void write_hdf5(const std::string &file, std::size_t rows) { write_file(file, images_hdf5(1, rows)); }

} // namespace datavet::test
