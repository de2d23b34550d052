/// Chunked datasets made by libhdf5, and what the listing of chunks needs to know of them, read from the
/// object header by a few lines of the tests' own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "formats/bytes/byte_reader.h"
#include "formats/hdf5/metadata/chunk.h"
#include "formats/hdf5/metadata/dataset.h"
#include "tests/formats/hdf5/hdf5_maker.h"

namespace datavet::test {

struct ChunkedShape {
  std::vector<hsize_t> extent{}, maximum{}, chunk{}; ///< maximum empty: as the extent
  unsigned deflate = 0;
  bool fletcher32 = false, early = false, edges_unfiltered = false;
};

/// A dataset without data, `/d` of int32 unless said otherwise.
inline void make_chunked(Hdf5Maker &maker, const ChunkedShape &shape, const std::string &path = "/d", hid_t type = H5T_STD_I32LE) {
  const int rank = static_cast<int>(shape.extent.size());
  const hdf5::Space space(
      H5Screate_simple(rank, shape.extent.data(), shape.maximum.empty() ? nullptr : shape.maximum.data()));
  const hdf5::Properties creation(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_chunk(creation.id(), rank, shape.chunk.data());
  if (shape.deflate > 0) H5Pset_deflate(creation.id(), shape.deflate);
  if (shape.fletcher32) H5Pset_fletcher32(creation.id());
  H5Pset_alloc_time(creation.id(), shape.early ? H5D_ALLOC_TIME_EARLY : H5D_ALLOC_TIME_INCR);
  if (shape.edges_unfiltered) H5Pset_chunk_opts(creation.id(), H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS);
  const hdf5::Object dataset(H5Dcreate2(maker.file(), path.c_str(), type, space.id(), H5P_DEFAULT,
                                        creation.id(), H5P_DEFAULT));
  if (!dataset) throw std::runtime_error("no dataset: " + hdf5::last_complaint());
}

/// Writes one element: its chunk comes into being.
inline void write_element(const Hdf5Maker &maker, const std::vector<hsize_t> &at,
                          const std::string &path = "/d") {
  const hdf5::Object dataset(H5Oopen(maker.file(), path.c_str(), H5P_DEFAULT));
  const hdf5::Space space(H5Dget_space(dataset.id()));
  const std::vector<hsize_t> one(at.size(), 1);
  H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, at.data(), nullptr, one.data(), nullptr);
  const hsize_t count = 1;
  const hdf5::Space memory(H5Screate_simple(1, &count, nullptr));
  const std::int32_t value = static_cast<std::int32_t>(at[0] * 7 + 1);
  if (H5Dwrite(dataset.id(), H5T_NATIVE_INT32, memory.id(), space.id(), H5P_DEFAULT, &value) < 0)
    throw std::runtime_error("no element: " + hdf5::last_complaint());
}

/// Writes all elements.
inline void write_all(const Hdf5Maker &maker, const std::string &path = "/d") {
  const hdf5::Object dataset(H5Oopen(maker.file(), path.c_str(), H5P_DEFAULT));
  const hdf5::Space space(H5Dget_space(dataset.id()));
  std::vector<std::int32_t> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.id())));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int32_t>(i * 31);
  if (H5Dwrite(dataset.id(), H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0)
    throw std::runtime_error("no data: " + hdf5::last_complaint());
}

