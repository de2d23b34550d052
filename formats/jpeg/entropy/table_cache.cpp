#include "formats/jpeg/entropy/table_cache.h"

#include <algorithm>

namespace datavet::jpeg {

struct TableCache::Entry {
  HuffmanTable dc;
  HuffmanTable ac;
  unsigned users = 0;
  std::uint64_t last_use = 0;
  SequentialTables tables;
};

namespace {

bool same_code(const HuffmanTable &a, const HuffmanTable &b) {
  return a.counts == b.counts && std::equal(a.values.begin(), a.values.begin() + a.size, b.values.begin());
}

} // namespace

TableCache::TableCache() = default;
TableCache::~TableCache() = default;

const SequentialTables &TableCache::acquire(const HuffmanTable &dc, const HuffmanTable &ac,
                                            unsigned most_ac_bits) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const auto &entry) {
    return entry->tables.most_ac_bits == most_ac_bits && same_code(entry->dc, dc) && same_code(entry->ac, ac);
  });
  const bool is_new = found == entries_.end();
  Entry &entry = is_new ? entry_to_fill() : **found;
  if (is_new) {
    entry.dc = dc;
    entry.ac = ac;
    entry.tables.build(dc, ac, most_ac_bits);
  }
  ++entry.users;
  entry.last_use = ++now_;
  return entry.tables;
}

TableCache::Entry &TableCache::entry_to_fill() {
  const auto oldest = std::min_element(entries_.begin(), entries_.end(), [](const auto &a, const auto &b) {
    return std::pair(a->users > 0, a->last_use) < std::pair(b->users > 0, b->last_use);
  });
  if (entries_.size() < kept || (*oldest)->users > 0)
    return *entries_.emplace_back(std::make_unique<Entry>());
  return **oldest;
}

void TableCache::release(const SequentialTables &tables) {
  for (const auto &entry : entries_)
    if (&entry->tables == &tables) --entry->users;
}

void TableCache::release_all() {
  for (const auto &entry : entries_) entry->users = 0;
}

} // namespace datavet::jpeg
