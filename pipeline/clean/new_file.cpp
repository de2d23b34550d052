#include "pipeline/clean/new_file.h"

#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>

#include "pipeline/report/escape.h"

namespace datavet {

namespace {

/// Less what the user's umask takes away: the folders of a dataset are for its readers.
constexpr mode_t folder_mode = 0777;

} // namespace

NewFile::NewFile(int base, std::string path, std::string_view kind) : base_(base), path_(std::move(path)) {
  target_.part_name =
      fmt::format(".datavet-clean-{}.part", kind); // hidden: no scan and no loader looks at it
}

NewFile::~NewFile() {
  if (part_) static_cast<void>(discard({}));
}

StepResult NewFile::create(mode_t mode, Wrapping wrapping) {
  mode_ = mode & 0777;
  Attempt<Place> place = make_place(base_, path_, folder_mode);
  if (!place) return target_trouble(place.error, "cannot make its folder in the target");
  target_.place = std::move(place.value);
  if (::unlinkat(target_.place.folder.get(), target_.part_name.c_str(), 0) != 0 && errno != ENOENT)
    return target_trouble(errno, "cannot remove a temporary file that was left");
  part_.emplace(target_);
  if (StepResult created = part_->create(); !created.is_done()) {
    part_.reset();
    return created;
  }
  writer_.emplace(part_->file(), wrapping);
  return {};
}

StepResult NewFile::write(Bytes plain) {
  const int error = writer_->write(plain);
  return error == 0 ? StepResult{} : target_trouble(error, "cannot write");
}

StepResult NewFile::write(std::string_view text) {
  return write(Bytes(reinterpret_cast<const std::uint8_t *>(text.data()), text.size()));
}

StepResult NewFile::finish() {
  if (int error = writer_->finish(); error != 0) return target_trouble(error, "cannot write");
  return set_mode();
}

Attempt<UniqueFd> NewFile::open_again() const {
  UniqueFd file(::openat(target_.place.folder.get(), target_.part_name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  return file ? Attempt<UniqueFd>{std::move(file), 0} : Attempt<UniqueFd>{{}, errno};
}

StepResult NewFile::finish_written() {
  const Attempt<Content> content = content_of(file());
  if (!content) return stopped("cannot read back what was written", content.error);
  stored_ = content.value;
  return set_mode();
}

StepResult NewFile::set_mode() const {
  // A file system that keeps no modes takes nothing away: the temporary file was made for its owner only.
  if (::fchmod(part_->file(), mode_) != 0 && !is_permission(errno))
    return target_trouble(errno, "cannot set the mode");
  return {};
}

StepResult NewFile::compare_with_existing() const {
  const Attempt<UniqueFd> existing = open_for_reading(target_.place);
  const std::string name = for_terminal(path_);
  const StepResult taken{Step::refused,
                         fmt::format("{} exists in the target and holds something else: it is never "
                                     "overwritten; remove it, or name another folder",
                                     name)};
  if (!existing) return taken;
  struct stat status {};
  if (::fstat(existing.value.get(), &status) != 0) return target_trouble(errno, "cannot examine " + name);
  const Content ours = stored();
  if (!S_ISREG(status.st_mode) || static_cast<std::uint64_t>(status.st_size) != ours.size) return taken;
  const Attempt<Content> theirs = content_of(existing.value.get());
  if (!theirs) return target_trouble(theirs.error, "cannot read " + name);
  return theirs.value == ours ? StepResult{Step::already_done, {}} : taken;
}

StepResult NewFile::publish() {
  const Attempt<struct stat> existing = status_of(target_.place);
  if (existing || existing.error != ENOENT)
    return discard(existing ? compare_with_existing()
                            : target_trouble(existing.error, "its place in the target"));
  StepResult published = part_->publish(stored());
  if (!published.is_done()) return discard(std::move(published));
  part_.reset();
  return published;
}

StepResult NewFile::discard(StepResult why) {
  if (!part_) return why;
  StepResult discarded = part_->discard(std::move(why));
  part_.reset();
  return discarded;
}

} // namespace datavet
