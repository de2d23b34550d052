/// The table of all formats. To see what exists, read registry.cpp.
#pragma once

#include <span>
#include <string_view>

#include "formats/format.h"

namespace datavet {

using Registry = std::span<const Format *const>;

/// Every format we judge, in the order in which they are asked to recognise content.
Registry registry();

const Format *format_named(Registry formats, std::string_view name);
/// The format whose signature `head` bears, or null.
const Format *format_of_content(Registry formats, Bytes head);
/// The format that a file of this name is meant to be, or null when the name tells nothing.
const Format *format_of_name(Registry formats, std::string_view file_name);
/// The rule of this id among those of the formats and the rules for any file, or null.
const Rule *rule_with_id(Registry formats, std::string_view id);

} // namespace datavet
