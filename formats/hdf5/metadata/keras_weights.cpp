#include "formats/hdf5/metadata/keras_weights.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "formats/hdf5/metadata/rules.h"
#include "formats/hdf5/names.h"

namespace datavet::hdf5 {

namespace {

// Lists of more than 64 KiB are split: layer_names0, layer_names1, ...
bool is_list(std::string_view attribute, std::string_view name) {
  return attribute.starts_with(name) && std::ranges::all_of(attribute.substr(name.size()), [](char digit) {
           return digit >= '0' && digit <= '9';
         });
}

// "/group" and "a//./b" are "/group/a/b", as libhdf5 takes paths.
std::string join(const std::string &group, std::string_view name) {
  std::string path = name.starts_with('/') || group == "/" ? "" : group;
  while (!name.empty()) {
    const std::size_t slash = std::min(name.find('/'), name.size());
    const std::string_view part = name.substr(0, slash);
    if (!part.empty() && part != ".") path.append("/").append(part);
    name.remove_prefix(std::min(slash + 1, name.size()));
  }
  return path;
}

} // namespace

void KerasWeights::attribute(const std::string &group, const Attribute &attribute) {
  // Only groups that are named as layers have weights.
  const bool layers = is_list(attribute.name, "layer_names");
  const bool weights = is_list(attribute.name, "weight_names") && expected_.contains(group);
  if (!layers && !weights) return;
  for (const std::string &name : strings_in(attribute)) expect(group, name);
}

std::vector<std::string> KerasWeights::strings_in(const Attribute &attribute) {
  std::vector<std::string> strings;
  const bool fixed = attribute.type.form == Datatype::Class::string;
  if (!fixed && !attribute.type.is_string) return strings;
  for (std::uint64_t i = 0; i < attribute.elements; ++i) {
    const Bytes element = attribute.value.subspan(i * attribute.type.size, attribute.type.size);
    if (fixed) {
      strings.emplace_back(text_in(element));
      continue;
    }
    Fields reference(element, survey_.space);
    const std::uint64_t length = reference.u32(), address = reference.address(), index = reference.u32();
    if (length == 0 || address == 0 || address == undefined_address) continue; // the empty string
    if (heap_.address() != address && !heap_.load(survey_, address)) break;
    const std::optional<Bytes> text = heap_.object(static_cast<std::uint32_t>(index));
    if (text) strings.emplace_back(text_in(text->first(std::min<std::uint64_t>(length, text->size()))));
  }
  return strings;
}

void KerasWeights::expect(const std::string &group, std::string_view name) {
  std::string path = join(group, name);
  if (path.empty() || path == group) return;
  const std::uint64_t taken = path.size() + 96;
  held_ += taken;
  if (survey_.hold(taken)) expected_.emplace(std::move(path), false);
}

void KerasWeights::linked(const std::string &path, bool followed) {
  if (expected_.empty()) return;
  if (const auto found = expected_.find(path); found != expected_.end()) found->second = true;
  if (followed) return;
  const std::string below = path + "/";
  for (auto it = expected_.lower_bound(below); it != expected_.end() && it->first.starts_with(below); ++it)
    it->second = true;
}

void KerasWeights::report() {
  if (survey_.incomplete()) return; // what was not seen may be there
  std::uint64_t missing = 0;
  const std::string *first = nullptr;
  for (const auto &[path, seen] : expected_) {
    if (seen) continue;
    ++missing;
    if (first == nullptr) first = &path;
  }
  if (missing > 0)
    survey_.find(weights_missing, 0, 0,
                 fmt::format("{} of {} listed layers and weights are not in the file, the first is {}",
                             missing, expected_.size(), shown(*first)));
}

} // namespace datavet::hdf5
