/// The rules "tfrecord.*". Those of the compressed stream and of the shard as a whole are broken in the
/// pipeline, which inflates and counts; they are here because they are TFRecord's.
#pragma once

#include <datavet/finding.h>

#include "formats/tfrecord/event/rules.h"
#include "formats/tfrecord/example/rules.h"

namespace datavet::tfrecord {

inline constexpr Rule length_crc{
    "tfrecord.length.crc",
    Fault::checksum,
    Severity::error,
    "Each record's length matches its masked CRC-32C.",
    "TensorFlow record_writer.h; record_reader.cc: \"corrupted record at\"",
    "TensorFlow raises DataLossError, and with ignore_errors() reads the same place for ever; readers that "
    "skip the check allocate whatever the length says. No reader finds the records behind it: datavet clean writes "
    "them to a new shard."};
inline constexpr Rule data_crc{
    "tfrecord.data.crc",
    Fault::checksum,
    Severity::error,
    "Each record's data match their masked CRC-32C.",
    "TensorFlow record_writer.h; record_reader.cc: \"corrupted record at\"",
    "TensorFlow raises DataLossError; DALI, torchdata and Ray never compare and train on the damaged bytes. "
    "The records around it are good: drop this one, or fetch the shard again."};
inline constexpr Rule record_short{
    "tfrecord.record.short",
    Fault::truncated,
    Severity::error,
    "Each record is as long as it says.",
    "TensorFlow record_reader.cc: \"corrupted record at\", \"truncated record at\"",
    "Bytes are missing inside the shard, or another was written over it: every reader loses its place here. The records "
    "behind it are intact: datavet clean writes them to a new shard."};
inline constexpr Rule tail_torn{
    "tfrecord.tail.torn",
    Fault::truncated,
    Severity::error,
    "The last record of a shard is complete.",
    "TensorFlow record_reader.cc: \"truncated record at\"",
    "TensorFlow raises DataLossError, or ends the shard without a word when the cut lies in the record's "
    "header. The writer was killed or the copy was cut short: write or fetch the shard again."};
inline constexpr Rule record_limit{
    "tfrecord.record.limit",
    Fault::over_limit,
    Severity::warning,
    "Each record fits in the memory for one sample.",
    "datavet's limit of stored bytes per sample",
    "The record was passed over unread; those behind it were judged. A loader holds the whole record in "
    "memory: raise the limit if records of this size are meant."};
inline constexpr Rule stream_damaged{"tfrecord.stream.damaged",
                                     Fault::checksum,
                                     Severity::error,
                                     "A compressed shard inflates, and its checksums match.",
                                     "RFC 1951, RFC 1950 2.2, RFC 1952 2.3.1; zlib's inflate()",
                                     "TensorFlow raises DataLossError (\"inflate() failed\") there. Records "
                                     "before it were judged; all behind it "
                                     "are lost: write or fetch the shard again."};
inline constexpr Rule stream_truncated{"tfrecord.stream.truncated",
                                       Fault::truncated,
                                       Severity::error,
                                       "The compressed stream of a shard is complete.",
                                       "RFC 1950 2.2, RFC 1952 2.3.1: the trailer",
                                       "TensorFlow takes the end of the bytes for the end of the shard: "
                                       "records are missing, without a word when "
                                       "the cut lies between two. Write or fetch the shard again."};
inline constexpr Rule stream_trailing{
    "tfrecord.stream.trailing",
    Fault::trailing_data,
    Severity::error,
    "Nothing but further members follows a gzip member of a shard.",
    "RFC 1952 2.2: a file is a series of members and nothing else; TensorFlow zlib_inputstream.cc",
    "TensorFlow delivers every record and then raises DataLossError (\"incorrect header check\"). If a later "
    "member's first bytes are damaged, its records are lost. Cut the file where the stream ends, or fetch it again."};
inline constexpr Rule stream_trailing_ignored{
    "tfrecord.stream.trailing_ignored",
    Fault::trailing_data,
    Severity::warning,
    "Nothing follows the zlib stream of a shard.",
    "RFC 1950 2.2",
    "TensorFlow ignores what follows. Two shards may have been joined: the records of the second are never read."};
inline constexpr Rule shard_empty{
    "tfrecord.shard.empty",
    Fault::truncated,
    Severity::note,
    "A shard holds records.",
    "TensorFlow record_reader.cc: the end of the file before the first record is no error",
    "Legal, and every loader reads it: a writer with more shards than records leaves such. Unwanted when the "
    "writer was killed before it wrote."};

inline constexpr const Rule *all_rules[] = {
    &length_crc,     &data_crc,         &record_short, &tail_torn,       &record_limit,
    &stream_damaged, &stream_truncated, &stream_trailing, &stream_trailing_ignored, &shard_empty,
    &example_wire, &example_name_utf8, &example_unknown_field, &example_foreign_field, &example_wire_type,
    &example_entry, &example_same_name, &example_set_again, &example_mixed_steps,
    &example_many_features, &example_box_lists, &example_label_lists, &example_box, &example_raw_length,
    &example_not_finite, &example_picture_format, &example_picture_size, &example_picture_unknown,
    &event_wire, &event_unknown_field, &event_wire_type, &event_wall_time_nan, &event_wall_time,
    &event_step, &event_file_version, &event_what_twice, &event_tag, &event_histogram, &event_tensor,
    &event_tensor_short, &event_not_finite, &event_picture_size, &event_picture_unknown,
};

} // namespace datavet::tfrecord
