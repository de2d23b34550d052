/// Places beneath a folder. A name is resolved once, to the descriptor of its folder; everything after
/// that uses *at() calls, so that no rename or symbolic link planted meanwhile can lead elsewhere.
#pragma once

#include <string>
#include <string_view>

#include <sys/stat.h>

#include "pipeline/io/unique_fd.h"
#include "pipeline/quarantine/attempt.h"

namespace datavet {

/// A last component, and its open folder.
struct Place {
  UniqueFd folder;
  std::string name;
};

/// Relative, not empty, no NUL, no empty, "." or ".." component.
bool is_path_beneath(std::string_view path);

/// What is_path_beneath() holds. The folders on the way must exist and be no symbolic links
/// (ELOOP, or ENOTDIR for the last one); EXDEV = the path leaves `base`.
Attempt<Place> find_place(int base, const std::string &path);
/// The same; folders that are missing are made with `mode`.
Attempt<Place> make_place(int base, const std::string &path, mode_t mode);

/// Opens what `place` names for reading. It is no symbolic link (ELOOP); a FIFO does not block.
Attempt<UniqueFd> open_for_reading(const Place &place);
/// lstat of what `place` names.
Attempt<struct stat> status_of(const Place &place);
/// Makes the entries of a folder durable. File systems that cannot (EINVAL, ENOTSUP) pass.
int sync_folder(int folder);
/// errno of a test for write permission on a folder: EROFS, EACCES, 0...
int folder_is_not_writable(int folder);

/// In words: "no such file or directory".
std::string words_for(int error);

} // namespace datavet
