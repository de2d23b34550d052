#include "formats/tiff/directory.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "formats/tiff/rules.h"
#include "formats/tiff/tags.h"

namespace datavet::tiff {

namespace {

// libtiff TIFFFetchDirectory(): "dircount > 4096" is "Sanity check on directory count failed".
constexpr std::uint64_t max_entries = 4096;

/// Findings on a child directory cost metadata at most, so that they all carry one rule of a warning.
const Rule &rule_for(Kin kin, const Rule &rule) {
  return kin == Kin::child && rule.severity == Severity::error ? ifd_child : rule;
}

Entry read_entry(const FileView &file, std::uint64_t at) {
  // TIFF 6.0 section 2: tag, type, count, and the value itself when it fits, else its offset.
  Entry entry{static_cast<std::uint16_t>(*file.u16(at)),
              static_cast<std::uint16_t>(*file.u16(at + 2)),
              *file.offset(at + 4),
              at,
              0,
              false};
  const std::uint64_t field_size = file.big ? 8 : 4;
  const std::uint64_t value_field = at + 4 + field_size;
  const unsigned unit = size_of_type(entry.type);
  if (unit == 0) return entry;
  const bool fits = entry.count <= field_size / unit;
  entry.value_at = fits ? value_field : *file.offset(value_field);
  entry.readable = entry.count <= file.bytes.size() / unit && file.holds(entry.value_at, entry.count * unit);
  return entry;
}

/// The first entry of an unknown type, and the first whose values lie outside: a cut file has many.
void check_entries(const FileView &file, const Directory &directory, Kin kin, Evidence &evidence) {
  const Entry *untyped = nullptr, *outside = nullptr;
  std::uint64_t others = 0;
  for (const Entry &entry : directory.entries) {
    if (entry.readable) continue;
    if (size_of_type(entry.type) == 0 && kin == Kin::page && describes_pixels(entry.tag))
      continue; // read_image() says so
    const Entry *&first = size_of_type(entry.type) == 0 ? untyped : outside;
    if (first == nullptr)
      first = &entry;
    else if (&first == &outside)
      ++others;
  }
  if (untyped != nullptr)
    evidence.findings.add(entry_type, untyped->at + 2, 2,
                          fmt::format("{} has type {}", untyped->name(), untyped->type));
  if (outside != nullptr)
    evidence.findings.add(rule_for(kin, entry_outside), outside->at, file.big ? 20 : 12,
                          fmt::format("{}: {} values of type {} at {}, the file has {} bytes{}",
                                      outside->name(), outside->count, name_of_type(outside->type),
                                      outside->value_at, file.bytes.size(),
                                      others > 0 ? fmt::format("; {} more", others) : ""));
}

/// TIFF 6.0 section 2: entries sorted by tag, so that none occurs twice.
void check_order(const FileView &file, const Directory &directory, Kin kin, Evidence &evidence) {
  const std::uint64_t entry_size = file.big ? 20 : 12;
  std::array<const Entry *, 128> firsts{}; // by tag, from 256: where the tags that describe the pixels lie
  for (const Entry &entry : directory.entries) {
    if (kin == Kin::child || !describes_pixels(entry.tag)) continue;
    const Entry *&first = firsts.at(entry.tag - std::size_t{256});
    if (first == nullptr) first = &entry;
    if (first == &entry) continue;
    const Bytes one = file.bytes.subspan(first->at, entry_size),
                other = file.bytes.subspan(entry.at, entry_size);
    if (std::equal(one.begin(), one.end(), other.begin())) continue;
    evidence.findings.add(entry_twice, entry.at, entry_size,
                          fmt::format("{} occurs at {} too", entry.name(), first->at));
    return; // its neighbours are not sorted either: one damage, one finding
  }
  const auto wrong = std::adjacent_find(directory.entries.begin(), directory.entries.end(),
                                        [](const Entry &a, const Entry &b) { return a.tag >= b.tag; });
  if (wrong == directory.entries.end()) return;
  const Entry &after = *std::next(wrong);
  evidence.findings.add(
      entry_order, after.at, 2,
      fmt::format("{} {} {}", after.name(), after.tag == wrong->tag ? "repeats" : "follows", wrong->name()));
}

} // namespace

std::string Entry::name() const {
  const std::string_view known = name_of_tag(tag);
  return known.empty() ? fmt::format("tag {}", tag) : fmt::format("tag {} {}", tag, known);
}

const Entry *Directory::find(std::uint16_t tag) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry &entry) { return entry.tag == tag; });
  return found == entries.end() ? nullptr : &*found;
}

std::optional<std::uint64_t> integer(const FileView &file, const Entry &entry, std::uint64_t index) {
  if (!entry.readable || index >= entry.count) return std::nullopt;
  const std::uint64_t at = entry.value_at + index * size_of_type(entry.type);
  switch (entry.type) {
  case 1: return file.bytes[at];
  case 3: return file.u16(at);
  case 4:
  case 13: return file.u32(at);
  case 16:
  case 18: return file.u64(at);
  default: break;
  }
  std::optional<std::uint64_t> number;
  std::uint64_t sign = 0;
  switch (entry.type) {
  case 6:
    number = file.bytes[at];
    sign = 0x80;
    break;
  case 8:
    number = file.u16(at);
    sign = 0x8000;
    break;
  case 9:
    number = file.u32(at);
    sign = 0x80000000;
    break;
  case 17:
    number = file.u64(at);
    sign = std::uint64_t{1} << 63;
    break;
  default: break;
  }
  return number && (*number & sign) == 0 ? number : std::nullopt;
}

std::optional<Directory> read_directory(const FileView &file, std::uint64_t at, Kin kin, Evidence &evidence) {
  const std::uint64_t count_size = file.big ? 8 : 2, entry_size = file.big ? 20 : 12,
                      next_size = file.big ? 8 : 4;
  const std::optional<std::uint64_t> count = file.big ? file.u64(at) : file.u16(at);
  if (!count) {
    evidence.findings.add(rule_for(kin, ifd_outside), std::min<std::uint64_t>(at, file.bytes.size()), 0,
                          fmt::format("a directory at {}, the file has {} bytes", at, file.bytes.size()));
    return std::nullopt;
  }
  if (*count == 0 || *count > max_entries) {
    evidence.findings.add(rule_for(kin, ifd_count), at, count_size, fmt::format("{} entries", *count));
    return std::nullopt;
  }
  if (!file.holds(at, count_size + *count * entry_size)) {
    evidence.findings.add(
        rule_for(kin, ifd_outside), at, file.bytes.size() - at,
        fmt::format("a directory of {} entries at {}, the file has {} bytes", *count, at, file.bytes.size()));
    return std::nullopt;
  }
  Directory directory{at, count_size + *count * entry_size + next_size, 0, {}};
  directory.entries.reserve(*count);
  for (std::uint64_t i = 0; i < *count; ++i)
    directory.entries.push_back(read_entry(file, at + count_size + i * entry_size));
  check_entries(file, directory, kin, evidence);
  check_order(file, directory, kin, evidence);
  const std::uint64_t next_at = at + count_size + *count * entry_size;
  if (std::optional<std::uint64_t> next = file.offset(next_at)) {
    directory.next = *next;
  } else {
    directory.size -= next_size;
    evidence.findings.add(rule_for(kin, ifd_outside), next_at, file.bytes.size() - next_at,
                          "the file ends where the offset of the next directory should be");
  }
  return directory;
}

} // namespace datavet::tiff
