/// Tables that are made once for all the scans that use them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "formats/jpeg/entropy/scan_plan.h"

namespace datavet::jpeg {

/// Building a pair takes microseconds, which is felt in small pictures; many use the tables of T.81 K.3.
class TableCache {
public:
  TableCache();
  ~TableCache();

  /// Valid until release() was called for it as often as acquire().
  const SequentialTables &acquire(const HuffmanTable &dc, const HuffmanTable &ac, unsigned most_ac_bits);
  void release(const SequentialTables &tables);
  void release_all();

private:
  struct Entry;
  Entry &entry_to_fill();

  static constexpr std::size_t kept = 12; ///< 12 KB each. Two scans of four components use 8 at once
  std::vector<std::unique_ptr<Entry>> entries_;
  std::uint64_t now_ = 0;
};

} // namespace datavet::jpeg
