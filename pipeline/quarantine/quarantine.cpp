#include "pipeline/quarantine/quarantine.h"

#include <algorithm>
#include <cerrno>
#include <tuple>

#include <fcntl.h>
#include <fmt/format.h>

#include "pipeline/quarantine/excluded_list.h"
#include "pipeline/quarantine/journal.h"
#include "pipeline/quarantine/preparation.h"
#include "pipeline/quarantine/recovery.h"
#include "pipeline/quarantine/safety_stop.h"
#include "pipeline/report/escape.h"

namespace datavet {
namespace {

/// Intentions that share one sync of the journal.
constexpr std::size_t batch_size = 64;

std::string shown_name(const Operation &operation) {
  return datavet::shown_name(operation.path, ordinal_of(operation));
}

/// linkat() says EXDEV only when it is too late to say that nothing was touched.
Result<void> check_links_are_possible(const QuarantineOptions &options, int root) {
  struct stat dataset {};
  if (options.mode != QuarantineMode::link || ::fstat(root, &dataset) != 0) return {};
  if (device_of_quarantine(options.directory) == dataset.st_dev) return {};
  return Error{Error::Kind::usage,
               "a hard link cannot reach another file system: use the mode copy, or a quarantine "
               "directory on the file system of the dataset. Nothing was touched"};
}

/// Records first, by shard and offset: a compressed shard is then inflated once, and a shard that is itself
/// moved away is still there while its records are copied.
std::vector<const QuarantineItem *> in_working_order(std::span<const QuarantineItem> items) {
  std::vector<const QuarantineItem *> ordered;
  for (const QuarantineItem &item : items) ordered.push_back(&item);
  std::stable_sort(ordered.begin(), ordered.end(), [](const QuarantineItem *a, const QuarantineItem *b) {
    if (a->record.has_value() != b->record.has_value()) return a->record.has_value();
    return a->record && std::tie(a->path, a->record->offset) < std::tie(b->path, b->record->offset);
  });
  return ordered;
}

class QuarantineRun {
public:
  QuarantineRun(const QuarantineOptions &options, WorkingFolders folders, Journal journal,
                QuarantineNotes problems)
      : options_(options), folders_(std::move(folders)), journal_(std::move(journal)),
        preparation_(options_, folders_, journal_.state(), outcome_) {
    outcome_.problems = std::move(problems);
  }
  QuarantineRun(const QuarantineRun &) = delete;
  QuarantineRun &operator=(const QuarantineRun &) = delete;

  Result<QuarantineOutcome> run(std::span<const QuarantineItem> items) {
    total_ = items.size();
    const std::vector<const QuarantineItem *> ordered = in_working_order(items);
    for (std::size_t next = 0; next < ordered.size(); next += batch_size) {
      const std::size_t count = std::min(batch_size, ordered.size() - next);
      std::vector<Prepared> batch = prepare(std::span(ordered).subspan(next, count));
      if (options_.dry_run)
        plan(batch);
      else if (Result<void> done = carry_out(std::move(batch)); !done)
        return done.error();
    }
    if (!options_.dry_run)
      if (Result<void> written = write_excluded_lists(journal_.state(), folders_.quarantine.folder.get());
          !written)
        return written.error();
    return std::move(outcome_);
  }

private:
  std::vector<Prepared> prepare(std::span<const QuarantineItem *const> items) {
    std::vector<Prepared> batch;
    for (const QuarantineItem *item : items) {
      Prepared prepared;
      const StepResult ready = preparation_.prepare(*item, prepared);
      if (ready.is_done())
        batch.push_back(std::move(prepared));
      else
        count(ready, datavet::shown_name(item->path,
                                         item->record ? std::optional(item->record->ordinal) : std::nullopt));
    }
    return batch;
  }

  void plan(const std::vector<Prepared> &batch) {
    for (const Prepared &prepared : batch) {
      const Operation &operation = prepared.operation;
      const bool is_listed = operation.action == Action::list;
      ++(is_listed ? outcome_.listed : outcome_.done);
      outcome_.planned.add(shown_name(operation),
                           is_listed ? "would be listed"
                                     : "would be set aside as " + place_in_quarantine(operation));
    }
  }

  /// Announces all, carries each out, and concludes all.
  Result<void> carry_out(std::vector<Prepared> batch) {
    for (Prepared &prepared : batch) prepared.operation = journal_.intend(std::move(prepared.operation));
    if (Result<void> durable = journal_.commit(); !durable) return interrupted(durable.error().message);
    std::vector<Prepared> to_list;
    for (const Prepared &prepared : batch) {
      const StepResult result = perform(prepared);
      if (result.ends_run() || result.step == Step::target_read_only)
        return stop_at(prepared.operation, result);
      conclude(prepared.operation, result);
      if (result.step == Step::source_read_only) to_list.push_back(as_listed(prepared, result));
    }
    if (Result<void> durable = journal_.commit(); !durable) return interrupted(durable.error().message);
    return to_list.empty() ? Result<void>{} : carry_out(std::move(to_list));
  }

  StepResult perform(const Prepared &prepared) {
    const Operation &operation = prepared.operation;
    if (operation.action == Action::list) return {};
    Attempt<Place> to = make_place(folders_.quarantine.folder.get(), place_in_quarantine(operation), 0700);
    if (!to) return target_trouble(to.error, "cannot make its folder in the quarantine");
    const Target target{std::move(to.value), journal_.part_name(operation)};
    return operation.action == Action::record ? perform_record(prepared, target)
                                              : perform_file(operation, target);
  }

