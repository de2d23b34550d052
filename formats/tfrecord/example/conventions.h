/// What the names of features promise: pictures, boxes, raw values with a shape. Conventions of the object
/// detection API, of tf.slim and of TensorFlow's guides; no format demands them.
#pragma once

#include "formats/evidence.h"
#include "formats/tfrecord/example/walk.h"

namespace datavet::tfrecord {

/// Judges a record that was walked without trouble, and hands the pictures in it to evidence.inner. `offset`
/// = of the record's data, in the sample. No allocation while nothing is found and nobody wants the pictures.
void check_conventions(const ExampleWalk &walk, std::uint64_t offset, Evidence &evidence);

} // namespace datavet::tfrecord
