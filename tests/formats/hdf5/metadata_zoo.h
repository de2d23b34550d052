/// Files with every kind of metadata structure, made by libhdf5.
#pragma once

#include <string>
#include <vector>

#include "tests/formats/hdf5/hdf5_maker.h"

namespace datavet::test {

inline hdf5::Object make_group(Hdf5Maker &maker, const std::string &path, unsigned order = 0) {
  const hdf5::Properties creation(H5Pcreate(H5P_GROUP_CREATE));
  if (order != 0) H5Pset_link_creation_order(creation.id(), order);
  // Only attributes in order need an object header of version 2.
  if ((order & H5P_CRT_ORDER_INDEXED) != 0) H5Pset_attr_creation_order(creation.id(), order);
  return hdf5::Object(H5Gcreate2(maker.file(), path.c_str(), H5P_DEFAULT, creation.id(), H5P_DEFAULT));
}

/// Hard links to one object, soft links between them: as many structures as members, and no more objects.
inline void fill_group(Hdf5Maker &maker, const std::string &path, unsigned members) {
  for (unsigned i = 0; i < members; ++i) {
    const std::string name = path + "/member " + std::to_string(i * 7919 % 10007) + std::string(i % 23, 'x');
    if (i % 5 == 4)
      maker.soft_link(name, "/one");
    else
      maker.hard_link(name, "/one");
  }
}

inline void number_attribute(hid_t object, const std::string &name, std::size_t count,
                             hid_t type = H5T_STD_I32LE) {
  const hsize_t extent = count;
  const hdf5::Space space(H5Screate_simple(1, &extent, nullptr));
  const hdf5::Attribute attribute(
      H5Acreate2(object, name.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT));
  if (type != H5T_STD_I32LE) return;
  const std::vector<std::int32_t> values(count, 7);
  H5Awrite(attribute.id(), H5T_NATIVE_INT32, values.data());
}

/// A compound of all that a type can be made of.
inline hdf5::Type manifold_type() {
  const hdf5::Type colours(H5Tenum_create(H5T_STD_I16LE));
  for (std::int16_t i = 0; i < 3; ++i)
    H5Tenum_insert(colours.id(), ("colour " + std::to_string(i)).c_str(), &i);
  const hsize_t sides[] = {2, 3};
  const hdf5::Type matrix(H5Tarray_create2(H5T_IEEE_F32BE, 2, sides));
  const hdf5::Type sequence(H5Tvlen_create(colours.id()));
  const hdf5::Type word(H5Tcopy(H5T_C_S1)), blob(H5Tcreate(H5T_OPAQUE, 5)), text = Hdf5Maker::string_type();
  H5Tset_size(word.id(), 11);
  H5Tset_tag(blob.id(), "five bytes");
  const hdf5::Type inner(H5Tcreate(H5T_COMPOUND, 40));
  H5Tinsert(inner.id(), "matrix", 0, matrix.id());
  H5Tinsert(inner.id(), "bits", 30, H5T_STD_B16LE);
  hdf5::Type outer(H5Tcreate(H5T_COMPOUND, 400));
  H5Tinsert(outer.id(), "inner", 8, inner.id());
  H5Tinsert(outer.id(), "colour", 0, colours.id());
  H5Tinsert(outer.id(), "sequence", 64, sequence.id());
  H5Tinsert(outer.id(), "word", 100, word.id());
  H5Tinsert(outer.id(), "blob", 120, blob.id());
  H5Tinsert(outer.id(), "text", 144, text.id());
  H5Tinsert(outer.id(), "object", 176, H5T_STD_REF_OBJ);
  H5Tinsert(outer.id(), "region", 192, H5T_STD_REF_DSETREG);
  H5Tinsert(outer.id(), "double", 208, H5T_IEEE_F64LE);
  H5Tinsert(outer.id(), "time", 216, H5T_UNIX_D32LE);
  return outer;
}

/// A chunked dataset whose dimensions may grow: `unlimited` of them, the first ones.
inline void growing(Hdf5Maker &maker, const std::string &path, std::vector<hsize_t> extent,
                    std::vector<hsize_t> chunk, unsigned unlimited, bool packed, bool early = false) {
  std::vector<hsize_t> most = extent;
  for (unsigned i = 0; i < unlimited; ++i) most[i] = H5S_UNLIMITED;
  const int rank = static_cast<int>(extent.size());
  const hdf5::Properties creation(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_chunk(creation.id(), rank, chunk.data());
  if (packed) H5Pset_deflate(creation.id(), 4);
  if (early) H5Pset_alloc_time(creation.id(), H5D_ALLOC_TIME_EARLY);
  const hdf5::Space space(H5Screate_simple(rank, extent.data(), most.data()));
  const hdf5::Object dataset(H5Dcreate2(maker.file(), path.c_str(), H5T_STD_U8LE, space.id(), H5P_DEFAULT,
                                        creation.id(), H5P_DEFAULT));
  std::size_t count = 1;
  for (hsize_t side : extent) count *= side;
  H5Dwrite(dataset.id(), H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT,
           counting<std::uint8_t>(count).data());
}

inline void add_types(Hdf5Maker &maker) {
  const hdf5::Type manifold = manifold_type();
  maker.write("/manifold", manifold.id(), nullptr, {.extent = {3}});
  H5Tcommit2(maker.file(), "/type", manifold.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  maker.write("/of committed type", manifold.id(), nullptr, {.extent = {2}});
  const hdf5::Object root(H5Oopen(maker.file(), "/", H5P_DEFAULT));
  number_attribute(root.id(), "of committed type", 1, manifold.id());
  maker.write("/x87", H5T_NATIVE_LDOUBLE, nullptr, {.extent = {2}});
  maker.write("/unwritten", H5T_STD_I8LE, nullptr, {.extent = {0, 4}});
}

inline void add_spaces(Hdf5Maker &maker) {
  for (const H5S_class_t form : {H5S_SCALAR, H5S_NULL}) {
    const hdf5::Space space(H5Screate(form));
    const hdf5::Object made(H5Dcreate2(maker.file(), form == H5S_NULL ? "/null" : "/scalar", H5T_STD_I32BE,
                                       space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }
}

inline void add_storage(Hdf5Maker &maker, bool with_virtual) {
  growing(maker, "/fixed", {30, 30}, {7, 8}, 0, true);
  growing(maker, "/implicit", {30, 30}, {7, 8}, 0, false, true);
  growing(maker, "/single", {30, 30}, {30, 30}, 0, false);
  growing(maker, "/single packed", {30, 30}, {30, 30}, 0, true);
  growing(maker, "/extensible", {90, 3}, {2, 3}, 1, false);
  growing(maker, "/tree", {20, 20}, {2, 3}, 2, true);
  const hdf5::Properties external(H5Pcreate(H5P_DATASET_CREATE)), filled(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_external(external.id(), "other.bin", 0, 10);
  H5Pset_external(external.id(), "another.bin", 0, 10);
  maker.create("/external", H5T_STD_U8LE, nullptr, {20}, external);
  const std::int32_t fill = 77;
  H5Pset_fill_value(filled.id(), H5T_NATIVE_INT32, &fill);
  maker.create("/filled", H5T_STD_I32LE, nullptr, {9}, filled);
  if (!with_virtual) return;
  const hsize_t size = 10;
  const hdf5::Space space(H5Screate_simple(1, &size, nullptr));
  const hdf5::Properties mapped(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_virtual(mapped.id(), space.id(), "other.h5", "/data", space.id());
  maker.create("/virtual", H5T_STD_U8LE, nullptr, {size}, mapped);
}

inline void add_attributes(Hdf5Maker &maker) {
  hdf5::Object many = make_group(maker, "/many attributes", H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  for (unsigned i = 0; i < 60; ++i) number_attribute(many.id(), "attribute " + std::to_string(i), i % 9);
  const hdf5::Object few = make_group(maker, "/few attributes");
  for (unsigned i = 0; i < 3; ++i) number_attribute(few.id(), std::to_string(i), 5);
  for (unsigned i = 0; i < 40; ++i) // makes the header go on elsewhere
    if (i % 2 == 0) maker.attribute("/one", "text " + std::to_string(i), std::string(i * 3, 't'));
}

/// One of everything. `members` of the groups with many links.
inline Hdf5Maker zoo(SuperblockVersion version, hsize_t user_block = 0, unsigned members = 300) {
  Hdf5Maker maker(version, user_block);
  maker.dataset<double>("/one", counting<double>(20));
  maker.dataset<std::int32_t>("/compact", counting<std::int32_t>(20), {.compact = true});
  maker.dataset<std::uint8_t>(
      "/filters", counting<std::uint8_t>(640),
      {.extent = {10, 64}, .chunk = {4, 64}, .shuffle = true, .deflate = 6, .fletcher32 = true});
  maker.strings("/names", {"cat", "dog", "", "a name that is a little longer"});
  add_types(maker);
  add_spaces(maker);
  add_storage(maker, version != SuperblockVersion::v2); // libhdf5 1.8 had no virtual datasets
  add_attributes(maker);
  { make_group(maker, "/big"); }
  fill_group(maker, "/big", members);
  { make_group(maker, "/ordered", H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED); }
  fill_group(maker, "/ordered", 40);
  { make_group(maker, "/small", H5P_CRT_ORDER_TRACKED); }
  fill_group(maker, "/small", 5);
  maker.external_link("/small/external", "other.h5", "/data");
  maker.external_link("/big/external", "other.h5", "/data");
  maker.hard_link("/small/up", "/");
  const hdf5::Object commented(H5Oopen(maker.file(), "/small", H5P_DEFAULT));
  H5Oset_comment(commented.id(), "a comment");
  return maker;
}

/// A list of names, as h5py writes one for Keras.
inline void name_list(Hdf5Maker &maker, const std::string &group, const std::string &name,
                      const std::vector<std::string> &values, bool variable = false) {
  const hsize_t count = values.size();
  const hdf5::Space space(H5Screate_simple(1, &count, nullptr));
  const hdf5::Object object(H5Oopen(maker.file(), group.c_str(), H5P_DEFAULT));
  constexpr std::size_t width = 32;
  const hdf5::Type type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type.id(), variable ? H5T_VARIABLE : width);
  const hdf5::Attribute attribute(
      H5Acreate2(object.id(), name.c_str(), type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT));
  std::vector<const char *> pointers;
  std::string fixed;
  for (const std::string &value : values) {
    pointers.push_back(value.c_str());
    fixed += value;
    fixed.resize((fixed.size() + width - 1) / width * width);
  }
  H5Awrite(attribute.id(), type.id(), variable ? static_cast<const void *>(pointers.data()) : fixed.data());
}

/// A weight file of one layer with the weight `stored`, which is said to have the weight `listed` besides.
inline Blob keras_file(const std::string &stored, const std::string &listed, bool variable = false,
                       SuperblockVersion version = SuperblockVersion::v0) {
  Hdf5Maker maker(version);
  maker.dataset<float>("/model_weights/dense_1/" + stored, counting<float>(4));
  maker.group("/model_weights/empty");
  name_list(maker, "/model_weights", "layer_names", {"dense_1", "empty"}, variable);
  name_list(maker, "/model_weights/dense_1", "weight_names", {stored, listed}, variable);
  return maker.bytes();
}

/// An attribute of more than 64 KiB: a huge object of a fractal heap. Version 3 only.
inline Hdf5Maker with_huge_attribute() {
  Hdf5Maker maker(SuperblockVersion::v3);
  const hdf5::Object group = make_group(maker, "/group");
  for (unsigned i = 0; i < 12; ++i) number_attribute(group.id(), "small " + std::to_string(i), 3);
  number_attribute(group.id(), "huge", 40'000);
  number_attribute(group.id(), "huge too", 30'000);
  return maker;
}

} // namespace datavet::test
