#include "scanner/cli/console.h"

#include <cerrno>
#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

#include "pipeline/report/escape.h"
#include "pipeline/report/output.h"
#include "scanner/cli/exit_code.h"

namespace datavet::cli {

void say(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(STDERR_FILENO, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

int fail(const Error &error) {
  say(fmt::format("datavet: {}\n", for_terminal(error.message, 8192))); // it may quote what was typed
  return exit_code_of(error);
}

bool is_terminal(int fd) { return ::isatty(fd) == 1; }

bool use_colour(When when) {
  if (when != When::automatic) return when == When::always;
  auto is_set = [](const char *name) {
    const char *value = std::getenv(name); // NOLINT: read before any thread starts
    return value != nullptr && *value != '\0';
  };
  if (is_set("NO_COLOR")) return false;
  if (is_set("CLICOLOR_FORCE") || is_set("FORCE_COLOR")) return true;
  return is_terminal(STDOUT_FILENO);
}

int print(std::string_view text) {
  std::unique_ptr<Output> output = standard_output();
  Result<void> written = output->write(text);
  if (written) written = output->close();
  return written ? exit_clean : fail(written.error());
}

} // namespace datavet::cli
