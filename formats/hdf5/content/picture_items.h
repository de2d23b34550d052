/// Encoded pictures among the items of a dataset: found by their signatures, judged by their own formats.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "formats/evidence.h"
#include "formats/hdf5/content/plan.h"

namespace datavet::hdf5 {

/// Where the bytes of an item come from.
struct ItemPlace {
  std::uint64_t offset = 0; ///< in the file: of its first byte where `exact`, else of the stored chunk
  std::uint64_t length = 0; ///< of the stored chunk, unless `exact`
  bool exact = false;
};

/// Judges what begins like a picture. Whether a dataset holds pictures at all is settled in the end, when all units are
/// done (settle_pictures): of the two thousandth row alone nobody could tell. One a thread.
class PictureItems {
public:
  /// `judges` outlives it.
  explicit PictureItems(const InnerJudges &judges) : judge_(judges.make()) {}

  /// What follows is of a unit of this dataset; both outlive end().
  void begin(std::uint32_t number, const ContentDataset &dataset, ContentReport &report);
  /// The bytes stay until flush(). `has_place`: of fixed size, so zeros may be padding.
  void item(std::uint64_t item, Bytes bytes, ItemPlace place, bool has_place);
  void flush();
  /// Bytes that wait for flush().
  std::uint64_t waiting_bytes() const { return waiting_bytes_; }

private:
  struct Waiting {
    std::uint64_t item;
    ItemPlace place;
  };

  void report(const Waiting &of, std::vector<Finding> found);

  std::unique_ptr<InnerJudge> judge_;
  std::uint32_t number_ = 0;
  const ContentDataset *dataset_ = nullptr;
  ContentReport *report_ = nullptr;
  PictureCount *count_ = nullptr;
  std::uint64_t seen_pictures_ = 0, seen_others_ = 0; ///< in this unit
  std::vector<InnerSample> inner_;
  std::vector<Waiting> waiting_; ///< the same
  std::uint64_t waiting_bytes_ = 0;
};

/// "row 17", "element (17, 3)", or nothing where the dataset is one item.
std::string name_of_item(const ContentDataset &dataset, std::uint64_t item);
/// Its row; none where the dataset is one item.
RowRange rows_of_item(const ContentDataset &dataset, std::uint64_t item);

/// True when so few bytes at the start of an item are told by more than two letters.
bool is_certain(std::string_view format);

/// All items of the dataset that make settle_pictures() find an error; of a report that keeps all.
std::vector<BadPiece> bad_pictures(const ContentReport &report, std::uint32_t dataset);

/// Adds what was found in the pictures of those datasets that hold pictures, and which of their items are none.
void settle_pictures(const ContentPlan &plan, const ContentReport &report, Evidence &evidence);

} // namespace datavet::hdf5
