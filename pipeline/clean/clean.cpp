#include "pipeline/clean/clean.h"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "pipeline/quarantine/place.h"
#include "pipeline/quarantine/safety_stop.h"
#include "pipeline/report/escape.h"

namespace datavet {

namespace {

constexpr mode_t folder_mode = 0777; // less the umask: for the readers of the dataset

Error unusable(const std::string &directory, std::string_view why) {
  return {Error::Kind::usage, fmt::format("the folder {}: {}", for_terminal(directory), why)};
}

/// Opens the target if it exists, and refuses it where it cannot be one.
Result<UniqueFd> look_at_target(const std::string &directory, const std::string &root) {
  Result<QuarantineFolder> folder = open_quarantine_folder(directory, root, WhenMissing::pretend);
  if (!folder) return folder.error();
  if (!folder->path_in_root.empty())
    return unusable(directory,
                    "lies in the dataset, where loaders would meet each record twice: name one outside");
  if (folder->folder && is_quarantine_directory(folder->folder.get()))
    return unusable(directory, "is a quarantine: name another");
  return std::move(folder->folder);
}

/// One process at a time: temporary names are fixed. A network file system locks only what is open for
/// writing, which a folder cannot be: there a hidden file takes its place, and stays.
Result<UniqueFd> lock(const std::string &directory, UniqueFd folder, UniqueFd &lock_file) {
  int answer = ::flock(folder.get(), LOCK_EX | LOCK_NB);
  if (answer != 0 && errno != EWOULDBLOCK) {
    lock_file = UniqueFd(
        ::openat(folder.get(), ".datavet-clean.lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    answer = lock_file ? ::flock(lock_file.get(), LOCK_EX | LOCK_NB) : -1;
  }
  if (answer == 0) return folder;
  if (errno == EWOULDBLOCK)
    return unusable(directory, "another datavet works in it: wait for it, or name another");
  return unusable(directory, fmt::format("cannot be locked ({}): name another", words_for(errno)));
}

Result<UniqueFd> open_target(const CleanOptions &options, const std::string &root, UniqueFd &lock_file) {
  Result<UniqueFd> folder = look_at_target(options.directory, root);
  if (!folder || options.dry_run) return folder;
  if (!*folder) {
    if (::mkdir(options.directory.c_str(), folder_mode) != 0 && errno != EEXIST)
      return unusable(options.directory, fmt::format("cannot be made: {}", words_for(errno)));
    folder = look_at_target(options.directory, root);
    if (!folder) return folder;
    if (!*folder) return unusable(options.directory, "is gone again");
  }
  return lock(options.directory, std::move(*folder), lock_file);
}

/// The folder above may be one that this user may not open; then its entry is as durable as the system makes
/// it.
Result<void> sync_above(const CleanOptions &options) {
  const UniqueFd above(
      ::openat(AT_FDCWD, (options.directory + "/..").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!above) return {};
  if (int error = sync_folder(above.get()); error != 0)
    return Error{Error::Kind::incomplete,
                 fmt::format("cannot sync the folder above the target: {}", words_for(error))};
  return {};
}

template <class Item> std::vector<const Item *> by_path(std::span<const Item> items) {
  std::vector<const Item *> ordered;
  for (const Item &item : items) ordered.push_back(&item);
  std::stable_sort(ordered.begin(), ordered.end(), [](const Item *a, const Item *b) { return a->path < b->path; });
  return ordered;
}

class CleanRun {
public:
  CleanRun(const CleanOptions &options, const CleanFolders &folders) : options_(options), folders_(folders) {}

  Result<CleanOutcome> run(std::span<const ShardToClean> shards, std::span<const FileToClean> files) {
    items_ = shards.size() + files.size();
    for (const ShardToClean *shard : by_path(shards)) {
      CleanedShard cleaned;
      const StepResult result = clean_shard(folders_, *shard, options_.index, options_.dry_run, cleaned);
      if (ends_run(result)) return stop_at(shard->path, result);
      if (!count(shard->path, result)) continue;
      if (result.is_done()) ++(cleaned.good == 0 ? outcome_.without_good : outcome_.written);
      tell(*shard, cleaned);
    }
    const CleanFileOptions file_options{options_.index, options_.dry_run, options_.force, options_.cutter};
    for (const FileToClean *file : by_path(files)) {
      CleanedFile cleaned;
      const StepResult result = clean_file(folders_, *file, file_options, cleaned);
      if (ends_run(result)) return stop_at(file->path, result);
      if (!count(file->path, result)) continue;
      if (result.is_done()) ++(cleaned.without_good ? outcome_.without_good : outcome_.written_files);
      tell(*file, cleaned);
    }
    return std::move(outcome_);
  }

private:
  static bool ends_run(const StepResult &result) { return result.ends_run() || result.step == Step::target_read_only; }

  /// True when it stands in the target now.
  bool count(const std::string &path, const StepResult &result) {
    switch (result.step) {
    case Step::done: return true;
    case Step::already_done: ++outcome_.already_done; return true;
    case Step::changed: ++outcome_.changed_since_scan; break;
    case Step::vanished: ++outcome_.vanished; break;
    case Step::refused: ++outcome_.refused; break;
    default: ++outcome_.failed; break;
    }
    outcome_.problems.add(path, result.reason);
    return false;
  }

  void tell(const ShardToClean &shard, const CleanedShard &cleaned) {
    outcome_.good_records += cleaned.good;
    outcome_.bad_records += cleaned.bad;
    std::string words = fmt::format("{} of {} records are good", cleaned.good, cleaned.good + cleaned.bad);
    if (cleaned.good == 0) words = "has no good record: no clean shard is written";
    if (cleaned.stream_is_bad) words += "; its compressed stream is bad, what is written is whole";
    if (cleaned.no_index) words += "; compressed, so without an index";
    outcome_.shards.add(shard.path, std::move(words));
  }

  void tell(const FileToClean &file, const CleanedFile &cleaned) {
    outcome_.good_rows += cleaned.good;
    outcome_.bad_rows += cleaned.bad;
    std::string words = fmt::format("{} of {} rows are good, {} {} cut", cleaned.good, cleaned.good + cleaned.bad,
                                    cleaned.datasets, cleaned.datasets == 1 ? "dataset is" : "datasets are");
    if (cleaned.without_good) words = "a dataset has no good row: no clean file is written";
    if (cleaned.elsewhere > 0)
      words += fmt::format("; {} of as many rows in other groups {} all of them", cleaned.elsewhere,
                           cleaned.elsewhere == 1 ? "keeps" : "keep");
    if (cleaned.stored_plain > 0)
      words += fmt::format("; {} with chunks that lose their compression", cleaned.stored_plain);
    if (options_.index == RangeIndex::of_clean) words += "; HDF5, so without an index";
    outcome_.shards.add(file.path, std::move(words));
  }

  Result<CleanOutcome> stop_at(const std::string &path, const StepResult &why) const {
    return Error{
        Error::Kind::incomplete,
        fmt::format(
            "clean stopped at {}: {}. {} of {} {} written, no original was touched: mend that, "
            "and run the same command again",
            for_terminal(path), for_terminal(why.reason),
            outcome_.written + outcome_.written_files + outcome_.without_good + outcome_.already_done, items_,
            outcome_.good_rows + outcome_.bad_rows > 0 ? "files are" : "shards are")};
  }

  const CleanOptions &options_;
  const CleanFolders &folders_;
  CleanOutcome outcome_;
  std::size_t items_ = 0;
};

} // namespace

Result<CleanOutcome> clean(std::span<const ShardToClean> shards, const CleanOptions &options,
                           std::span<const FileToClean> files) {
  if (shards.empty() && files.empty()) return CleanOutcome{};
  std::uint64_t bad = 0;
  for (const ShardToClean &shard : shards) bad += shard.bad.size();
  const SafetyStop safety{.force = options.force, .dataset_samples = options.dataset_samples};
  if (Result<void> sane = check_safety_stop(safety, bad, "would be left out"); !sane) return sane.error();

  Result<std::string> root = real_folder_path(options.root);
  if (!root) return root.error();
  const UniqueFd root_folder(::open(root->c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root_folder) return unusable(*root, words_for(errno));
  UniqueFd lock_file;
  const Result<UniqueFd> target = open_target(options, *root, lock_file);
  if (!target) return target.error();
  if (!options.dry_run)
    if (Result<void> synced = sync_above(options); !synced) return synced.error();
  const CleanFolders folders{root_folder.get(), target->get(), *root};
  return CleanRun(options, folders).run(shards, files);
}

} // namespace datavet
