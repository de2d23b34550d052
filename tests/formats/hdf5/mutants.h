/// Good files of every kind, and seeded damage to them: numbers, addresses, counts, lost and foreign bytes.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "tests/formats/hdf5/chunked_dataset.h"
#include "tests/formats/hdf5/metadata_zoo.h"
#include "tests/support/damage.h"

namespace datavet::test {

/// As many mutants as the soak asks for (DATAVET_MUTANTS), or so many.
inline unsigned mutants_wanted(unsigned usual) {
  const char *asked = std::getenv("DATAVET_MUTANTS");
  return asked == nullptr ? usual : static_cast<unsigned>(std::atoi(asked));
}

/// A dataset for each kind of chunk index, plain and with filters.
inline Blob chunk_indexes(SuperblockVersion version) {
  constexpr hsize_t without_end = H5S_UNLIMITED;
  Hdf5Maker maker(version);
  const std::vector<std::vector<hsize_t>> maxima = {{}, {70, 9}, {without_end, 9}, {without_end, without_end}};
  for (std::size_t i = 0; i < maxima.size(); ++i)
    for (const bool filtered : {false, true}) {
      const std::string path = "/d" + std::to_string(i) + (filtered ? "f" : "");
      make_chunked(maker, {.extent = {60, 9}, .maximum = maxima[i], .chunk = {7, 4}, .deflate = filtered ? 4u : 0u, .fletcher32 = filtered}, path);
      write_all(maker, path);
    }
  return maker.bytes();
}

inline std::vector<Blob> good_files() {
  std::vector<Blob> files;
  for (const SuperblockVersion version : {SuperblockVersion::v0, SuperblockVersion::v1, SuperblockVersion::v2, SuperblockVersion::v3}) {
    files.push_back(zoo(version, version == SuperblockVersion::v1 ? 512 : 0, 20).bytes());
    files.push_back(sampler(version).bytes());
    if (version != SuperblockVersion::v1) files.push_back(chunk_indexes(version));
  }
  files.push_back(with_huge_attribute().bytes());
  files.push_back(keras_file("kernel:0", "kernel:0", true));
  files.push_back(keras_file("kernel:0", "kernel:0", false));
  return files;
}

/// One change. Half of them keep to fields of eight bytes, as addresses and lengths do.
inline void change(Blob &file, std::mt19937 &random) {
  const auto place = [&](std::size_t length) { return random() % (file.size() - length + 1); };
  const auto at = [&](std::size_t offset) { return file.begin() + static_cast<std::ptrdiff_t>(offset); };
  const std::size_t byte = place(1), field = place(8) / 8 * 8;
  switch (random() % 10) {
  case 0: file[byte] = static_cast<std::uint8_t>(file[byte] ^ (1u << random() % 8)); break;
  case 1: file[byte] = static_cast<std::uint8_t>(random()); break;
  case 2: file[byte] = random() % 2 == 0 ? 0 : 0xff; break;
  case 3: file[byte] = static_cast<std::uint8_t>(file[byte] + (random() % 2 == 0 ? 1 : 255)); break;
  case 4: std::copy_n(at(place(8) / 8 * 8), 8, at(field)); break; // an address for an address
  case 5: std::fill_n(at(field), 8, random() % 2 == 0 ? 0 : 0xff); break;
  case 6: // a number of any size
    for (std::size_t i = 0, width = random() % 9; i < 8; ++i)
      file[field + i] = static_cast<std::uint8_t>(i < width ? random() : 0);
    break;
  case 7: { // a structure over another
    const std::size_t length = std::min<std::size_t>(1 + random() % 512, file.size());
    const std::size_t from = place(length), to = place(length);
    const Blob piece(at(from), at(from + length));
    std::ranges::copy(piece, at(to));
    break;
  }
  case 8: std::fill_n(at(byte), std::min<std::size_t>(random() % 600, file.size() - byte), 0); break;
  case 9:
    if (random() % 4 == 0) file.resize(std::max<std::size_t>(byte, 64));
    break;
  }
}

inline Blob mutant(const std::vector<Blob> &files, std::mt19937 &random) {
  Blob file = files[random() % files.size()];
  for (auto changes = 1 + random() % 6; changes > 0; --changes) change(file, random);
  return file;
}

} // namespace datavet::test
