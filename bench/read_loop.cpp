// What a scan of large files cannot beat on the same machine: read() them into one buffer, and nothing else.
//   datavet_bench_read_loop [THREADS] FILE...      each thread reads every THREADS-th file
#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace {

constexpr std::size_t buffer_bytes = 256 << 10; ///< fits in a second-level cache; larger ones are slower

bool read_through(const char *file) {
  const int fd = ::open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  std::vector<char> buffer(buffer_bytes);
  ssize_t count = 0;
  while ((count = ::read(fd, buffer.data(), buffer.size())) > 0) {
  }
  ::close(fd);
  return count == 0;
}

} // namespace

int main(int argc, char **argv) {
  std::vector<const char *> files(argv + 1, argv + argc);
  unsigned threads = 1;
  if (!files.empty() && std::atoi(files[0]) > 0) {
    threads = static_cast<unsigned>(std::atoi(files[0]));
    files.erase(files.begin());
  }
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{files.empty()};
  std::vector<std::jthread> readers;
  for (unsigned i = 0; i < threads; ++i)
    readers.emplace_back([&] {
      for (std::size_t file = next++; file < files.size(); file = next++)
        if (!read_through(files[file])) failed = true;
    });
  readers.clear();
  return failed ? 1 : 0;
}
