#include "pipeline/quarantine/content_hash.h"

#include <cerrno>
#include <new>
#include <vector>

#include <unistd.h>
#include <xxhash.h>

namespace datavet {
namespace {

constexpr std::size_t block_size = std::size_t{1} << 20;

/// Hands the file to `use` block by block, until the end or until `use` gives an errno.
template <class Use> Attempt<Content> read_through(int file, Use use) {
  std::vector<std::uint8_t> block(block_size);
  ContentHash hash;
  Attempt<Content> read;
  for (;;) {
    const ssize_t count = ::pread(file, block.data(), block.size(), static_cast<off_t>(read.value.size));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return {read.value, errno};
    if (count == 0) break;
    const Bytes bytes(block.data(), static_cast<std::size_t>(count));
    hash.add(bytes);
    read.value.size += bytes.size();
    if (!use(bytes)) break;
  }
  read.value.hash = hash.value();
  return read;
}

} // namespace

ContentHash::ContentHash() : state_(XXH3_createState()) {
  if (state_ == nullptr) throw std::bad_alloc();
  XXH3_64bits_reset(state_);
}
ContentHash::~ContentHash() { XXH3_freeState(state_); }
void ContentHash::add(Bytes bytes) { XXH3_64bits_update(state_, bytes.data(), bytes.size()); }
std::uint64_t ContentHash::value() const { return XXH3_64bits_digest(state_); }

Attempt<Content> content_of(int file) {
  return read_through(file, [](Bytes) { return true; });
}

CopiedContent copy_content(int file, int into) {
  CopiedContent copied;
  Attempt<Content> read = read_through(file, [&](Bytes bytes) {
    copied.write_error = write_all(into, bytes);
    return copied.write_error == 0;
  });
  copied.content = read.value;
  copied.read_error = read.error;
  return copied;
}

int write_all(int file, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return 0;
}

} // namespace datavet
