/// What was found in the data: bounded, and the same however the work was split.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <datavet/finding.h>

namespace datavet::hdf5 {

/// A bad piece of the data of a dataset, for whoever takes its rows out.
struct BadPiece {
  RowRange rows;            ///< inside the extent; count 0 = the one value of a scalar
  std::uint64_t offset = 0; ///< in the file
  std::uint64_t length = 0; ///< bytes stored
  const Rule *rule = nullptr;
};

/// Keeps the first bad pieces of the first bad datasets, in the order of the plan, and counts the others.
class ContentReport {
public:
  static constexpr std::size_t named_pieces = 16;   ///< of a dataset
  static constexpr std::size_t named_datasets = 64; ///< Findings::kept: more could not be shown

  struct Piece {
    std::uint64_t order; ///< of the piece in its dataset: no two are the same
    Finding finding;
  };
  struct OfDataset {
    std::vector<Piece> pieces; ///< sorted
    std::uint64_t bad = 0;     ///< all of them
  };

  /// A piece of this dataset is bad: `finding()` makes the finding, if it is to be kept.
  template <class Make> void add(std::uint32_t dataset, std::uint64_t order, Make make) {
    OfDataset *of = place(dataset);
    if (of == nullptr) return;
    ++of->bad;
    if (of->pieces.size() == named_pieces && of->pieces.back().order < order) return;
    insert(*of, Piece{order, make()});
  }
  /// From now on all bad pieces are kept besides, of all datasets: 48 bytes each, so no more than twice what the plan
  /// takes for its chunks. Before the first unit.
  void keep_all() { keeps_all_ = true; }
  bool keeps_all() const { return keeps_all_; }
  void keep(std::uint32_t dataset, const BadPiece &piece) {
    if (keeps_all_) all_[dataset].push_back(piece);
  }
  /// All bad pieces by dataset of the plan; in no order.
  const std::map<std::uint32_t, std::vector<BadPiece>> &all() const { return all_; }

  /// Takes what another report found in other units of the same plan.
  void merge(ContentReport &&other);

  const std::map<std::uint32_t, OfDataset> &datasets() const { return datasets_; }
  /// Bad pieces in datasets that are not kept.
  std::uint64_t elsewhere() const { return elsewhere_; }
  bool empty() const { return datasets_.empty(); }

private:
  OfDataset *place(std::uint32_t dataset);
  static void insert(OfDataset &of, Piece piece);

  std::map<std::uint32_t, OfDataset> datasets_; ///< the first ones of the plan that are bad
  std::uint64_t elsewhere_ = 0;
  bool keeps_all_ = false;
  std::map<std::uint32_t, std::vector<BadPiece>> all_;
};

/// What is said once for a file about its data, whatever the units find.
struct ContentRemarks {
  std::uint64_t unprotected = 0;         ///< datasets whose data nothing protects
  std::uint64_t first_unprotected = 0;   ///< file offset of the header of the first one
  std::vector<std::string> named;        ///< some of them
};

} // namespace datavet::hdf5
