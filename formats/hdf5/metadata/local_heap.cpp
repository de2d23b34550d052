#include "formats/hdf5/metadata/local_heap.h"

#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "formats/hdf5/metadata/rules.h"

namespace datavet::hdf5 {

namespace {

// "If the value is 1, there is no free block": H5HL_FREE_NULL.
constexpr std::uint64_t no_free_block = 1;

constexpr std::string_view header_name = "local heap", data_name = "data segment of a local heap";

} // namespace

bool LocalHeap::load(Survey &survey, std::uint64_t address) {
  data_.clear();
  const std::uint64_t length = 8 + 2 * survey.space.length_size() + survey.space.offset_size();
  const std::optional<Bytes> bytes = survey.read(address, length, header_name);
  if (!bytes || !survey.has_signature(*bytes, "HEAP", address, header_name)) return false;
  Fields fields(*bytes, survey.space);
  fields.skip(4);
  const unsigned version = fields.u8();
  const std::uint64_t zero = fields.number(3);
  const std::uint64_t size = fields.length(), first_free = fields.length(), data = fields.address();
  if (version != 0) {
    survey.find(structure_version, address + 4, 1, fmt::format("local heap of version {}", version));
    return false;
  }
  if (zero != 0)
    survey.find(structure_reserved, address + 5, 3,
                fmt::format("reserved bytes of a local heap hold {:#x}", zero));
  if (!survey.claim(address, length, header_name))
    survey.find(structure_overlap, address, length,
                fmt::format("the local heap at address {} belongs to two groups", address));
  survey.segment(1, address, length, std::string(header_name), fmt::format("{} bytes", size));
  if (size > 0 && !survey.space.holds(data, size)) {
    survey.find(bad_local_heap, address, length,
                fmt::format("{} bytes at address {}, more than the file", size, data));
    return false;
  }
  survey.claim(data, size, data_name);
  std::optional<std::vector<std::uint8_t>> whole = survey.read_long(data, size, data_name);
  if (!whole) return false;
  data_ = std::move(*whole);
  check_free_list(survey, address, first_free);
  return true;
}

void LocalHeap::check_free_list(Survey &survey, std::uint64_t address, std::uint64_t first) const {
  const unsigned width = survey.space.length_size();
  // Blocks hold these two fields at least: more blocks than that are a loop.
  std::uint64_t most = data_.size() / (2 * width) + 1;
  for (std::uint64_t at = first; at != no_free_block; --most) {
    if (most == 0) {
      survey.find(structure_loop, address, 0, "the free list of a local heap");
      return;
    }
    Fields fields(Bytes(data_).subspan(std::min<std::uint64_t>(at, data_.size())), survey.space);
    const std::uint64_t next = fields.length(), size = fields.length();
    // libhdf5: bad heap free list; free block size is zero?
    if (!fields.ok() || size > data_.size() - at || next == 0) {
      survey.find(bad_local_heap, address, 0,
                  fmt::format("a free block at {} of a heap of {} bytes", at, data_.size()));
      return;
    }
    at = next;
  }
}

std::optional<std::string_view> LocalHeap::text(std::uint64_t offset) const {
  if (offset >= data_.size()) return std::nullopt;
  const void *end = std::memchr(data_.data() + offset, 0, data_.size() - offset);
  if (end == nullptr) return std::nullopt;
  const char *first = reinterpret_cast<const char *>(data_.data() + offset);
  return std::string_view(first, static_cast<std::size_t>(static_cast<const char *>(end) - first));
}

} // namespace datavet::hdf5
