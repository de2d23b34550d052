/// What each record of a sample or a run consists of, as its check told.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "formats/evidence.h"

namespace datavet {

struct FeatureTrait {
  std::string_view name; ///< inside the record's bytes
  std::string_view kind; ///< static
  std::uint64_t count;   ///< values
};

/// Keeps its memory from run to run.
class RecordTraits final : public Traits {
public:
  void begin(std::uint64_t offset) override { records_.push_back({offset, features_.size()}); }
  void trait(std::string_view name, std::string_view kind, std::uint64_t count) override {
    if (!records_.empty()) features_.push_back({name, kind, count});
  }
  void clear() {
    records_.clear();
    features_.clear();
  }

  std::size_t size() const { return records_.size(); }
  std::uint64_t offset(std::size_t record) const { return records_[record].offset; }
  std::span<const FeatureTrait> features(std::size_t record) const {
    const std::size_t end = record + 1 < records_.size() ? records_[record + 1].first : features_.size();
    return std::span(features_).subspan(records_[record].first, end - records_[record].first);
  }

private:
  struct Record {
    std::uint64_t offset;
    std::size_t first; ///< of its features
  };
  std::vector<Record> records_;
  std::vector<FeatureTrait> features_;
};

} // namespace datavet
