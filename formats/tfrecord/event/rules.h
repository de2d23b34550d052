/// The rules "tfrecord.event.*": what a record of a TensorBoard event file must be.
#pragma once

#include <datavet/finding.h>

namespace datavet::tfrecord {

inline constexpr Rule event_wire{
    "tfrecord.event.wire",
    Fault::malformed,
    Severity::error,
    "An Event is a well-formed protobuf message, with UTF-8 in its strings.",
    "Protocol Buffers, Encoding; protobuf 3.21 parse_context.h and wire_format.cc",
    "TensorBoard's readers raise (DecodeError, InvalidProto) and lose the event, or all behind it. The "
    "record's checksum "
    "is right: it was written like this."};
inline constexpr Rule event_unknown_field{
    "tfrecord.event.unknown_field",
    Fault::inconsistent,
    Severity::note,
    "An Event consists of fields that are known.",
    "TensorFlow core/util/event.proto, core/framework/summary.proto, tensor.proto",
    "Readers pass over them. A newer writer may have its reasons."};
inline constexpr Rule event_wire_type{
    "tfrecord.event.wire_type",
    Fault::malformed,
    Severity::error,
    "Each known field has the wire type of its definition.",
    "Protocol Buffers, Encoding: message structure; protobuf wire_format.cc; prost: \"invalid wire type\"",
    "protobuf takes it for an unknown field, whose value is missing without a word; TensorBoard's data "
    "server refuses "
    "the event."};
inline constexpr Rule event_wall_time_nan{"tfrecord.event.wall_time_nan",
                                          Fault::malformed,
                                          Severity::error,
                                          "An Event's wall time is a number.",
                                          "TensorBoard data server, event_file.rs: NanWallTime",
                                          "TensorBoard drops the event."};
inline constexpr Rule event_wall_time{
    "tfrecord.event.wall_time",
    Fault::inconsistent,
    Severity::warning,
    "An Event's wall time is in seconds since 1970, before the year 10000.",
    "TensorFlow core/util/event.proto: wall_time; Python datetime.fromtimestamp",
    "Charts over time are useless, and relative times wrong. Seconds are meant, not milliseconds."};
inline constexpr Rule event_step{
    "tfrecord.event.step",
    Fault::inconsistent,
    Severity::warning,
    "An Event's step is not negative.",
    "TensorFlow core/util/event.proto: \"Global step of the event\"",
    "TensorBoard takes a step that goes back for a restart and may drop what it has read (purging)."};
inline constexpr Rule event_file_version{
    "tfrecord.event.file_version",
    Fault::inconsistent,
    Severity::warning,
    "An event file begins with its version, \"brain.Event:\" and a number.",
    "TensorFlow events_writer.h: kVersionPrefix; TensorBoard event_accumulator.py: _ParseFileVersion",
    "TensorBoard falls back to the oldest rules for steps out of order. The first records may be missing."};
inline constexpr Rule event_what_twice{
    "tfrecord.event.what_twice",
    Fault::inconsistent,
    Severity::warning,
    "An Event says one thing, and a summary's value has one kind.",
    "Protocol Buffers, Encoding: last one wins; core/util/event.proto: oneof what",
    "Readers take the last and drop the others. Two records may have been joined."};
inline constexpr Rule event_tag{
    "tfrecord.event.tag",
    Fault::inconsistent,
    Severity::warning,
    "Each value of a summary has a tag.",
    "TensorFlow core/framework/summary.proto: tag",
    "TensorBoard files it under an empty name, together with all others that have none."};
inline constexpr Rule event_histogram{
    "tfrecord.event.histogram",
    Fault::inconsistent,
    Severity::error,
    "A histogram has as many limits as buckets.",
    "TensorFlow histogram.cc: DecodeFromProto; TensorBoard data_compat.py: _migrate_histogram_value",
    "TensorBoard raises ValueError when it makes an array of them."};
inline constexpr Rule event_tensor{
    "tfrecord.event.tensor",
    Fault::inconsistent,
    Severity::error,
    "A tensor's values are of a known type and no more or fewer than its shape has.",
    "TensorFlow tensor_util.py: make_ndarray",
    "make_ndarray raises (TypeError, or ValueError: cannot reshape): TensorBoard shows an error for the "
    "tag."};
inline constexpr Rule event_tensor_short{
    "tfrecord.event.tensor_short",
    Fault::inconsistent,
    Severity::warning,
    "A tensor has one value for all of its shape, or a value for each place.",
    "TensorFlow core/framework/tensor.proto; tensor_util.py: make_ndarray",
    "TensorFlow repeats the last value; older TensorBoards raise ValueError."};
inline constexpr Rule event_not_finite{
    "tfrecord.event.not_finite",
    Fault::inconsistent,
    Severity::note,
    "Scalars are finite.",
    "IEEE 754",
    "TensorBoard marks the point. A loss that became NaN is the training's trouble, not the file's."};
inline constexpr Rule event_picture_size{"tfrecord.event.picture_size",
                                         Fault::inconsistent,
                                         Severity::warning,
                                         "A summary's picture has the size that stands beside it.",
                                         "TensorFlow core/framework/summary.proto: Summary.Image; "
                                         "TensorBoard image plugin: width, height, pictures",
                                         "TensorBoard lays the page out by the declared size."};
inline constexpr Rule event_picture_unknown{
    "tfrecord.event.picture_unknown",
    Fault::undecodable,
    Severity::warning,
    "What a summary calls an image is one.",
    "TensorFlow core/framework/summary.proto: \"Image data in encoded format. All image formats supported by "
    "image_codec::CoderUtil can be stored here.\"",
    "The browser shows a broken image."};

} // namespace datavet::tfrecord
