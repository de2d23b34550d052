// What goes out is harmless, and comes in again as it was.
#include <functional>
#include <random>

#include <gtest/gtest.h>

#include "pipeline/report/escape.h"
#include "pipeline/report/json_report.h"
#include "pipeline/report/numbers.h"
#include "pipeline/report/read_report.h"
#include "pipeline/report/text_report.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/toy_formats.h"

namespace datavet::test {

TEST(Escape, LeavesWordsAndShowsControlsBidiAndBrokenUtf8) {
  EXPECT_EQ(for_terminal("plain name.jpg"), "plain name.jpg");
  EXPECT_EQ(for_terminal("Grüße 日本"), "Grüße 日本");
  EXPECT_EQ(for_terminal("\x1b[31m\n\t\x7f"), "\\x1b[31m\\x0a\\x09\\x7f");
  EXPECT_EQ(for_terminal("a\xc2\x9b" "b"), "a\\x9bb") << "C1 control sequence introducer";
  EXPECT_EQ(for_terminal("a\xe2\x80\xae" "b"), "a\\u{202e}b") << "right-to-left override";
  EXPECT_EQ(for_terminal("\xff\xc0\x80\xed\xa0\x80"), "\\xff\\xc0\\x80\\xed\\xa0\\x80") << "not UTF-8: lone, overlong, surrogate";
  EXPECT_EQ(for_terminal(std::string(100, 'a'), 10), std::string(10, 'a') + "...");
}

TEST(Escape, AnyBytesBecomePrintable) {
  std::mt19937 random(5);
  for (int round = 0; round < 5000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char &byte : bytes) byte = static_cast<char>(random());
    const std::string shown = for_terminal(bytes);
    EXPECT_TRUE(is_utf8(shown));
    for (char letter : shown) EXPECT_TRUE(static_cast<unsigned char>(letter) >= 0x20 && letter != 0x7f);
    EXPECT_EQ(for_csv(bytes).find('\n'), std::string::npos);
    std::string back;
    ASSERT_TRUE(from_base64(base64(bytes), back));
    EXPECT_EQ(back, bytes);
  }
}