  StepResult perform_record(const Prepared &prepared, const Target &to) {
    const Operation &operation = prepared.operation;
    const StepResult opened =
        shard_.open(folders_.root.get(), operation.path, operation.identity, prepared.wrapping);
    if (!opened.is_done()) return opened;
    return copy_record(shard_, operation.record->offset, operation.record->size, to, operation.content);
  }

  StepResult perform_file(const Operation &operation, const Target &to) {
    const Attempt<Place> from = find_place(folders_.root.get(), operation.path);
    if (!from) return source_trouble(from.error);
    SourceFile source;
    if (StepResult opened = open_source(from.value, source); !opened.is_done()) return opened;
    if (!preparation_.is_same_file(identity_of(source.status), operation.identity))
      return {Step::changed, "changed while it was quarantined"};
    if (operation.action == Action::copy) return copy_file(source, to, operation.content);
    if (operation.action == Action::link) return link_file(source, from.value, to.place);
    return move_file(source, from.value, to, operation.content);
  }

  void conclude(const Operation &operation, const StepResult &result) {
    if (!result.is_done()) {
      journal_.abandoned(operation.id, result.reason);
      if (result.step != Step::source_read_only) count(result, shown_name(operation));
      return;
    }
    journal_.done(operation.id);
    ++(operation.action == Action::list ? outcome_.listed : outcome_.done);
    if (!result.reason.empty()) outcome_.problems.add(shown_name(operation), result.reason);
  }

  Prepared as_listed(const Prepared &prepared, const StepResult &why) {
    outcome_.problems.add(shown_name(prepared.operation), why.reason + ": listed instead");
    outcome_.fell_back_to_list = true;
    Prepared listed = prepared;
    listed.operation.action = Action::list;
    return listed;
  }

  void count(const StepResult &result, const std::string &name) {
    if (!result.reason.empty()) outcome_.problems.add(name, result.reason);
    switch (result.step) {
    case Step::already_done: ++outcome_.already_done; break;
    case Step::changed: ++outcome_.changed_since_scan; break;
    case Step::vanished: ++outcome_.vanished; break;
    case Step::refused: ++outcome_.refused; break;
    default: ++outcome_.failed; break;
    }
  }

  Result<void> stop_at(const Operation &operation, const StepResult &result) {
    // A full disk or a read-only quarantine left nothing behind; in other cases recovery shall look.
    if (result.step != Step::stopped) journal_.abandoned(operation.id, result.reason);
    const Result<void> durable = journal_.commit(); // what it could not hold, recovery finds out
    return interrupted(fmt::format("at {}: {}{}", for_terminal(shown_name(operation)), result.reason,
                                   durable ? "" : "; " + durable.error().message));
  }

  Result<void> interrupted(std::string_view why) const {
    return Error{
        Error::Kind::incomplete,
        fmt::format("quarantine stopped: {}. {} of {} items are set aside and nothing is lost: mend that, "
                    "then run the same command again; it goes on from there",
                    why, outcome_.done + outcome_.listed + outcome_.already_done, total_)};
  }

  const QuarantineOptions &options_;
  WorkingFolders folders_;
  Journal journal_;
  QuarantineOutcome outcome_;
  Preparation preparation_;
  ShardReader shard_; ///< not that of the preparation, so that each meets the records in order
  std::size_t total_ = 0;
};

} // namespace

Result<QuarantineOutcome> quarantine(std::span<const QuarantineItem> items,
                                     const QuarantineOptions &options) {
  if (items.empty()) return QuarantineOutcome{};
  const SafetyStop safety{options.force, options.dataset_samples, options.limit_share_percent, options.limit_count};
  if (options.mode != QuarantineMode::list)
    if (Result<void> sane = check_safety_stop(safety, items.size(), "would be quarantined"); !sane)
      return sane.error();
  Result<std::string> root = real_folder_path(options.root);
  if (!root) return root.error();
  WorkingFolders folders;
  folders.root_path = *root;
  folders.root = UniqueFd(::open(root->c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folders.root)
    return Error{Error::Kind::usage, fmt::format("{}: {}", for_terminal(*root), words_for(errno))};
  if (Result<void> possible = check_links_are_possible(options, folders.root.get()); !possible)
    return possible.error();

  Result<QuarantineFolder> folder = open_quarantine_folder(
      options.directory, *root, options.dry_run ? WhenMissing::pretend : WhenMissing::make);
  if (!folder) return folder.error();
  folders.quarantine = std::move(*folder);
  const int quarantine_folder = folders.quarantine.folder.get();
  Result<Journal> journal =
      Journal::open(quarantine_folder, options.dry_run ? JournalAccess::read : JournalAccess::create);
  if (!journal) return journal.error();
  QuarantineNotes problems;
  if (!options.dry_run) {
    if (Result<void> settled = settle(*journal, quarantine_folder, problems); !settled)
      return settled.error();
    journal->use_root(*root);
  }
  return QuarantineRun(options, std::move(folders), std::move(*journal), std::move(problems)).run(items);
}

} // namespace datavet
