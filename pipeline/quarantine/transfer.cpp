#include "pipeline/quarantine/transfer.h"

#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>

#include "pipeline/io/file_identity.h"
#include "pipeline/quarantine/file_attributes.h"

namespace datavet {
namespace {

StepResult fill_part(const Part &part, const SourceFile &source, const Content &content,
                     std::string &remark) {
  const CopiedContent copied = copy_content(source.file.get(), part.file());
  if (copied.write_error != 0) return target_trouble(copied.write_error, "cannot write the copy");
  if (copied.read_error != 0) return source_trouble(copied.read_error);
  if (copied.content != content) return {Step::changed, "changed while it was copied"};
  return copy_attributes(source.file.get(), source.status, part.file(), remark);
}

/// After the rename: was it the verified file that moved, or one that took its name meanwhile?
StepResult confirm_rename(const SourceFile &source, const Place &from, const Place &to) {
  const Attempt<struct stat> moved = status_of(to);
  if (!moved) return stopped("cannot examine the file after moving it", moved.error);
  if (moved.value.st_ino == source.status.st_ino && moved.value.st_dev == source.status.st_dev) return {};
  const int error = rename_to_free_name(to, from);
  if (error != 0)
    return stopped("another file took the name while it was moved, and could not be put back", error);
  return {Step::changed, "replaced while it was moved"};
}

StepResult rename_trouble(int error, const Place &to) {
  if (error == ENOENT) return {Step::vanished, "is gone"};
  if (is_permission(error) && folder_is_not_writable(to.folder.get()) == 0)
    return {Step::source_read_only, fmt::format("cannot be taken away: {}", words_for(error))};
  return target_trouble(error, "cannot move");
}

/// Removes a name that this run made and nobody needs.
StepResult take_back(const Place &place, StepResult why) {
  if (::unlinkat(place.folder.get(), place.name.c_str(), 0) != 0)
    return stopped("cannot remove the copy", errno);
  if (int error = sync_folder(place.folder.get()); error != 0) return stopped("cannot sync a folder", error);
  return why;
}

} // namespace

StepResult open_source(const Place &place, SourceFile &source) {
  Attempt<UniqueFd> opened = open_for_reading(place);
  if (!opened) return source_trouble(opened.error);
  source.file = std::move(opened.value);
  if (::fstat(source.file.get(), &source.status) != 0) return source_trouble(errno);
  if (!S_ISREG(source.status.st_mode)) return {Step::refused, "is no regular file"};
  return {};
}

StepResult move_file(const SourceFile &source, const Place &from, const Target &to, const Content &content) {
  const int error = rename_to_free_name(from, to.place);
  if (error == EXDEV) {
    StepResult copied = copy_file(source, to, content);
    if (!copied.is_done()) return copied;
    StepResult finished = finish_move(source.status, from, to.place);
    return finished.is_done() ? copied : finished;
  }
  if (error != 0) return rename_trouble(error, to.place);
  if (StepResult confirmed = confirm_rename(source, from, to.place); !confirmed.is_done()) return confirmed;
  // The new name first: should the power fail in between, the file has two names rather than none.
  if (int failed = sync_folder(to.place.folder.get()); failed != 0)
    return stopped("cannot sync a folder", failed);
  if (int failed = sync_folder(from.folder.get()); failed != 0)
    return stopped("cannot sync a folder", failed);
  return {};
}

StepResult remove_source(const struct stat &expected, const Place &from) {
  const Attempt<struct stat> now = status_of(from);
  if (!now) return now.error == ENOENT ? StepResult{} : stopped("cannot examine the file again", now.error);
  if (identity_of(now.value) != identity_of(expected)) return {Step::changed, "changed while it was copied"};
  if (::unlinkat(from.folder.get(), from.name.c_str(), 0) != 0) {
    if (!is_permission(errno)) return stopped("cannot remove the file after copying it", errno);
    return {Step::source_read_only, fmt::format("cannot be taken away: {}", words_for(errno))};
  }
  if (int error = sync_folder(from.folder.get()); error != 0) return stopped("cannot sync a folder", error);
  return {};
}

StepResult finish_move(const struct stat &expected, const Place &from, const Place &to) {
  StepResult removed = remove_source(expected, from);
  return removed.is_done() || removed.ends_run() ? removed : take_back(to, std::move(removed));
}

StepResult copy_file(const SourceFile &source, const Target &to, const Content &content) {
  Part part(to);
  if (StepResult created = part.create(); !created.is_done()) return created;
  std::string remark;
  StepResult filled = fill_part(part, source, content, remark);
  if (!filled.is_done()) return part.discard(std::move(filled));
  StepResult published = part.publish(content);
  if (!published.is_done()) return part.discard(std::move(published));
  return {Step::done, std::move(remark)};
}

StepResult link_file(const SourceFile &source, const Place &from, const Place &to) {
  if (::linkat(from.folder.get(), from.name.c_str(), to.folder.get(), to.name.c_str(), 0) != 0) {
    if (errno == EXDEV || errno == EPERM || errno == EOPNOTSUPP)
      return {Step::stopped,
              fmt::format("a hard link is not possible ({}): use the mode copy", words_for(errno))};
    return errno == ENOENT ? source_trouble(ENOENT) : target_trouble(errno, "cannot link");
  }
  const Attempt<struct stat> linked = status_of(to);
  if (!linked) return stopped("cannot examine the link", linked.error);
  if (linked.value.st_ino != source.status.st_ino)
    return take_back(to, {Step::changed, "replaced while it was linked"});
  if (int error = sync_folder(to.folder.get()); error != 0) return stopped("cannot sync a folder", error);
  return {};
}

} // namespace datavet
