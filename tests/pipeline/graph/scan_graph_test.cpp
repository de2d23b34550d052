// The graph against the plain loop, and every kind of file that a folder can hold.
#include <csignal>
#include <filesystem>
#include <random>
#include <sstream>

#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <sys/stat.h>
#include <zlib.h>

#include "pipeline/io/file_identity.h"
#include "tests/pipeline/graph/plain_scan.h"
#include "tests/pipeline/graph/threaded_scan.h"
#include "tests/support/collecting_sink.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/toy_formats.h"

namespace datavet::test {

namespace {

struct Scanned {
  std::string text;
  Summary summary;
  std::size_t lines = 0;
};

constexpr std::size_t small_buffer = 8 << 10;

enum class By { plain_loop, graph, plain_threads };
enum class Told { all, bad };

Scanned scan_toys(const ScanOptions &options, unsigned threads, std::stop_token stop = {}, By by = By::graph, Told told = Told::all) {
  CollectingSink sink(told == Told::all);
  Result<FileWalk> walk = FileWalk::open(options);
  EXPECT_TRUE(walk) << walk.error().message;
  Delivery delivery(sink, nullptr);
  ScanSteps steps{*walk, {toy_registry(), {}, options.check, 1 << 10, sink.wants_all()}, {toy_registry(), options.check, nullptr, sink.wants_all()}, {}, delivery, nullptr};
  GraphLimits limits{.buffers = 3, .buffer_bytes = small_buffer, .open_groups = 3, .large_bytes = 64 << 10};
  Result<void> ran;
  if (by == By::plain_loop) {
    ran = run_plain_scan(steps, small_buffer);
  } else if (by == By::plain_threads) {
    ran = ThreadedScan(steps, small_buffer).run(threads);
  } else {
    oneapi::tbb::global_control control(oneapi::tbb::global_control::max_allowed_parallelism, threads);
    oneapi::tbb::task_arena arena(static_cast<int>(threads));
    arena.execute([&] { ran = run_scan_graph(steps, limits, stop); });
  }
  EXPECT_TRUE(ran) << ran.error().message;
  Scanned run{sink.text(), delivery.summary(), sink.lines.size()};
  run.summary.files = walk->counts().files;
  run.summary.links_skipped += walk->counts().links_skipped;
  run.summary.ignored = walk->counts().ignored;
  if (!stop.stop_requested()) {
    EXPECT_TRUE(run.summary.adds_up());
  }
  return run;
}

Scanned scan_folder(const TemporaryFolder &folder, unsigned threads = 2, By by = By::graph, Told told = Told::all) {
  ScanOptions options;
  options.paths = {folder.string()};
  return scan_toys(options, threads, {}, by, told);
}

std::string lines_of_bad_samples(const std::string &text) {
  std::istringstream lines(text);
  std::string bad;
  for (std::string line; std::getline(lines, line);)
    if (line.find(" healthy ") == std::string::npos && !line.ends_with(" other")) bad += line + "\n";
  return bad;
}

std::string gzip(const std::string &plain) {
  std::string packed(plain.size() + 1000, '\0');
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef *>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

/// Small files, files larger than a buffer, shards of all sizes, random-access files, others; some bad.
void make_mixed_dataset(const TemporaryFolder &folder) {
  std::mt19937 random(7);
  auto body = [&](std::size_t size) {
    std::string text(size, 'a');
    for (char &letter : text) letter = static_cast<char>('a' + random() % 23);
    if (random() % 5 == 0 && size > 0) text[random() % size] = 'x';
    return text;
  };
  for (int i = 0; i < 300; ++i) folder.write("small/" + std::to_string(i) + ".toy", toy(body(random() % 900)));
  for (int i = 0; i < 6; ++i) folder.write("large/" + std::to_string(i) + ".toy", toy(body(small_buffer + random() % 70000)));
  for (int i = 0; i < 12; ++i) {
    std::string list;
    for (std::size_t n = random() % 200; n > 0; --n) list += toy_record(body(random() % 300));
    if (i == 3) list += toy_record(body(3 * small_buffer)); // a record larger than a buffer
    if (i == 4) list += "garbage follows";
    if (i == 5) list.resize(list.size() - std::min<std::size_t>(list.size(), 4));
    folder.write("lists/" + std::to_string(i) + ".toylist", list);
    folder.write("packed/" + std::to_string(i) + ".toylist", gzip(list));
  }
  for (int i = 0; i < 5; ++i) folder.write("files/" + std::to_string(i) + ".toyfile", "TOYF" + body(20000));
  for (int i = 0; i < 70; ++i) folder.write("notes/" + std::to_string(i) + ".txt", "words");
  folder.write("empty.toy", "");
  folder.write("empty.toylist", "");
  folder.write("wrong.toy", toy_record("a list"));
  folder.write("unknown.toy", "nothing known");
}

} // namespace

TEST(ScanGraph, ReportsWhatThePlainLoopReportsOnAnyNumberOfThreads) {
  TemporaryFolder folder;
  make_mixed_dataset(folder);
  const Scanned plain = scan_folder(folder, 1, By::plain_loop);
  EXPECT_GT(plain.summary.count(Verdict::corrupt), 50u);
  EXPECT_EQ(plain.summary.other, 70u);
  for (unsigned threads : {1u, 2u, 8u}) {
    for (int round = 0; round < 3; ++round) {
      const Scanned run = scan_folder(folder, threads);
      ASSERT_EQ(run.text, plain.text) << threads << " threads";
      EXPECT_EQ(run.summary.samples, plain.summary.samples);
      EXPECT_EQ(run.summary.bytes, plain.summary.bytes);
      EXPECT_EQ(run.summary.verdicts, plain.summary.verdicts);
      EXPECT_EQ(run.summary.rules, plain.summary.rules);
    }
  }
}

// Told of bad samples only, the scan reads files without a look at them; what it says of the bad ones is the same.
TEST(ScanGraph, SaysTheSameOfBadSamplesWhenItIsAskedForThoseOnly) {
  TemporaryFolder folder;
  make_mixed_dataset(folder);
  const Scanned all = scan_folder(folder, 1, By::plain_loop);
  for (By by : {By::plain_loop, By::graph, By::plain_threads}) {
    const Scanned run = scan_folder(folder, 2, by, Told::bad);
    EXPECT_EQ(run.text, lines_of_bad_samples(all.text));
    EXPECT_EQ(run.summary.samples, all.summary.samples);
    EXPECT_EQ(run.summary.bytes, all.summary.bytes);
    EXPECT_EQ(run.summary.verdicts, all.summary.verdicts);
    EXPECT_EQ(run.summary.rules, all.summary.rules);
  }
}

// Who sets a bad sample aside must know which file was meant.
TEST(ScanGraph, EveryBadFileIsReportedWithItsStamp) {
  class Stamps final : public Sink {
  public:
    explicit Stamps(const std::filesystem::path &root) : root_(root) {}
    Result<void> sample(const SampleReport &report) override {
      struct stat status{};
      EXPECT_EQ(::lstat((root_ / report.path).c_str(), &status), 0);
      EXPECT_EQ(report.stamp, identity_of(status)) << report.path;
      ++seen;
      return {};
    }
    int seen = 0;

  private:
    std::filesystem::path root_;
  };
  TemporaryFolder folder;
  make_mixed_dataset(folder);
  ScanOptions options;
  options.paths = {folder.string()};
  Result<FileWalk> walk = FileWalk::open(options);
  ASSERT_TRUE(walk);
  Stamps sink(folder.path());
  Delivery delivery(sink, nullptr);
  ScanSteps steps{*walk, {toy_registry(), {}, {}, 1 << 10}, {}, {}, delivery};
  ASSERT_TRUE(run_scan_graph(steps, {.buffers = 3, .buffer_bytes = small_buffer, .open_groups = 3, .large_bytes = 64 << 10}, {}));
  EXPECT_GT(sink.seen, 50);
}

TEST(ScanSteps, RunOnPlainThreads) {
  TemporaryFolder folder;
  make_mixed_dataset(folder);
  const Scanned plain = scan_folder(folder, 1, By::plain_loop);
  const Scanned threaded = scan_folder(folder, 4, By::plain_threads);
  EXPECT_EQ(threaded.text, plain.text);
  EXPECT_EQ(threaded.summary.rules, plain.summary.rules);
}

TEST(ScanGraph, FindsAnXAtItsOffsetInAFileAndInARecord) {
  TemporaryFolder folder;
  folder.write("a.toy", toy("abx"));
  folder.write("b.toylist", toy_record("abc") + toy_record("axc"));
  EXPECT_EQ(scan_folder(folder).text, "a.toy toy corrupt 7 [toy.x 6+1 an x]\n"
                                      "b.toylist#0@0 toylist healthy 12\n"
                                      "b.toylist#1@12 toylist corrupt 12 [toy.x 22+1 an x]\n");
}

TEST(ScanGraph, AThrowingCheckIsAFindingAndTheScanGoesOn) {
  TemporaryFolder folder;
  folder.write("a.toy", toy("please throw"));
  folder.write("b.toy", toy("fine"));
  const Scanned run = scan_folder(folder);
  EXPECT_NE(run.text.find("a.toy toy unchecked 16 [any.check.failed"), std::string::npos) << run.text;
  EXPECT_NE(run.text.find("b.toy toy healthy"), std::string::npos);
  EXPECT_EQ(run.summary.trouble, 1u);
}

TEST(ScanGraph, AFifoIsNeverOpenedAndNamed) {
  TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder.path() / "pipe.toy").c_str(), 0600), 0);
  ASSERT_EQ(::mkfifo((folder.path() / "pipe.txt").c_str(), 0600), 0);
  const Scanned run = scan_folder(folder);
  EXPECT_NE(run.text.find("pipe.toy toy unchecked 0 [any.file.not_regular"), std::string::npos) << run.text;
  EXPECT_EQ(run.summary.other, 1u);
}

