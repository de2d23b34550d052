/// Rules that hold for any file or sample, whatever its format.
#pragma once

#include <span>
#include <string_view>

#include "formats/bytes/bytes.h"
#include "formats/evidence.h"
#include "formats/format.h"

namespace datavet {

/// All rules "any.*", those that the pipeline itself adds included.
std::span<const Rule *const> any_rules();

/// The bytes bear no known signature, but the file's name says `meant` (never null): says what the
/// content is instead (empty, zeros, a Git LFS pointer, an HTML page, a gzip stream, ...). `head` is the
/// first 4 KiB or more, `size` the size of the file. Always adds exactly one finding.
void explain_unknown_content(Bytes head, std::uint64_t size, const Format &meant, Evidence &evidence);

/// The content is `found`, the name says another format.
void explain_name_mismatch(const Format &found, std::string_view file_name, const Format &meant, Evidence &evidence);

/// A hole from an interrupted download: a run of 4 KiB or more zero bytes that starts or ends at a
/// multiple of 512 (or at the end) inside compressed data. Adds any.zeros.run.
void find_zero_run(Bytes compressed, std::uint64_t offset, Evidence &evidence);

} // namespace datavet
