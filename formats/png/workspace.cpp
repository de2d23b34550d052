#include "formats/png/workspace.h"

#include <new>

namespace datavet::png {

Workspace::~Workspace() {
  if (inflater_ready_) inflateEnd(&inflater_);
}

libdeflate_decompressor *Workspace::deflate() {
  if (!deflate_) deflate_.reset(libdeflate_alloc_decompressor());
  if (!deflate_) throw std::bad_alloc();
  return deflate_.get();
}

z_stream &Workspace::inflater(int window_bits) {
  inflater_.next_in = nullptr;
  inflater_.avail_in = 0;
  const int result =
      inflater_ready_ ? inflateReset2(&inflater_, window_bits) : inflateInit2(&inflater_, window_bits);
  if (result != Z_OK) throw std::bad_alloc();
  inflater_ready_ = true;
  return inflater_;
}

Workspace &workspace() {
  static thread_local Workspace own;
  return own;
}

} // namespace datavet::png
