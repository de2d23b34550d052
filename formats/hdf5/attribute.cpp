#include "formats/hdf5/attribute.h"

#include <cstring>
#include <new>
#include <vector>

#include <fmt/format.h>

#include "formats/hdf5/datatype.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

constexpr std::size_t most_attributes = 64 * 1024;

/// What the callback of H5Aiterate2 collects. No exception may pass through libhdf5.
struct NameList {
  std::vector<std::string> names;
  bool too_many = false;
};

herr_t collect_name(hid_t, const char *name, const H5A_info_t *, void *data) noexcept {
  NameList &list = *static_cast<NameList *>(data);
  list.too_many = list.names.size() >= most_attributes;
  if (list.too_many) return H5_ITER_STOP;
  try {
    list.names.emplace_back(name);
    return H5_ITER_CONT;
  } catch (const std::bad_alloc &) {
    list.too_many = true;
    return H5_ITER_STOP;
  }
}

void read_attribute(hid_t object, const std::string &name, haddr_t address, const std::string &what,
                    Reading &reading) {
  const Attribute attribute(H5Aopen(object, name.c_str(), H5P_DEFAULT));
  const Type type(attribute ? H5Aget_type(attribute.id()) : H5I_INVALID_HID);
  const Space space(type ? H5Aget_space(attribute.id()) : H5I_INVALID_HID);
  if (!space) {
    reading.complain(attribute_unreadable, address, what);
    return;
  }
  const TypeReport report = examine_type(type.id(), reading.offset_size);
  if (report.rule != nullptr) reading.add(*report.rule, address, fmt::format("{}: {}", what, report.detail));

  if (H5Sget_simple_extent_type(space.id()) == H5S_NULL) return;
  const hssize_t points = H5Sget_simple_extent_npoints(space.id());
  const std::size_t element = H5Tget_size(type.id());
  if (points < 0 || element == 0) {
    reading.complain(attribute_unreadable, address, what);
    return;
  }
  if (points == 0) return;
  if (static_cast<std::uint64_t>(points) > reading.limits.metadata_bytes / element) {
    reading.add(too_much, address, fmt::format("{}: {} elements of {} bytes", what, points, element));
    return;
  }
  std::vector<std::uint8_t> buffer(static_cast<std::uint64_t>(points) * element);
  if (H5Aread(attribute.id(), type.id(), buffer.data()) < 0)
    reading.complain(attribute_unreadable, address, what);
  else if (report.in_heap)
    H5Dvlen_reclaim(type.id(), space.id(), H5P_DEFAULT, buffer.data());
}

} // namespace

void examine_attributes(hid_t object, haddr_t address, const std::string &path, Reading &reading) {
  NameList list;
  hsize_t position = 0;
  if (H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &position, collect_name, &list) < 0)
    reading.complain(attribute_unreadable, address, shown(path) + ": attributes cannot be listed");
  if (list.too_many)
    reading.add(too_much, address,
                fmt::format("{}: more than {} attributes", shown(path), list.names.size()));
  for (const std::string &name : list.names) {
    if (reading.hindered()) return;
    read_attribute(object, name, address, fmt::format("{}, attribute {}", shown(path), shown(name)), reading);
  }
}

} // namespace datavet::hdf5
