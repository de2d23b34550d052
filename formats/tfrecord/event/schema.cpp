#include "formats/tfrecord/event/schema.h"

namespace datavet::tfrecord {

namespace {

using enum wire::ValueType;
using wire::FieldSchema;
using wire::MessageSchema;

constexpr FieldSchema dim_fields[] = {{1, "size", varint}, {2, "name", string}};
constexpr MessageSchema dim{"TensorShapeProto.Dim", dim_fields};
constexpr FieldSchema shape_fields[] = {{2, "dim", message, true, &dim}, {3, "unknown_rank", varint}};
constexpr MessageSchema shape{"TensorShapeProto", shape_fields};

constexpr FieldSchema dtype_and_shape_fields[] = {{1, "dtype", varint}, {2, "shape", message, false, &shape}};
constexpr MessageSchema dtype_and_shape{"ResourceHandleProto.DtypeAndShape", dtype_and_shape_fields};
constexpr FieldSchema resource_fields[] = {
    {1, "device", string},
    {2, "container", string},
    {3, "name", string},
    {4, "hash_code", varint},
    {5, "maybe_type_name", string},
    {6, "dtypes_and_shapes", message, true, &dtype_and_shape},
};
constexpr MessageSchema resource{"ResourceHandleProto", resource_fields};

extern const MessageSchema tensor;
constexpr FieldSchema variant_fields[] = {
    {1, "type_name", string}, {2, "metadata", bytes}, {3, "tensors", message, true, &tensor}};
constexpr MessageSchema variant{"VariantTensorDataProto", variant_fields};
constexpr FieldSchema tensor_fields[] = {
    {1, "dtype", varint},
    {2, "tensor_shape", message, false, &shape},
    {3, "version_number", varint},
    {4, "tensor_content", bytes},
    {5, "float_val", float32, true},
    {6, "double_val", float64, true},
    {7, "int_val", varint, true},
    {8, "string_val", bytes, true},
    {9, "scomplex_val", float32, true},
    {10, "int64_val", varint, true},
    {11, "bool_val", varint, true},
    {12, "dcomplex_val", float64, true},
    {13, "half_val", varint, true},
    {14, "resource_handle_val", message, true, &resource},
    {15, "variant_val", message, true, &variant},
    {16, "uint32_val", varint, true},
    {17, "uint64_val", varint, true},
    {18, "float8_val", bytes},
};
constexpr MessageSchema tensor{"TensorProto", tensor_fields};

constexpr FieldSchema image_fields[] = {{1, "height", varint},
                                        {2, "width", varint},
                                        {3, "colorspace", varint},
                                        {4, "encoded_image_string", bytes}};
constexpr MessageSchema image{"Summary.Image", image_fields};
constexpr FieldSchema audio_fields[] = {{1, "sample_rate", float32},
                                        {2, "num_channels", varint},
                                        {3, "length_frames", varint},
                                        {4, "encoded_audio_string", bytes},
                                        {5, "content_type", string}};
constexpr MessageSchema audio{"Summary.Audio", audio_fields};
constexpr FieldSchema histogram_fields[] = {
    {1, "min", float64},          {2, "max", float64},         {3, "num", float64},
    {4, "sum", float64},          {5, "sum_squares", float64}, {6, "bucket_limit", float64, true},
    {7, "bucket", float64, true},
};
constexpr MessageSchema histogram{"HistogramProto", histogram_fields};
constexpr FieldSchema plugin_fields[] = {{1, "plugin_name", string}, {2, "content", bytes}};
constexpr MessageSchema plugin{"SummaryMetadata.PluginData", plugin_fields};
constexpr FieldSchema metadata_fields[] = {{1, "plugin_data", message, false, &plugin},
                                           {2, "display_name", string},
                                           {3, "summary_description", string},
                                           {4, "data_class", varint}};
constexpr MessageSchema metadata{"SummaryMetadata", metadata_fields};
constexpr FieldSchema value_fields[] = {
    {1, "tag", string},
    {2, "simple_value", float32},
    {3, "obsolete_old_style_histogram", bytes},
    {4, "image", message, false, &image},
    {5, "histo", message, false, &histogram},
    {6, "audio", message, false, &audio},
    {7, "node_name", string},
    {8, "tensor", message, false, &tensor},
    {9, "metadata", message, false, &metadata},
};
constexpr MessageSchema value{"Summary.Value", value_fields};
constexpr FieldSchema summary_fields[] = {{1, "value", message, true, &value}};
constexpr MessageSchema summary{"Summary", summary_fields};

constexpr FieldSchema log_fields[] = {{1, "level", varint}, {2, "message", string}};
constexpr MessageSchema log_message{"LogMessage", log_fields};
constexpr FieldSchema session_fields[] = {
    {1, "status", varint}, {2, "checkpoint_path", string}, {3, "msg", string}};
constexpr MessageSchema session{"SessionLog", session_fields};
constexpr FieldSchema run_fields[] = {{1, "tag", string}, {2, "run_metadata", bytes}};
constexpr MessageSchema run{"TaggedRunMetadata", run_fields};
constexpr FieldSchema source_fields[] = {{1, "writer", string}};
constexpr MessageSchema source{"SourceMetadata", source_fields};

constexpr FieldSchema event_fields[] = {
    {1, "wall_time", float64},
    {2, "step", varint},
    {3, "file_version", string},
    {4, "graph_def", bytes},
    {5, "summary", message, false, &summary},
    {6, "log_message", message, false, &log_message},
    {7, "session_log", message, false, &session},
    {8, "tagged_run_metadata", message, false, &run},
    {9, "meta_graph_def", bytes},
    {10, "source_metadata", message, false, &source},
};

} // namespace

constexpr MessageSchema event_schema{"Event", event_fields};

} // namespace datavet::tfrecord
