#include "scanner/cli/progress_line.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "pipeline/report/numbers.h"
#include "scanner/cli/console.h"

namespace datavet::cli {

namespace {

std::atomic<bool> interrupt_seen{false};

extern "C" void note_interrupt(int signal_number) {
  interrupt_seen.store(true, std::memory_order_relaxed);
  std::signal(signal_number, SIG_DFL); // the next one ends the program
}

std::size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

} // namespace

void catch_interrupts() {
  std::signal(SIGINT, note_interrupt);
  std::signal(SIGTERM, note_interrupt);
}

void release_interrupts() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

bool interrupted() { return interrupt_seen.load(std::memory_order_relaxed); }

ProgressLine::ProgressLine(const Progress &progress, ProgressShape shape, std::stop_source stop,
                           std::optional<std::chrono::milliseconds> time_limit)
    : progress_(progress), shape_(shape), stop_(std::move(stop)), time_limit_(time_limit),
      thread_([this](const std::stop_token &done) { watch(done); }) {}

ProgressLine::~ProgressLine() {
  thread_.request_stop();
  thread_.join();
  if (shape_ == ProgressShape::line) say("\r\x1b[K");
}

void ProgressLine::watch(const std::stop_token &done) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  for (unsigned tick = 1; !done.stop_requested(); ++tick) {
    wake.wait_for(lock, done, std::chrono::milliseconds(100), [] { return false; });
    const bool over = time_limit_ && std::chrono::steady_clock::now() - started_ >= *time_limit_;
    if (interrupted() || over) stop_.request_stop();
    if (done.stop_requested()) break;
    if (shape_ == ProgressShape::line) say("\r" + line() + "\x1b[K");
    if (shape_ == ProgressShape::json && tick % 10 == 0) say(json() + "\n");
  }
}

std::string ProgressLine::line() const {
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  const std::uint64_t found = progress_.files_found, done = progress_.files_done;
  const auto bytes = static_cast<double>(progress_.bytes.load());
  std::string text;
  if (progress_.all_found && found > 0) text += fmt::format("{:3.0f}%  ", 100.0 * static_cast<double>(done) / static_cast<double>(found));
  text += fmt::format("{} samples  {}  {}/s", with_commas(progress_.samples), bytes_for_people(bytes), bytes_for_people(bytes / std::max(seconds, 0.1)));
  if (progress_.bad > 0) text += fmt::format("  {} bad", with_commas(progress_.bad));
  if (progress_.all_found && done > 0 && seconds > 1)
    text += fmt::format("  {} left", time_for_people(seconds * static_cast<double>(found - std::min(done, found)) / static_cast<double>(done)));
  if (interrupted()) text += "  ending";
  return text.substr(0, terminal_width() - 1);
}

std::string ProgressLine::json() const {
  return fmt::format(R"({{"type":"progress","files_found":{},"all_found":{},"files_done":{},"samples":{},"bytes":{},"bad":{},"seconds":{:.1f}}})",
                     progress_.files_found.load(), progress_.all_found.load(), progress_.files_done.load(), progress_.samples.load(),
                     progress_.bytes.load(), progress_.bad.load(),
                     std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count());
}

} // namespace datavet::cli
