/// What bytes are when they are none of our formats.
#pragma once

#include <optional>
#include <string>

#include <datavet/finding.h>

#include "formats/bytes/bytes.h"

namespace datavet::any {

struct Kind {
  const Rule *rule; ///< lfs_pointer, markup, compressed or other_kind
  std::string what; ///< "a PDF document"
};

/// The kind whose signature or shape `head` (not empty) has; nothing when it is not recognised.
std::optional<Kind> kind_of(Bytes head);

/// How the signature of a common format was mangled on the way ("line ends converted"), if it was.
std::optional<std::string> damaged_signature(Bytes head);

} // namespace datavet::any
