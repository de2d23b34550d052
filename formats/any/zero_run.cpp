#include "formats/any/zero_run.h"

#include <cstddef>
#include <cstring>

#include <fmt/format.h>

#include "formats/any/any.h"
#include "formats/any/rules.h"

namespace datavet {

namespace {

constexpr std::uint64_t disk_block = 512;

/// Whether a cache line holds zeros only.
bool is_zero_line(const std::uint8_t *line) {
  std::uint64_t words[8], seen = 0;
  std::memcpy(words, line, sizeof words);
  for (std::uint64_t word : words) seen |= word;
  return seen == 0;
}

std::uint64_t end_of_zeros(Bytes bytes, std::uint64_t at) {
  constexpr std::uint64_t line = 64;
  while (bytes.size() - at >= line && is_zero_line(bytes.data() + at)) at += line;
  while (at < bytes.size() && bytes[at] == 0) ++at;
  return at;
}

} // namespace

/// Every run of 4,096 bytes covers a byte whose index is a multiple of 4,096, so one byte a page is enough
/// to find them all: most pages are never looked at otherwise.
std::optional<ZeroRun> ZeroRuns::next() {
  while (probe_ < bytes_.size()) {
    if (bytes_[probe_] != 0) {
      searched_ = probe_ + 1;
      probe_ += shortest;
      continue;
    }
    ZeroRun run = {probe_, end_of_zeros(bytes_, probe_)};
    while (run.begin > searched_ && bytes_[run.begin - 1] == 0) --run.begin;
    searched_ = run.end;
    probe_ = (run.end / shortest + 1) * shortest; // nothing before it can hold a whole run
    if (run.size() >= shortest) return run;
  }
  return std::nullopt;
}

void find_zero_run(Bytes compressed, std::uint64_t offset, Evidence &evidence) {
  std::optional<ZeroRun> first;
  std::uint64_t runs = 0, total = 0;
  ZeroRuns all(compressed);
  while (const std::optional<ZeroRun> run = all.next()) {
    const bool block_edge = (offset + run->begin) % disk_block == 0 || (offset + run->end) % disk_block == 0;
    if (!block_edge && run->end != compressed.size()) continue;
    if (!first) first = run;
    ++runs;
    total += run->size();
  }
  if (!first) return;
  std::string detail = runs == 1 ? fmt::format("{} zero bytes", total)
                                 : fmt::format("{} zero bytes, and {} more such runs: {} zero bytes in all",
                                               first->size(), runs - 1, total);
  evidence.findings.add(any::zero_run, offset + first->begin, first->size(), std::move(detail));
}

} // namespace datavet
