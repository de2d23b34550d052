/// What was found in the data: bounded, and the same however the work was split.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
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
class BadPieces {
public:
  static constexpr std::size_t named_pieces = 16;   ///< of a dataset
  static constexpr std::size_t named_datasets = 64; ///< Findings::kept: more could not be shown

  struct Piece {
    std::uint64_t order;           ///< of the piece in its dataset: no two are the same
    std::vector<Finding> findings; ///< at least one
  };
  struct OfDataset {
    std::vector<Piece> pieces; ///< sorted
    std::uint64_t bad = 0;     ///< all of them
  };

  /// A piece of this dataset is bad: `findings()` makes them, if they are to be kept.
  template <class Make> void add(std::uint32_t dataset, std::uint64_t order, Make findings) {
    OfDataset *of = place(dataset);
    if (of == nullptr) return;
    ++of->bad;
    if (of->pieces.size() == named_pieces && of->pieces.back().order < order) return;
    insert(*of, Piece{order, findings()});
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

  /// Takes what others found in other units of the same plan.
  void merge(BadPieces &&other);

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

/// Floating-point values that are no numbers.
struct NotFinite {
  std::uint64_t nan = 0, infinite = 0;
  std::uint64_t first = std::numeric_limits<std::uint64_t>::max(); ///< element, row-major

  void merge(const NotFinite &other);
};

/// What the items of one dataset look like that might be encoded pictures.
struct PictureCount {
  static constexpr std::size_t named_others = 8;
  struct Other {
    std::uint64_t item;           ///< row-major
    std::uint64_t offset, length; ///< in the file
  };

  std::uint64_t pictures = 0;   ///< begin like a format of pictures
  std::uint64_t certain = 0;    ///< of these: with a signature that is more than two letters
  std::uint64_t others = 0;     ///< begin like none
  std::uint64_t zeros = 0;      ///< have a place of fixed size, and nothing in it but zeros
  std::uint64_t first_zeros = std::numeric_limits<std::uint64_t>::max(); ///< item
  std::uint64_t last_picture = 0;                                        ///< item, if there are any
  std::vector<Other> first_others; ///< by item

  void add_other(const Other &other);
  void merge(PictureCount &&other);
};

class ContentReport {
public:
  BadPieces data;       ///< chunks and slabs
  BadPieces references; ///< of elements into heaps
  std::array<BadPieces, 3> pictures; ///< by the severity of the worst finding: a note takes no error's place
  BadPieces no_pictures;             ///< of keep_all() only: items that begin like none, whatever the dataset holds
  std::map<std::uint32_t, NotFinite> not_finite;
  std::map<std::uint32_t, PictureCount> picture_counts; ///< of each dataset that may hold pictures

  /// From now on all that costs rows is kept: BadPieces::keep_all(). Before the first unit.
  void keep_all();
  /// Takes what another report found in other units of the same plan.
  void merge(ContentReport &&other);
};

/// What is said of a file about its data, whatever the units find.
struct ContentRemarks {
  struct Named {
    std::string path;
    std::uint64_t header = 0; ///< file offset
  };
  std::uint64_t unprotected = 0; ///< datasets whose data nothing protects
  std::vector<Named> named;      ///< the first of them
  std::uint64_t next_header = 0; ///< file offset of the header of the first one that is not named
};

} // namespace datavet::hdf5