TEST(ScanGraph, SymbolicLinksAreCountedOrFollowedAndLoopsEnd) {
  TemporaryFolder folder;
  folder.write("real/a.toy", toy("a"));
  std::filesystem::create_symlink("real/a.toy", folder.path() / "link.toy");
  std::filesystem::create_directory_symlink("..", folder.path() / "real" / "loop");
  std::filesystem::create_symlink("itself.toy", folder.path() / "itself.toy");
  const Scanned kept = scan_folder(folder);
  EXPECT_EQ(kept.summary.samples, 1u);
  EXPECT_EQ(kept.summary.links_skipped, 3u);
  ScanOptions options;
  options.paths = {folder.string()};
  options.follow_links = true;
  const Scanned followed = scan_toys(options, 2);
  EXPECT_EQ(followed.summary.samples, 2u) << followed.text;
  EXPECT_EQ(followed.summary.links_skipped, 2u);
}

TEST(Fill, AFileThatVanishedSinceItWasListedIsCounted) {
  TemporaryFolder folder;
  folder.write("there.toy", toy("a"));
  folder.write("vanishing.toy", toy("a"));
  ScanOptions options;
  options.paths = {folder.string()};
  Result<FileWalk> walk = FileWalk::open(options);
  ASSERT_TRUE(walk);
  FileCursor cursor{.group = *walk->next()};
  std::filesystem::remove(folder.path() / "vanishing.toy");
  SampleBatch batch(small_buffer);
  const CursorState state = fill({toy_registry(), {}, {}, 1 << 10}, cursor, batch, [](std::uint64_t) { return true; });
  EXPECT_EQ(batch.vanished, 1u);
  EXPECT_EQ(batch.samples.size(), 1u);
  EXPECT_EQ(state, CursorState::done);
}

