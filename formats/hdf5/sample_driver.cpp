#include "formats/hdf5/sample_driver.h"

#include <algorithm>
#include <functional>
#include <new>
#include <string_view>

namespace datavet::hdf5 {

bool MeteredSource::read(std::uint64_t offset, std::span<std::uint8_t> into) {
  if (spent_ || error_ != 0) return false;
  if (into.size() > budget_) {
    spent_ = true;
    return false;
  }
  budget_ -= into.size();
  const Source::Read read = source_.read(offset, into);
  error_ = read.error;
  if (error_ != 0) return false;
  std::ranges::fill(into.subspan(read.count), std::uint8_t{0});
  return true;
}

namespace {

// What the file access properties carry; libhdf5 copies it byte by byte.
struct DriverInfo {
  MeteredSource *sample;
};

// libhdf5 fills and owns the first member, and knows the file by its address.
struct SampleFile {
  H5FD_t library_part;
  MeteredSource *sample;
  haddr_t end_of_allocation;
};

SampleFile &sample_file(H5FD_t *file) { return *reinterpret_cast<SampleFile *>(file); }
const SampleFile &sample_file(const H5FD_t *file) { return *reinterpret_cast<const SampleFile *>(file); }

H5FD_t *open_sample(const char *name, unsigned flags, hid_t access, haddr_t) {
  const DriverInfo *info = static_cast<const DriverInfo *>(H5Pget_driver_info(access));
  if (info == nullptr) return nullptr;
  if (std::string_view(name) != sample_name ||
      (flags & (H5F_ACC_RDWR | H5F_ACC_TRUNC | H5F_ACC_CREAT)) != 0) {
    info->sample->refuse();
    return nullptr;
  }
  SampleFile *file = new (std::nothrow) SampleFile{{}, info->sample, 0};
  return file == nullptr ? nullptr : &file->library_part;
}

herr_t close_sample(H5FD_t *file) {
  delete &sample_file(file);
  return 0;
}

int compare(const H5FD_t *left, const H5FD_t *right) {
  const std::less<const H5FD_t *> before;
  return before(left, right) ? -1 : before(right, left) ? 1 : 0;
}

herr_t query(const H5FD_t *, unsigned long *flags) {
  *flags = H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE;
  return 0;
}

haddr_t end_of_allocation(const H5FD_t *file, H5FD_mem_t) { return sample_file(file).end_of_allocation; }

herr_t set_end_of_allocation(H5FD_t *file, H5FD_mem_t, haddr_t end) {
  sample_file(file).end_of_allocation = end;
  return 0;
}

haddr_t end_of_file(const H5FD_t *file, H5FD_mem_t) { return sample_file(file).sample->size(); }

herr_t read_sample(H5FD_t *file, H5FD_mem_t, hid_t, haddr_t at, std::size_t size, void *buffer) {
  const SampleFile &sample = sample_file(file);
  if (at > sample.end_of_allocation || size > sample.end_of_allocation - at) return -1;
  return sample.sample->read(at, {static_cast<std::uint8_t *>(buffer), size}) ? 0 : -1;
}

herr_t refuse_write(H5FD_t *, H5FD_mem_t, hid_t, haddr_t, std::size_t, const void *) { return -1; }

hid_t register_driver() {
  H5FD_class_t driver{};
  driver.name = "datavet_sample";
  driver.maxaddr = HADDR_MAX;
  driver.fc_degree = H5F_CLOSE_STRONG;
  driver.fapl_size = sizeof(DriverInfo);
  driver.open = open_sample;
  driver.close = close_sample;
  driver.cmp = compare;
  driver.query = query;
  driver.get_eoa = end_of_allocation;
  driver.set_eoa = set_end_of_allocation;
  driver.get_eof = end_of_file;
  driver.read = read_sample;
  driver.write = refuse_write; // libhdf5 wants one
  return H5FDregister(&driver);
}

} // namespace

Properties sample_access(MeteredSource &sample) {
  static const hid_t driver = register_driver();
  Properties access(H5Pcreate(H5P_FILE_ACCESS));
  const DriverInfo info{&sample};
  if (access && H5Pset_driver(access.id(), driver, &info) < 0) return {};
  return access;
}

} // namespace datavet::hdf5
