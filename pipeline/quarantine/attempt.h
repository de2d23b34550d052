/// What a system call gave: a value, or the errno that says why not.
#pragma once

namespace datavet {

template <class T> struct Attempt {
  T value{};
  int error = 0;
  explicit operator bool() const { return error == 0; }
};

} // namespace datavet
