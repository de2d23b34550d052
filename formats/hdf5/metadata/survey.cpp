#include "formats/hdf5/metadata/survey.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <system_error>

#include <fmt/format.h>

#include "formats/bytes/endian.h"
#include "formats/checksum/lookup3.h"
#include "formats/hdf5/metadata/rules.h"
#include "formats/hdf5/names.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

// A structure is read once, and its neighbours with it. Only structures that lead to each other in circles,
// or that share their bytes, need more than this.
constexpr std::uint64_t budget_factor = 64, smallest_budget = 4 << 20;
// What one read costs at least, so that a million tiny ones are no free ride.
constexpr std::uint64_t smallest_cost = 64;

// Some 16 MiB of memory.
constexpr std::size_t most_ranges = 256 * 1024;

// A name or an address in memory takes about as much as what names it in the file; overlapping ones do not.
constexpr std::uint64_t held_factor = 4, smallest_held = 4 << 20, most_held = std::uint64_t{512} << 20;

std::uint64_t budget_for(std::uint64_t size) {
  std::uint64_t budget = 0;
  if (__builtin_mul_overflow(size, budget_factor, &budget)) return UINT64_MAX;
  return std::max(budget, smallest_budget);
}

} // namespace

Survey::Survey(AddressSpace &addresses, const CheckOptions &chosen, Evidence &learned)
    : space(addresses), options(chosen), evidence(learned), ranks(addresses.superblock().ranks),
      budget_(budget_for(addresses.source().size())) {}

void Survey::find(const Rule &rule, std::uint64_t address, std::uint64_t length, std::string_view detail) {
  const std::uint64_t size = space.source().size();
  const std::uint64_t offset = space.holds(address, 0) ? space.file_offset(address) : 0;
  length = space.holds(address, 0) ? std::min(length, size - offset) : 0;
  evidence.findings.add(rule, offset, length, fmt::format("{}: {}", shown(path), detail));
  if (rule.severity != Severity::note) incomplete_ = true;
}

void Survey::unknown(std::uint64_t address, std::string_view detail) {
  incomplete_ = true;
  find(structure_unknown, address, 0, detail);
}

void Survey::stop(std::uint64_t address, std::string_view detail) {
  if (!stopped_) find(too_much, address, 0, detail);
  stopped_ = incomplete_ = true;
}

bool Survey::hold(std::uint64_t bytes) {
  held_ += bytes;
  const std::uint64_t size = std::min(space.source().size(), most_held);
  const std::uint64_t most = std::clamp(size * held_factor, smallest_held, most_held);
  if (held_ <= most) return !stopped_;
  stop(0, fmt::format("the members of groups take more than {} bytes of memory", most));
  return false;
}

bool Survey::may_read(std::uint64_t address, std::uint64_t length, std::string_view what) {
  if (stopped_) return false;
  if (address == undefined_address) {
    find(structure_outside, 0, 0, fmt::format("the address of the {} is undefined", what));
    return false;
  }
  if (!space.holds(address, length)) {
    find(structure_outside, address, length,
         fmt::format("the {} at address {} has {} bytes, the file ends at {}", what, address, length,
                     space.superblock().end - space.superblock().offset));
    return false;
  }
  return charge(length);
}

bool Survey::charge(std::uint64_t bytes) {
  spent_ += std::max(bytes, smallest_cost);
  if (std::max(spent_, space.bytes_read()) <= budget_) return !stopped_;
  stop(0, fmt::format("to read the metadata once would take more than {} bytes; the file has {}", budget_,
                      space.source().size()));
  return false;
}

std::optional<Bytes> Survey::read(std::uint64_t address, std::uint64_t length, std::string_view what) {
  if (!may_read(address, length, what)) return std::nullopt;
  if (length > AddressSpace::most) {
    find(too_much, address, length, fmt::format("the {} has {} bytes", what, length));
    return std::nullopt;
  }
  std::optional<Bytes> bytes = space.at(address, length);
  if (bytes) return bytes;
  incomplete_ = stopped_ = true;
  if (!disk_failed_)
    evidence.findings.add(unreadable, space.file_offset(address), length,
                          fmt::format("reading failed: {}", std::generic_category().message(space.error())));
  disk_failed_ = true;
  return std::nullopt;
}

std::optional<std::vector<std::uint8_t>> Survey::read_long(std::uint64_t address, std::uint64_t length,
                                                           std::string_view what) {
  if (!space.holds(address, length)) {
    may_read(address, length, what);
    return std::nullopt;
  }
  if (length > options.limits.metadata_bytes) {
    find(too_much, address, length, fmt::format("the {} has {} bytes", what, length));
    return std::nullopt;
  }
  std::vector<std::uint8_t> whole;
  whole.reserve(length);
  while (whole.size() < length) {
    const std::optional<Bytes> piece =
        read(address + whole.size(), std::min<std::uint64_t>(length - whole.size(), 1 << 20), what);
    if (!piece) return std::nullopt;
    whole.insert(whole.end(), piece->begin(), piece->end());
  }
  return whole;
}

bool Survey::has_signature(Bytes bytes, std::string_view expected, std::uint64_t address,
                           std::string_view what) {
  if (bytes.size() >= expected.size() && std::memcmp(bytes.data(), expected.data(), expected.size()) == 0)
    return true;
  find(structure_signature, address, expected.size(), fmt::format("no {} at address {}", what, address));
  return false;
}

bool Survey::has_checksum(Bytes bytes, std::uint64_t address, std::string_view what) {
  if (!wants_checksums() || bytes.size() < sizeof(le32)) return true;
  const Bytes covered = bytes.first(bytes.size() - sizeof(le32));
  le32 stored;
  std::memcpy(&stored, bytes.data() + covered.size(), sizeof stored);
  const std::uint32_t computed = lookup3(covered);
  if (stored == computed) return true;
  find(structure_checksum, address, bytes.size(),
       fmt::format("{}: stored {:08x}, computed {:08x}", what, stored.value(), computed));
  return false;
}

bool Survey::claim(std::uint64_t address, std::uint64_t length, std::string_view what) {
  if (length == 0 || !space.holds(address, length)) return true;
  const std::uint64_t end = address + length;
  auto after = ranges_.lower_bound(address);
  if (after != ranges_.end() && after->first == address && after->second.what == what) return false;
  const auto collide = [&](std::uint64_t other, const Range &range) {
    find(structure_overlap, address, length,
         fmt::format("the {} at addresses {} to {} and the {} at {} to {} overlap", what, address, end - 1,
                     range.what, other, range.end - 1));
  };
  if (after != ranges_.end() && after->first < end)
    collide(after->first, after->second);
  else if (after != ranges_.begin() && std::prev(after)->second.end > address)
    collide(std::prev(after)->first, std::prev(after)->second);
  else if (ranges_.size() < most_ranges)
    ranges_.emplace_hint(after, address, Range{end, what});
  return true;
}

void Survey::segment(unsigned level, std::uint64_t address, std::uint64_t length, std::string name,
                     std::string detail) {
  if (evidence.outline != nullptr)
    evidence.outline->add(level, space.file_offset(address), length, std::move(name), std::move(detail));
}

} // namespace datavet::hdf5
