/// XXH3-64 of what is read, in blocks.
#pragma once

#include <cstdint>

#include "formats/bytes/bytes.h"
#include "pipeline/quarantine/attempt.h"

struct XXH3_state_s;

namespace datavet {

class ContentHash {
public:
  ContentHash();
  ~ContentHash();
  ContentHash(const ContentHash &) = delete;
  ContentHash &operator=(const ContentHash &) = delete;

  void add(Bytes bytes);
  std::uint64_t value() const;

private:
  XXH3_state_s *state_;
};

/// What a file holds: enough to know the bytes again.
struct Content {
  std::uint64_t size = 0;
  std::uint64_t hash = 0;
  bool operator==(const Content &) const = default;
};

/// Reads the file from start to end.
Attempt<Content> content_of(int file);

/// The same, and writes what it reads to `into`. `error` is that of the read; `write_error` that of the
/// write.
struct CopiedContent {
  Content content;
  int read_error = 0;
  int write_error = 0;
};
CopiedContent copy_content(int file, int into);

/// write(2) until all is written; the errno of what went wrong, 0 = nothing.
int write_all(int file, Bytes bytes);

} // namespace datavet
