#include "formats/hdf5/content/remarks.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "formats/hdf5/filters/filter_chain.h"
#include "formats/hdf5/names.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

constexpr std::size_t most_named = 16;

/// Well-known names of samples and of what belongs to each of them. Single letters are names of axes, too: see compare().
struct Pair {
  std::string_view samples, labels;
};
constexpr Pair pairs[] = {
    {"x", "y"},
    {"X", "y"},
    {"X", "Y"},
    {"images", "labels"},
    {"image", "label"},
    {"data", "label"},
    {"data", "labels"},
    {"features", "labels"},
    {"features", "targets"},
    {"inputs", "targets"},
    {"train_x", "train_y"},
    {"test_x", "test_y"},
    {"val_x", "val_y"},
    {"x_train", "y_train"},
    {"x_test", "y_test"},
    {"x_val", "y_val"},
    {"X_train", "y_train"},
    {"X_test", "y_test"},
    {"X_val", "y_val"},
    {"train_images", "train_labels"},
    {"test_images", "test_labels"},
    {"val_images", "val_labels"},
    {"train_set_x", "train_set_y"},
    {"test_set_x", "test_set_y"},
};

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }
std::string_view group_of(std::string_view path) { return path.substr(0, path.rfind('/') + 1); }

bool is_number(Datatype::Class form) {
  return form == Datatype::Class::fixed_point || form == Datatype::Class::floating_point ||
         form == Datatype::Class::enumerated;
}

bool is_empty(const Dataspace &space) {
  return space.form == Dataspace::Class::null || std::ranges::count(space.dimensions(), 0u) > 0;
}

} // namespace

bool Protection::has_data(const Dataset &dataset) const {
  const Storage &storage = dataset.storage;
  if (dataset.external || is_empty(dataset.space)) return false;
  switch (storage.form) {
  case Storage::Class::compact: return storage.size > 0;
  case Storage::Class::contiguous:
  case Storage::Class::chunked: return storage.address != undefined_address;
  default: return false;
  }
}

bool Protection::is_protected(const Dataset &dataset) {
  switch (dataset.storage.form) {
  case Storage::Class::compact: {
    // FMT IV.A.1.b: object headers of version 2 end in a checksum, and compact data lie in them.
    const std::optional<Bytes> start = space_.at(dataset.address, 4);
    return !start || std::ranges::equal(*start, std::string_view("OHDR"));
  }
  case Storage::Class::chunked:
    // RFC 1950: Adler-32. Plugins that nobody here knows may have anything.
    return std::ranges::any_of(dataset.filters, [](const FilterStep &step) {
      return step.id == fletcher32_filter || step.id == deflate_filter;
    }) || (!can_undo(dataset.filters) && std::ranges::any_of(dataset.filters, [](const FilterStep &step) {
      return step.id > scale_offset_filter;
    }));
  default: return false;
  }
}

void Protection::look_at(const Dataset &dataset) {
  if (!has_data(dataset) || is_protected(dataset)) return;
  const std::uint64_t header = space_.file_offset(dataset.address);
  if (remarks_.unprotected++ < most_named)
    remarks_.named.push_back({dataset.path, header});
  else if (remarks_.unprotected == most_named + 1)
    remarks_.next_header = header;
}

void report_unprotected(const ContentRemarks &remarks, Evidence &evidence) {
  constexpr std::string_view words = "any bit of the data may change unseen";
  for (const ContentRemarks::Named &dataset : remarks.named)
    evidence.findings.add({&unprotected, dataset.header, 0, std::string(words), dataset.path});
  if (const std::uint64_t more = remarks.unprotected - remarks.named.size(); more > 0)
    evidence.findings.add(unprotected, remarks.next_header, 0, fmt::format("and {} more datasets: {}", more, words));
}

void Rows::look_at(const Dataset &dataset, const AddressSpace &space) {
  if (candidates_.size() == most || dataset.space.rank == 0) return;
  const std::string_view name = name_of(dataset.path);
  if (std::ranges::none_of(pairs, [&](const Pair &pair) { return pair.samples == name || pair.labels == name; })) return;
  const auto extent = dataset.space.dimensions();
  candidates_.push_back({dataset.path, space.file_offset(dataset.address), {extent.begin(), extent.end()},
                         is_number(dataset.type.form)});
}

void Rows::report(Evidence &evidence) const {
  // Sorted by group: pairs are searched for among few.
  std::vector<const Candidate *> sorted;
  for (const Candidate &candidate : candidates_) sorted.push_back(&candidate);
  std::ranges::stable_sort(sorted, {}, [](const Candidate *of) { return group_of(of->path); });
  for (auto first = sorted.begin(); first != sorted.end();) {
    const auto end = std::find_if(first, sorted.end(), [&](const Candidate *of) {
      return group_of(of->path) != group_of((*first)->path);
    });
    const auto named = [&](std::string_view name) {
      return std::find_if(first, end, [&](const Candidate *of) { return name_of(of->path) == name; });
    };
    for (const Pair &pair : pairs)
      if (const auto samples = named(pair.samples), labels = named(pair.labels); samples != end && labels != end)
        compare(**samples, **labels, evidence);
    first = end;
  }
}

// No false alarm: x and y of one dimension are the axes of a grid, labels that are text are the names of classes, and MATLAB
// writes its dimensions the other way round.
void Rows::compare(const Candidate &samples, const Candidate &labels, Evidence &evidence) const {
  const std::uint64_t rows = samples.extent[0], label_rows = labels.extent[0];
  if (rows == label_rows || !samples.is_number || !labels.is_number) return;
  if (name_of(samples.path).size() == 1 && (samples.extent.size() < 2 || labels.extent.size() > 2)) return;
  if (std::ranges::count(labels.extent, rows) > 0 || std::ranges::count(samples.extent, label_rows) > 0) return;
  if (std::ranges::any_of(labels.extent, [&](std::uint64_t along) {
        return along > 1 && std::ranges::count(samples.extent, along) > 0;
      }))
    return;
  evidence.findings.add(rows_disagree, labels.header, 0,
                        fmt::format("{} has {} rows, {} has {}", shown(samples.path), rows, shown(labels.path), label_rows));
}

} // namespace datavet::hdf5
