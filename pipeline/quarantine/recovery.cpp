#include "pipeline/quarantine/recovery.h"

#include <cerrno>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>

#include "pipeline/quarantine/transfer.h"
#include "pipeline/report/escape.h"

namespace datavet {
namespace {

/// What stands at the end of an operation's path, if anything.
struct Presence {
  bool is_there = false;
  Place place; ///< not open when its folder is missing
  SourceFile file;
  std::optional<Content> content; ///< none: something stands there that is no regular file
};

Error cannot_settle(const std::string &path, std::string_view why) {
  return {Error::Kind::incomplete,
          fmt::format("an earlier run was interrupted at {}, and {}: it was left as it is",
                      for_terminal(path), why)};
}

Result<Presence> look(int base, const std::string &path) {
  Presence presence;
  Attempt<Place> place = find_place(base, path);
  presence.place = std::move(place.value);
  const StepResult opened = place ? open_source(presence.place, presence.file) : source_trouble(place.error);
  presence.is_there = opened.step != Step::vanished;
  if (opened.step == Step::vanished || opened.step == Step::refused) return presence;
  if (!opened.is_done()) return cannot_settle(path, opened.reason);
  const Attempt<Content> content = content_of(presence.file.file.get());
  if (!content) return cannot_settle(path, words_for(content.error));
  presence.content = content.value;
  return presence;
}

class Recovery {
public:
  Recovery(Journal &journal, int quarantine_folder, QuarantineNotes &problems)
      : journal_(journal), quarantine_(quarantine_folder), problems_(problems) {}

  Result<void> settle(const Operation &operation) {
    const bool on_disk = operation.action != Action::list;
    if (operation.state == OperationState::restoring) {
      const bool was_taken = on_disk && operation.action != Action::record;
      return was_taken ? settle_restore(operation) : restored(operation);
    }
    if (operation.action == Action::move) return settle_move(operation);
    return on_disk ? settle_copy(operation) : done(operation);
  }

private:
  Result<void> done(const Operation &operation) {
    journal_.done(operation.id);
    return {};
  }
  Result<void> restored(const Operation &operation) {
    journal_.restored(operation.id);
    return {};
  }

  Result<UniqueFd> open_root(const Operation &operation) {
    const std::string &root = journal_.state().roots[operation.root];
    UniqueFd folder(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder)
      return cannot_settle(operation.path, fmt::format("its root {} cannot be opened ({}; is it mounted?)",
                                                       for_terminal(root), words_for(errno)));
    return folder;
  }

  Result<void> remove_part(const Place &place, const Operation &operation) {
    if (!place.folder) return {};
    const std::string part = journal_.part_name(operation);
    if (::unlinkat(place.folder.get(), part.c_str(), 0) == 0 || errno == ENOENT) return {};
    return cannot_settle(operation.path,
                         fmt::format("its temporary file cannot be removed ({})", words_for(errno)));
  }

  Result<void> abandon(const Operation &operation, const Place &place) {
    if (Result<void> removed = remove_part(place, operation); !removed) return removed;
    journal_.abandoned(operation.id, "interrupted before it was carried out");
    return {};
  }

  /// What is set aside is what was announced, durably, and has no second name.
  Result<void> confirm_set_aside(const Operation &operation, const Presence &aside) {
    if (aside.content != operation.content)
      return cannot_settle(operation.path,
                           fmt::format("{} in the quarantine is not what the journal says; take it "
                                       "away by hand, then run the same command again",
                                       for_terminal(place_in_quarantine(operation))));
    if (Result<void> removed = remove_part(aside.place, operation); !removed) return removed;
    if (int error = sync_folder(aside.place.folder.get()); error != 0)
      return cannot_settle(operation.path, words_for(error));
    return {};
  }

  Result<void> settle_copy(const Operation &operation) {
    Result<Presence> aside = look(quarantine_, place_in_quarantine(operation));
    if (!aside) return aside.error();
    if (!aside->is_there) return abandon(operation, aside->place);
    if (Result<void> sound = confirm_set_aside(operation, *aside); !sound) return sound;
    return done(operation);
  }

  Result<void> settle_move(const Operation &operation) {
    Result<Presence> aside = look(quarantine_, place_in_quarantine(operation));
    if (!aside) return aside.error();
    Result<UniqueFd> root = open_root(operation);
    if (!root) return root.error();
    Result<Presence> source = look(root->get(), operation.path);
    if (!source) return source.error();
    if (!aside->is_there) {
      if (source->is_there) return abandon(operation, aside->place);
      // Whoever took the source away may have left the part of a copy as the only one: it stays.
      problems_.add(operation.path, "vanished while it was being quarantined");
      journal_.abandoned(operation.id, "vanished");
      return {};
    }
    if (Result<void> sound = confirm_set_aside(operation, *aside); !sound) return sound;
    return source->is_there ? finish(operation, *aside, *source) : done(operation);
  }

  Result<void> finish(const Operation &operation, const Presence &aside, const Presence &source) {
    const bool is_same = source.content == operation.content &&
                         same_but_for_ctime(identity_of(source.file.status), operation.identity);
    if (!is_same) {
      problems_.add(operation.path, "was set aside; another file has taken its place since");
      return done(operation);
    }
    const StepResult finished = finish_move(source.file.status, source.place, aside.place);
    if (finished.ends_run()) return cannot_settle(operation.path, finished.reason);
    if (finished.is_done()) return done(operation);
    journal_.abandoned(operation.id, finished.reason);
    return {};
  }

  Result<void> settle_restore(const Operation &operation) {
    Result<UniqueFd> root = open_root(operation);
    if (!root) return root.error();
    Result<Presence> aside = look(quarantine_, place_in_quarantine(operation));
    if (!aside) return aside.error();
    Result<Presence> back = look(root->get(), operation.path);
    if (!back) return back.error();
    if (!aside->is_there) return settle_taken(operation, *back);
    if (Result<void> removed = remove_part(back->place, operation); !removed) return removed;
    if (back->is_there && back->content == operation.content && aside->content == operation.content)
      return finish_restore(operation, *aside, *back);
    journal_.kept(operation.id, back->is_there ? "another file lies at the old place" : "interrupted");
    return {};
  }

  /// No longer in quarantine: it was put back, or somebody took it.
  Result<void> settle_taken(const Operation &operation, const Presence &back) {
    if (!back.is_there)
      problems_.add(operation.path, "is neither in quarantine nor at its old place any more");
    return restored(operation);
  }

  Result<void> finish_restore(const Operation &operation, const Presence &aside, const Presence &back) {
    if (int error = sync_folder(back.place.folder.get()); error != 0)
      return cannot_settle(operation.path, words_for(error));
    const StepResult removed = remove_source(aside.file.status, aside.place);
    if (!removed.is_done()) return cannot_settle(operation.path, removed.reason);
    return restored(operation);
  }

  Journal &journal_;
  int quarantine_;
  QuarantineNotes &problems_;
};

} // namespace

Result<void> settle(Journal &journal, int quarantine_folder, QuarantineNotes &problems) {
  Recovery recovery(journal, quarantine_folder, problems);
  for (const Operation &operation : journal.state().operations) {
    const bool open =
        operation.state == OperationState::intended || operation.state == OperationState::restoring;
    if (!open) continue;
    if (Result<void> settled = recovery.settle(operation); !settled) return settled;
  }
  return journal.commit();
}

} // namespace datavet
