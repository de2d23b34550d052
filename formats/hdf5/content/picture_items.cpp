#include "formats/hdf5/content/picture_items.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "formats/hdf5/names.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

constexpr std::size_t head_bytes = 4096;  // what a signature may need
constexpr std::size_t judged_together = 64;
constexpr std::size_t findings_of_one = 4;

// A unit of which so many items begin like no picture, and none like one, is not about pictures.
constexpr std::uint64_t enough_others = 32;

// Rows of pixels may begin with any letters, and text with "BM": so few of a kind are chance.
constexpr std::uint64_t enough_alike = 4;

bool all_zero(Bytes bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

std::uint64_t elements_of_row(const ContentDataset &dataset) {
  std::uint64_t elements = 1;
  for (std::size_t i = 1; i < dataset.extent.size(); ++i) elements *= dataset.extent[i];
  return elements;
}

bool holds_pictures(const PictureCount &count) {
  return count.pictures >= std::max<std::uint64_t>(count.others, 1) && (count.certain > 0 || count.pictures >= enough_alike);
}

} // namespace

bool is_certain(std::string_view format) { return !format.empty() && format != "bmp" && format != "pnm"; }

std::string name_of_item(const ContentDataset &dataset, std::uint64_t item) {
  if (dataset.extent.empty() || dataset.look.items == Look::Items::all) return {};
  if (dataset.extent.size() == 1 || dataset.look.items == Look::Items::rows) return fmt::format("row {}", item);
  std::vector<std::uint64_t> place(dataset.extent.size());
  for (std::size_t i = place.size(); i-- > 0; item /= dataset.extent[i]) place[i] = item % dataset.extent[i];
  return fmt::format("element ({})", fmt::join(place, ", "));
}

RowRange rows_of_item(const ContentDataset &dataset, std::uint64_t item) {
  if (dataset.extent.empty() || dataset.look.items == Look::Items::all) return {};
  return {dataset.look.items == Look::Items::rows ? item : item / elements_of_row(dataset), 1};
}

void PictureItems::begin(std::uint32_t number, const ContentDataset &dataset, ContentReport &report) {
  number_ = number;
  dataset_ = &dataset;
  report_ = &report;
  count_ = &report.picture_counts[number];
  seen_pictures_ = seen_others_ = 0;
}

void PictureItems::item(std::uint64_t item, Bytes bytes, ItemPlace place, bool has_place) {
  if (seen_pictures_ == 0 && seen_others_ >= enough_others) return;
  const std::string_view format =
      bytes.size() < smallest_picture ? std::string_view() : judge_->format_of(bytes.first(std::min(bytes.size(), head_bytes)));
  if (format.empty()) {
    if (has_place && all_zero(bytes)) {
      ++count_->zeros;
      count_->first_zeros = std::min(count_->first_zeros, item);
      return;
    }
    ++seen_others_;
    ++count_->others;
    const std::uint64_t length = place.exact ? bytes.size() : place.length;
    count_->add_other({item, place.offset, length});
    report_->no_pictures.keep(number_, {rows_of_item(*dataset_, item), place.offset, length, &no_picture});
    return;
  }
  ++seen_pictures_;
  ++count_->pictures;
  count_->certain += is_certain(format);
  count_->last_picture = std::max(count_->last_picture, item);
  InnerSample &inner = inner_.emplace_back();
  inner.part = dataset_->path;
  inner.rows = rows_of_item(*dataset_, item);
  inner.bytes = bytes;
  inner.zero_padded = has_place;
  waiting_.push_back({item, place});
  waiting_bytes_ += bytes.size();
  if (waiting_.size() == judged_together) flush();
}

void PictureItems::flush() {
  if (waiting_.empty()) return;
  const std::span<Findings> found = judge_->judge(inner_);
  for (std::size_t i = 0; i < waiting_.size(); ++i)
    if (!found[i].empty()) report(waiting_[i], found[i].take());
  inner_.clear();
  waiting_.clear();
  waiting_bytes_ = 0;
}

