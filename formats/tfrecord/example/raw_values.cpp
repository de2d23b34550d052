#include "formats/tfrecord/example/raw_values.h"

#include <initializer_list>

#include <fmt/format.h>

#include "formats/tfrecord/example/rules.h"
#include "formats/tfrecord/pictures.h"

namespace datavet::tfrecord {

namespace {

constexpr std::uint64_t largest_product = std::uint64_t{1} << 56;

/// Values that a shape has; false when a side is unknown, or there are more than any record holds.
bool multiply(std::uint64_t &product, std::int64_t side) {
  if (side < 0 || (side != 0 && product > largest_product / static_cast<std::uint64_t>(side))) return false;
  product *= static_cast<std::uint64_t>(side);
  return true;
}

/// Bytes of one value of a type as NumPy or TensorFlow writes its name; 0 = not known.
std::uint64_t item_size_named(std::string_view text) {
  struct Name {
    std::string_view text;
    std::uint64_t size;
  };
  static constexpr Name names[] = {
      {"bool", 1},    {"int8", 1},   {"uint8", 1},   {"int16", 2},    {"uint16", 2},
      {"float16", 2}, {"half", 2},   {"int32", 4},   {"uint32", 4},   {"float32", 4},
      {"int64", 8},   {"uint64", 8}, {"float64", 8}, {"bfloat16", 2},
  };
  for (std::string_view before : {"np.", "numpy.", "tf."})
    if (text.starts_with(before)) text.remove_prefix(before.size());
  for (const Name &name : names)
    if (text == name.text) return name.size;
  return 0;
}

/// Bytes that do not begin raw values, or need not.
bool may_be_encoded(Bytes value, std::string_view name) {
  if (value.empty() || begins_like_picture(value, name)) return true;
  switch (value[0]) {
  case 0x08: // a serialized TensorProto: field 1, dtype
  case 0x0a: // another message
  case 0x1f: // gzip
  case 0x28: // Zstandard
  case 0x78: // zlib
  case 0x80: // pickle
  case 0x93: // NumPy .npy
  case 'P':  // zip: .npz
    return true;
  default: return false;
  }
}

class RawValues {
public:
  RawValues(const ExampleWalk &walk, std::uint64_t offset, Findings &findings)
      : walk_(walk), offset_(offset), findings_(findings) {}

  void check() {
    // So many names are hostile: looking for the partner of each would take the square of their number.
    if (walk_.features().size() > 1024) return;
    for (const Feature &feature : walk_.features())
      if (!feature.replaced && !feature.merged && feature.kind == FeatureKind::integers &&
          feature.name.ends_with("shape"))
        check_shape(feature);
    check_sides();
  }

private:
  const Feature *find(std::string_view start, std::string_view end = {}) const {
    for (const Feature &feature : walk_.features())
      if (!feature.replaced && feature.name.size() == start.size() + end.size() &&
          feature.name.starts_with(start) && feature.name.ends_with(end))
        return &feature;
    return nullptr;
  }

  bool integer(std::initializer_list<std::string_view> names, std::int64_t &value) const {
    for (std::string_view name : names)
      if (const Feature *feature = find(name); feature != nullptr) return only_integer(*feature, value);
    return false;
  }

  void check_shape(const Feature &shape) {
    if (shape.name.size() < 7) return;
    const std::string_view start = shape.name.substr(0, shape.name.size() - 6);
    const std::string_view before = shape.name.substr(0, start.size() + 1);
    if (std::string_view("/_.").find(before.back()) == std::string_view::npos) return;
    const Feature *const target = find(start);
    if (target == nullptr || shape.count == 0) return;
    std::uint64_t product = 1;
    bool known = true;
    for_each_integer(shape.list, [&](std::int64_t side) { return known = known && multiply(product, side); });
    std::uint64_t item = 0;
    Bytes type;
    if (const Feature *dtype = find(before, "dtype"); dtype != nullptr && only_bytes(*dtype, type))
      item = item_size_named(wire::text_of(type));
    if (known) compare(*target, product, item);
  }

  void check_sides() {
    std::int64_t height, width, depth;
    if (!integer({"height", "image/height"}, height) || !integer({"width", "image/width"}, width) ||
        !integer({"depth", "channels", "image/depth", "image/channels"}, depth))
      return;
    std::uint64_t product = 1;
    if (!multiply(product, height) || !multiply(product, width) || !multiply(product, depth)) return;
    for (std::string_view name : {"image_raw", "raw_image", "img_raw", "image/raw"})
      if (const Feature *target = find(name); target != nullptr) compare(*target, product, 0);
  }

  void compare(const Feature &target, std::uint64_t values, std::uint64_t item) {
    Bytes value;
    if (!only_bytes(target, value) || may_be_encoded(value, target.name)) return;
    for (std::uint64_t usual = 1; usual <= 16; usual *= 2)
      if ((item == 0 || item == usual) && value.size() == values * usual) return;
    findings_.add(example_raw_length, offset_ + walk_.offset_of(value.data()), value.size(),
                  fmt::format("\"{}\" has {} bytes; the shape beside it gives {} values{}",
                              target.name.substr(0, 80), value.size(), values,
                              item == 0 ? "" : fmt::format(" of {} bytes", item)));
  }

  const ExampleWalk &walk_;
  const std::uint64_t offset_;
  Findings &findings_;
};

} // namespace

void check_raw_values(const ExampleWalk &walk, std::uint64_t offset, Findings &findings) {
  RawValues(walk, offset, findings).check();
}

} // namespace datavet::tfrecord
