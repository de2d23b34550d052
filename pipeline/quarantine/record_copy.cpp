#include "pipeline/quarantine/record_copy.h"

#include <algorithm>
#include <cerrno>

#include <unistd.h>

namespace datavet {
namespace {

constexpr std::size_t block_size = std::size_t{256} << 10;

Attempt<Bytes> read_at(int file, std::uint64_t offset, std::vector<std::uint8_t> &block, std::uint64_t most) {
  block.resize(block_size);
  const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(most, block_size));
  ssize_t count;
  do count = ::pread(file, block.data(), wanted, static_cast<off_t>(offset));
  while (count < 0 && errno == EINTR);
  if (count < 0) return {{}, errno};
  return {Bytes(block.data(), static_cast<std::size_t>(count)), 0};
}

} // namespace

Wrapping wrapping_named(std::string_view name) {
  for (Wrapping wrapping : {Wrapping::gzip, Wrapping::zlib})
    if (name == name_of(wrapping)) return wrapping;
  return Wrapping::none;
}

StepResult ShardReader::open(int root, const std::string &path, const FileIdentity &identity,
                             Wrapping wrapping) {
  if (source_.file && path == path_ && identity == identity_ && wrapping == wrapping_) return {};
  source_ = SourceFile{};
  const Attempt<Place> place = find_place(root, path);
  if (!place) return source_trouble(place.error);
  if (StepResult opened = open_source(place.value, source_); !opened.is_done()) return opened;
  if (identity_of(source_.status) != identity) {
    source_ = SourceFile{};
    return {Step::changed, "the shard is not what was scanned any more"};
  }
  path_ = path;
  identity_ = identity;
  wrapping_ = wrapping;
  rewind();
  return {};
}

void ShardReader::rewind() {
  stream_.reset();
  if (wrapping_ != Wrapping::none) stream_.emplace(wrapping_);
  position_ = file_offset_ = 0;
  compressed_.clear();
  unused_ = {};
  file_ended_ = false;
}

int ShardReader::refill() {
  // What the stream has not used up comes again, before the new bytes.
  compressed_.erase(compressed_.begin(), compressed_.end() - static_cast<std::ptrdiff_t>(unused_.size()));
  const Attempt<Bytes> read = read_at(source_.file.get(), file_offset_, fresh_, block_size);
  if (!read) return read.error;
  compressed_.insert(compressed_.end(), read.value.begin(), read.value.end());
  unused_ = compressed_;
  file_offset_ += read.value.size();
  file_ended_ = read.value.empty();
  return 0;
}

Attempt<Bytes> ShardReader::inflate_next(std::uint64_t most) {
  plain_.resize(block_size);
  const std::span<std::uint8_t> room(plain_.data(),
                                     static_cast<std::size_t>(std::min<std::uint64_t>(most, block_size)));
  while (stream_->outcome() == InflateStream::Outcome::running) {
    const InflateStream::Step step =
        stream_->feed(unused_, file_ended_ ? More::nothing_follows : More::may_follow, room);
    unused_ = unused_.subspan(static_cast<std::size_t>(step.consumed));
    if (step.produced > 0) return {room.first(static_cast<std::size_t>(step.produced)), 0};
    if (step.consumed > 0) continue;
    if (file_ended_) break;
    if (int error = refill(); error != 0) return {{}, error};
  }
  return {};
}

Attempt<Bytes> ShardReader::next(std::uint64_t most) {
  Attempt<Bytes> read =
      wrapping_ == Wrapping::none ? read_at(source_.file.get(), position_, plain_, most) : inflate_next(most);
  position_ += read.value.size();
  return read;
}

int ShardReader::seek(std::uint64_t offset) {
  if (wrapping_ == Wrapping::none) position_ = offset;
  if (offset < position_) rewind();
  while (position_ < offset) {
    const Attempt<Bytes> skipped = next(offset - position_);
    if (!skipped) return skipped.error;
    if (skipped.value.empty()) return 0;
  }
  return 0;
}

ShardReader::Read ShardReader::read(std::uint64_t offset, std::uint64_t size, int into) {
  return read(offset, size, [into](Bytes bytes) -> StepResult {
    const int error = into < 0 ? 0 : write_all(into, bytes);
    return error == 0 ? StepResult{} : target_trouble(error, "cannot write the copy");
  });
}

ShardReader::Read ShardReader::read(std::uint64_t offset, std::uint64_t size, const Use &use) {
  Read read;
  ContentHash hash;
  if (offset > static_cast<std::uint64_t>(INT64_MAX) || size > static_cast<std::uint64_t>(INT64_MAX) - offset)
    return {{}, {Step::refused, "lies behind the end of any file"}};
  if (int error = seek(offset); error != 0) return {{}, source_trouble(error)};
  while (position_ == offset + read.content.size && read.content.size < size) {
    const Attempt<Bytes> block = next(size - read.content.size);
    if (!block) return {{}, source_trouble(block.error)};
    if (block.value.empty()) break;
    hash.add(block.value);
    read.content.size += block.value.size();
    if (StepResult used = use(block.value); !used.is_done()) return {{}, std::move(used)};
  }
  read.content.hash = hash.value();
  struct stat now {};
  if (::fstat(source_.file.get(), &now) != 0) return {{}, source_trouble(errno)};
  if (identity_of(now) != identity_) return {{}, {Step::changed, "the shard changed while it was read"}};
  if (read.content.size == 0) read.problem = {Step::refused, "lies behind the end of its shard"};
  return read;
}

StepResult copy_record(ShardReader &shard, std::uint64_t offset, std::uint64_t size, const Target &to,
                       const Content &content) {
  Part part(to);
  if (StepResult created = part.create(); !created.is_done()) return created;
  ShardReader::Read copied = shard.read(offset, size, part.file());
  if (!copied.problem.is_done()) return part.discard(std::move(copied.problem));
  if (copied.content != content) return part.discard({Step::changed, "the shard changed while it was read"});
  StepResult published = part.publish(content);
  return published.is_done() ? published : part.discard(std::move(published));
}

} // namespace datavet
