// What a killed run can leave, state by state. fault_test.py kills real runs; here the states that need a
// second actor are made by hand.
#include "pipeline/quarantine/journal_lines.h"
#include "tests/pipeline/quarantine/dataset.h"

namespace datavet::test {
namespace {

constexpr std::uint64_t nonce = 0xabc;
constexpr const char *part = ".datavet-0000000000000abc-1.part";

class Recovery : public Dataset {
protected:
  std::string journal() const { return directory + "/" + std::string(quarantine_journal_name); }

  Operation announced(const std::string &path, Action action = Action::move) const {
    Operation operation;
    operation.id = 1;
    operation.action = action;
    operation.path = path;
    operation.identity = item(path).identity;
    const std::string content = read_file(in_data(path));
    operation.content = {content.size(), hash_of(content)};
    return operation;
  }
  void interrupted(const Operation &operation, const std::string &events = {}) const {
    write_file(journal(), header_line(nonce) + root_line(root) + intent_line(operation) + events);
  }
  void being_restored(const Operation &operation) const {
    interrupted(operation, event_line("done", 1) + event_line("restoring", 1));
  }
  /// Runs something else, which settles first.
  QuarantineOutcome settle() { return run({added("trigger")}, QuarantineMode::list); }
  OperationState state() const {
    const Result<JournalState> replayed = replay(read_file(journal()));
    EXPECT_TRUE(replayed);
    return replayed->operations.at(0).state;
  }
};

TEST_F(Recovery, UndoesWhatWasOnlyAnnounced) {
  add("x");
  interrupted(announced("x"));
  write_file(in_files(part), "half a co");
  settle();
  EXPECT_EQ(state(), OperationState::abandoned);
  EXPECT_TRUE(exists(in_data("x")));
  EXPECT_FALSE(exists(in_files(part)));
  EXPECT_EQ(run({item("x")}).done, 1u);
}

TEST_F(Recovery, FinishesAMoveWhoseCopyIsThere) {
  add("x", "content");
  interrupted(announced("x"));
  write_file(in_files("x"), "content");
  settle();
  EXPECT_EQ(state(), OperationState::quarantined);
  EXPECT_FALSE(exists(in_data("x")));
  EXPECT_EQ(read_file(in_files("x")), "content");
}

TEST_F(Recovery, FinishesAMoveByLinkAndUnlink) {
  add("x", "content");
  interrupted(announced("x"));
  std::filesystem::create_directories(directory + "/files");
  std::filesystem::create_hard_link(in_data("x"), in_files("x")); // changes ctime
  settle();
  EXPECT_EQ(state(), OperationState::quarantined);
  EXPECT_FALSE(exists(in_data("x")));
  EXPECT_EQ(read_file(in_files("x")), "content");
}

TEST_F(Recovery, NotesAMoveThatWasComplete) {
  add("x", "content");
  interrupted(announced("x"));
  write_file(in_files("x"), "content");
  std::filesystem::remove(in_data("x"));
  settle();
  EXPECT_EQ(state(), OperationState::quarantined);
}

TEST_F(Recovery, LeavesAFileAloneThatTookTheOldPlace) {
  add("x", "content");
  const Operation operation = announced("x");
  write_file(in_files("x"), "content");
  for (const char *newer :
       {"newer", "content"}) { // even with equal bytes it is not the file that was announced
    interrupted(operation);
    write_file(in_data("new"), newer);
    std::filesystem::rename(in_data("new"), in_data("x"));
    EXPECT_EQ(settle().problems.list.size(), 1u);
    EXPECT_EQ(state(), OperationState::quarantined);
    EXPECT_EQ(read_file(in_data("x")), newer);
    EXPECT_EQ(read_file(in_files("x")), "content");
  }
}

TEST_F(Recovery, LeavesALinkAloneThatTookTheOldPlace) {
  add("x", "content");
  interrupted(announced("x"));
  write_file(in_files("x"), "content");
  std::filesystem::remove(in_data("x"));
  std::filesystem::create_symlink(in_files("x"), in_data("x"));
  settle();
  EXPECT_EQ(state(), OperationState::quarantined);
  EXPECT_TRUE(exists(in_data("x")));
  EXPECT_EQ(read_file(in_files("x")), "content");
}

TEST_F(Recovery, StopsAtAMismatchAndTouchesNothing) {
  add("x", "content");
  interrupted(announced("x"));
  write_file(in_files("x"), "something else");
  const std::vector<std::string> before = listing(base());
  const QuarantineItem other = added("y");
  const std::string message = error_of({other}, options(), Error::Kind::incomplete);
  EXPECT_NE(message.find("not what the journal says"), std::string::npos) << message;
  std::filesystem::remove(in_data("y"));
  EXPECT_EQ(listing(base()), before);
  RestoreOptions options;
  options.directory = directory;
  EXPECT_FALSE(restore(options));
  EXPECT_EQ(listing(base()), before);
}

TEST_F(Recovery, KeepsThePartWhenNothingElseIsLeft) {
  add("x", "content");
  interrupted(announced("x"));
  write_file(in_files(part), "content");
  std::filesystem::remove(in_data("x"));
  EXPECT_EQ(settle().problems.list.size(), 1u);
  EXPECT_EQ(state(), OperationState::abandoned);
  EXPECT_EQ(read_file(in_files(part)), "content");
}

TEST_F(Recovery, NeedsTheRoot) {
  add("x", "content");
  interrupted(announced("x"));
  std::filesystem::rename(root, base() + "/unmounted");
  RestoreOptions options;
  options.directory = directory;
  const Result<RestoreOutcome> outcome = restore(options);
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().message.find("is it mounted?"), std::string::npos);
}

TEST_F(Recovery, KnowsThatACopyLeavesItsSource) {
  for (Action action : {Action::copy, Action::link}) {
    add("x", "content");
    interrupted(announced("x", action));
    write_file(in_files("x"), "content");
    settle();
    EXPECT_EQ(state(), OperationState::quarantined);
    EXPECT_TRUE(exists(in_data("x")));
  }
}

// ---- interrupted restores

TEST_F(Recovery, UndoesARestoreThatWasOnlyAnnounced) {
  add("x", "content");
  being_restored(announced("x"));
  write_file(in_files("x"), "content");
  write_file(in_data(part), "cont");
  std::filesystem::remove(in_data("x"));
  settle();
  EXPECT_EQ(state(), OperationState::quarantined);
  EXPECT_FALSE(exists(in_data(part)));
  EXPECT_EQ(put_back().restored, 2u); // and the trigger
  EXPECT_EQ(read_file(in_data("x")), "content");
}

TEST_F(Recovery, FinishesARestoreWhoseCopyIsThere) {
  add("x", "content");
  being_restored(announced("x"));
  write_file(in_files("x"), "content");
  settle();
  EXPECT_EQ(state(), OperationState::restored);
  EXPECT_FALSE(exists(in_files("x")));
  EXPECT_EQ(read_file(in_data("x")), "content");
}

TEST_F(Recovery, NotesARestoreThatWasCompleteThoughTheFileWasEditedSince) {
  add("x", "content");
  being_restored(announced("x"));
  add("x", "edited since");
  settle();
  EXPECT_EQ(state(), OperationState::restored);
  EXPECT_EQ(read_file(in_data("x")), "edited since");
}

TEST_F(Recovery, KeepsInQuarantineWhoseOldPlaceIsTaken) {
  add("x", "content");
  being_restored(announced("x"));
  write_file(in_files("x"), "content");
  add("x", "newer");
  settle();
  EXPECT_EQ(state(), OperationState::quarantined);
  EXPECT_EQ(read_file(in_data("x")), "newer");
  EXPECT_EQ(read_file(in_files("x")), "content");
}

} // namespace
} // namespace datavet::test