TEST(ScanGraph, AListedFileThatIsNotThereIsUnchecked) {
  TemporaryFolder folder;
  folder.write("there.toy", toy("a"));
  ScanOptions options;
  options.files = {folder.string() + "/there.toy", folder.string() + "/gone.toy"};
  const Scanned run = scan_toys(options, 2);
  EXPECT_EQ(run.summary.files_unchecked, 1u);
  EXPECT_EQ(run.summary.trouble, 1u);
  EXPECT_NE(run.text.find("any.file.unreadable 0+0 No such file"), std::string::npos) << run.text;
}

TEST(ScanGraph, SamplingHoldsForListedFilesToo) {
  TemporaryFolder folder;
  ScanOptions options;
  for (int i = 0; i < 100; ++i) options.files.push_back(folder.write(std::to_string(i) + ".toy", toy("a")).string());
  options.sampling.subsets = 2;
  const std::uint64_t first = scan_toys(options, 1).summary.samples;
  options.sampling.subset = 1;
  EXPECT_EQ(first + scan_toys(options, 1).summary.samples, 100u);
}

TEST(ScanGraph, AnUnreadableFileIsUncheckedAndSaysWhy) {
  TemporaryFolder folder;
  const std::filesystem::path file = folder.write("secret.toy", toy("a"));
  std::filesystem::permissions(file, std::filesystem::perms::none);
  if (::access(file.c_str(), R_OK) == 0) GTEST_SKIP() << "this user may read everything";
  const Scanned run = scan_folder(folder);
  EXPECT_NE(run.text.find("secret.toy toy unchecked 0 [any.file.unreadable 0+0 Permission denied]"), std::string::npos) << run.text;
  EXPECT_EQ(run.summary.files_unchecked, 1u);
}

