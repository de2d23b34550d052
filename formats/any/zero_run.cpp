#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "formats/any/any.h"
#include "formats/any/rules.h"

namespace datavet {

namespace {

constexpr std::uint64_t shortest_run = 4096;
constexpr std::uint64_t disk_block = 512;

std::uint64_t end_of_zeros(Bytes bytes, std::uint64_t at) {
  while (at + sizeof(std::uint64_t) <= bytes.size()) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    if (word != 0) break;
    at += sizeof word;
  }
  while (at < bytes.size() && bytes[at] == 0) ++at;
  return at;
}

} // namespace

void find_zero_run(Bytes compressed, std::uint64_t offset, Evidence &evidence) {
  std::uint64_t first = 0, length = 0, runs = 0, total = 0;
  // Every run of 4,096 bytes covers a byte whose index is a multiple of 4,096, so one byte a page is
  // enough to find them all: most pages are never looked at otherwise.
  std::uint64_t searched = 0; // no run that counts begins before it
  for (std::uint64_t probe = 0; probe < compressed.size();) {
    if (compressed[probe] != 0) {
      searched = probe + 1;
      probe += shortest_run;
      continue;
    }
    std::uint64_t begin = probe;
    while (begin > searched && compressed[begin - 1] == 0) --begin;
    const std::uint64_t end = end_of_zeros(compressed, probe);
    const bool block_edge = (offset + begin) % disk_block == 0 || (offset + end) % disk_block == 0;
    if (end - begin >= shortest_run && (block_edge || end == compressed.size())) {
      if (runs == 0) first = begin;
      if (runs == 0) length = end - begin;
      ++runs;
      total += end - begin;
    }
    searched = end;
    // The next multiple of 4,096 past the run: nothing before it can hold a whole run.
    probe = (end / shortest_run + 1) * shortest_run;
  }
  if (runs == 0) return;
  std::string detail = runs == 1 ? fmt::format("{} zero bytes", length)
                                 : fmt::format("{} zero bytes, and {} more such runs: {} zero bytes in all",
                                               length, runs - 1, total);
  evidence.findings.add(any::zero_run, offset + first, length, std::move(detail));
}

} // namespace datavet