void PictureItems::report(const Waiting &of, std::vector<Finding> found) {
  // One dataset may hold several pictures one behind the other, with their places in another dataset.
  if (dataset_->look.items == Look::Items::all && dataset_->look.item > 0)
    std::erase_if(found, [](const Finding &finding) { return finding.rule->fault == Fault::trailing_data; });
  if (found.empty()) return;
  std::ranges::stable_sort(found, std::ranges::greater(), [](const Finding &finding) { return finding.rule->severity; });
  BadPieces &as_bad = report_->pictures[static_cast<std::size_t>(found[0].rule->severity)];
  BadPiece bad{rows_of_item(*dataset_, of.item), of.place.offset, of.place.length, found[0].rule};
  if (of.place.exact) {
    bad.offset += found[0].offset;
    bad.length = found[0].length;
  }
  as_bad.keep(number_, bad);
  as_bad.add(number_, of.item, [&] {
    const std::string name = name_of_item(*dataset_, of.item);
    if (found.size() > findings_of_one) found.resize(findings_of_one);
    for (Finding &finding : found) {
      if (!name.empty()) finding.detail = finding.detail.empty() ? name : fmt::format("{}: {}", name, finding.detail);
      if (of.place.exact) {
        finding.offset += of.place.offset;
      } else {
        finding.detail += fmt::format("{}byte {} of the picture", finding.detail.empty() ? "" : ", ", finding.offset);
        finding.offset = of.place.offset;
        finding.length = of.place.length;
      }
    }
    return std::move(found);
  });
}

namespace {

void add_pieces(const BadPieces &pieces, const ContentReport &report, Evidence &evidence) {
  for (const auto &[dataset, of] : pieces.datasets()) {
    const auto count = report.picture_counts.find(dataset);
    if (count == report.picture_counts.end() || !holds_pictures(count->second)) continue;
    for (std::size_t i = 0; i < of.pieces.size(); ++i)
      for (Finding finding : of.pieces[i].findings) {
        if (i + 1 == of.pieces.size() && of.bad > of.pieces.size())
          finding.detail += fmt::format("; and {} pictures more", of.bad - of.pieces.size());
        evidence.findings.add(std::move(finding));
      }
  }
}

// A loader decodes what is in such a dataset: an item of another kind is a damaged one, as long as there are few.
bool others_are_damaged(const PictureCount &count) { return count.others > 0 && count.others <= count.pictures / 4; }

void add_others(const ContentDataset &dataset, const PictureCount &count, Evidence &evidence) {
  if (!others_are_damaged(count)) return;
  const std::uint64_t more = count.others - count.first_others.size();
  for (const PictureCount::Other &other : count.first_others) {
    std::string detail = fmt::format("{} begins like no known format, unlike {} others", name_of_item(dataset, other.item), count.pictures);
    if (more > 0 && &other == &count.first_others.back()) detail += fmt::format("; and {} more", more);
    evidence.findings.add({&no_picture, other.offset, other.length, std::move(detail), dataset.path, rows_of_item(dataset, other.item)});
  }
}

// What is behind the last picture was not filled yet.
void add_holes(const ContentDataset &dataset, const PictureCount &count, Evidence &evidence) {
  if (count.zeros == 0 || count.first_zeros > count.last_picture) return;
  evidence.findings.add({&empty_picture, dataset.header, 0,
                         fmt::format("{} is zeros alone, pictures follow; {} of {} are", name_of_item(dataset, count.first_zeros), count.zeros,
                                     count.zeros + count.pictures + count.others),
                         dataset.path, rows_of_item(dataset, count.first_zeros)});
}

} // namespace

void settle_pictures(const ContentPlan &plan, const ContentReport &report, Evidence &evidence) {
  for (std::size_t severity = report.pictures.size(); severity-- > 0;) add_pieces(report.pictures[severity], report, evidence);
  for (const auto &[number, count] : report.picture_counts) {
    if (!holds_pictures(count)) continue;
    add_others(plan.datasets()[number], count, evidence);
    add_holes(plan.datasets()[number], count, evidence);
  }
}

std::vector<BadPiece> bad_pictures(const ContentReport &report, std::uint32_t dataset) {
  std::vector<BadPiece> bad;
  const auto count = report.picture_counts.find(dataset);
  if (count == report.picture_counts.end() || !holds_pictures(count->second)) return bad;
  const auto take = [&](const BadPieces &from) {
    if (const auto pieces = from.all().find(dataset); pieces != from.all().end()) bad.insert(bad.end(), pieces->second.begin(), pieces->second.end());
  };
  take(report.pictures[static_cast<std::size_t>(Severity::error)]);
  if (others_are_damaged(count->second)) take(report.no_pictures);
  return bad;
}

} // namespace datavet::hdf5