/// The body of the layout message of the object header at `at`: FMT IV.A.1, IV.A.2. Only headers in one
/// piece, or whose continuation blocks follow each other.
inline Bytes layout_message(Bytes file, std::size_t at) {
  constexpr unsigned layout = 8, continuation = 16;
  const auto number = [&](std::size_t place, unsigned width) {
    std::uint64_t value = 0;
    for (unsigned i = width; i-- > 0;) value = value << 8 | file[place + i];
    return value;
  };
  const bool old = file[at] == 1;
  const unsigned flags = old ? 0 : file[at + 5];
  std::size_t place = at + 16, end = place;
  if (old) {
    end += number(at + 8, 4);
  } else {
    place = at + 6 + ((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0);
    const unsigned width = 1u << (flags & 3);
    end = place + width + number(place, width);
    place += width;
  }
  std::size_t more = 0, more_end = 0;
  const std::size_t head = old ? 8 : (flags & 4) != 0 ? 6 : 4;
  while (true) {
    if (place + head > end) {
      if (more == 0) throw std::runtime_error("no layout message");
      place = more;
      end = more_end;
      more = 0;
    }
    const std::uint64_t type = number(place, old ? 2 : 1), size = number(place + (old ? 2 : 1), 2);
    if (type == layout) return file.subspan(place + head, size);
    if (type == continuation) {
      more = number(place + head, 8) + (old ? 0 : 4);
      more_end = more + number(place + head + 8, 8) - (old ? 0 : 8);
    }
    place += head + size;
  }
}

/// What object headers say of the dataset. Addresses and lengths of 8 bytes.
inline hdf5::Dataset describe_chunked(const Hdf5Maker &maker, const Blob &file,
                                      const std::string &path = "/d") {
  hdf5::Dataset result;
  const hdf5::Object dataset(H5Oopen(maker.file(), path.c_str(), H5P_DEFAULT));
  const hdf5::Space space(H5Dget_space(dataset.id()));
  const hdf5::Properties creation(H5Dget_create_plist(dataset.id()));
  result.path = path;
  result.address = maker.header_at(path);
  hsize_t extent[H5S_MAX_RANK], maximum[H5S_MAX_RANK], chunk[H5S_MAX_RANK];
  const int rank = H5Sget_simple_extent_dims(space.id(), extent, maximum);
  H5Pget_chunk(creation.id(), rank, chunk);
  result.space.form = hdf5::Dataspace::Class::simple;
  result.space.rank = result.storage.rank = static_cast<std::uint8_t>(rank);
  for (int i = 0; i < rank; ++i) {
    const auto d = static_cast<std::size_t>(i);
    result.space.extent[d] = extent[i];
    result.space.maximum[d] = maximum[i];
    result.storage.chunk[d] = chunk[i];
  }
  for (unsigned i = 0; i < static_cast<unsigned>(H5Pget_nfilters(creation.id())); ++i) {
    unsigned flags = 0, config = 0, parameters[32];
    std::size_t count = 32;
    hdf5::FilterStep step;
    step.id = static_cast<std::uint16_t>(
        H5Pget_filter2(creation.id(), i, &flags, &count, parameters, 0, nullptr, &config));
    step.parameters.assign(parameters, parameters + count);
    result.filters.push_back(step);
  }
  result.type.form = hdf5::Datatype::Class::fixed_point;
  result.type.size = 4;
  hdf5::Storage &storage = result.storage;
  storage.form = hdf5::Storage::Class::chunked;
  storage.element_size = 4;
  const Bytes message = layout_message(file, result.address);
  storage.version = message[0];
  std::size_t at = message.size() - 8;
  if (message[0] == 3) {
    storage.index = hdf5::Storage::Index::btree_v1;
    at = 3;
  } else {
    storage.edges_unfiltered = (message[2] & 1) != 0;
    std::size_t kind = 5 + std::size_t{message[3]} * message[4];
    storage.index = static_cast<hdf5::Storage::Index>(message[kind]);
    at = kind + 1;
    switch (message[kind]) {
    case 1:
      if ((message[2] & 2) != 0) {
        storage.single_size = ByteReader(message, at).read<le64>()->value();
        storage.single_mask = ByteReader(message, at + 8).read<le32>()->value();
        at += 12;
      }
      break;
    case 3: at += 1; break;
    case 4: at += 5; break;
    case 5: at += 6; break;
    default: break;
    }
  }
  storage.address = ByteReader(message, at).read<le64>()->value();
  return result;
}

class CollectedChunks final : public hdf5::ChunkSink {
public:
  void chunk(const hdf5::Chunk &chunk) override { list.push_back(chunk); }
  std::vector<hdf5::Chunk> list;
};

} // namespace datavet::test
