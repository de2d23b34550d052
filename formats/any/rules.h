/// The rules "any.*": of any file, of the pipeline's reading, and of the workers' fate.
#pragma once

#include <datavet/finding.h>

namespace datavet::any {

inline constexpr Rule empty{"any.content.empty", Fault::truncated, Severity::error,
    "A sample has bytes.", "every decoder refuses zero bytes",
    "Every loader raises or returns nothing. Usually a download or a disk that filled up: fetch the file again."};
inline constexpr Rule zeros{"any.content.zeros", Fault::malformed, Severity::error,
    "A sample is not all zero bytes.", "every decoder refuses it",
    "The file was allocated but its data never reached the disk (crash, full disk, torn copy). Fetch it again."};
inline constexpr Rule lfs_pointer{"any.content.lfs_pointer", Fault::inconsistent, Severity::error,
    "A sample is data, not a Git LFS pointer.", "Git LFS specification v1",
    "The repository was cloned without its large files: every loader raises. Run: git lfs pull"};
inline constexpr Rule markup{"any.content.markup", Fault::inconsistent, Severity::error,
    "A sample is data, not an HTML or XML page.", "every image decoder refuses it",
    "A server's error or login page was saved under the sample's name. Fetch the file again."};
inline constexpr Rule compressed{"any.content.compressed", Fault::inconsistent, Severity::error,
    "A sample is not wrapped in gzip, zip or another archive.", "every image decoder refuses it",
    "ImageNet holds 26 gzip-compressed JPEGs of this kind. Unpack the file."};
inline constexpr Rule other_kind{"any.content.other_kind", Fault::inconsistent, Severity::error,
    "A file named as a sample holds that kind of data.", "the decoder named by the extension refuses it",
    "The content is of a recognisable kind that datavet does not judge and that loaders of this name refuse."};
inline constexpr Rule unknown{"any.content.unknown", Fault::malformed, Severity::error,
    "A file named as a sample bears the signature of a known format.", "every decoder refuses an unknown signature",
    "Pillow raises UnidentifiedImageError, OpenCV returns None, TensorFlow raises InvalidArgumentError."};
inline constexpr Rule name_mismatch{"any.name.mismatch", Fault::inconsistent, Severity::warning,
    "The file's name and its content agree on the format.", "tf.io.decode_jpeg refuses a PNG named .jpg",
    "Loaders that sniff read it; loaders that trust the name raise. ImageNet's n02105855_2933.JPEG is a PNG."};
inline constexpr Rule zero_run{"any.zeros.run", Fault::malformed, Severity::warning,
    "Compressed data holds no run of zero bytes as long as a disk block.",
    "an interrupted download or a lost page leaves whole blocks of zeros; entropy-coded data does not",
    "Decoders often go on and give grey or smeared rows without a word. Compare with the original."};
inline constexpr Rule too_large{"any.size.limit", Fault::over_limit, Severity::warning,
    "A sample's stored and declared sizes are within the limits.", "datavet's --max-pixels and --max-decoded",
    "Nothing was allocated for it. Loaders may run out of memory: raise the limit if the size is wanted."};
inline constexpr Rule unreadable{"any.file.unreadable", Fault::unreadable, Severity::error,
    "The file can be opened and read.", "open(2), read(2)",
    "Says nothing about the data. Mend permissions or the disk, and scan again."};
inline constexpr Rule not_regular{"any.file.not_regular", Fault::unreadable, Severity::warning,
    "A file named as a sample is a regular file.", "open(2): a FIFO or a device is never opened for reading",
    "A loader that opens it may block for ever."};
inline constexpr Rule changed{"any.file.changed", Fault::unreadable, Severity::error,
    "The file does not change while it is read.", "size and modification time before and after",
    "Something writes to the dataset: the verdict would be about bytes that are gone. Scan again when it is quiet."};
inline constexpr Rule check_failed{"any.check.failed", Fault::unreadable, Severity::error,
    "The check of a sample ends normally.", "datavet's exception barrier",
    "Memory ran out, or datavet has a bug. The sample was not judged; the scan went on."};
inline constexpr Rule decoder_crashed{"any.decoder.crashed", Fault::crashed, Severity::error,
    "Real decoders survive the sample.", "the decoder died twice in processes of its own",
    "A training process that loads this sample dies the same way. Remove it, and report it to the decoder."};
inline constexpr Rule decoder_crashed_once{"any.decoder.crashed_once", Fault::crashed, Severity::warning,
    "Real decoders survive the sample.", "the decoder died once and not again when alone",
    "Memory damage depends on chance: treat the sample as dangerous."};
inline constexpr Rule decoder_timeout{"any.decoder.timeout", Fault::timed_out, Severity::error,
    "Real decoders end in time.", "the decoder used up its processor time twice (--timeout-per-sample)",
    "A loader that reads this sample hangs. Raise the time if the sample is merely large."};
inline constexpr Rule decoder_memory{"any.decoder.memory", Fault::over_limit, Severity::error,
    "Real decoders decode within the memory limit.", "the worker's address-space limit",
    "A loader that reads this sample may be killed by the kernel."};
inline constexpr Rule decoder_forbidden{"any.decoder.forbidden", Fault::crashed, Severity::error,
    "Decoding needs no file, network or process.", "the worker's seccomp filter",
    "The sample made a decoder try to reach out of its process: treat it as hostile."};
inline constexpr Rule decoder_misbehaved{"any.decoder.misbehaved", Fault::crashed, Severity::error,
    "A worker answers as the protocol says.", "datavet's worker protocol",
    "The sample took control of, or scrambled, the decoder's process: treat it as hostile."};
inline constexpr Rule no_decoder{"any.decoder.unavailable", Fault::unreadable, Severity::error,
    "The real decoder of the format can be asked.", "the worker program or its sandbox could not start",
    "The sample was not decoded. Install datavet's workers beside it, or pass --isolate off where the kernel forbids sandboxes."};

inline constexpr Rule not_asked{"any.decoder.not_asked", Fault::unsupported, Severity::note,
    "The real decoder was asked where datavet's own code cannot judge the content.",
    "CheckerOptions::use_decoders, --depth",
    "The structure is in order as far as it was looked at; whether it decodes was not asked."};

// --- a dataset as a whole: what most of its samples have in common -------------------------------------

inline constexpr Rule unlike_missing{"any.unlike.missing", Fault::inconsistent, Severity::warning,
    "A feature that nearly all records of a dataset have is in each of them.", "99 of 100 records, of at least 20, have it",
    "tf.io.parse_example raises InvalidArgumentError for a FixedLenFeature without a default. `datavet schema` shows the dataset's features."};
inline constexpr Rule unlike_kind{"any.unlike.kind", Fault::inconsistent, Severity::warning,
    "A feature is of one kind in all records of a dataset.", "9 of 10 records, of at least 10, agree; tf.io.parse_example: \"Data types don't match\"",
    "tf.io.parse_example raises InvalidArgumentError for every batch that holds such a record."};
inline constexpr Rule unlike_length{"any.unlike.length", Fault::inconsistent, Severity::warning,
    "A feature that has the same number of values in nearly all records of a dataset has it in each.",
    "99 of 100 records, of at least 20, agree",
    "tf.io.parse_example raises InvalidArgumentError for a FixedLenFeature of another length; an empty one gives an empty sample."};
inline constexpr Rule schema_missing{"any.schema.missing", Fault::inconsistent, Severity::error,
    "Each record has the features that the schema requires.", "--schema; tf.io.parse_example: \"is required but could not be found\"",
    "tf.io.parse_example raises InvalidArgumentError for a FixedLenFeature without a default."};
inline constexpr Rule schema_kind{"any.schema.kind", Fault::inconsistent, Severity::error,
    "Each feature is of the kind that the schema says.", "--schema; tf.io.parse_example: \"Data types don't match\"",
    "tf.io.parse_example raises InvalidArgumentError."};
inline constexpr Rule schema_length{"any.schema.length", Fault::inconsistent, Severity::error,
    "Each feature has as many values as the schema says.", "--schema; tf.io.parse_example: \"Number of ... values != expected\"",
    "tf.io.parse_example raises InvalidArgumentError for a FixedLenFeature of another length."};
inline constexpr Rule schema_unexpected{"any.schema.unexpected", Fault::inconsistent, Severity::warning,
    "Records have no features but those of the schema.", "--schema",
    "tf.io.parse_example ignores what it was not asked for: the record may be of another dataset."};
inline constexpr Rule shard_missing{"any.shards.missing", Fault::unreadable, Severity::error,
    "All shards that the names promise (x-00017-of-01024) are there.", "TensorFlow and Beam name shards so, from 0 to the number less one",
    "A pattern of names silently gives fewer records: an epoch lacks them without a word. Fetch or write the shard again."};
inline constexpr Rule shard_surplus{"any.shards.surplus", Fault::inconsistent, Severity::warning,
    "No shard is numbered past the promised number, and shards of one set promise the same number.", "TensorFlow and Beam shard names",
    "Two writings of the dataset lie side by side: a pattern of names reads records twice."};

inline constexpr const Rule *all_rules[] = {
    &empty, &zeros, &lfs_pointer, &markup, &compressed, &other_kind, &unknown, &name_mismatch, &zero_run,
    &too_large, &unreadable, &not_regular, &changed, &check_failed, &decoder_crashed, &decoder_crashed_once,
    &decoder_timeout, &decoder_memory, &decoder_forbidden, &decoder_misbehaved, &no_decoder, &not_asked,
    &unlike_missing, &unlike_kind, &unlike_length, &schema_missing, &schema_kind, &schema_length, &schema_unexpected,
    &shard_missing, &shard_surplus,
};

} // namespace datavet::any
