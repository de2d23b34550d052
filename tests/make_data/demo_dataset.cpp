#include "tests/make_data/demo_dataset.h"

#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>

#include <zlib.h>

#include "tests/formats/tfrecord/tfrecord_writer.h"
#include "tests/make_data/samples.h"

namespace datavet::test {

namespace {

class Dataset {
public:
  explicit Dataset(std::filesystem::path top) : top_(std::move(top)) {}

  void write(const std::string &name, const Blob &bytes) const {
    const std::filesystem::path file = top_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream out(file, std::ios::binary);
    out.write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
  }
  void write(const std::string &name, const std::string &text) const { write(name, Blob(text.begin(), text.end())); }

private:
  std::filesystem::path top_;
};

Blob gzip(const Blob &plain) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::runtime_error("deflateInit2");
  Blob packed(deflateBound(&stream, static_cast<uLong>(plain.size())) + 64);
  stream.next_in = const_cast<Bytef *>(plain.data());
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

TfrecordWriter shard(unsigned seed, unsigned records) {
  TfrecordWriter writer;
  for (unsigned i = 0; i < records; ++i) writer.add(random_record(seed + i, 500 + 97 * (i % 40)));
  return writer;
}

void write_good(const Dataset &dataset, unsigned seed) {
  for (unsigned i = 0; i < 60; ++i) {
    const std::string number = std::to_string(100 + i);
    dataset.write("train/cat/good_" + number + ".jpg", i % 7 == 0 ? progressive_jpeg(seed + i) : photo_jpeg(seed + i));
    dataset.write("train/dog/good_" + number + ".png", photo_png(seed + i, 160, 120));
  }
  for (unsigned i = 0; i < 10; ++i) {
    const std::string number = std::to_string(i);
    dataset.write("val/good_" + number + ".webp", photo_webp(seed + i));
    dataset.write("val/good_" + number + ".tif", photo_tiff(seed + i));
    dataset.write("val/good_" + number + ".bmp", photo_bmp(seed + i));
    dataset.write("val/good_" + number + ".gif", photo_gif(seed + i, 1 + i % 3));
    dataset.write("val/good_" + number + ".ppm", photo_pnm(seed + i));
  }
  for (unsigned i = 0; i < 3; ++i)
    dataset.write("shards/train-0000" + std::to_string(i) + "-of-00008.tfrecord", shard(seed + 100 * i, 200).shard());
  dataset.write("shards/train-00003-of-00008.tfrecord.gz", gzip(shard(seed + 300, 200).shard()));
  for (unsigned i = 0; i < 2; ++i) dataset.write("features/good_" + std::to_string(i) + ".h5", images_hdf5(seed + i));
  dataset.write("labels.json", std::string("{\"cat\": 0, \"dog\": 1}\n"));
}

void write_bad_images(const Dataset &dataset, unsigned seed, std::mt19937 &random) {
  const Blob jpeg = photo_jpeg(seed + 1000), png = photo_png(seed + 1000, 160, 120);
  dataset.write("train/cat/bad_cut_short.jpg", truncate(jpeg, jpeg.size() * 2 / 5));
  dataset.write("train/cat/bad_hole.jpg", zero(jpeg, jpeg.size() / 2 / 512 * 512, 8192));
  dataset.write("train/cat/bad_no_bytes.jpg", Blob());
  dataset.write("train/cat/bad_all_zeros.jpg", Blob(20'000, 0));
  dataset.write("train/cat/bad_error_page.jpg", std::string("<!DOCTYPE html>\n<html><body><h1>404 Not Found</h1></body></html>\n"));
  dataset.write("train/cat/bad_pointer.jpg", std::string("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 98304\n"));
  dataset.write("train/cat/bad_packed.jpg", gzip(jpeg));
  dataset.write("train/cat/odd_really_a_png.jpg", png);
  dataset.write("train/cat/odd_trailing.jpg", append(jpeg, Blob(1000, 0x55)));
  dataset.write("train/dog/bad_flipped_bit.png", flip_bit(png, png.size() / 3 + random() % 1000, random() % 8));
  dataset.write("train/dog/bad_cut_short.png", truncate(png, png.size() - 4000));
  Blob bomb = png; // 60,000 x 60,000 claimed in a few kilobytes, with the CRC to match
  for (std::size_t at : {18u, 22u}) {
    bomb[at] = 0xea;
    bomb[at + 1] = 0x60;
  }
  const std::uint32_t crc = static_cast<std::uint32_t>(::crc32(0, bomb.data() + 12, 17));
  for (unsigned i = 0; i < 4; ++i) bomb[29 + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
  dataset.write("train/dog/bad_bomb.png", bomb);
  const Blob webp = photo_webp(seed + 1000), tiff = photo_tiff(seed + 1000), bmp = photo_bmp(seed + 1000), pnm = photo_pnm(seed), gif = photo_gif(seed + 1000, 3);
  dataset.write("val/bad_cut_short.webp", truncate(webp, webp.size() / 2));
  dataset.write("val/bad_cut_short.tif", truncate(tiff, tiff.size() / 2));
  dataset.write("val/bad_cut_short.bmp", truncate(bmp, bmp.size() / 2));
  dataset.write("val/bad_cut_short.gif", truncate(gif, gif.size() / 2));
  dataset.write("val/bad_hole.gif", zero(gif, gif.size() / 4, 2000));
  dataset.write("val/odd_trailing.gif", append(gif, Blob(500, 0x55)));
  dataset.write("val/bad_cut_short.ppm", truncate(pnm, pnm.size() / 2));
}

void write_bad_containers(const Dataset &dataset, unsigned seed, std::mt19937 &random) {
  const TfrecordWriter good = shard(seed + 400, 200);
  const auto &places = good.places();
  const Blob &bytes = good.shard();
  dataset.write("shards/train-00004-of-00008.tfrecord", flip_bit(bytes, places[48].data_offset() + random() % places[48].data_size, 3));
  dataset.write("shards/train-00005-of-00008.tfrecord", flip_bit(bytes, places[120].offset + 1, 5));
  dataset.write("shards/train-00006-of-00008.tfrecord", truncate(bytes, places[199].data_offset() + 10));
  const Blob packed = gzip(bytes);
  dataset.write("shards/train-00007-of-00008.tfrecord.gz", truncate(packed, packed.size() * 2 / 3));
  const Blob hdf5 = images_hdf5(seed + 9);
  dataset.write("features/bad_cut_short.h5", truncate(hdf5, hdf5.size() * 3 / 4));
  // The stored chunks are by far the largest part of the file.
  dataset.write("features/bad_chunk.h5", flip_bit(hdf5, hdf5.size() / 2, 1));
}

} // namespace

void write_demo_dataset(const std::string &folder, unsigned seed) {
  const Dataset dataset(folder);
  std::mt19937 random(seed);
  write_good(dataset, seed);
  write_bad_images(dataset, seed, random);
  write_bad_containers(dataset, seed, random);
}

} // namespace datavet::test
