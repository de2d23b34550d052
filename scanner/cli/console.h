/// Standard output and error as the commands use them.
#pragma once

#include <string>
#include <string_view>

#include <datavet/result.h>

namespace datavet::cli {

/// Writes to standard error. A log that cannot be written is nobody's failure.
void say(std::string_view text);

/// Prints "datavet: <message>" on standard error and gives the exit code that belongs to it.
int fail(const Error &error);

enum class When : unsigned char { automatic, always, never };

/// Colour on standard output: --color, then NO_COLOR and CLICOLOR_FORCE, then whether it is a terminal.
bool use_colour(When when);
bool is_terminal(int fd);

/// Writes to standard output, and tells whether all went out.
int print(std::string_view text);

} // namespace datavet::cli
