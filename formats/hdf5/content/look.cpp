#include "formats/hdf5/content/look.h"

namespace datavet::hdf5 {

namespace {

// An element that references are looked for in is held in memory with its neighbours.
constexpr std::uint64_t largest_element = 1 << 20;

bool is_byte(const Datatype &type) { return type.form == Datatype::Class::fixed_point && type.size == 1; }

void look_for_pictures(const Dataset &dataset, Look &look) {
  const Datatype &type = dataset.type;
  const auto extent = dataset.space.dimensions();
  if (type.form == Datatype::Class::variable_length) {
    look.heap_items = type.base_size == 1 && !look.references.empty();
  } else if (type.form == Datatype::Class::opaque || type.form == Datatype::Class::string) {
    look.item = type.size;
    look.items = Look::Items::elements;
  } else if (is_byte(type) && extent.size() == 2) {
    look.item = extent[1];
    look.items = Look::Items::rows;
  } else if (is_byte(type) && extent.size() == 1) {
    look.item = extent[0];
    look.items = Look::Items::all;
  }
  if (look.item < smallest_picture) look.item = 0;
}

} // namespace

std::optional<std::uint64_t> elements_of(const Dataset &dataset) {
  if (dataset.space.form == Dataspace::Class::null) return 0;
  std::uint64_t elements = 1, bytes = 0;
  for (std::uint64_t along : dataset.space.dimensions())
    if (__builtin_mul_overflow(elements, along, &elements)) return std::nullopt;
  if (__builtin_mul_overflow(elements, dataset.type.size, &bytes)) return std::nullopt;
  return elements;
}

bool follows_references(const Dataset &dataset) {
  return dataset.type.in_heap && !dataset.type.nested && dataset.type.size <= largest_element &&
         elements_of(dataset).has_value();
}

Look look_into(const Dataset &dataset) {
  Look look;
  if (elements_of(dataset).value_or(0) == 0) return look;
  look.floats = dataset.type.form == Datatype::Class::floating_point && dataset.type.is_ieee;
  if (follows_references(dataset)) look.references = dataset.type.references;
  look_for_pictures(dataset, look);
  return look;
}

} // namespace datavet::hdf5
