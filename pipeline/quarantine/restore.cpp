#include <algorithm>
#include <cerrno>
#include <map>

#include <fcntl.h>
#include <fmt/format.h>

#include "pipeline/quarantine/excluded_list.h"
#include "pipeline/quarantine/journal.h"
#include "pipeline/quarantine/preparation.h"
#include "pipeline/quarantine/quarantine.h"
#include "pipeline/quarantine/recovery.h"
#include "pipeline/quarantine/transfer.h"
#include "pipeline/report/escape.h"

namespace datavet {
namespace {

constexpr std::size_t batch_size = 64;

std::string shown_name(const Operation &operation) {
  return datavet::shown_name(operation.path, ordinal_of(operation));
}

/// The path itself, or a folder above it.
bool names(const std::string &wanted, const std::string &path) {
  const std::string folder = wanted.ends_with('/') ? wanted : wanted + "/";
  return path == wanted || path.starts_with(folder);
}

class RestoreRun {
public:
  RestoreRun(const RestoreOptions &options, UniqueFd quarantine, Journal journal, QuarantineNotes problems)
      : options_(options), quarantine_(std::move(quarantine)), journal_(std::move(journal)) {
    outcome_.problems = std::move(problems);
  }

  Result<RestoreOutcome> run() {
    const std::vector<std::uint64_t> wanted = choose();
    for (std::size_t next = 0; next < wanted.size(); next += batch_size) {
      const std::span<const std::uint64_t> batch =
          std::span(wanted).subspan(next, std::min(batch_size, wanted.size() - next));
      if (options_.dry_run)
        plan(batch);
      else if (Result<void> done = carry_out(batch); !done)
        return done.error();
    }
    if (!options_.dry_run)
      if (Result<void> written = write_excluded_lists(journal_.state(), quarantine_.get()); !written)
        return written.error();
    return std::move(outcome_);
  }

private:
  /// What is needed to put a file back, all found out without writing.
  struct Passage {
    Place from;
    SourceFile source;
    bool is_back_already = false; ///< the original of a copy or a link never left its place
  };

  const Operation &operation(std::uint64_t id) const { return journal_.state().operations[id - 1]; }

  std::vector<std::uint64_t> choose() {
    std::vector<std::uint64_t> chosen = standing_operations(journal_.state());
    if (options_.only.empty()) return chosen;
    for (const std::string &wanted : options_.only)
      if (std::none_of(chosen.begin(), chosen.end(),
                       [&](auto id) { return names(wanted, operation(id).path); }))
        outcome_.problems.add(wanted, "is not in this quarantine");
    std::erase_if(chosen, [&](std::uint64_t id) {
      return std::none_of(options_.only.begin(), options_.only.end(),
                          [&](const std::string &wanted) { return names(wanted, operation(id).path); });
    });
    return chosen;
  }

  void plan(std::span<const std::uint64_t> batch) {
    for (std::uint64_t id : batch) {
      Passage passage;
      const StepResult ready = find_passage(operation(id), passage);
      count(operation(id), ready);
      if (ready.is_done())
        outcome_.planned.add(shown_name(operation(id)),
                             is_file(operation(id)) ? "would be put back" : "would no longer be excluded");
    }
  }

  Result<void> carry_out(std::span<const std::uint64_t> batch) {
    for (std::uint64_t id : batch) journal_.restoring(id);
    if (Result<void> durable = journal_.commit(); !durable) return interrupted(durable.error().message);
    for (std::uint64_t id : batch) {
      const StepResult result = put_back(operation(id));
      if (result.ends_run()) return stop_at(operation(id), result);
      if (result.is_done())
        journal_.restored(id);
      else
        journal_.kept(id, result.reason);
      count(operation(id), result);
    }
    if (Result<void> durable = journal_.commit(); !durable) return interrupted(durable.error().message);
    return {};
  }

  /// A record was copied out of a shard that stayed whole, and a listed file never moved.
  static bool is_file(const Operation &operation) {
    return operation.action != Action::record && operation.action != Action::list;
  }

