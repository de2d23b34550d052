/// A value or an error, with the member names of std::expected (which g++ 12 has in C++23 mode only).
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace datavet {

/// Why a call could not do its work, in words for the user. Never used for corrupt data: that is a Finding.
struct Error {
  enum class Kind : unsigned char {
    usage,      ///< the caller asked for something impossible; nothing was done
    incomplete, ///< the work started and could not be finished
    bug,        ///< datavet contradicts itself
  };
  Kind kind = Kind::usage;
  std::string message; ///< what happened, and the mend
};

template <class T> class [[nodiscard]] Result {
public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}   // NOLINT: implicit by design
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {} // NOLINT

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T &value() { assert(has_value()); return std::get<0>(state_); }
  const T &value() const { assert(has_value()); return std::get<0>(state_); }
  T &operator*() { return value(); }
  const T &operator*() const { return value(); }
  T *operator->() { return &value(); }
  const T *operator->() const { return &value(); }
  const Error &error() const { assert(!has_value()); return std::get<1>(state_); }

private:
  std::variant<T, Error> state_;
};

template <> class [[nodiscard]] Result<void> {
public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {} // NOLINT: implicit by design

  bool has_value() const { return !failed_; }
  explicit operator bool() const { return !failed_; }
  const Error &error() const { assert(failed_); return error_; }

private:
  Error error_;
  bool failed_ = false;
};

} // namespace datavet
