#include "formats/tfrecord/example/conventions.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "formats/tfrecord/example/raw_values.h"
#include "formats/tfrecord/example/rules.h"
#include "formats/tfrecord/pictures.h"

namespace datavet::tfrecord {

namespace {

enum Known : unsigned { encoded, format, height, width, xmin, xmax, ymin, ymax, label, text, known_names };

constexpr std::array<std::string_view, known_names> names = {
    "image/encoded",
    "image/format",
    "image/height",
    "image/width",
    "image/object/bbox/xmin",
    "image/object/bbox/xmax",
    "image/object/bbox/ymin",
    "image/object/bbox/ymax",
    "image/object/class/label",
    "image/object/class/text",
};

// Coordinates a rounding error outside are as good as those inside.
constexpr float box_tolerance = 1e-3f;

std::uint64_t count_not_finite(Bytes run) {
  std::uint32_t count = 0;
  for (std::size_t at = 0; at + 4 <= run.size(); at += 4)
    count += (stored_at<std::uint32_t>(run, at) & 0x7f800000) == 0x7f800000;
  return count;
}

class Conventions {
public:
  Conventions(const ExampleWalk &walk, std::uint64_t offset, Evidence &evidence)
      : walk_(walk), offset_(offset), evidence_(evidence) {}

  void check() {
    bool shaped = false;
    bool pictured = false;
    for (const Feature &feature : walk_.features()) {
      if (feature.replaced) continue;
      if (feature.name.size() > 6 && feature.name[0] == 'i' && feature.name[5] == '/')
        pictured |= remember(feature);
      shaped |= may_declare_shape(feature.name);
      if (feature.kind == FeatureKind::floats) check_finite(feature);
    }
    for (const Feature &step : walk_.steps())
      if (step.kind == FeatureKind::floats && !step.replaced) check_finite(step);
    if (not_finite_ > 0) report_not_finite();
    if (pictured) check_boxes();
    if (shaped) check_raw_values(walk_, offset_, evidence_.findings);
    if (evidence_.inner != nullptr) hand_over_pictures();
  }

private:
  bool remember(const Feature &feature) {
    for (unsigned name = 0; name < known_names; ++name)
      if (feature.name == names[name]) {
        known_[name] = &feature;
        return true;
      }
    return false;
  }

  std::uint64_t count(Known name) const { return known_[name] == nullptr ? 0 : known_[name]->count; }
  std::uint64_t place(const Feature &feature) const { return offset_ + walk_.offset_of(feature.list.data()); }

  void check_finite(const Feature &feature) {
    std::uint64_t bad = 0;
    for_each_float_run(feature.list, [&](Bytes run) { bad += count_not_finite(run); });
    if (bad > 0 && not_finite_ == 0) first_not_finite_ = &feature;
    not_finite_ += bad;
  }

  void report_not_finite() {
    evidence_.findings.add(example_not_finite, place(*first_not_finite_), first_not_finite_->list.size(),
                           fmt::format("{} NaN or infinite float values, the first in \"{}\"", not_finite_,
                                       first_not_finite_->name.substr(0, 80)));
  }

  // tf_slim's BoundingBox joins the four lists; the detection API matches labels by their place.
  void check_boxes() {
    const std::uint64_t boxes = count(xmin);
    const Feature *first = nullptr;
    for (Known side : {xmin, xmax, ymin, ymax}) {
      if (known_[side] == nullptr) continue;
      if (known_[side]->kind != FeatureKind::floats && known_[side]->kind != FeatureKind::none) return;
      if (first == nullptr) first = known_[side];
    }
    if (first == nullptr) return;
    if (count(xmax) != boxes || count(ymin) != boxes || count(ymax) != boxes) {
      evidence_.findings.add(example_box_lists, place(*first), 0,
                             fmt::format("xmin {}, xmax {}, ymin {}, ymax {} values", boxes, count(xmax),
                                         count(ymin), count(ymax)));
      return;
    }
    if (boxes == 0) return;
    check_labels(boxes);
    for (Known side : {xmin, xmax, ymin, ymax})
      if (known_[side]->merged) return;
    check_sides();
  }

  void check_labels(std::uint64_t boxes) {
    for (Known list : {label, text})
      if (count(list) != 0 && count(list) != boxes)
        evidence_.findings.add(
            example_label_lists, place(*known_[list]), 0,
            fmt::format("{} values in \"{}\" for {} boxes", count(list), names[list], boxes));
  }

  void check_sides() {
    FloatValues left(known_[xmin]->list), right(known_[xmax]->list);
    FloatValues top(known_[ymin]->list), bottom(known_[ymax]->list);
    std::uint64_t bad = 0;
    std::string first;
    float x0, x1, y0, y1;
    for (std::uint64_t box = 0; left.next(x0) && right.next(x1) && top.next(y0) && bottom.next(y1); ++box) {
      const auto inside = [](float low, float high) { // false for a NaN
        return low >= -box_tolerance && low <= high && high <= 1 + box_tolerance;
      };
      if (inside(x0, x1) && inside(y0, y1)) continue;
      if (bad++ == 0) first = fmt::format("box {}: x {} to {}, y {} to {}", box, x0, x1, y0, y1);
    }
    if (bad == 0) return;
    if (bad > 1) first += fmt::format("; and {} more", bad - 1);
    evidence_.findings.add(example_box, place(*known_[xmin]), 0, std::move(first));
  }

  void hand_over_pictures() {
    for (const Feature &feature : walk_.features()) hand_over(feature, std::string());
    for (const FeatureSteps &list : walk_.lists())
      for (std::uint32_t step = 0; step < list.kept; ++step)
        hand_over(walk_.steps()[list.first + step], fmt::format("[{}]", step));
  }

  void hand_over(const Feature &feature, std::string_view step) {
    if (feature.kind != FeatureKind::bytes || feature.replaced) return;
    const bool is_encoded = feature.name == names[encoded];
    BytesValues values(feature.list);
    Bytes value;
    for (std::uint64_t place = 0; values.next(value); ++place) {
      if (!is_encoded && !begins_like_picture(value, feature.name)) continue;
      InnerSample inner;
      inner.part = fmt::format("{}{}", feature.name, step);
      if (feature.count > 1) inner.part += fmt::format("[{}]", place);
      inner.offset = offset_ + walk_.offset_of(value.data());
      inner.bytes = value;
      if (is_encoded) declare(inner);
      evidence_.inner->found(std::move(inner));
    }
  }

  void declare(InnerSample &inner) const {
    Bytes said;
    if (known_[format] != nullptr && only_bytes(*known_[format], said))
      inner.format = format_named(wire::text_of(said));
    if (!inner.format.empty()) {
      inner.other_format = &example_picture_format;
      inner.no_sample = &example_picture_unknown;
    }
    std::int64_t high = 0;
    std::int64_t wide = 0;
    if (known_[height] == nullptr || !only_integer(*known_[height], high) || known_[width] == nullptr ||
        !only_integer(*known_[width], wide) || high <= 0 || wide <= 0)
      return;
    inner.width = static_cast<std::uint64_t>(wide);
    inner.height = static_cast<std::uint64_t>(high);
    inner.other_size = &example_picture_size;
  }

  const ExampleWalk &walk_;
  const std::uint64_t offset_;
  Evidence &evidence_;
  std::array<const Feature *, known_names> known_{};
  const Feature *first_not_finite_ = nullptr;
  std::uint64_t not_finite_ = 0;
};

} // namespace

void check_conventions(const ExampleWalk &walk, std::uint64_t offset, Evidence &evidence) {
  Conventions(walk, offset, evidence).check();
}

} // namespace datavet::tfrecord
