/// tf.Example as a schema: the other way to walk it, to compare with.
#pragma once

#include "formats/tfrecord/wire/schema.h"

namespace datavet::tfrecord::test {

using wire::FieldSchema;
using wire::MessageSchema;
using enum wire::ValueType;

inline constexpr FieldSchema bytes_list_fields[] = {{1, "value", bytes, true}};
inline constexpr MessageSchema bytes_list{"BytesList", bytes_list_fields};
inline constexpr FieldSchema float_list_fields[] = {{1, "value", float32, true}};
inline constexpr MessageSchema float_list{"FloatList", float_list_fields};
inline constexpr FieldSchema int64_list_fields[] = {{1, "value", varint, true}};
inline constexpr MessageSchema int64_list{"Int64List", int64_list_fields};
inline constexpr FieldSchema feature_fields[] = {{1, "bytes_list", message, false, &bytes_list},
                                                 {2, "float_list", message, false, &float_list},
                                                 {3, "int64_list", message, false, &int64_list}};
inline constexpr MessageSchema feature{"Feature", feature_fields};
inline constexpr FieldSchema entry_fields[] = {{1, "key", string}, {2, "value", message, false, &feature}};
inline constexpr MessageSchema entry{"FeatureEntry", entry_fields};
inline constexpr FieldSchema features_fields[] = {{1, "feature", message, true, &entry}};
inline constexpr MessageSchema features{"Features", features_fields};
inline constexpr FieldSchema feature_list_fields[] = {{1, "feature", message, true, &feature}};
inline constexpr MessageSchema feature_list{"FeatureList", feature_list_fields};
inline constexpr FieldSchema list_entry_fields[] = {{1, "key", string},
                                                    {2, "value", message, false, &feature_list}};
inline constexpr MessageSchema list_entry{"FeatureListEntry", list_entry_fields};
inline constexpr FieldSchema feature_lists_fields[] = {{1, "feature_list", message, true, &list_entry}};
inline constexpr MessageSchema feature_lists{"FeatureLists", feature_lists_fields};
inline constexpr FieldSchema example_fields[] = {{1, "features", message, false, &features}};
inline constexpr MessageSchema example_schema{"Example", example_fields};
inline constexpr FieldSchema sequence_fields[] = {{1, "context", message, false, &features},
                                                  {2, "feature_lists", message, false, &feature_lists}};
inline constexpr MessageSchema sequence_example_schema{"SequenceExample", sequence_fields};

} // namespace datavet::tfrecord::test
