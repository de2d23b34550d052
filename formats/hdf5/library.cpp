#include "formats/hdf5/library.h"

#include <fmt/format.h>

namespace datavet::hdf5 {

namespace {

struct Complaint {
  std::string innermost, outermost;
};

herr_t remember(unsigned n, const H5E_error2_t *error, void *data) {
  Complaint &complaint = *static_cast<Complaint *>(data);
  const std::string text = error->desc != nullptr ? error->desc : "";
  if (n == 0) complaint.innermost = text;
  complaint.outermost = text;
  return 0;
}

Complaint complaint_now() {
  Complaint complaint;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, remember, &complaint);
  return complaint;
}

} // namespace

void start_library() {
  static const bool started = [] {
    H5dont_atexit();
    H5open();
    H5PLset_loading_state(0);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    return true;
  }();
  static_cast<void>(started);
}

std::string last_reason() { return complaint_now().innermost; }

std::string last_complaint() {
  const Complaint complaint = complaint_now();
  if (complaint.innermost.empty()) return "libhdf5 gives no reason";
  if (complaint.innermost == complaint.outermost) return complaint.innermost;
  return fmt::format("{} ({})", complaint.outermost, complaint.innermost);
}

} // namespace datavet::hdf5
