#include "formats/tfrecord/event/tensor.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/tfrecord/wire/reader.h"

namespace datavet::tfrecord {

namespace {

using wire::Field;
using wire::tag_of;
using wire::Type;

/// core/framework/types.proto, and where tensor.proto keeps the values of each.
struct DataType {
  std::uint64_t number;
  std::uint64_t size;  ///< bytes of one in tensor_content; 0 = never there
  std::uint32_t field; ///< of TensorProto
  std::uint64_t parts; ///< numbers that make one value
};
constexpr DataType data_types[] = {
    {1, 4, 5, 1},   {2, 8, 6, 1},   {3, 4, 7, 1},   {4, 1, 7, 1},   {5, 2, 7, 1},   {6, 1, 7, 1},
    {7, 0, 8, 1},   {8, 8, 9, 2},   {9, 8, 10, 1},  {10, 1, 11, 1}, {11, 1, 7, 1},  {12, 1, 7, 1},
    {13, 4, 7, 1},  {14, 2, 13, 1}, {15, 2, 7, 1},  {16, 2, 7, 1},  {17, 2, 7, 1},  {18, 16, 12, 2},
    {19, 2, 13, 1}, {20, 0, 14, 1}, {21, 0, 15, 1}, {22, 4, 16, 1}, {23, 8, 17, 1},
};
// float8 and int4 came later; they, and what comes yet, are not judged.
constexpr std::uint64_t first_type_not_judged = 24;
constexpr std::uint64_t most_elements = std::uint64_t{1} << 62;

const DataType *find(std::uint64_t number) {
  for (const DataType &type : data_types)
    if (type.number == number) return &type;
  return nullptr;
}

void read_shape(Bytes message, Tensor &tensor) {
  wire::Reader reader(message);
  Field field;
  while (reader.more() && reader.next(field, wire::depth_limit)) {
    if (field.tag == tag_of(3, Type::varint) && field.value != 0) tensor.shape_known = false;
    if (field.tag != tag_of(2, Type::length)) continue;
    wire::Reader dim(field.payload);
    std::uint64_t size = 0;
    for (Field side; dim.more() && dim.next(side, wire::depth_limit);)
      if (side.tag == tag_of(1, Type::varint)) size = side.value;
    if (static_cast<std::int64_t>(size) < 0)
      tensor.shape_known = false;
    else if (size != 0 && tensor.elements > most_elements / size)
      tensor.elements = most_elements;
    else
      tensor.elements *= size;
  }
}

/// Numbers in one field of a list of values.
std::uint64_t count_in(const Field &field) {
  const std::uint32_t number = wire::number_of(field.tag);
  if (wire::type_of(field.tag) != Type::length) return 1;
  if (number == 8 || number == 14 || number == 15) return 1;
  if (number == 5 || number == 9) return field.payload.size() / 4;
  if (number == 6 || number == 12) return field.payload.size() / 8;
  std::uint64_t count = 0;
  wire::count_varints(field.payload, count);
  return count;
}

} // namespace

Tensor read_tensor(Bytes message) {
  Tensor tensor;
  std::uint64_t counts[18] = {};
  wire::Reader reader(message);
  for (Field field; reader.more() && reader.next(field, wire::depth_limit);) {
    const std::uint32_t number = wire::number_of(field.tag);
    if (field.tag == tag_of(1, Type::varint)) tensor.type = field.value;
    if (field.tag == tag_of(2, Type::length)) read_shape(field.payload, tensor);
    if (field.tag == tag_of(4, Type::length)) tensor.content = field.payload;
    if (number >= 5 && number < 18) counts[number] += count_in(field);
  }
  const DataType *const type = find(tensor.type);
  for (std::uint32_t number = 5; number < 18; ++number)
    (type != nullptr && type->field == number ? tensor.values : tensor.other_values) += counts[number];
  if (type != nullptr) tensor.values /= type->parts;
  return tensor;
}

TensorFit fit_of(const Tensor &tensor, std::string &detail) {
  if (tensor.type >= first_type_not_judged) return TensorFit::good;
  const DataType *const type = find(tensor.type);
  if (type == nullptr) {
    detail = fmt::format("no type ({})", tensor.type);
    return TensorFit::bad;
  }
  if (!tensor.shape_known) return TensorFit::good;
  if (!tensor.content.empty()) {
    if (type->size == 0) return TensorFit::good;
    if (tensor.content.size() % type->size == 0 && tensor.content.size() / type->size == tensor.elements)
      return TensorFit::good;
    detail = fmt::format("{} bytes of content for {} elements of {} bytes", tensor.content.size(),
                         tensor.elements, type->size);
    return TensorFit::bad;
  }
  if (tensor.values == tensor.elements || tensor.values == 1) return TensorFit::good;
  detail = fmt::format("{} values for {} elements", tensor.values, tensor.elements);
  if (tensor.other_values > 0) detail += fmt::format(", and {} values of another type", tensor.other_values);
  return tensor.values > tensor.elements ? TensorFit::bad : TensorFit::too_few;
}

} // namespace datavet::tfrecord
