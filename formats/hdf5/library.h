/// libhdf5 itself: how it is started, how its complaints are read, how its handles are closed.
#pragma once

#include <string>
#include <utility>

#include <hdf5.h>

namespace datavet::hdf5 {

/// Starts libhdf5 once: no plugins (they are code that a file chooses), no text on stderr, no work at exit.
void start_library();

/// "Unable to open object (bad symbol table node signature)": the call that failed, and the innermost
/// reason. To be asked before the next call: every call of libhdf5 forgets the errors of the one before.
std::string last_complaint();
/// The innermost reason alone.
std::string last_reason();

/// Owns an identifier of libhdf5; `close` is the function that gives it back.
template <herr_t (*close)(hid_t)> class Handle {
public:
  Handle() = default;
  explicit Handle(hid_t id) : id_(id) {}
  Handle(Handle &&other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)) {}
  Handle &operator=(Handle &&other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  ~Handle() {
    if (id_ >= 0) close(id_);
  }

  explicit operator bool() const { return id_ >= 0; }
  hid_t id() const { return id_; }

private:
  hid_t id_ = H5I_INVALID_HID;
};

using File = Handle<H5Fclose>;
using Object = Handle<H5Oclose>;
using Attribute = Handle<H5Aclose>;
using Type = Handle<H5Tclose>;
using Space = Handle<H5Sclose>;
using Properties = Handle<H5Pclose>;

} // namespace datavet::hdf5
