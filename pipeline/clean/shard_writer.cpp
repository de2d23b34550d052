#include "pipeline/clean/shard_writer.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

#include <zlib.h>

namespace datavet {

namespace {

constexpr std::size_t block_size = std::size_t{256} << 10;

// zlib.h, deflateInit2: "windowBits [...] Add 16 to windowBits to write a simple gzip header and trailer".
constexpr int largest_window = 15;
constexpr int gzip_instead = 16;
constexpr int usual_memory = 8; // "The default value is 8."

} // namespace

void ShardWriter::Closer::operator()(z_stream_s *stream) const {
  ::deflateEnd(stream);
  delete stream;
}

ShardWriter::ShardWriter(int file, Wrapping wrapping) : file_(file), block_(block_size) {
  if (wrapping == Wrapping::none) return;
  auto stream = std::make_unique<z_stream>();
  const int window = largest_window + (wrapping == Wrapping::gzip ? gzip_instead : 0);
  if (::deflateInit2(stream.get(), Z_DEFAULT_COMPRESSION, Z_DEFLATED, window, usual_memory,
                     Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc(); // the only way it can fail with these arguments
  stream_.reset(stream.release());
}

ShardWriter::~ShardWriter() = default;

int ShardWriter::write(Bytes plain) {
  plain_hash_.add(plain);
  plain_size_ += plain.size();
  return stream_ == nullptr ? write_plain(plain) : deflate_all(plain, Z_NO_FLUSH);
}

int ShardWriter::finish() {
  if (stream_ != nullptr)
    if (int error = deflate_all({}, Z_FINISH); error != 0) return error;
  return flush();
}

int ShardWriter::write_plain(Bytes bytes) {
  while (!bytes.empty()) {
    if (filled_ == block_.size())
      if (int error = flush(); error != 0) return error;
    const std::size_t count = std::min(bytes.size(), block_.size() - filled_);
    std::memcpy(block_.data() + filled_, bytes.data(), count);
    filled_ += count;
    bytes = bytes.subspan(count);
  }
  return 0;
}

int ShardWriter::deflate_all(Bytes bytes, int flush_mode) {
  for (;;) {
    // zlib counts in 32 bits.
    const std::size_t count = std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max());
    stream_->next_in = const_cast<Bytef *>(bytes.data()); // an old interface: it does not write there
    stream_->avail_in = static_cast<uInt>(count);
    stream_->next_out = block_.data() + filled_;
    stream_->avail_out = static_cast<uInt>(block_.size() - filled_);
    const int answer = ::deflate(stream_.get(), flush_mode);
    filled_ = block_.size() - stream_->avail_out;
    bytes = bytes.subspan(count - stream_->avail_in);
    if (answer == Z_STREAM_END) return 0;
    const bool used_up = bytes.empty() && stream_->avail_out > 0;
    if (used_up && flush_mode == Z_NO_FLUSH) return 0;
    if (filled_ == block_.size())
      if (int error = flush(); error != 0) return error;
  }
}

int ShardWriter::flush() {
  const Bytes bytes = Bytes(block_).first(filled_);
  if (int error = write_all(file_, bytes); error != 0) return error;
  stored_hash_.add(bytes);
  stored_size_ += bytes.size();
  filled_ = 0;
  return 0;
}

} // namespace datavet
