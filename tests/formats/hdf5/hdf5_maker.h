/// Makes HDF5 files with libhdf5 itself, in memory: nothing touches the disk.
///
///   Hdf5Maker maker(Superblock::v0);
///   maker.dataset<std::uint8_t>("/images", pixels, {.extent = {16, 8, 8}, .chunk = {4, 8, 8}, .deflate =
///   6}); Blob file = maker.bytes();
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "formats/checksum/lookup3.h"
#include "formats/hdf5/library.h"
#include "tests/support/damage.h"

namespace datavet::test {

enum class SuperblockVersion { v0, v1, v2, v3 };

/// How a dataset is stored. Without a chunk shape: contiguous, or compact.
struct Storage {
  std::vector<hsize_t> extent{};
  std::vector<hsize_t> chunk{};
  bool shuffle = false;
  unsigned deflate = 0; ///< level, 0 = none
  bool fletcher32 = false;
  bool compact = false;
  H5Z_filter_t other_filter = 0; ///< one more filter, last, that need not be at hand; 0 = none
};

class Hdf5Maker {
public:
  explicit Hdf5Maker(SuperblockVersion version = SuperblockVersion::v0, hsize_t user_block = 0) {
    hdf5::start_library();
    const hdf5::Properties access(H5Pcreate(H5P_FILE_ACCESS)), creation(H5Pcreate(H5P_FILE_CREATE));
    need(H5Pset_fapl_core(access.id(), 1 << 16, false)); // no backing store
    if (version == SuperblockVersion::v2)
      need(H5Pset_libver_bounds(access.id(), H5F_LIBVER_V18, H5F_LIBVER_V18));
    if (version == SuperblockVersion::v3)
      need(H5Pset_libver_bounds(access.id(), H5F_LIBVER_V110, H5F_LIBVER_V110));
    if (version == SuperblockVersion::v1)
      need(H5Pset_istore_k(creation.id(), 16)); // a value that version 0 cannot store
    if (user_block > 0) need(H5Pset_userblock(creation.id(), user_block));
    user_block_ = user_block;
    static unsigned made = 0; // libhdf5 tells open files apart by their names
    const std::string name = "in memory " + std::to_string(++made);
    file_ = hdf5::File(need(H5Fcreate(name.c_str(), H5F_ACC_TRUNC, creation.id(), access.id())));
  }

  /// The file as it would lie on the disk after it was closed.
  Blob bytes() const {
    need(H5Fflush(file_.id(), H5F_SCOPE_GLOBAL));
    Blob image(static_cast<std::size_t>(need(H5Fget_file_image(file_.id(), nullptr, 0))));
    need(H5Fget_file_image(file_.id(), image.data(), image.size()));
    // H5Fget_file_image clears the flags "open for writing" of versions 2 and 3, but forgets the checksum.
    constexpr std::size_t checksum_at = 44;
    if (image.at(8) >= 2) {
      const std::uint32_t sum = lookup3(Bytes(image).first(checksum_at));
      for (unsigned i = 0; i < 4; ++i) image[checksum_at + i] = static_cast<std::uint8_t>(sum >> (8 * i));
    }
    // It leaves the user block out as well.
    image.insert(image.begin(), user_block_, 0);
    return image;
  }

  /// For what has no verb here.
  hid_t file() const { return file_.id(); }

  void group(const std::string &path) {
    hdf5::Object(need(H5Gcreate2(file_.id(), path.c_str(), parents().id(), H5P_DEFAULT, H5P_DEFAULT)));
  }

  /// Numbers; `storage.extent` may be left out for one dimension.
  template <class Number>
  void dataset(const std::string &path, const std::vector<Number> &values, Storage storage = {}) {
    if (storage.extent.empty()) storage.extent = {values.size()};
    write(path, native<Number>(), values.data(), storage);
  }

  void strings(const std::string &path, const std::vector<std::string> &values, Storage storage = {}) {
    if (storage.extent.empty()) storage.extent = {values.size()};
    std::vector<const char *> pointers;
    for (const std::string &value : values) pointers.push_back(value.c_str());
    write(path, string_type().id(), pointers.data(), storage);
  }

  /// Any type; null data: nothing is written.
  void write(const std::string &path, hid_t type, const void *data, const Storage &storage) {
    const hdf5::Properties creation(H5Pcreate(H5P_DATASET_CREATE));
    const int rank = static_cast<int>(storage.extent.size());
    if (!storage.chunk.empty()) need(H5Pset_chunk(creation.id(), rank, storage.chunk.data()));
    if (storage.compact) need(H5Pset_layout(creation.id(), H5D_COMPACT));
    if (storage.shuffle) need(H5Pset_shuffle(creation.id()));
    if (storage.deflate > 0) need(H5Pset_deflate(creation.id(), storage.deflate));
    if (storage.fletcher32) need(H5Pset_fletcher32(creation.id()));
    if (storage.other_filter != 0)
      need(H5Pset_filter(creation.id(), storage.other_filter, H5Z_FLAG_OPTIONAL, 0, nullptr));
    create(path, type, data, storage.extent, creation);
  }

