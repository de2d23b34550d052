/// Datasets of one dimension of chunks whose filters libhdf5 itself applies, and what libhdf5 makes of stored
/// chunks.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/hdf5/metadata/dataset.h"
#include "tests/formats/hdf5/hdf5_maker.h"

namespace datavet::test {

struct PackedShape {
  hdf5::Type type; ///< in the file and in memory: nothing is converted
  std::vector<hsize_t> extent{64}, chunk{64};
  std::function<void(hid_t creation)> filters; ///< sets them, and the fill value
};

class PackedDataset {
public:
  /// `elements` = all of them, as bytes.
  PackedDataset(PackedShape shape, const Blob &elements) : shape_(std::move(shape)) {
    const int rank = static_cast<int>(shape_.extent.size());
    const hdf5::Properties creation(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_chunk(creation.id(), rank, shape_.chunk.data());
    shape_.filters(creation.id());
    maker_.create("/d", shape_.type.id(), elements.data(), shape_.extent, creation);
    dataset_ = hdf5::Object(H5Oopen(maker_.file(), "/d", H5P_DEFAULT));
    H5Fflush(maker_.file(), H5F_SCOPE_GLOBAL);
    const hdf5::Properties stored(H5Dget_create_plist(dataset_.id()));
    for (unsigned i = 0; i < static_cast<unsigned>(H5Pget_nfilters(stored.id())); ++i) {
      std::vector<unsigned> parameters(256); // libhdf5 takes more for a mistake
      unsigned flags = 0, config = 0;
      std::size_t count = parameters.size();
      hdf5::FilterStep step;
      step.id = static_cast<std::uint16_t>(
          H5Pget_filter2(stored.id(), i, &flags, &count, parameters.data(), 0, nullptr, &config));
      step.parameters.assign(parameters.begin(), parameters.begin() + static_cast<std::ptrdiff_t>(count));
      filters.push_back(step);
    }
  }

  std::vector<hdf5::FilterStep> filters;

  /// Bytes of a chunk before the filters.
  std::uint64_t chunk_bytes() const {
    std::uint64_t bytes = H5Tget_size(shape_.type.id());
    for (hsize_t side : shape_.chunk) bytes *= side;
    return bytes;
  }

  struct Stored {
    Blob bytes;
    std::uint32_t mask = 0;
  };
  Stored stored(const std::vector<hsize_t> &origin) const {
    hsize_t size = 0;
    if (H5Dget_chunk_storage_size(dataset_.id(), origin.data(), &size) < 0 || size == 0)
      throw std::runtime_error("no such chunk: " + hdf5::last_complaint());
    Stored result{Blob(size), 0};
    if (H5Dread_chunk(dataset_.id(), H5P_DEFAULT, origin.data(), &result.mask, result.bytes.data()) < 0)
      throw std::runtime_error("no chunk: " + hdf5::last_complaint());
    return result;
  }

  /// The elements of a chunk that lie in the extent, as libhdf5 reads them. Nothing: it refuses.
  std::optional<Blob> read(const std::vector<hsize_t> &origin) const {
    const hdf5::Space space(H5Dget_space(dataset_.id()));
    std::vector<hsize_t> size;
    std::uint64_t bytes = H5Tget_size(shape_.type.id());
    for (std::size_t i = 0; i < origin.size(); ++i) {
      size.push_back(std::min(shape_.chunk[i], shape_.extent[i] - origin[i]));
      bytes *= size.back();
    }
    H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, origin.data(), nullptr, size.data(), nullptr);
    const hdf5::Space memory(H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr));
    Blob out(bytes);
    const herr_t status =
        H5Dread(dataset_.id(), shape_.type.id(), memory.id(), space.id(), H5P_DEFAULT, out.data());
    return status < 0 ? std::nullopt : std::optional(out);
  }

  /// The same with other bytes stored for the chunk, in a child: libhdf5 reads and writes other memory where
  /// they are damaged. A child that dies has refused.
  std::optional<Blob> read_instead(const std::vector<hsize_t> &origin, const Blob &bytes,
                                   std::uint32_t mask = 0) const {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("no pipe");
    const pid_t child = fork();
    if (child == 0) {
      const rlimit seconds{5, 5}, no_core{0, 0},
          memory{512 << 20, 512 << 20}; // libhdf5 takes what the bytes ask for
      setrlimit(RLIMIT_CPU, &seconds);
      setrlimit(RLIMIT_AS, &memory);
      setrlimit(RLIMIT_CORE, &no_core);
      if (H5Dwrite_chunk(dataset_.id(), H5P_DEFAULT, mask, origin.data(), bytes.size(), bytes.data()) < 0)
        _exit(2);
      const std::optional<Blob> out = read(origin);
      if (!out) _exit(1);
      const ssize_t written = write(ends[1], out->data(), out->size()); // less than a pipe holds
      _exit(written == static_cast<ssize_t>(out->size()) ? 0 : 3);
    }
    close(ends[1]);
    Blob out;
    std::uint8_t piece[4096];
    for (ssize_t got; (got = ::read(ends[0], piece, sizeof piece)) > 0;)
      out.insert(out.end(), piece, piece + got);
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? std::optional(out) : std::nullopt;
  }

private:
  PackedShape shape_;
  Hdf5Maker maker_;
  hdf5::Object dataset_;
};

} // namespace datavet::test
