/// A file beneath the target folder: written under a temporary name, and named when it is whole.
#pragma once

#include <optional>
#include <string>

#include <sys/stat.h>

#include "pipeline/clean/shard_writer.h"
#include "pipeline/quarantine/part.h"

namespace datavet {

/// Goes away with its temporary file unless it was published. The temporary names are fixed: the caller has
/// locked the target folder, and what stands under one of them was left by a run that was killed.
class NewFile {
public:
  /// `path` is relative to the folder `base`; `kind` tells apart what is written at the same time in one
  /// folder.
  NewFile(int base, std::string path, std::string_view kind);
  ~NewFile();
  NewFile(const NewFile &) = delete;
  NewFile &operator=(const NewFile &) = delete;

  /// Makes the folders above it and the temporary file, which will have the permission bits of `mode`.
  StepResult create(mode_t mode, Wrapping wrapping);
  StepResult write(Bytes plain);
  StepResult write(std::string_view text);
  /// Nothing is to be written any more.
  StepResult finish();
  /// The same for a file that was written by others, through file(): not by write(). What it holds now is what it
  /// shall hold.
  StepResult finish_written();
  /// Gives it its name when it is durable and reads back as it was written. already_done: a file of this name
  /// holds the very same bytes. refused: one that holds others; it stays as it is.
  StepResult publish();
  /// Removes the temporary file after the failure `why`.
  StepResult discard(StepResult why);

  const std::string &path() const { return path_; }
  int file() const { return part_->file(); }
  /// The temporary file, open for reading only.
  Attempt<UniqueFd> open_again() const;
  Content plain() const { return writer_->plain(); }

private:
  StepResult compare_with_existing() const;
  StepResult set_mode() const;
  Content stored() const { return stored_ ? *stored_ : writer_->stored(); }

  int base_;
  std::string path_;
  Target target_;
  mode_t mode_ = 0;
  std::optional<Part> part_; ///< set while the temporary file is there
  std::optional<ShardWriter> writer_;
  std::optional<Content> stored_; ///< set by finish_written()
};

} // namespace datavet