TEST(ScanGraph, AFileThatChangesWhileItIsReadIsUnchecked) {
  TemporaryFolder folder;
  const std::filesystem::path file = folder.write("busy.toyfile", "TOYF" + std::string(5000, 'a'));
  during_examine = [&] { std::filesystem::resize_file(file, 100); };
  const Scanned run = scan_folder(folder, 1);
  during_examine = nullptr;
  EXPECT_NE(run.text.find("busy.toyfile toyfile unchecked 5004 [any.file.changed"), std::string::npos) << run.text;
}

TEST(ScanGraph, NamesAreBytes) {
  TemporaryFolder folder;
  folder.write("new\nline \x1b[31m.toy", toy("x"));
  folder.write("not utf-8 \xff\xfe.toy", toy("x"));
  EXPECT_EQ(scan_folder(folder).summary.count(Verdict::corrupt), 2u);
}

TEST(ScanGraph, AnEmptyFolderHoldsNothing) {
  TemporaryFolder folder;
  const Scanned run = scan_folder(folder);
  EXPECT_EQ(run.summary.files, 0u);
  EXPECT_EQ(run.summary.samples, 0u);
}

TEST(ScanGraph, ADamagedPackedShardKeepsTheRecordsBeforeTheDamage) {
  TemporaryFolder folder;
  std::mt19937 random(3);
  std::string list;
  for (int i = 0; i < 2000; ++i) {
    std::string body;
    for (int k = 0; k < 50; ++k) body += static_cast<char>('a' + random() % 20);
    list += toy_record(body);
  }
  std::string packed = gzip(list);
  folder.write("whole.toylist", packed);
  folder.write("cut.toylist", packed.substr(0, packed.size() / 2));
  folder.write("longer.toylist", packed + "trailing words");
  const Scanned run = scan_folder(folder);
  EXPECT_EQ(run.summary.rules.at("toylist.stream"), 1u);
  EXPECT_EQ(run.summary.rules.at("toylist.trailing"), 1u);
  EXPECT_GT(run.summary.samples, 2000u + 900u + 2000u) << "the records before the cut";
  EXPECT_EQ(run.summary.count(Verdict::corrupt), 1u);
}

TEST(ScanGraph, ASinkThatFailsEndsTheScanWithItsError) {
  class FullDisk final : public Sink {
    Result<void> sample(const SampleReport &) override { return Error{Error::Kind::incomplete, "disk full"}; }
  };
  TemporaryFolder folder;
  for (int i = 0; i < 500; ++i) folder.write(std::to_string(i) + ".toy", toy("x"));
  ScanOptions options;
  options.paths = {folder.string()};
  Result<FileWalk> walk = FileWalk::open(options);
  ASSERT_TRUE(walk);
  FullDisk sink;
  Delivery delivery(sink, nullptr);
  ScanSteps steps{*walk, {toy_registry(), {}, {}, 1 << 10}, {toy_registry(), {}, nullptr, false}, {}, delivery, nullptr};
  Result<void> ran = run_scan_graph(steps, {.buffer_bytes = small_buffer}, {});
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().message, "disk full");
}

TEST(ScanGraph, AStoppedScanEnds) {
  TemporaryFolder folder;
  for (int i = 0; i < 500; ++i) folder.write(std::to_string(i) + ".toy", toy("x"));
  std::stop_source stop;
  stop.request_stop();
  ScanOptions options;
  options.paths = {folder.string()};
  EXPECT_EQ(scan_toys(options, 2, stop.get_token()).summary.samples, 0u);
}

TEST(ScanGraph, SubsetsAreDisjointAndTogetherWhole) {
  TemporaryFolder folder;
  for (int i = 0; i < 200; ++i) folder.write(std::to_string(i) + ".toy", toy("a"));
  std::multiset<std::string> seen;
  ScanOptions options;
  options.paths = {folder.string()};
  options.sampling.subsets = 3;
  std::uint64_t together = 0;
  for (std::uint32_t part = 0; part < 3; ++part) {
    options.sampling.subset = part;
    const Scanned run = scan_toys(options, 2);
    EXPECT_GT(run.summary.samples, 30u);
    together += run.summary.samples;
  }
  EXPECT_EQ(together, 200u);
}

TEST(ScanGraph, ManyLargeSamplesWaitForEachOtherAndAllArrive) {
  TemporaryFolder folder;
  for (int i = 0; i < 40; ++i) folder.write(std::to_string(i) + ".toy", toy(std::string(100'000, 'a') + "x"));
  const Scanned run = scan_folder(folder, 8);
  EXPECT_EQ(run.summary.samples, 40u);
  EXPECT_EQ(run.summary.count(Verdict::corrupt), 40u);
}

} // namespace datavet::test
