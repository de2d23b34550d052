#include "formats/hdf5/content/report.h"

#include <algorithm>
#include <utility>

namespace datavet::hdf5 {

// Which datasets are kept depends on the bad ones alone: one that is dropped has `named_datasets` bad ones before it, here
// and in whatever this is merged into.
ContentReport::OfDataset *ContentReport::place(std::uint32_t dataset) {
  if (const auto found = datasets_.find(dataset); found != datasets_.end()) return &found->second;
  if (datasets_.size() == named_datasets) {
    const auto last = std::prev(datasets_.end());
    if (last->first < dataset) {
      ++elsewhere_;
      return nullptr;
    }
    elsewhere_ += last->second.bad;
    datasets_.erase(last);
  }
  return &datasets_[dataset];
}

void ContentReport::insert(OfDataset &of, Piece piece) {
  const auto at = std::ranges::lower_bound(of.pieces, piece.order, {}, &Piece::order);
  of.pieces.insert(at, std::move(piece));
  if (of.pieces.size() > named_pieces) of.pieces.pop_back();
}

void ContentReport::merge(ContentReport &&other) {
  elsewhere_ += other.elsewhere_;
  for (auto &[dataset, theirs] : other.datasets_) {
    OfDataset *of = place(dataset);
    if (of == nullptr) {
      elsewhere_ += theirs.bad - 1; // place() counted one
      continue;
    }
    of->bad += theirs.bad;
    for (Piece &piece : theirs.pieces) insert(*of, std::move(piece));
  }
  for (auto &[dataset, theirs] : other.all_) {
    std::vector<BadPiece> &ours = all_[dataset];
    ours.insert(ours.end(), theirs.begin(), theirs.end());
  }
  const bool keeps_all = other.keeps_all_;
  other = {};
  other.keeps_all_ = keeps_all;
}

} // namespace datavet::hdf5
