/// What a TensorBoard Event consists of.
#pragma once

#include "formats/tfrecord/wire/schema.h"

namespace datavet::tfrecord {

/// TensorFlow, core/util/event.proto, with core/framework/summary.proto, tensor.proto, tensor_shape.proto,
/// resource_handle.proto. Graphs and run metadata are bytes in it.
extern const wire::MessageSchema event_schema;

} // namespace datavet::tfrecord
