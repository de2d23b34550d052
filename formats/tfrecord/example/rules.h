/// The rules "tfrecord.example.*": what a record that holds a tf.Example or tf.SequenceExample must be.
#pragma once

#include <datavet/finding.h>

namespace datavet::tfrecord {

inline constexpr Rule example_wire{
    "tfrecord.example.wire",
    Fault::malformed,
    Severity::error,
    "A tf.Example is a well-formed protobuf message, down to each value.",
    "Protocol Buffers, Encoding; protobuf 3.21 parse_context.h and wire_format.cc",
    "TensorFlow raises (\"Could not parse example input\"), protobuf raises DecodeError. The record's "
    "checksum is "
    "right: it was written like this. Drop the record, or make the shard anew."};
inline constexpr Rule example_name_utf8{
    "tfrecord.example.name_utf8",
    Fault::malformed,
    Severity::error,
    "The names of features are UTF-8.",
    "Protocol Buffers, Language Guide (proto 3): string; core/example/feature.proto: map<string, Feature>",
    "Example.FromString() raises DecodeError. tf.io.parse_example reads it, and does not find the feature."};
inline constexpr Rule example_unknown_field{
    "tfrecord.example.unknown_field",
    Fault::inconsistent,
    Severity::warning,
    "A tf.Example consists of the fields that its definition has.",
    "TensorFlow core/example/example.proto, feature.proto",
    "Parsers pass over what they do not know: a damaged field number loses its values without a word."};
inline constexpr Rule example_foreign_field{"tfrecord.example.foreign_field",
                                            Fault::malformed,
                                            Severity::error,
                                            "Maps, features and lists of values hold no unknown field.",
                                            "TensorFlow example_proto_fast_parsing.cc: ParseFeatures, "
                                            "ParseFeatureMapEntry, ParseDataType, Parse*List",
                                            "tf.io.parse_example raises (\"Could not parse example input\", "
                                            "\"Unsuported datatype\"), though protobuf reads "
                                            "the record."};
inline constexpr Rule example_wire_type{
    "tfrecord.example.wire_type",
    Fault::malformed,
    Severity::error,
    "Each known field has the wire type of its definition.",
    "Protocol Buffers, Encoding: message structure; protobuf wire_format.cc",
    "protobuf takes it for an unknown field: its values are missing without a word. tf.io.parse_example "
    "raises."};
inline constexpr Rule example_entry{"tfrecord.example.entry",
                                    Fault::malformed,
                                    Severity::error,
                                    "Each entry of a feature map is one key and one value.",
                                    "TensorFlow example_proto_fast_parsing.cc: ParseFeatureMapEntry",
                                    "tf.io.parse_example raises (\"Could not parse example input\"); "
                                    "protobuf takes an empty name or an empty feature."};
inline constexpr Rule example_same_name{
    "tfrecord.example.same_name",
    Fault::inconsistent,
    Severity::warning,
    "No two features of a record have the same name.",
    "Protocol Buffers, Language Guide: maps; TensorFlow example_proto_fast_parsing.cc: \"Data loss!\"",
    "Readers take the last and drop the others. Two records may have been joined."};
inline constexpr Rule example_set_again{
    "tfrecord.example.set_again",
    Fault::inconsistent,
    Severity::warning,
    "A feature's values are written once.",
    "Protocol Buffers, Encoding: last one wins; TensorFlow example_proto_fast_parsing.cc reads the first",
    "protobuf joins lists of one kind and takes the last of several kinds; tf.io.parse_example takes the "
    "first: they "
    "train on different values."};
inline constexpr Rule example_mixed_steps{
    "tfrecord.example.mixed_steps",
    Fault::inconsistent,
    Severity::error,
    "All steps of a feature list are of one kind.",
    "TensorFlow example_proto_fast_parsing.cc, FastParseSequenceExample: \"Data types don't match\"",
    "tf.io.parse_sequence_example raises, whichever type it was asked for."};
inline constexpr Rule example_many_features{"tfrecord.example.many_features",
                                            Fault::over_limit,
                                            Severity::warning,
                                            "A record has no more features than are looked at.",
                                            "datavet's limit of 131072 features, or steps, a record",
                                            "The features beyond were walked for their form only. If so many "
                                            "are meant, a bytes feature or a list of values "
                                            "is the better place."};

// What names promise: the object detection API, tf.slim's decoders, the guides.
inline constexpr Rule example_box_lists{
    "tfrecord.example.box_lists",
    Fault::inconsistent,
    Severity::error,
    "The four lists of a record's bounding boxes have equal length.",
    "tf_slim tfexample_decoder.py, BoundingBox: tf.concat of the four lists",
    "The decoder raises InvalidArgumentError (\"Dimensions of inputs should match\"), or boxes are put "
    "together from "
    "sides of different objects."};
inline constexpr Rule example_label_lists{
    "tfrecord.example.label_lists",
    Fault::inconsistent,
    Severity::warning,
    "A record has one class label, and one class text, for each box.",
    "TensorFlow object detection API, dataset_tools and tf_example_decoder.py",
    "Labels and boxes are matched by their place: all behind the missing one belong to other objects."};
inline constexpr Rule example_box{
    "tfrecord.example.box",
    Fault::inconsistent,
    Severity::warning,
    "Each bounding box is finite, lies within [0, 1], and its minimum is not above its maximum.",
    "TensorFlow object detection API, using_your_own_dataset.md: normalized coordinates",
    "Losses become NaN, or boxes are clipped to nothing (assert_or_prune_invalid_boxes). Coordinates in "
    "pixels must "
    "be divided by the picture's size."};
inline constexpr Rule example_raw_length{
    "tfrecord.example.raw_length",
    Fault::inconsistent,
    Severity::warning,
    "Raw values have the length that the declared shape and type give.",
    "TensorFlow tf.io.decode_raw and tf.reshape",
    "tf.reshape raises (\"Input to reshape is a tensor with ... values\") when the loader uses that shape."};
inline constexpr Rule example_not_finite{"tfrecord.example.not_finite",
                                         Fault::inconsistent,
                                         Severity::note,
                                         "Float values are finite.",
                                         "IEEE 754",
                                         "One NaN or infinity among the inputs makes the loss NaN, if it is "
                                         "not meant as a mark of missing values."};
inline constexpr Rule example_picture_format{
    "tfrecord.example.picture_format",
    Fault::inconsistent,
    Severity::warning,
    "An encoded picture is of the format that image/format says.",
    "tf_slim tfexample_decoder.py, Image: chooses the decoder by image/format",
    "tf.io.decode_image looks at the content; a decoder chosen by the text raises, or decodes by luck."};
inline constexpr Rule example_picture_size{
    "tfrecord.example.picture_size",
    Fault::inconsistent,
    Severity::warning,
    "An encoded picture has the declared image/height and image/width.",
    "TensorFlow object detection API, using_your_own_dataset.md",
    "Who trusts the declared size scales boxes and masks wrongly, or raises in tf.reshape."};
inline constexpr Rule example_picture_unknown{
    "tfrecord.example.picture_unknown",
    Fault::undecodable,
    Severity::error,
    "What image/format calls a picture is one.",
    "TensorFlow decode_image_op.cc: \"Unknown image file format. One of JPEG, PNG, GIF, BMP required.\"",
    "tf.io.decode_image raises InvalidArgumentError. The picture was damaged before the record was written."};

} // namespace datavet::tfrecord
