/// Makes bytes of unknown origin harmless for whoever prints them. Every writer uses it.
#pragma once

#include <string>
#include <string_view>

namespace datavet {

/// For a terminal or a log: control characters, DEL, C1 controls, bidirectional overrides and bytes that are not
/// UTF-8 become \xNN or \u{NNNN}, whether or not anybody looks: logs are shown with cat too. At most
/// `most` bytes, then an ellipsis.
std::string for_terminal(std::string_view bytes, std::size_t most = 4096);

/// One cell of a CSV file (RFC 4180), quoted where needed. A cell that a spreadsheet would take for a formula
/// (= + - @ TAB CR first) gets a leading apostrophe (OWASP ASVS 1.2.10).
std::string for_csv(std::string_view bytes);

/// For a POSIX shell: quoted where needed, as $'..' when it holds control or non-ASCII bytes.
std::string for_shell(std::string_view bytes);

/// True when `bytes` is well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF).
bool is_utf8(std::string_view bytes);

std::string base64(std::string_view bytes);
/// Nothing when the text is not base64.
bool from_base64(std::string_view text, std::string &bytes);

} // namespace datavet
