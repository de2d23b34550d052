#include "formats/hdf5/content/report.h"

#include <algorithm>
#include <utility>

namespace datavet::hdf5 {

// Which datasets are kept depends on the bad ones alone: one that is dropped has `named_datasets` bad ones before it, here
// and in whatever this is merged into.
BadPieces::OfDataset *BadPieces::place(std::uint32_t dataset) {
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

void BadPieces::insert(OfDataset &of, Piece piece) {
  const auto at = std::ranges::lower_bound(of.pieces, piece.order, {}, &Piece::order);
  of.pieces.insert(at, std::move(piece));
  if (of.pieces.size() > named_pieces) of.pieces.pop_back();
}

void BadPieces::merge(BadPieces &&other) {
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

void NotFinite::merge(const NotFinite &other) {
  nan += other.nan;
  infinite += other.infinite;
  first = std::min(first, other.first);
}

void PictureCount::add_other(const Other &other) {
  if (first_others.size() == named_others && first_others.back().item < other.item) return;
  first_others.insert(std::ranges::lower_bound(first_others, other.item, {}, &Other::item), other);
  if (first_others.size() > named_others) first_others.pop_back();
}

void PictureCount::merge(PictureCount &&other) {
  pictures += other.pictures;
  certain += other.certain;
  others += other.others;
  zeros += other.zeros;
  first_zeros = std::min(first_zeros, other.first_zeros);
  last_picture = std::max(last_picture, other.last_picture);
  for (const Other &one : other.first_others) add_other(one);
}

void ContentReport::keep_all() {
  for (BadPieces *pieces : {&data, &references, &pictures[static_cast<std::size_t>(Severity::error)], &no_pictures}) pieces->keep_all();
}

void ContentReport::merge(ContentReport &&other) {
  data.merge(std::move(other.data));
  references.merge(std::move(other.references));
  for (std::size_t i = 0; i < pictures.size(); ++i) pictures[i].merge(std::move(other.pictures[i]));
  no_pictures.merge(std::move(other.no_pictures));
  for (const auto &[dataset, theirs] : other.not_finite) not_finite[dataset].merge(theirs);
  for (auto &[dataset, theirs] : other.picture_counts) picture_counts[dataset].merge(std::move(theirs));
  other = {};
}

} // namespace datavet::hdf5
