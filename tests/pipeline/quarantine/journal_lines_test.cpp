#include "pipeline/quarantine/journal_lines.h"

#include <random>

#include <gtest/gtest.h>

namespace datavet::test {
namespace {

Operation operation(std::uint64_t id, const std::string &path = "train/x.jpg") {
  Operation operation;
  operation.id = id;
  operation.path = path;
  operation.identity = {1, 2, 3, -4, 5};
  operation.content = {3, 0xfedcba9876543210};
  operation.mode = 0644;
  operation.uid = 1000;
  operation.gid = 100;
  operation.reason = "png.chunk.crc";
  operation.at = 1'700'000'000;
  return operation;
}

std::string begin() { return header_line(0x0123456789abcdef) + root_line("/data"); }
std::string small_journal() {
  return begin() + intent_line(operation(1)) + intent_line(operation(2, "train/y.jpg")) +
         event_line("done", 1) + event_line("abandoned", 2, "changed") + event_line("restoring", 1) +
         event_line("restored", 1);
}

Operation only_operation(const std::string &text) {
  const Result<JournalState> state = replay(text);
  EXPECT_TRUE(state) << (state ? "" : state.error().message);
  EXPECT_EQ(state ? state->operations.size() : 0, 1u);
  return state && state->operations.size() == 1 ? state->operations[0] : Operation{};
}

TEST(JournalLines, ComeBackAsTheyWere) {
  EXPECT_EQ(only_operation(begin() + intent_line(operation(1))), operation(1));
}

TEST(JournalLines, KeepNamesThatAreNotUtf8OrOfOneLine) {
  for (const std::string &path :
       {std::string("a\nb"), std::string("\xff\xfe/\x80"), std::string("\"\\\t\x01"),
        std::string("\xed\xa0\x80"), std::string("é/日本"), std::string("{\"type\":1}")})
    EXPECT_EQ(only_operation(begin() + intent_line(operation(1, path))).path, path);
}

TEST(JournalLines, AreOneLineEach) {
  const std::string line = intent_line(operation(1, "a\nb\r\xff"));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

TEST(JournalLines, KeepRecords) {
  Operation record = operation(1);
  record.action = Action::record;
  record.record = RecordSpan{48112, 5'912'883'201, 118'204};
  EXPECT_EQ(only_operation(begin() + intent_line(record)), record);
}

TEST(JournalLines, StatesFollowTheEvents) {
  const Result<JournalState> state = replay(small_journal());
  ASSERT_TRUE(state);
  EXPECT_EQ(state->operations[0].state, OperationState::restored);
  EXPECT_EQ(state->operations[1].state, OperationState::abandoned);
  EXPECT_EQ(state->sound_bytes, small_journal().size());
}

TEST(JournalLines, EveryPrefixIsSoundToItsLastWholeLine) {
  const std::string text = small_journal();
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const Result<JournalState> state = replay(text.substr(0, size));
    ASSERT_TRUE(state) << size;
    const std::size_t whole = size == 0 ? 0 : text.rfind('\n', size - 1) + 1;
    EXPECT_EQ(state->sound_bytes, whole);
  }
}

TEST(JournalLines, EveryChangedByteIsFound) {
  const std::string text = small_journal();
  const std::size_t last_line = text.rfind('\n', text.size() - 2) + 1;
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const Result<JournalState> state = replay(changed);
    if (at + 1 < last_line) // damage before the end is never cut away
      EXPECT_FALSE(state) << at;
    else // nothing sound follows: it looks like the torn end of a write
      EXPECT_LE(state->sound_bytes, last_line) << at;
  }
}

TEST(JournalLines, HostileNamesAreRefused) {
  for (const char *path : {"/etc/passwd", "../x", "a/../../x", "", "a//b", ".", "a/"})
    EXPECT_FALSE(replay(begin() + intent_line(operation(1, path)))) << path;
  EXPECT_FALSE(replay(begin() + intent_line(operation(1, std::string("a\0b", 3)))));
  EXPECT_FALSE(replay(header_line(1) + root_line("relative")));
  EXPECT_FALSE(replay(header_line(1) + root_line("")));
}

TEST(JournalLines, EventsThatCannotFollowAreRefused) {
  const std::string intent = begin() + intent_line(operation(1));
  EXPECT_FALSE(replay(intent + event_line("restored", 1)));
  EXPECT_FALSE(replay(intent + event_line("restoring", 1)));
  EXPECT_FALSE(replay(intent + event_line("done", 1) + event_line("done", 1)));
  EXPECT_FALSE(replay(intent + event_line("abandoned", 1) + event_line("done", 1)));
  EXPECT_FALSE(replay(intent + event_line("done", 2)));
  EXPECT_FALSE(replay(intent + event_line("done", 0)));
  EXPECT_FALSE(replay(intent + event_line("erased", 1)));
}

TEST(JournalLines, StructureIsHeldToToo) {
  EXPECT_FALSE(replay(root_line("/data")));                         // no header
  EXPECT_FALSE(replay(header_line(1) + header_line(1)));            // two
  EXPECT_FALSE(replay(header_line(1) + intent_line(operation(1)))); // no root
  EXPECT_FALSE(replay(begin() + intent_line(operation(2))));        // ids count up from 1
  Operation file_with_span = operation(1);
  file_with_span.record = RecordSpan{};
  EXPECT_FALSE(replay(begin() + intent_line(file_with_span)));
  Operation record_without = operation(1);
  record_without.action = Action::record;
  EXPECT_FALSE(replay(begin() + intent_line(record_without)));
}

TEST(JournalLines, TornEndIsCutAndDamageInTheMiddleIsNot) {
  EXPECT_EQ(replay(begin() + "{\"type\":\"int")->sound_bytes, begin().size());
  EXPECT_EQ(replay(begin() + std::string(4096, '\0') + "\n")->sound_bytes, begin().size());
  EXPECT_FALSE(replay(begin() + "garbage\n" + intent_line(operation(1))));
}

TEST(JournalLines, RandomDamageNeverCrashesAndReadsTheSameTwice) {
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string text = small_journal();
    for (unsigned edits = 1 + random() % 4; edits > 0; --edits)
      text[random() % text.size()] = static_cast<char>(random());
    const Result<JournalState> once = replay(text), twice = replay(text);
    ASSERT_EQ(once.has_value(), twice.has_value());
    ASSERT_LE(once ? once->sound_bytes : 0, text.size());
  }
}

