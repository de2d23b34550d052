#include "formats/hdf5/cut/row_cut.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

#include "formats/hdf5/chunks/grid.h"
#include "formats/hdf5/chunks/list_chunks.h"
#include "formats/hdf5/chunks/rules.h"
#include "formats/hdf5/content/picture_items.h"
#include "formats/hdf5/content/plan.h"
#include "formats/hdf5/cut/dataset_header.h"
#include "formats/hdf5/filters/filter_chain.h"
#include "formats/hdf5/metadata/walk.h"
#include "formats/hdf5/names.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

/// Entries of an index whose place in the dataset can be believed: only their chunk is lost.
bool costs_a_chunk(const Rule &rule) { return &rule == &chunk_outside || &rule == &chunk_stored_size; }

std::string_view group_of(std::string_view path) { return path.substr(0, path.rfind('/') + 1); } // "/train/"

/// True when the dataset at `other` lies in the group of `damaged`, or in one above.
bool goes_with(std::string_view damaged, std::string_view other) {
  return group_of(damaged).starts_with(group_of(other));
}

class AllObjects final : public MetadataSink {
public:
  void group(const std::string &, std::uint64_t address) override { addresses.push_back(address); }
  void dataset(Dataset dataset) override {
    addresses.push_back(dataset.address);
    datasets.push_back(std::move(dataset));
  }
  std::vector<std::uint64_t> addresses;
  std::vector<Dataset> datasets;
};

/// The entries of an index that lead astray.
class BadEntries final : public ChunkSink {
public:
  explicit BadEntries(const AddressSpace &space) : space_(space) {}
  void chunk(const Chunk &) override {}
  void bad_chunk(const Chunk &chunk, const Rule &rule, const RowRange &rows) override {
    const bool inside = chunk.address < space_.source().size();
    pieces.push_back({rows, inside ? space_.file_offset(chunk.address) : 0, chunk.size, &rule});
  }
  std::vector<BadPiece> pieces;

private:
  const AddressSpace &space_;
};

class Finder {
public:
  Finder(const Source &source, const Limits &limits, const InnerJudges *judges)
      : source_(source), options_{Depth::content, limits}, judges_(judges) {}

  RowCut run() {
    if (look() && take_bad_rows() && choose()) complete();
    return std::move(cut_);
  }

private:
  bool refuse(std::string why) {
    cut_.refusal = std::move(why);
    return false;
  }

  // --- the file as it is now ---

  bool look() {
    Evidence evidence;
    evidence.judges = judges_;
    const bool any = plan_content(source_, options_, evidence, plan_);
    if (!errors_are_entries(evidence)) return false;
    report_.keep_all();
    if (any) check_units(source_, plan_, 0, plan_.units().size(), options_, report_);
    Evidence unheard;
    cut_.superblock = examine_superblock(source_, unheard);
    if (!cut_.superblock) return refuse("its superblock cannot be read");
    AddressSpace space(source_, *cut_.superblock);
    walk_metadata(space, options_, objects_, unheard);
    cut_.objects = objects_.addresses;
    return true;
  }

  // Everything wrong with metadata or an index, but for single chunks, leaves open which rows are meant.
  bool errors_are_entries(const Evidence &evidence) {
    for (const Finding &finding : evidence.findings.list()) {
      if (finding.rule->severity != Severity::error) continue;
      if (costs_a_chunk(*finding.rule) && finding.rows.count > 0)
        with_bad_entries_.insert(finding.part);
      else
        return refuse(fmt::format("{} is no damage of rows, so none can be left out to mend it ({})", finding.rule->id,
                                  shown(finding.detail)));
    }
    // Errors are kept before anything milder.
    const bool full = evidence.findings.not_kept() > 0 && evidence.findings.list().size() == Findings::kept;
    if (full && evidence.findings.verdict() == Verdict::corrupt)
      return refuse("more is wrong with its metadata and chunk indexes than can be listed");
    return true;
  }

  // --- bad rows by dataset ---

  bool take_bad_rows() {
    std::map<std::uint64_t, std::size_t> by_header;
    AddressSpace space(source_, *cut_.superblock);
    for (std::size_t i = 0; i < objects_.datasets.size(); ++i)
      by_header[space.file_offset(objects_.datasets[i].address)] = i;
    for (std::uint32_t number = 0; number < plan_.datasets().size(); ++number) {
      const std::vector<BadPiece> pieces = bad_pieces(number);
      if (pieces.empty()) continue;
      const auto found = by_header.find(plan_.datasets()[number].header);
      if (found == by_header.end()) return refuse("it changes while it is read");
      std::vector<BadPiece> &all = bad_[found->second];
      all.insert(all.end(), pieces.begin(), pieces.end());
    }
    for (std::size_t i = 0; i < objects_.datasets.size(); ++i)
      if (with_bad_entries_.contains(objects_.datasets[i].path)) take_bad_entries(space, i);
    for (auto &[number, pieces] : bad_)
      if (std::ranges::any_of(pieces, [](const BadPiece &piece) { return piece.rows.count == 0; }))
        return refuse(fmt::format("{} is one value, not rows, and it is damaged", shown(objects_.datasets[number].path)));
    return !bad_.empty() || refuse("no bad row is found in it: what the report says of it is no damage of rows, or "
                                   "only a decoder meets it");
  }

  std::vector<BadPiece> bad_pieces(std::uint32_t number) const {
    std::vector<BadPiece> bad = bad_pictures(report_, number);
    for (const BadPieces *each : {&report_.data, &report_.references})
      if (const auto pieces = each->all().find(number); pieces != each->all().end()) bad.insert(bad.end(), pieces->second.begin(), pieces->second.end());
    return bad;
  }

