/// Which rows of a file are bad, and which datasets lose them.
///
/// A row is bad when a chunk that holds a part of it is (content/), or the chunk's entry in its index, a reference of it into
/// a heap, or the encoded picture in it. Datasets go
/// together that have as many rows, if they lie in the group of the damaged one or in a group above that: /train/labels
/// and /labels go with /train/images, /test/images and /meta/names do not, however many rows they have. What goes
/// together loses the same rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <datavet/options.h>

#include "formats/evidence.h"
#include "formats/hdf5/content/report.h"
#include "formats/hdf5/cut/row_set.h"
#include "formats/hdf5/metadata/dataset.h"
#include "formats/hdf5/superblock.h"
#include "formats/source.h"

namespace datavet::hdf5 {

/// A dataset that loses rows.
struct CutDataset {
  Dataset dataset;
  std::size_t company = 0; ///< index into RowCut::companies
  std::vector<BadPiece> pieces;   ///< what is bad of it, in the order of rows; empty = it goes along
  bool index_is_bad = false;      ///< an entry of its chunk index leads astray
  std::vector<std::uint8_t> fill; ///< bytes of the fill value; empty = zeros
};

/// Datasets that lose the same rows.
struct Company {
  std::uint64_t rows = 0; ///< before
  RowSet dropped;
};

struct RowCut {
  std::optional<Superblock> superblock;
  std::vector<CutDataset> datasets; ///< in the order of the walk
  std::vector<Company> companies;
  std::vector<std::string> kept; ///< datasets with as many rows as one that loses some, which lie elsewhere
  std::vector<std::uint64_t> objects; ///< addresses of all groups and datasets
  /// Why no rows can be taken out; empty = they can. Rows are good news: damage that is no matter of rows comes here.
  std::string refusal;

  bool any_without_rows() const; ///< a company that would have none left
};

/// Checks the whole file at Depth::content. Errors of the disk are bad rows, where they hit data. `judges` null: encoded
/// pictures in rows are not looked at.
RowCut find_row_cut(const Source &source, const Limits &limits, const InnerJudges *judges);

} // namespace datavet::hdf5
