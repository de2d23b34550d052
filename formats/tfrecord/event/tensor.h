/// TensorProto: TensorFlow, core/framework/tensor.proto.
#pragma once

#include <cstdint>
#include <string>

#include "formats/bytes/bytes.h"

namespace datavet::tfrecord {

/// What a well-formed TensorProto says of itself.
struct Tensor {
  std::uint64_t type = 0;         ///< DataType of types.proto, as stored
  bool shape_known = true;        ///< false: unknown rank, or a side below zero
  std::uint64_t elements = 1;     ///< product of the sides, at most 2^62
  Bytes content;                  ///< tensor_content
  std::uint64_t values = 0;       ///< in the list that belongs to the type
  std::uint64_t other_values = 0; ///< in lists that do not

  static constexpr std::uint64_t string_type = 7;
};

Tensor read_tensor(Bytes message);

enum class TensorFit : std::uint8_t { good, too_few, bad };
/// Whether the values fill the shape; `detail` says how they do not.
TensorFit fit_of(const Tensor &tensor, std::string &detail);

} // namespace datavet::tfrecord