  void take_bad_entries(AddressSpace &space, std::size_t number) {
    BadEntries entries(space);
    Evidence unheard;
    list_chunks(space, objects_.datasets[number], options_, entries, unheard);
    std::vector<BadPiece> &all = bad_[number];
    all.insert(all.end(), entries.pieces.begin(), entries.pieces.end());
    index_is_bad_.insert(number);
  }

  // --- who goes together ---

  bool choose() {
    const std::vector<Dataset> &datasets = objects_.datasets;
    std::vector<std::size_t> leader(datasets.size());
    std::iota(leader.begin(), leader.end(), std::size_t{0});
    const auto find_leader = [&](std::size_t i) {
      while (leader[i] != i) i = leader[i] = leader[leader[i]];
      return i;
    };
    std::set<std::size_t> cut;
    for (const auto &[damaged, pieces] : bad_) {
      cut.insert(damaged);
      const std::uint64_t rows = rows_of(datasets[damaged]);
      for (std::size_t i = 0; i < datasets.size(); ++i) {
        if (i == damaged || rows <= 1 || rows_of(datasets[i]) != rows) continue;
        if (!goes_with(datasets[damaged].path, datasets[i].path)) continue;
        cut.insert(i);
        leader[find_leader(i)] = find_leader(damaged);
      }
      if (has_row_pointers(datasets[damaged].path))
        return refuse(fmt::format("{} belongs to a sparse matrix (indptr lies beside it), whose rows are not its own",
                                  shown(datasets[damaged].path)));
    }
    std::map<std::size_t, std::size_t> companies;
    for (std::size_t i : cut) {
      const auto [company, is_new] = companies.try_emplace(find_leader(i), companies.size());
      if (is_new) cut_.companies.push_back({rows_of(datasets[i]), {}});
      cut_.datasets.push_back({datasets[i], company->second, {}, index_is_bad_.contains(i), {}});
      if (const auto pieces = bad_.find(i); pieces != bad_.end()) cut_.datasets.back().pieces = std::move(pieces->second);
    }
    note_kept(cut);
    return true;
  }

  static std::uint64_t rows_of(const Dataset &dataset) { return dataset.space.rank == 0 ? 0 : dataset.space.extent[0]; }

  // scipy.sparse as h5py users and anndata store it: data and indices are as long as there are values, not rows.
  bool has_row_pointers(std::string_view path) const {
    const std::string pointers = std::string(group_of(path)) + "indptr";
    return std::ranges::any_of(objects_.datasets, [&](const Dataset &dataset) { return dataset.path == pointers; });
  }

  void note_kept(const std::set<std::size_t> &cut) {
    std::set<std::uint64_t> rows;
    for (std::size_t i : cut)
      if (rows_of(objects_.datasets[i]) > 1) rows.insert(rows_of(objects_.datasets[i]));
    for (std::size_t i = 0; i < objects_.datasets.size(); ++i)
      if (!cut.contains(i) && rows.contains(rows_of(objects_.datasets[i]))) cut_.kept.push_back(objects_.datasets[i].path);
  }

  // --- what cutting them takes ---

  void complete() {
    AddressSpace space(source_, *cut_.superblock);
    std::vector<std::vector<RowRange>> ranges(cut_.companies.size());
    for (CutDataset &cut : cut_.datasets) {
      std::ranges::sort(cut.pieces, {}, [](const BadPiece &piece) {
        return std::tuple(piece.rows.first, piece.offset, piece.rows.count, piece.length);
      });
      for (const BadPiece &piece : cut.pieces) ranges[cut.company].push_back(piece.rows);
      if (!can_be_cut(cut, space)) return;
    }
    for (std::size_t i = 0; i < ranges.size(); ++i)
      cut_.companies[i].dropped = RowSet(std::move(ranges[i]), cut_.companies[i].rows);
  }

  bool can_be_cut(CutDataset &cut, AddressSpace &space) {
    const auto cannot = [&](std::string_view why) {
      return refuse(fmt::format("{} would lose rows too, and cannot: {}", shown(cut.dataset.path), why));
    };
    if (cut.dataset.external) return cannot("its data lie in other files");
    const Storage::Class form = cut.dataset.storage.form;
    if (form == Storage::Class::virtual_ || form == Storage::Class::unknown)
      return cannot("its data lie in other datasets");
    if (form == Storage::Class::chunked && !can_undo(cut.dataset.filters))
      return cannot("it has a filter that datavet cannot undo");
    if (form == Storage::Class::chunked && Grid(cut.dataset).count() / 16 > options_.limits.objects)
      return cannot("it has more places for chunks than the limits allow");
    std::optional<std::vector<std::uint8_t>> fill = read_fill_value(space, cut.dataset);
    if (!fill || (cut.dataset.type.in_heap && !fill->empty())) return cannot("its fill value is not understood");
    cut.fill = std::move(*fill);
    return true;
  }

  const Source &source_;
  const CheckOptions options_;
  const InnerJudges *judges_;
  ContentPlan plan_;
  ContentReport report_;
  AllObjects objects_;
  std::set<std::string> with_bad_entries_;                ///< paths
  std::map<std::size_t, std::vector<BadPiece>> bad_;      ///< by number of the dataset in objects_
  std::set<std::size_t> index_is_bad_;
  RowCut cut_;
};

} // namespace

bool RowCut::any_without_rows() const {
  return std::ranges::any_of(companies, [](const Company &company) { return company.dropped.count() == company.rows; });
}

RowCut find_row_cut(const Source &source, const Limits &limits, const InnerJudges *judges) {
  return Finder(source, limits, judges).run();
}

} // namespace datavet::hdf5
