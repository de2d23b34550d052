#include "pipeline/report/output.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <fmt/format.h>

#include "pipeline/io/unique_fd.h"
#include "pipeline/report/escape.h"

namespace datavet {

namespace {

constexpr std::size_t written_at_once = 64 << 10;

Error failed(const std::string &what, const std::string &path, int error) {
  return {Error::Kind::incomplete, fmt::format("cannot {} {}: {}", what, for_terminal(path), std::strerror(error))};
}

/// Gathers lines and writes them in large pieces.
class DescriptorOutput : public Output {
public:
  explicit DescriptorOutput(std::string name) : name_(std::move(name)) {}

  Result<void> write(std::string_view text) override {
    pending_ += text;
    return pending_.size() >= written_at_once ? flush() : Result<void>();
  }

protected:
  virtual int fd() const = 0;

  Result<void> flush() {
    std::string_view rest = pending_;
    while (!rest.empty() && !reader_gone_) {
      const ssize_t count = ::write(fd(), rest.data(), rest.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && errno == EPIPE) reader_gone_ = true;
      else if (count < 0) return failed("write", name_, errno);
      else rest.remove_prefix(static_cast<std::size_t>(count));
    }
    pending_.clear();
    return {};
  }

  std::string name_;

private:
  std::string pending_;
  bool reader_gone_ = false;
};

class StandardOutput final : public DescriptorOutput {
public:
  StandardOutput() : DescriptorOutput("standard output") {}
  Result<void> close() override { return flush(); }

private:
  int fd() const override { return STDOUT_FILENO; }
};

class FileOutput final : public DescriptorOutput {
public:
  FileOutput(std::string path, std::string temporary, UniqueFd fd)
      : DescriptorOutput(path), path_(std::move(path)), temporary_(std::move(temporary)), fd_(std::move(fd)) {}
  ~FileOutput() override {
    if (fd_) ::unlink(temporary_.c_str()); // never finished
  }

  Result<void> close() override {
    if (Result<void> flushed = flush(); !flushed) return flushed;
    if (::fsync(fd_.get()) != 0 && errno != EINVAL && errno != EROFS) return failed("write", path_, errno);
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) return failed("create", path_, errno);
    fd_ = UniqueFd();
    return {};
  }

private:
  int fd() const override { return fd_.get(); }

  std::string path_, temporary_;
  UniqueFd fd_;
};

/// A device or a pipe (/dev/stdout, /dev/null, >(...)) cannot be renamed over.
class DeviceOutput final : public DescriptorOutput {
public:
  DeviceOutput(std::string path, UniqueFd fd) : DescriptorOutput(std::move(path)), fd_(std::move(fd)) {}
  Result<void> close() override { return flush(); }

private:
  int fd() const override { return fd_.get(); }
  UniqueFd fd_;
};

/// mkostemps gives 0600; others shall read a report as they read any file of this user.
mode_t current_umask() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return mask;
}

} // namespace

std::unique_ptr<Output> standard_output() { return std::make_unique<StandardOutput>(); }

Result<std::unique_ptr<Output>> file_output(const std::string &path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd) return Error{Error::Kind::usage, failed("open", path, errno).message};
    return std::unique_ptr<Output>(std::make_unique<DeviceOutput>(path, std::move(fd)));
  }
  // A link stays a link: the report goes where it leads.
  char *real = ::realpath(path.c_str(), nullptr);
  const std::string target = real != nullptr ? real : path;
  ::free(real); // NOLINT: realpath allocates with malloc
  constexpr std::string_view ending = ".part";
  std::string temporary = target + ".XXXXXX" + std::string(ending);
  UniqueFd fd(::mkostemps(temporary.data(), static_cast<int>(ending.size()), O_CLOEXEC));
  if (!fd) return Error{Error::Kind::usage, failed("create", path, errno).message};
  ::fchmod(fd.get(), 0644 & ~current_umask());
  return std::unique_ptr<Output>(std::make_unique<FileOutput>(target, temporary, std::move(fd)));
}

} // namespace datavet
