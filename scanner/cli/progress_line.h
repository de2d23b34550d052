/// Shows how a scan gets on, on standard error, while another thread runs it.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include <datavet/scan.h>

namespace datavet::cli {

enum class ProgressShape : unsigned char {
  none,
  line, ///< one line, rewritten ten times a second
  json, ///< one object a line and second
};

/// Runs from construction to destruction. Ctrl-C and the end of the time limit are seen here too: they ask
/// `stop` to end the scan.
class ProgressLine {
public:
  ProgressLine(const Progress &progress, ProgressShape shape, std::stop_source stop,
               std::optional<std::chrono::milliseconds> time_limit);
  ~ProgressLine();
  ProgressLine(const ProgressLine &) = delete;
  ProgressLine &operator=(const ProgressLine &) = delete;

private:
  void watch(const std::stop_token &done);
  std::string line() const;
  std::string json() const;

  const Progress &progress_;
  ProgressShape shape_;
  std::stop_source stop_;
  std::optional<std::chrono::milliseconds> time_limit_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::jthread thread_;
};

/// From now on the first Ctrl-C (or SIGTERM) ends the scan in order, the second at once.
void catch_interrupts();
/// Back to how the program was started.
void release_interrupts();
bool interrupted();

} // namespace datavet::cli