  StepResult put_back(const Operation &operation) {
    Passage passage;
    if (StepResult ready = find_passage(operation, passage); !ready.is_done() || !is_file(operation))
      return ready;
    if (passage.is_back_already) return remove_source(passage.source.status, passage.from);
    const int root = root_of(operation).value;
    Attempt<Place> to = make_place(root, operation.path, 0777);
    if (!to) return target_trouble(to.error, "its folder cannot be made again");
    const Target target{std::move(to.value), journal_.part_name(operation)};
    return move_file(passage.source, passage.from, target, operation.content);
  }

  StepResult find_passage(const Operation &operation, Passage &passage) {
    if (!is_file(operation)) return {};
    Attempt<Place> from = find_place(quarantine_.get(), place_in_quarantine(operation));
    if (!from) return source_trouble(from.error);
    passage.from = std::move(from.value);
    if (StepResult opened = open_source(passage.from, passage.source); !opened.is_done()) return opened;
    const Attempt<Content> content = content_of(passage.source.file.get());
    if (!content) return source_trouble(content.error);
    if (content.value != operation.content) return {Step::changed, "is not what was quarantined any more"};
    return look_at_old_place(operation, passage);
  }

  StepResult look_at_old_place(const Operation &operation, Passage &passage) {
    const Attempt<int> root = root_of(operation);
    if (root.error != 0)
      return {Step::refused, fmt::format("its root cannot be opened: {}", words_for(root.error))};
    const Attempt<Place> place = find_place(root.value, operation.path);
    if (place.error == ENOENT) return {}; // folders that are missing are made again
    if (!place) return source_trouble(place.error);
    const Attempt<struct stat> status = status_of(place.value);
    if (status.error == ENOENT) return {};
    if (!status) return source_trouble(status.error);
    passage.is_back_already = operation.action != Action::move && holds(place.value, operation.content);
    if (passage.is_back_already) return {};
    return {Step::occupied, "another file lies at its old place: move that away first"};
  }

  static bool holds(const Place &place, const Content &content) {
    SourceFile file;
    if (!open_source(place, file).is_done()) return false;
    const Attempt<Content> found = content_of(file.file.get());
    return found && found.value == content;
  }

  Attempt<int> root_of(const Operation &operation) {
    UniqueFd &folder = roots_[operation.root];
    if (!folder)
      folder = UniqueFd(
          ::open(journal_.state().roots[operation.root].c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return folder ? Attempt<int>{folder.get(), 0} : Attempt<int>{-1, errno};
  }

  void count(const Operation &operation, const StepResult &result) {
    if (!result.reason.empty()) outcome_.problems.add(shown_name(operation), result.reason);
    switch (result.step) {
    case Step::done: ++outcome_.restored; break;
    case Step::occupied: ++outcome_.occupied; break;
    case Step::changed: ++outcome_.changed; break;
    case Step::vanished: ++outcome_.vanished; break;
    case Step::failed: ++outcome_.failed; break;
    default: ++outcome_.refused; break;
    }
  }

  Result<void> stop_at(const Operation &operation, const StepResult &result) {
    if (result.step != Step::stopped) journal_.kept(operation.id, result.reason);
    const Result<void> durable = journal_.commit(); // what it could not hold, recovery finds out
    return interrupted(fmt::format("at {}: {}{}", for_terminal(shown_name(operation)), result.reason,
                                   durable ? "" : "; " + durable.error().message));
  }

  Result<void> interrupted(std::string_view why) const {
    return Error{
        Error::Kind::incomplete,
        fmt::format(
            "restore stopped: {}. {} items are back and nothing is lost: mend that, then run the same "
            "command again; it goes on from there",
            why, outcome_.restored)};
  }

  const RestoreOptions &options_;
  UniqueFd quarantine_;
  Journal journal_;
  std::map<std::size_t, UniqueFd> roots_;
  RestoreOutcome outcome_;
};

} // namespace

Result<RestoreOutcome> restore(const RestoreOptions &options) {
  Result<UniqueFd> folder = open_existing_quarantine(options.directory);
  if (!folder) return folder.error();
  Result<Journal> journal =
      Journal::open(folder->get(), options.dry_run ? JournalAccess::read : JournalAccess::write);
  if (!journal) return journal.error();
  QuarantineNotes problems;
  if (!options.dry_run)
    if (Result<void> settled = settle(*journal, folder->get(), problems); !settled) return settled.error();
  return RestoreRun(options, std::move(*folder), std::move(*journal), std::move(problems)).run();
}

} // namespace datavet
