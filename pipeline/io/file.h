/// An open regular file, read by pread only: a file that shrinks under mmap is a SIGBUS, under pread
/// it is a finding.
#pragma once

#include <cerrno>
#include <cstdint>
#include <span>
#include <string>

#include <datavet/report.h>

#include "formats/source.h"
#include "pipeline/io/unique_fd.h"

namespace datavet {

/// Opens the file `name` in `folder`, and never hangs: a FIFO may have taken its place.
UniqueFd open_to_read(int folder, const char *name, bool follow_links);

/// Reads from `fd` at `offset` until `into` is full, the file ends or an error comes; retries EINTR.
Source::Read read_fully(int fd, std::uint64_t offset, std::span<std::uint8_t> into);

/// What the start of a file gave.
struct ReadToEnd {
  std::uint64_t count = 0;
  int error = 0;      ///< an errno value
  bool ended = false; ///< these are all bytes of the file
};

/// Reads from the start of `fd` until `into` is full or the file ends: one call for a small file.
ReadToEnd read_to_end(int fd, std::span<std::uint8_t> into);

class File final : public Source {
public:
  File(UniqueFd fd, const FileStamp &stamp) : fd_(std::move(fd)), stamp_(stamp) {}

  std::uint64_t size() const override { return stamp_.size; }
  Read read(std::uint64_t offset, std::span<std::uint8_t> into) const override {
    return read_fully(fd_.get(), offset, into);
  }
  int fd() const { return fd_.get(); }
  const FileStamp &stamp() const { return stamp_; }
  /// True when size or times are not what they were when the file was opened.
  bool changed() const;

private:
  UniqueFd fd_;
  FileStamp stamp_;
};

} // namespace datavet
