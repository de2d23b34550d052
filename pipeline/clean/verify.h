/// Reads back what was written, before it gets its name.
#pragma once

#include "formats/format.h"
#include "pipeline/clean/new_file.h"

namespace datavet {

/// The finished file holds `records` records of `format`, each obeying its rules to its checksums, and their
/// bytes are those that were written, in order.
StepResult verify_records(const NewFile &file, Wrapping wrapping, const Format &format,
                          std::uint64_t records);

/// The bytes inside the finished file are those that were written. Whatever the size of its records: in
/// bounded memory. `format` says only how a stream may break.
StepResult verify_stream(const NewFile &file, Wrapping wrapping, const Format &format);

} // namespace datavet
