/// Takes one file from one place to another so that at each moment its bytes exist, whole, at one of them.
/// No name is ever overwritten. A kill at any point leaves what recovery.cpp can tell apart.
#pragma once

#include <sys/stat.h>

#include "pipeline/quarantine/content_hash.h"
#include "pipeline/quarantine/part.h"
#include "pipeline/quarantine/step.h"

namespace datavet {

struct SourceFile {
  UniqueFd file;
  struct stat status {};
};

/// Opens a regular file, never through a symbolic link; does not block on a FIFO.
StepResult open_source(const Place &place, SourceFile &source);

/// Renames; across file systems copies, verifies and unlinks. `content` is what the source must hold.
StepResult move_file(const SourceFile &source, const Place &from, const Target &to, const Content &content);
/// Copies with owner, mode, extended attributes and times, reads the copy back, and gives it its name.
StepResult copy_file(const SourceFile &source, const Target &to, const Content &content);
/// A second name for the same file.
StepResult link_file(const SourceFile &source, const Place &from, const Place &to);
/// Unlinks `from` if it still is the file `expected`; done as well when it is gone.
StepResult remove_source(const struct stat &expected, const Place &from);
/// The second half of a move by copy: `to` holds the bytes of `from`, which is unlinked if it still is the
/// file `expected`. When it may not be, the copy is removed again: the file exists once, as before.
StepResult finish_move(const struct stat &expected, const Place &from, const Place &to);

} // namespace datavet
