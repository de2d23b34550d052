// What a scan of small files cannot beat on the same machine: open, read and close each of them, nothing
// else.
//   datavet_bench_open_read_close FOLDER [THREADS [ROUNDS]]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t largest_file = 64 << 10; ///< more is not "small"; the rest of a larger file is not read
constexpr std::size_t files_taken_at_once = 64;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::vector<std::string> files_below(const std::string &folder) {
  std::vector<std::string> paths;
  for (const auto &entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// Bytes read. One read() a file: the buffer is larger, so a short count has shown the end.
std::uint64_t read_each(const std::vector<std::string> &paths, std::atomic<std::size_t> &next) {
  std::vector<char> buffer(largest_file);
  std::uint64_t bytes = 0;
  while (true) {
    const std::size_t first = next.fetch_add(files_taken_at_once);
    if (first >= paths.size()) return bytes;
    const std::size_t end = std::min(paths.size(), first + files_taken_at_once);
    for (std::size_t i = first; i < end; ++i) {
      const int fd = ::open(paths[i].c_str(), O_RDONLY | O_CLOEXEC);
      if (fd < 0) continue;
      if (const ssize_t got = ::read(fd, buffer.data(), buffer.size()); got > 0)
        bytes += static_cast<std::uint64_t>(got);
      ::close(fd);
    }
  }
}

} // namespace

int main(int count, char **words) {
  if (count < 2) {
    fmt::print(stderr, "usage: {} FOLDER [THREADS [ROUNDS]]\n", words[0]);
    return 2;
  }
  const int threads = count > 2 ? std::max(std::atoi(words[2]), 1) : 1;
  const int rounds = count > 3 ? std::max(std::atoi(words[3]), 1) : 5;
  const Clock::time_point listing = Clock::now();
  const std::vector<std::string> paths = files_below(words[1]);
  fmt::print("{} files listed in {:.3f} s\n", paths.size(), seconds_since(listing));

  std::vector<double> times;
  std::atomic<std::uint64_t> bytes{0};
  for (int round = 0; round < rounds; ++round) {
    std::atomic<std::size_t> next{0};
    bytes = 0;
    const Clock::time_point start = Clock::now();
    std::vector<std::jthread> readers;
    for (int i = 0; i < threads; ++i) readers.emplace_back([&] { bytes += read_each(paths, next); });
    readers.clear(); // joins
    times.push_back(seconds_since(start));
  }
  std::sort(times.begin(), times.end());
  const double median = times[times.size() / 2];
  fmt::print("{} bytes, {} threads: median {:.3f} s, best {:.3f} s, {:.0f} files/s\n", bytes.load(), threads,
             median, times[0], static_cast<double>(paths.size()) / median);
}