TEST(Standing, IsTheLastOperationOnEachItemThatWasNotAbandoned) {
  Operation listed = operation(1);
  listed.action = Action::list;
  const std::string listed_then =
      begin() + intent_line(listed) + event_line("done", 1) + intent_line(operation(2));
  EXPECT_EQ(standing_operations(*replay(listed_then + event_line("abandoned", 2))),
            std::vector<std::uint64_t>{1});
  EXPECT_EQ(standing_operations(*replay(listed_then + event_line("done", 2))), std::vector<std::uint64_t>{2});
  EXPECT_TRUE(standing_operations(*replay(small_journal())).empty());
}

TEST(Standing, TellsRootsAndRecordsApart) {
  Operation record = operation(2);
  record.action = Action::record;
  record.record = RecordSpan{0, 0, 1};
  Operation elsewhere = operation(3);
  const std::string text = begin() + intent_line(operation(1)) + intent_line(record) + root_line("/other") +
                           intent_line(elsewhere) + event_line("done", 1) + event_line("done", 2) +
                           event_line("done", 3);
  EXPECT_EQ(standing_operations(*replay(text)).size(), 3u);
}

TEST(JournalHead, IsRecognised) {
  EXPECT_TRUE(begins_as_journal(""));
  EXPECT_TRUE(begins_as_journal("{\"type\":\"jour"));
  EXPECT_TRUE(begins_as_journal(header_line(1)));
  EXPECT_FALSE(begins_as_journal("{\"type\":\"run\"}"));
}

} // namespace
} // namespace datavet::test