TEST(Escape, CsvAndShell) {
  EXPECT_EQ(for_csv("a"), "a");
  EXPECT_EQ(for_csv("a,b"), "\"a,b\"");
  EXPECT_EQ(for_csv("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(for_csv("=1+1"), "'=1+1");
  EXPECT_EQ(for_csv("@x,y"), "\"'@x,y\"");
  EXPECT_EQ(for_shell("a/b.c"), "a/b.c");
  EXPECT_EQ(for_shell("a b"), "'a b'");
  EXPECT_EQ(for_shell("a'b"), "'a'\\''b'");
  EXPECT_EQ(for_shell("a\n'b"), "$'a\\x0a\\'b'");
  EXPECT_EQ(for_shell(""), "''");
}

TEST(Escape, Base64RefusesWhatIsNone) {
  std::string bytes;
  for (const char *text : {"a", "ab=c", "=aaa", "a===", "a b=", "aaaa="}) EXPECT_FALSE(from_base64(text, bytes)) << text;
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(Numbers, ForPeople) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(1329279), "1,329,279");
  EXPECT_EQ(bytes_for_people(999), "999 B");
  EXPECT_EQ(bytes_for_people(148.2e9), "148.2 GB");
  EXPECT_EQ(time_for_people(0.42), "0.42 s");
  EXPECT_EQ(time_for_people(61.2), "61 s");
  EXPECT_EQ(time_for_people(9000), "2 h 30 min");
}

TEST(Numbers, SizesAndTimes) {
  EXPECT_EQ(parse_size("4GiB"), std::uint64_t{4} << 30);
  EXPECT_EQ(parse_size("256MB"), 256'000'000u);
  EXPECT_EQ(parse_size("1000"), 1000u);
  EXPECT_EQ(parse_size("0.5KiB"), 512u);
  for (const char *text : {"", "x", "-1", "1XB", "1 GB", "nan", "inf", "1e30"}) EXPECT_FALSE(parse_size(text)) << text;
  EXPECT_EQ(parse_milliseconds("1.5"), 1500u);
  EXPECT_EQ(parse_milliseconds("250ms"), 250u);
  EXPECT_EQ(parse_milliseconds("2m"), 120'000u);
  EXPECT_FALSE(parse_milliseconds("2 fortnights"));
}

namespace {

std::string write_report(const TemporaryFolder &folder, JsonShape shape = JsonShape::lines) {
  const std::string file = folder.string() + "/report";
  Result<std::unique_ptr<Output>> output = file_output(file);
  EXPECT_TRUE(output);
  JsonReport report(std::move(*output), shape, Listed::unhealthy);
  EXPECT_TRUE(report.begin({"0.1.0", {"/root \xff"}, Depth::content, "2026-01-01T00:00:00Z"}));
  const std::vector<Finding> findings{{&toy_x, 5, 2, "detail \x1b\xff"}};
  SampleReport sample;
  sample.path = "a\n\xfe.toy";
  sample.format = "toy";
  sample.verdict = Verdict::corrupt;
  sample.size = 77;
  sample.findings = findings;
  sample.stamp = {1, 2, 3, -4, 5};
  sample.content_hash = 0xabcdef;
  EXPECT_TRUE(report.sample(sample));
  sample.record = RecordPlace{12, 34, 56, "gzip"};
  EXPECT_TRUE(report.sample(sample));
  sample.verdict = Verdict::healthy;
  EXPECT_TRUE(report.sample(sample));
  Summary summary;
  summary.samples = 3;
  EXPECT_TRUE(report.finish(summary));
  return file;
}

} // namespace

TEST(JsonReport, IsReadBackAsItWas) {
  TemporaryFolder folder;
  Result<ReadReport> read = read_report(write_report(folder));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->roots, std::vector<std::string>{"/root \xff"});
  ASSERT_EQ(read->samples.size(), 2u) << "healthy samples are not listed";
  const ReportedSample &file = read->samples[0], &record = read->samples[1];
  EXPECT_EQ(file.path, "a\n\xfe.toy");
  EXPECT_EQ(file.verdict, Verdict::corrupt);
  EXPECT_EQ(file.stamp, (FileStamp{1, 2, 3, -4, 5}));
  EXPECT_EQ(file.content_hash, 0xabcdefu);
  EXPECT_EQ(file.rules, "toy.x");
  ASSERT_TRUE(record.record);
  EXPECT_EQ(record.record->ordinal, 12u);
  EXPECT_EQ(record.record->offset, 34u);
  EXPECT_EQ(record.record->wrapping, "gzip");
  EXPECT_TRUE(read->has_summary);
  EXPECT_EQ(read->samples_in_all, 3u);
}

TEST(JsonReport, HoldsAsciiOnly) {
  TemporaryFolder folder;
  std::ifstream file(write_report(folder), std::ios::binary);
  for (char letter; file.get(letter);) EXPECT_TRUE(letter == '\n' || (letter >= 0x20 && letter < 0x7f));
}

TEST(ReadReport, RefusesEveryDamagedReportOrReadsItWhole) {
  TemporaryFolder folder;
  std::ifstream file(write_report(folder), std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(file), {}};
  std::mt19937 random(9);
  for (int round = 0; round < 3000; ++round) {
    std::string bad = good;
    for (std::size_t n = 1 + random() % 3; n > 0; --n) bad[random() % bad.size()] = static_cast<char>(random());
    if (random() % 4 == 0) bad.resize(random() % bad.size());
    const std::filesystem::path path = folder.write("bad", bad);
    Result<ReadReport> read = read_report(path.string()); // no crash, no throw; an error or a report
    if (!read) {
      EXPECT_EQ(read.error().kind, Error::Kind::usage);
    }
  }
}

TEST(FileOutput, LeavesNoHalfReport) {
  TemporaryFolder folder;
  const std::string path = folder.string() + "/report";
  {
    Result<std::unique_ptr<Output>> output = file_output(path);
    ASSERT_TRUE(output);
    ASSERT_TRUE((*output)->write("half"));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_FALSE(file_output(folder.string() + "/no/folder"));
}

TEST(TextReport, ShowsTheFirstInOrderWhateverTheOrderOfArrival) {
  TemporaryFolder folder;
  auto shown = [&](std::vector<int> order) {
    const std::string path = folder.string() + "/text";
    TextOptions options;
    options.most = 3;
    options.quiet = true;
    TextReport report(std::move(*file_output(path)), options);
    EXPECT_TRUE(report.begin({"", {"/r"}, Depth::content, ""}));
    const std::vector<Finding> findings{{&toy_x, 0, 0, "x"}};
    for (int number : order) {
      const std::string name = "f" + std::to_string(number);
      SampleReport sample;
      sample.path = name;
      sample.verdict = Verdict::corrupt;
      sample.findings = findings;
      EXPECT_TRUE(report.sample(sample));
    }
    EXPECT_TRUE(report.finish({}));
    std::ifstream file(path);
    return std::string{std::istreambuf_iterator<char>(file), {}};
  };
  const std::string text = shown({5, 1, 4, 2, 3});
  EXPECT_EQ(text, shown({1, 2, 3, 4, 5}));
  EXPECT_NE(text.find("f1\n"), std::string::npos);
  EXPECT_EQ(text.find("f4\n"), std::string::npos);
  EXPECT_NE(text.find("and 2 samples more"), std::string::npos);
}

TEST(Reports, NameTheDatasetAndItsRows) {
  TemporaryFolder folder;
  const std::vector<Finding> findings{{&toy_x, 2048, 7, "chunk at (32), rows 32 to 47: x", "/images", {32, 16}}};
  SampleReport sample;
  sample.path = "f.toy";
  sample.format = "toy";
  sample.verdict = Verdict::corrupt;
  sample.findings = findings;
  const auto written = [&](const std::function<std::unique_ptr<Sink>(std::unique_ptr<Output>)> &make) {
    const std::string path = folder.string() + "/report";
    const std::unique_ptr<Sink> report = make(std::move(*file_output(path)));
    EXPECT_TRUE(report->begin({"", {"/r"}, Depth::content, ""}));
    EXPECT_TRUE(report->sample(sample));
    EXPECT_TRUE(report->finish({}));
    std::ifstream file(path);
    return std::string{std::istreambuf_iterator<char>(file), {}};
  };
  const auto text = [&](TextShape shape) {
    return written([shape](std::unique_ptr<Output> output) -> std::unique_ptr<Sink> {
      TextOptions options;
      options.shape = shape;
      return std::make_unique<TextReport>(std::move(output), options);
    });
  };
  const std::string json = written([](std::unique_ptr<Output> output) -> std::unique_ptr<Sink> {
    return std::make_unique<JsonReport>(std::move(output), JsonShape::lines, Listed::unhealthy);
  });
  EXPECT_NE(json.find(R"("first_row":32)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("rows":16)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("part":"/images")"), std::string::npos) << json;
  EXPECT_NE(text(TextShape::csv).find(",/images,32,16\n"), std::string::npos) << text(TextShape::csv);
  EXPECT_NE(text(TextShape::lines).find("f.toy#/images:2048: "), std::string::npos) << text(TextShape::lines);
  EXPECT_NE(text(TextShape::blocks).find("/images: chunk at (32), rows 32 to 47: x"), std::string::npos);
}

} // namespace datavet::test
