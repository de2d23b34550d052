#include "pipeline/quarantine/preparation.h"

#include <cerrno>
#include <ctime>

#include <fmt/format.h>

#include "pipeline/report/escape.h"

namespace datavet {
namespace {

constexpr std::uint64_t named_in_this_run = 0; // ids start at 1

Action action_for(const QuarantineItem &item, QuarantineMode mode) {
  if (mode == QuarantineMode::list) return Action::list;
  if (item.record) return Action::record;
  switch (mode) {
  case QuarantineMode::copy: return Action::copy;
  case QuarantineMode::link: return Action::link;
  case QuarantineMode::move:
  case QuarantineMode::list: break;
  }
  return Action::move;
}

Operation operation_for(const QuarantineItem &item, QuarantineMode mode) {
  Operation operation;
  operation.action = action_for(item, mode);
  operation.path = item.path;
  operation.identity = item.identity;
  operation.reason = item.reason;
  operation.at = std::time(nullptr);
  if (item.record)
    operation.record = RecordSpan{item.record->ordinal, item.record->offset, item.record->size};
  return operation;
}

void note_owner(const struct stat &status, Operation &operation) {
  operation.mode = status.st_mode & 07777;
  operation.uid = status.st_uid;
  operation.gid = status.st_gid;
}

} // namespace

std::string shown_name(const std::string &path, const std::optional<std::uint64_t> &ordinal) {
  return ordinal ? fmt::format("{}#{}", path, *ordinal) : path;
}

Preparation::Preparation(const QuarantineOptions &options, const WorkingFolders &folders,
                         const JournalState &journal, QuarantineOutcome &outcome)
    : options_(options), folders_(folders), journal_(journal), outcome_(outcome),
      known_(latest_operations(journal)) {
  for (const Operation &operation : journal.operations) note_touched(operation);
}

void Preparation::note_touched(const Operation &operation) {
  if (operation.action == Action::move || operation.action == Action::link)
    touched_.emplace(operation.identity.device, operation.identity.inode);
}

bool Preparation::is_same_file(const FileIdentity &now, const FileIdentity &identity) const {
  return now == identity || (same_but_for_ctime(now, identity) && touched_.contains({now.device, now.inode}));
}

StepResult Preparation::prepare(const QuarantineItem &item, Prepared &prepared) {
  if (!is_path_beneath(item.path)) return {Step::refused, "the path leads out of the root"};
  const std::string &own = folders_.quarantine.path_in_root;
  if (!own.empty() && item.path.starts_with(own + "/"))
    return {Step::refused, "lies in the quarantine itself"};

  Operation operation = operation_for(item, options_.mode);
  const std::string key = item_key(folders_.root_path, item.path, ordinal_of(operation));
  if (is_done_already(key, operation)) return {Step::already_done, {}};
  const StepResult ready = item.record ? prepare_record(item, operation) : prepare_file(item, operation);
  if (!ready.is_done()) return ready;
  known_[key] = named_in_this_run;
  note_touched(operation);
  prepared.operation = std::move(operation);
  if (item.record) prepared.wrapping = wrapping_named(item.record->wrapping);
  return {};
}

bool Preparation::is_done_already(const std::string &key, const Operation &operation) const {
  const auto found = known_.find(key);
  if (found == known_.end()) return false;
  if (found->second == named_in_this_run) return true;
  const Operation &before = journal_.operations[found->second - 1];
  return before.state == OperationState::quarantined && before.action == operation.action &&
         same_but_for_ctime(before.identity, operation.identity) && is_still_set_aside(before);
}

/// False when somebody has emptied the quarantine by hand.
bool Preparation::is_still_set_aside(const Operation &operation) const {
  if (operation.action == Action::list) return true;
  const Attempt<Place> place = find_place(folders_.quarantine.folder.get(), place_in_quarantine(operation));
  return place && status_of(place.value);
}

StepResult Preparation::prepare_file(const QuarantineItem &item, Operation &operation) {
  const Attempt<Place> place = find_place(folders_.root.get(), item.path);
  if (!place) return source_trouble(place.error);
  SourceFile source;
  if (StepResult opened = open_source(place.value, source); !opened.is_done()) return opened;
  if (!is_same_file(identity_of(source.status), item.identity))
    return {Step::changed, "is not the file that was scanned any more"};
  note_owner(source.status, operation);
  if (operation.action == Action::move)
    if (StepResult movable = prepare_move(place.value, source, operation); !movable.is_done()) return movable;
  if (operation.action == Action::list) return {};
  if (StepResult read = read_content(item, source, operation.content); !read.is_done()) return read;
  return check_place_is_free(operation);
}

/// What cannot be taken away is listed; what has other names is told.
StepResult Preparation::prepare_move(const Place &place, const SourceFile &source, Operation &operation) {
  if (int error = folder_is_not_writable(place.folder.get()); is_permission(error)) {
    operation.action = Action::list;
    outcome_.fell_back_to_list = true;
    outcome_.problems.add(operation.path,
                          fmt::format("cannot be taken away ({}): listed instead", words_for(error)));
  } else if (source.status.st_nlink > 1) {
    outcome_.problems.add(
        operation.path,
        fmt::format("has {} names (hard links): the others still name the bad file", source.status.st_nlink));
  }
  return {};
}

StepResult Preparation::read_content(const QuarantineItem &item, const SourceFile &source,
                                     Content &content) const {
  const Attempt<Content> read = content_of(source.file.get());
  if (!read) return source_trouble(read.error);
  struct stat after {};
  if (::fstat(source.file.get(), &after) != 0) return source_trouble(errno);
  if (identity_of(after) != identity_of(source.status) || read.value.size != item.identity.size)
    return {Step::changed, "changed while it was read"};
  if (item.content_hash && *item.content_hash != read.value.hash)
    return {Step::changed, "does not hold the bytes that were scanned any more"};
  content = read.value;
  return {};
}

StepResult Preparation::prepare_record(const QuarantineItem &item, Operation &operation) {
  const RecordPlace &record = *item.record;
  const StepResult opened =
      shard_.open(folders_.root.get(), item.path, item.identity, wrapping_named(record.wrapping));
  if (!opened.is_done()) return opened;
  note_owner(shard_.status(), operation);
  if (operation.action == Action::list) return {};
  ShardReader::Read read = shard_.read(record.offset, record.size, -1);
  if (!read.problem.is_done()) return read.problem;
  operation.content = read.content;
  return check_place_is_free(operation);
}

/// What stands at the place of an announced operation is then known to be its own work: recovery relies on
/// it.
StepResult Preparation::check_place_is_free(const Operation &operation) const {
  const std::string path = place_in_quarantine(operation);
  if (!folders_.quarantine.folder) return {};
  const Attempt<Place> place = find_place(folders_.quarantine.folder.get(), path);
  const Attempt<struct stat> status = place ? status_of(place.value) : Attempt<struct stat>{{}, place.error};
  if (status.error == ENOENT) return {};
  if (!status) return target_trouble(status.error, "its place in the quarantine");
  return {Step::refused,
          fmt::format("{} exists in the quarantine already: restore that, or use another directory",
                      for_terminal(path))};
}

} // namespace datavet
