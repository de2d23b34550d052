#include "pipeline/recognise.h"

#include <algorithm>
#include <string>
#include <vector>

#include "formats/any/any.h"
#include "formats/any/rules.h"

namespace datavet {

Recognition recognise_as(Registry formats, Bytes bytes, std::uint64_t size, const Format *meant) {
  const Bytes head = bytes.first(std::min(bytes.size(), head_bytes));
  if (const Format *found = format_of_content(formats, head)) return {found, Wrapping::none, true, {}};
  // A shard may be compressed as a whole; an image may not.
  if (Wrapping wrapping = wrapping_of(head); wrapping != Wrapping::none) {
    const std::vector<std::uint8_t> plain = first_plain_bytes(head, wrapping, head_bytes);
    const Format *inside = format_of_content(formats, plain);
    if (inside == nullptr && wrapping == Wrapping::gzip) inside = meant;
    if (inside != nullptr && inside->stream_rules.damaged != nullptr) return {inside, wrapping, true, {}};
  }
  if (meant == nullptr) return {};
  if (size == 0 && meant->layout == Layout::records) return {meant, Wrapping::none, true, {}};
  Recognition unknown{nullptr, Wrapping::none, true, Evidence{}};
  explain_unknown_content(bytes, size, *meant, *unknown.evidence);
  // An HDF5 signature may lie behind a user block of any size; its own check looks at every legal place.
  if (meant->layout == Layout::random_access && size > head_bytes) return {meant, Wrapping::none, true, {}};
  // A shard whose first frame is damaged has no signature left; only its splitter can say where it breaks.
  if (meant->layout == Layout::records && unknown.evidence->findings.list()[0].rule == &any::unknown)
    return {meant, Wrapping::none, true, {}};
  return unknown;
}

Recognition recognise(Registry formats, Bytes bytes, std::uint64_t size, std::string_view name, const Format *meant) {
  Recognition known = recognise_as(formats, bytes, size, meant);
  if (known.format != nullptr && meant != nullptr && known.format != meant) {
    known.evidence.emplace();
    explain_name_mismatch(*known.format, name, *meant, *known.evidence);
  }
  return known;
}

} // namespace datavet
