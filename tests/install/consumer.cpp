// An ingestion service in small: bytes in, verdict out; and a scan with a sink of its own.
#include <cstdio>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <vector>

#include <datavet/datavet.h>

namespace {

class Counter final : public datavet::Sink {
public:
  datavet::Result<void> sample(const datavet::SampleReport &report) override {
    bad += report.verdict == datavet::Verdict::corrupt;
    return {};
  }
  int bad = 0;
};

} // namespace

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  std::ifstream file(argv[1], std::ios::binary);
  const std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());

  datavet::Checker checker;
  const datavet::CheckResult good = checker.check(bytes, "png");
  std::vector<std::uint8_t> damaged = bytes;
  damaged[damaged.size() / 2] ^= 1;
  const datavet::CheckResult bad = checker.check(damaged);
  std::printf("%s %s %s\n", datavet::version(), name_of(good.verdict).data(), name_of(bad.verdict).data());
  if (good.verdict != datavet::Verdict::healthy || bad.verdict != datavet::Verdict::corrupt) return 1;

  Counter counter;
  datavet::ScanOptions options;
  options.paths = {argv[2]};
  const datavet::Result<datavet::Summary> summary = datavet::scan(options, counter);
  if (!summary) {
    std::printf("%s\n", summary.error().message.c_str());
    return 1;
  }
  std::printf("%d bad of %llu\n", counter.bad, static_cast<unsigned long long>(summary->samples));
  return counter.bad > 0 && summary->adds_up() ? 0 : 1;
}
