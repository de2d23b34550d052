#include "formats/hdf5/cut/target_driver.h"

#include <algorithm>
#include <functional>
#include <new>
#include <span>
#include <string_view>

namespace datavet::hdf5 {

namespace {

struct DriverInfo {
  Target *target;
  TargetTrouble *trouble;
};

// libhdf5 fills and owns the first member, and knows the file by its address.
struct TargetFile {
  H5FD_t library_part;
  DriverInfo info;
  haddr_t end_of_allocation;
};

TargetFile &of(H5FD_t *file) { return *reinterpret_cast<TargetFile *>(file); }
const TargetFile &of(const H5FD_t *file) { return *reinterpret_cast<const TargetFile *>(file); }

herr_t keep(const TargetFile &file, int error) {
  if (error != 0 && file.info.trouble->error == 0) file.info.trouble->error = error;
  return error == 0 ? 0 : -1;
}

H5FD_t *open_target(const char *name, unsigned flags, hid_t access, haddr_t) {
  const DriverInfo *info = static_cast<const DriverInfo *>(H5Pget_driver_info(access));
  if (info == nullptr) return nullptr;
  if (std::string_view(name) != target_name || (flags & (H5F_ACC_TRUNC | H5F_ACC_CREAT)) != 0) {
    ++info->trouble->refused;
    return nullptr;
  }
  TargetFile *file = new (std::nothrow) TargetFile{{}, *info, 0};
  return file == nullptr ? nullptr : &file->library_part;
}

herr_t close_target(H5FD_t *file) {
  delete &of(file);
  return 0;
}

int compare(const H5FD_t *left, const H5FD_t *right) {
  const std::less<const H5FD_t *> before;
  return before(left, right) ? -1 : before(right, left) ? 1 : 0;
}

herr_t query(const H5FD_t *, unsigned long *flags) {
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
           H5FD_FEAT_AGGREGATE_SMALLDATA;
  return 0;
}

haddr_t end_of_allocation(const H5FD_t *file, H5FD_mem_t) { return of(file).end_of_allocation; }

herr_t set_end_of_allocation(H5FD_t *file, H5FD_mem_t, haddr_t end) {
  of(file).end_of_allocation = end;
  return 0;
}

haddr_t end_of_file(const H5FD_t *file, H5FD_mem_t) { return of(file).info.target->size(); }

bool inside(const TargetFile &file, haddr_t at, std::size_t size) {
  return at <= file.end_of_allocation && size <= file.end_of_allocation - at;
}

herr_t read_target(H5FD_t *file, H5FD_mem_t, hid_t, haddr_t at, std::size_t size, void *buffer) {
  if (!inside(of(file), at, size)) return -1;
  const std::span into(static_cast<std::uint8_t *>(buffer), size);
  const Source::Read read = of(file).info.target->read(at, into);
  std::ranges::fill(into.subspan(read.count), std::uint8_t{0}); // as libhdf5's own drivers do past the end
  return keep(of(file), read.error);
}

herr_t write_target(H5FD_t *file, H5FD_mem_t, hid_t, haddr_t at, std::size_t size, const void *buffer) {
  if (!inside(of(file), at, size)) return -1;
  return keep(of(file), of(file).info.target->write(at, Bytes(static_cast<const std::uint8_t *>(buffer), size)));
}

herr_t truncate_target(H5FD_t *file, hid_t, hbool_t) {
  TargetFile &target = of(file);
  if (target.info.target->size() == target.end_of_allocation) return 0;
  return keep(target, target.info.target->truncate(target.end_of_allocation));
}

hid_t register_driver() {
  H5FD_class_t driver{};
  driver.name = "datavet_target";
  driver.maxaddr = HADDR_MAX;
  driver.fc_degree = H5F_CLOSE_STRONG;
  driver.fapl_size = sizeof(DriverInfo);
  driver.open = open_target;
  driver.close = close_target;
  driver.cmp = compare;
  driver.query = query;
  driver.get_eoa = end_of_allocation;
  driver.set_eoa = set_end_of_allocation;
  driver.get_eof = end_of_file;
  driver.read = read_target;
  driver.write = write_target;
  driver.truncate = truncate_target;
  const H5FD_mem_t flat_map[] = H5FD_FLMAP_DICHOTOMY; // metadata and data are not mixed
  std::ranges::copy(flat_map, driver.fl_map);
  return H5FDregister(&driver);
}

} // namespace

Properties target_access(Target &target, TargetTrouble &trouble) {
  static const hid_t driver = register_driver();
  Properties access(H5Pcreate(H5P_FILE_ACCESS));
  const DriverInfo info{&target, &trouble};
  if (access && H5Pset_driver(access.id(), driver, &info) < 0) return {};
  return access;
}

} // namespace datavet::hdf5
