/// A dataset and a quarantine directory beside it, for tests to spoil.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include <grp.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipeline/quarantine/content_hash.h"
#include "pipeline/quarantine/quarantine.h"

namespace datavet::test {

inline std::string read_file(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
inline void write_file(const std::string &path, const std::string &content) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << content;
}
inline struct stat lstat_of(const std::string &path) {
  struct stat status {};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
  return status;
}
inline bool exists(const std::string &path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}
inline std::uint64_t hash_of(const std::string &content) {
  ContentHash hash;
  hash.add(Bytes(reinterpret_cast<const std::uint8_t *>(content.data()), content.size()));
  return hash.value();
}

class Dataset : public ::testing::Test {
protected:
  Dataset() {
    std::string pattern = (std::filesystem::temp_directory_path() / "datavet-quarantine-XXXXXX").string();
    base_ = ::mkdtemp(pattern.data());
    root = base_ + "/data";
    directory = base_ + "/quarantine";
    std::filesystem::create_directory(root);
  }
  ~Dataset() override {
    std::error_code ignored;
    std::filesystem::remove_all(base_, ignored);
  }

  std::string base() const { return base_; }
  std::string in_data(const std::string &path) const { return root + "/" + path; }
  std::string in_files(const std::string &path) const { return directory + "/files/" + path; }

  void add(const std::string &path, const std::string &content = "bytes of a sample") {
    write_file(in_data(path), content);
  }
  /// As a scan sees it now.
  QuarantineItem item(const std::string &path) const {
    QuarantineItem item;
    item.path = path;
    item.identity = identity_of(lstat_of(in_data(path)));
    item.reason = "png.chunk.crc";
    return item;
  }
  QuarantineItem added(const std::string &path, const std::string &content = "bytes of a sample") {
    add(path, content);
    return item(path);
  }

  QuarantineOptions options(QuarantineMode mode = QuarantineMode::move) const {
    QuarantineOptions options;
    options.root = root;
    options.directory = directory;
    options.mode = mode;
    return options;
  }
  QuarantineOutcome run(const std::vector<QuarantineItem> &items,
                        QuarantineMode mode = QuarantineMode::move) const {
    return run(items, options(mode));
  }
  static QuarantineOutcome run(const std::vector<QuarantineItem> &items, const QuarantineOptions &options) {
    Result<QuarantineOutcome> outcome = quarantine(items, options);
    EXPECT_TRUE(outcome) << (outcome ? "" : outcome.error().message);
    return outcome ? *outcome : QuarantineOutcome{};
  }
  /// The message of the error that the call must end with.
  static std::string error_of(const std::vector<QuarantineItem> &items, const QuarantineOptions &options,
                              Error::Kind kind = Error::Kind::usage) {
    Result<QuarantineOutcome> outcome = quarantine(items, options);
    EXPECT_FALSE(outcome);
    if (outcome) return {};
    EXPECT_EQ(outcome.error().kind, kind) << outcome.error().message;
    return outcome.error().message;
  }
  RestoreOutcome put_back(std::vector<std::string> only = {}) const {
    RestoreOptions options;
    options.directory = directory;
    options.only = std::move(only);
    Result<RestoreOutcome> outcome = restore(options);
    EXPECT_TRUE(outcome) << (outcome ? "" : outcome.error().message);
    return outcome ? *outcome : RestoreOutcome{};
  }

  /// Everything below `folder`, but for the journal's content: path, type, bytes and mtime.
  static std::vector<std::string> listing(const std::string &folder) {
    std::vector<std::string> lines;
    if (!exists(folder)) return lines;
    for (const auto &entry : std::filesystem::recursive_directory_iterator(folder)) {
      const struct stat status = lstat_of(entry.path().string());
      std::string line = entry.path().string() + " " + std::to_string(status.st_mode);
      if (S_ISREG(status.st_mode))
        line += " " + std::to_string(identity_of(status).mtime_ns) + " " + read_file(entry.path().string());
      lines.push_back(std::move(line));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }

  std::string root, directory;

private:
  std::string base_;
};

inline std::string notes(const QuarantineNotes &problems) {
  std::string text;
  for (const QuarantineNote &note : problems.list) text += note.path + ": " + note.reason + "\n";
  return text;
}

constexpr int could_not_set_up = 77;

/// Runs `test` in a child process and takes over its failures. Skips when the child cannot be set up.
inline void in_child(const std::function<bool()> &set_up, const std::function<void()> &test) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (!set_up()) ::_exit(could_not_set_up);
    test();
    ::_exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == could_not_set_up)
    GTEST_SKIP() << "not possible in this environment";
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "failed in the child process, see above";
}

/// File permissions do not bind root: root becomes nobody, who then owns everything below `folder`.
inline void as_plain_user(const std::string &folder, const std::function<void()> &test) {
  constexpr unsigned nobody = 65534;
  const bool is_root = ::geteuid() == 0;
  if (is_root) {
    ASSERT_EQ(::chown(folder.c_str(), nobody, nobody), 0);
    for (const auto &entry : std::filesystem::recursive_directory_iterator(folder))
      ASSERT_EQ(::lchown(entry.path().c_str(), nobody, nobody), 0);
  }
  in_child(
      [&] {
        return !is_root || (::setgroups(0, nullptr) == 0 && ::setresgid(nobody, nobody, nobody) == 0 &&
                            ::setresuid(nobody, nobody, nobody) == 0);
      },
      test);
}

/// Who is not root may mount in a user namespace, where user and group must be known by name first.
inline bool enter_mount_namespace() {
  const unsigned user = ::geteuid(), group = ::getegid();
  if (::unshare(user == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0) return false;
  if (user != 0) {
    std::ofstream("/proc/self/setgroups") << "deny";
    std::ofstream("/proc/self/uid_map") << user << " " << user << " 1";
    std::ofstream("/proc/self/gid_map") << group << " " << group << " 1";
  }
  return ::geteuid() == user && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

/// In a mount namespace of its own, with `mounts` done.
inline void with_mounts(const std::function<bool()> &mounts, const std::function<void()> &test) {
  in_child([&] { return enter_mount_namespace() && mounts(); }, test);
}

} // namespace datavet::test
