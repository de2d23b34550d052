#include "pipeline/quarantine/step.h"

#include <cerrno>

#include <fmt/format.h>

namespace datavet {

bool is_permission(int error) { return error == EROFS || error == EACCES || error == EPERM; }

StepResult source_trouble(int error) {
  switch (error) {
  case ENOENT: return {Step::vanished, "is gone"};
  case ELOOP:
  case ENOTDIR: return {Step::refused, "is, or lies behind, a symbolic link or something that is no folder"};
  case EXDEV: return {Step::refused, "the path leads out of the root"};
  case ENXIO:
  case ENODEV: return {Step::refused, "is no regular file"};
  default: return {Step::failed, fmt::format("cannot be read: {}", words_for(error))};
  }
}

StepResult target_trouble(int error, std::string_view what) {
  std::string reason = fmt::format("{}: {}", what, words_for(error));
  if (error == ENOSPC || error == EDQUOT) return {Step::full, std::move(reason)};
  if (is_permission(error)) return {Step::target_read_only, std::move(reason)};
  const bool about_the_name = error == EEXIST || error == ENOTDIR || error == EISDIR ||
                              error == ENAMETOOLONG || error == ELOOP || error == EFBIG || error == EMLINK ||
                              error == EINVAL;
  return {about_the_name ? Step::refused : Step::stopped, std::move(reason)};
}

StepResult stopped(std::string_view what, int error) {
  return {Step::stopped, fmt::format("{}: {}", what, words_for(error))};
}

} // namespace datavet