  void create(const std::string &path, hid_t type, const void *data, const std::vector<hsize_t> &extent,
              const hdf5::Properties &creation) {
    const hdf5::Space space(need(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr)));
    const hdf5::Object dataset(need(
        H5Dcreate2(file_.id(), path.c_str(), type, space.id(), parents().id(), creation.id(), H5P_DEFAULT)));
    if (data != nullptr) need(H5Dwrite(dataset.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
  }

  /// Stores a chunk as it is, whatever the filters of the dataset.
  void raw_chunk(const std::string &path, const std::vector<hsize_t> &origin, const Blob &stored) {
    need(H5Dwrite_chunk(open(path).id(), H5P_DEFAULT, 0, origin.data(), stored.size(), stored.data()));
  }

  void attribute(const std::string &object, const std::string &name, const std::string &text) {
    const hdf5::Space space(need(H5Screate(H5S_SCALAR)));
    const hdf5::Type type = string_type();
    const hdf5::Attribute attribute(
        need(H5Acreate2(open(object).id(), name.c_str(), type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT)));
    const char *value = text.c_str();
    need(H5Awrite(attribute.id(), type.id(), &value));
  }

  void soft_link(const std::string &path, const std::string &target) {
    need(H5Lcreate_soft(target.c_str(), file_.id(), path.c_str(), parents().id(), H5P_DEFAULT));
  }
  void hard_link(const std::string &path, const std::string &target) {
    need(H5Lcreate_hard(file_.id(), target.c_str(), file_.id(), path.c_str(), parents().id(), H5P_DEFAULT));
  }
  void external_link(const std::string &path, const std::string &file, const std::string &target) {
    need(H5Lcreate_external(file.c_str(), target.c_str(), file_.id(), path.c_str(), parents().id(),
                            H5P_DEFAULT));
  }

  /// Offset in bytes() of an object's header, of contiguous data, of the stored chunk at `origin`.
  std::uint64_t header_at(const std::string &path) const {
    H5O_info_t info{};
    need(H5Oget_info2(open(path).id(), &info, H5O_INFO_BASIC));
    return user_block_ + info.addr;
  }
  std::uint64_t data_at(const std::string &path) const { return H5Dget_offset(open(path).id()); }
  std::uint64_t chunk_at(const std::string &path, const std::vector<hsize_t> &origin) const {
    need(H5Fflush(file_.id(), H5F_SCOPE_GLOBAL)); // the chunk may be in memory only
    unsigned mask = 0;
    haddr_t place = 0;
    hsize_t stored = 0;
    need(H5Dget_chunk_info_by_coord(open(path).id(), origin.data(), &mask, &place, &stored));
    return user_block_ + place;
  }

  static hdf5::Type string_type() {
    hdf5::Type type(H5Tcopy(H5T_C_S1));
    need(H5Tset_size(type.id(), H5T_VARIABLE));
    return type;
  }

private:
  template <class Status> static Status need(Status status) {
    if (status < 0) throw std::runtime_error("libhdf5 cannot make the file: " + hdf5::last_complaint());
    return status;
  }

  hdf5::Object open(const std::string &path) const {
    return hdf5::Object(need(H5Oopen(file_.id(), path.c_str(), H5P_DEFAULT)));
  }

  static hdf5::Properties parents() {
    hdf5::Properties creation(H5Pcreate(H5P_LINK_CREATE));
    need(H5Pset_create_intermediate_group(creation.id(), 1));
    return creation;
  }

  template <class Number> static hid_t native() {
    if constexpr (std::same_as<Number, std::uint8_t>) return H5T_NATIVE_UINT8;
    if constexpr (std::same_as<Number, std::int32_t>) return H5T_NATIVE_INT32;
    if constexpr (std::same_as<Number, float>) return H5T_NATIVE_FLOAT;
    if constexpr (std::same_as<Number, double>) return H5T_NATIVE_DOUBLE;
    throw std::runtime_error("no HDF5 type for this number");
  }

  hdf5::File file_;
  hsize_t user_block_ = 0;
};

/// 0, 1, 2, ... modulo 251: no period that a chunk shape could share.
template <class Number> std::vector<Number> counting(std::size_t count) {
  std::vector<Number> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<Number>(i % 251);
  return values;
}

/// A small file with one of everything that is common.
inline Hdf5Maker sampler(SuperblockVersion version = SuperblockVersion::v0, hsize_t user_block = 0) {
  Hdf5Maker maker(version, user_block);
  maker.dataset<double>("/contiguous", counting<double>(100));
  maker.dataset<std::int32_t>("/compact", counting<std::int32_t>(20), {.compact = true});
  maker.dataset<std::uint8_t>(
      "/train/images", counting<std::uint8_t>(10 * 8 * 8 * 3),
      {.extent = {10, 8, 8, 3}, .chunk = {4, 8, 8, 3}, .shuffle = true, .deflate = 6, .fletcher32 = true});
  maker.dataset<float>("/train/plain", counting<float>(30 * 7), {.extent = {30, 7}, .chunk = {8, 4}});
  maker.strings("/train/names", {"cat", "dog", "", "a name that is a little longer"});
  maker.strings("/train/packed", {"one", "two", "three", "four", "five"}, {.chunk = {2}, .deflate = 1});
  maker.attribute("/train/images", "classes", "cat dog");
  maker.attribute("/", "keras_version", "2.1.6");
  maker.group("/empty/group");
  maker.soft_link("/train/link", "/contiguous");
  maker.hard_link("/train/up", "/train");
  return maker;
}

} // namespace datavet::test
