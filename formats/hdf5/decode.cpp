#include "formats/hdf5/decode.h"

#include <algorithm>
#include <cstdint>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "formats/hdf5/content/plan.h"
#include "formats/hdf5/library.h"
#include "formats/hdf5/reading.h"
#include "formats/hdf5/rules.h"
#include "formats/hdf5/sample_driver.h"
#include "formats/hdf5/walk.h"

namespace datavet {

namespace {

using namespace hdf5;

// Metadata is read ahead and more than once: small files need more than a multiple of their size.
constexpr std::uint64_t budget_factor = 64, smallest_budget = 16 << 20;

std::uint64_t budget_for(std::uint64_t size) {
  std::uint64_t budget = 0;
  if (__builtin_mul_overflow(size, budget_factor, &budget)) return UINT64_MAX;
  return std::max(budget, smallest_budget);
}

// True when our own look at the file has an error for it.
bool known_to_be_damaged(const Source &source, const Limits &limits) {
  Evidence own;
  ContentPlan plan; // its units are not run: what is in the data does not keep a file from being opened
  plan_content(source, {Depth::content, limits}, own, plan);
  return own.findings.any_at_least(Severity::error);
}

void read_file(const File &file, Object root, Reading &reading) {
  const Properties creation(H5Fget_create_plist(file.id()));
  hsize_t user_block = 0;
  std::size_t length_size = 0;
  H5Pget_userblock(creation.id(), &user_block);
  H5Pget_sizes(creation.id(), &reading.offset_size, &length_size);
  reading.base = user_block;
  walk_objects(std::move(root), reading);
}

void report_hindrance(const MeteredSource &sample, std::uint64_t budget, Evidence &evidence) {
  if (sample.error() != 0)
    evidence.findings.add(unreadable, 0, 0,
                          fmt::format("reading failed: {}", std::generic_category().message(sample.error())));
  else if (sample.spent())
    evidence.findings.add(
        effort, 0, 0,
        fmt::format("libhdf5 wants to read more than {} bytes of a file of {}", budget, sample.size()));
}

void decode_source(const Source &source, const Limits &limits, Evidence &evidence) {
  start_library();
  const std::uint64_t budget = budget_for(source.size());
  MeteredSource sample(source, budget);
  const Properties access = sample_access(sample);
  Reading reading{limits, evidence, sample, 0, 0, {}};
  const File file(access ? H5Fopen(sample_name, H5F_ACC_RDONLY, access.id()) : H5I_INVALID_HID);
  Object root(file ? H5Oopen(file.id(), "/", H5P_DEFAULT) : H5I_INVALID_HID);
  if (root) {
    reading.ours = our_datasets(source, limits);
    read_file(file, std::move(root), reading);
  } else if (std::string complaint = last_complaint();
           !reading.hindered() && !known_to_be_damaged(source, limits)) {
    evidence.findings.add(open_failed, 0, 0, std::move(complaint));
  }
  report_hindrance(sample, budget, evidence);
  // The file is closed last, with every finding made: a crash in there is one more of them.
}

} // namespace

void hdf5_decode(const DecodeInput &input, const Limits &limits, Evidence &evidence) {
  if (input.source == nullptr) return;
  try {
    decode_source(*input.source, limits, evidence);
  } catch (const std::bad_alloc &) {
    evidence.findings.add(dataset_limit, 0, 0, "memory ran out: the rest of the file was not read");
  }
}

void hdf5_warm_up() {
  // Touches what libhdf5 sets up at its first use: a file made and read again, in memory only.
  start_library();
  const Properties access(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_fapl_core(access.id(), 4096, false);
  std::vector<std::uint8_t> image;
  {
    const File file(H5Fcreate("warm-up", H5F_ACC_TRUNC, H5P_DEFAULT, access.id()));
    const hsize_t size = 4;
    const Space space(H5Screate_simple(1, &size, nullptr));
    const Properties creation(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_chunk(creation.id(), 1, &size);
    H5Pset_fletcher32(creation.id());
    H5Pset_deflate(creation.id(), 1);
    const Object data(
        H5Dcreate2(file.id(), "data", H5T_NATIVE_INT, space.id(), H5P_DEFAULT, creation.id(), H5P_DEFAULT));
    const int values[4] = {1, 2, 3, 4};
    H5Dwrite(data.id(), H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Fflush(file.id(), H5F_SCOPE_GLOBAL);
    image.resize(static_cast<std::size_t>(std::max<ssize_t>(H5Fget_file_image(file.id(), nullptr, 0), 0)));
    H5Fget_file_image(file.id(), image.data(), image.size());
  }
  Evidence evidence;
  const MemorySource source{Bytes(image)};
  hdf5_decode({{}, &source}, Limits{}, evidence);
}

std::string hdf5_version() {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  return fmt::format("{}.{}.{}", major, minor, release);
}

} // namespace datavet
