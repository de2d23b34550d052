#include "pipeline/clean/row_list.h"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "formats/hdf5/cut/encode.h"
#include "pipeline/report/escape.h"

namespace datavet {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_chunks = 64; // named in one line

/// As a report does: bytes that are not UTF-8 are shown with U+FFFD, and travel whole in "<key>_b64".
void put_bytes(Json &json, const std::string &key, std::string_view bytes) {
  json[key] = bytes;
  if (!is_utf8(bytes)) json[key + "_b64"] = base64(bytes);
}

class RowList {
public:
  RowList(std::string_view root, std::string_view path, const hdf5::RowCut &cut,
          const std::function<StepResult(std::string_view)> &write)
      : root_(root), path_(path), cut_(cut), write_(write) {}

  StepResult run() {
    for (const hdf5::CutDataset &each : cut_.datasets) put_dataset(each);
    for (std::size_t i = 0; i < cut_.companies.size(); ++i) put_ranges(i);
    for (const std::string &name : cut_.kept) {
      Json json = begin("kept");
      put_bytes(json, "dataset", name);
      put(json);
    }
    return result_;
  }

private:
  Json begin(std::string_view type) const {
    Json json;
    put_bytes(json, "root", root_);
    put_bytes(json, "path", path_);
    json["type"] = type;
    return json;
  }
  void put(const Json &json) {
    if (result_.is_done()) result_ = write_(json.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n");
  }

  void put_dataset(const hdf5::CutDataset &each) {
    const hdf5::Company &company = cut_.companies[each.company];
    Json json = begin("dataset");
    put_bytes(json, "dataset", each.dataset.path);
    json["rows_before"] = company.rows;
    json["rows_after"] = company.rows - company.dropped.count();
    json["damaged"] = !each.pieces.empty();
    json["damaged_chunks"] = each.pieces.size();
    json["stored_plain"] = is_stored_plain(each);
    put(json);
  }

  void put_ranges(std::size_t number) {
    const hdf5::Company &company = cut_.companies[number];
    std::uint64_t dropped = 0;
    for (const RowRange &range : company.dropped.ranges()) {
      Json json = begin("rows");
      json["datasets"] = Json::array();
      Json chunks = Json::array();
      std::set<std::string_view> rules;
      std::size_t more = 0;
      for (const hdf5::CutDataset &each : cut_.datasets) {
        if (each.company != number) continue;
        json["datasets"].push_back(each.dataset.path);
        for (const hdf5::BadPiece &piece : pieces_in(each, range)) {
          rules.insert(piece.rule->id);
          if (chunks.size() == most_chunks) {
            ++more;
            continue;
          }
          Json chunk;
          put_bytes(chunk, "dataset", each.dataset.path);
          chunk["offset"] = piece.offset;
          chunk["size"] = piece.length;
          chunk["rule"] = piece.rule->id;
          chunks.push_back(std::move(chunk));
        }
      }
      json["first_row"] = range.first;
      json["rows"] = range.count;
      json["rows_before_in_copy"] = range.first - dropped;
      json["rules"] = rules;
      json["chunks"] = std::move(chunks);
      if (more > 0) json["more_chunks"] = more;
      put(json);
      dropped += range.count;
    }
  }

  // Those that begin in the range: it is a union of whole pieces.
  static std::span<const hdf5::BadPiece> pieces_in(const hdf5::CutDataset &each, const RowRange &range) {
    const auto first = [](const hdf5::BadPiece &piece) { return piece.rows.first; };
    const auto from = std::ranges::lower_bound(each.pieces, range.first, {}, first);
    return {from, std::ranges::lower_bound(from, each.pieces.end(), range.first + range.count, {}, first)};
  }

  const std::string_view root_, path_;
  const hdf5::RowCut &cut_;
  const std::function<StepResult(std::string_view)> &write_;
  StepResult result_;
};

} // namespace

StepResult write_row_list(std::string_view root, std::string_view path, const hdf5::RowCut &cut,
                          const std::function<StepResult(std::string_view)> &write) {
  return RowList(root, path, cut, write).run();
}

bool is_stored_plain(const hdf5::CutDataset &cut) {
  return cut.dataset.storage.form == hdf5::Storage::Class::chunked && !hdf5::can_apply(cut.dataset.filters);
}

} // namespace datavet
