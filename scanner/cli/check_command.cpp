#include <cstring>
#include <memory>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "formats/any/any.h"
#include "pipeline/io/file.h"
#include "pipeline/io/file_identity.h"
#include "pipeline/one_sample.h"
#include "pipeline/recognise.h"
#include "pipeline/report/escape.h"
#include "pipeline/report/numbers.h"
#include "scanner/cli/commands.h"
#include "scanner/cli/console.h"
#include "scanner/cli/exit_code.h"
#include "scanner/pool_options.h"

namespace datavet::cli {

namespace {

struct CheckFlags {
  std::string file;
  std::string format;
  std::string depth = "content";
  std::size_t segments = 200;
};

Error cannot_read(const std::string &name, int error) {
  return {Error::Kind::incomplete, fmt::format("cannot read {}: {}", for_terminal(name), std::strerror(error))};
}

/// All of standard input, within the limit on a sample.
Result<std::vector<std::uint8_t>> read_input(std::uint64_t most) {
  std::vector<std::uint8_t> bytes;
  constexpr std::size_t piece = 1 << 20;
  while (bytes.size() <= most) {
    const std::size_t before = bytes.size();
    bytes.resize(before + piece);
    const ssize_t count = ::read(STDIN_FILENO, bytes.data() + before, piece);
    bytes.resize(before + static_cast<std::size_t>(count > 0 ? count : 0));
    if (count < 0 && errno != EINTR) return cannot_read("standard input", errno);
    if (count == 0) return bytes;
  }
  return Error{Error::Kind::usage, fmt::format("standard input has more than {} bytes: save it to a file and scan that", most)};
}

class Check {
public:
  explicit Check(const CheckFlags &flags) : flags_(flags), decoders_(pool_options({}, {}, 1)) {
    options_.depth = *depth_named(flags.depth);
  }

  int run() {
    if (!flags_.format.empty()) {
      meant_ = format_named(registry(), flags_.format);
      if (meant_ == nullptr)
        return fail({Error::Kind::usage, fmt::format("there is no format \"{}\"; `datavet formats` lists them", for_terminal(flags_.format))});
    }
    one_.evidence.outline = &outline_;
    Result<void> judged = flags_.file == "-" ? judge_input() : judge_named_file();
    if (!judged) return fail(judged.error());
    const int printed = print(text());
    if (printed != exit_clean) return printed;
    const Verdict verdict = one_.evidence.findings.verdict();
    if (verdict == Verdict::unchecked) return is_trouble(one_.evidence.findings.list()) ? exit_incomplete : exit_clean;
    return verdict == Verdict::corrupt ? exit_findings : exit_clean;
  }

private:
  Result<void> judge_input() {
    Result<std::vector<std::uint8_t>> bytes = read_input(options_.limits.sample_bytes);
    if (!bytes) return bytes.error();
    size_ = bytes->size();
    judge_bytes(registry(), *bytes, meant_, options_, &decoders_, one_);
    return {};
  }

  Result<void> judge_named_file() {
    UniqueFd fd(::open(flags_.file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd) return Error{errno == ENOENT || errno == ENOTDIR ? Error::Kind::usage : Error::Kind::incomplete, cannot_read(flags_.file, errno).message};
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0) return cannot_read(flags_.file, errno);
    if (S_ISDIR(status.st_mode)) return Error{Error::Kind::usage, for_terminal(flags_.file) + " is a folder: use datavet scan"};
    if (!S_ISREG(status.st_mode)) return Error{Error::Kind::usage, for_terminal(flags_.file) + " is not a regular file"};
    const File file(std::move(fd), identity_of(status));
    size_ = file.size();
    return judge_file_content(file);
  }

  Result<void> judge_file_content(const File &file) {
    const std::string name = flags_.file.substr(flags_.file.rfind('/') + 1); // npos + 1 = 0
    const Format *by_name = format_of_name(registry(), name);
    const Format *meant = meant_ != nullptr ? meant_ : by_name;
    std::vector<std::uint8_t> bytes(std::min<std::uint64_t>(size_, head_bytes));
    if (Source::Read read = file.read(0, bytes); read.error != 0) return cannot_read(flags_.file, read.error);
    const Format *found = format_of_content(registry(), bytes);
    if (found != nullptr && found->layout == Layout::random_access) {
      judge_file(registry(), *found, file, options_, &decoders_, one_);
    } else {
      if (size_ > options_.limits.sample_bytes)
        return Error{Error::Kind::usage, fmt::format("{} has {}: use datavet scan, which streams it", for_terminal(flags_.file), bytes_for_people(static_cast<double>(size_)))};
      bytes.resize(size_);
      Source::Read read = file.read(0, bytes);
      if (read.error != 0) return cannot_read(flags_.file, read.error);
      bytes.resize(read.count);
      judge_bytes(registry(), bytes, meant, options_, &decoders_, one_);
    }
    if (one_.format != nullptr && by_name != nullptr && one_.format != by_name)
      explain_name_mismatch(*one_.format, name, *by_name, one_.evidence);
    return {};
  }

  std::string text() const {
    std::string text = fmt::format("{}  {} bytes\n", for_terminal(flags_.file), with_commas(size_));
    text += one_.format == nullptr ? "no known format\n" : fmt::format("{}  {}\n", one_.format->title, facts_text());
    text += segments_text();
    for (const Finding &finding : one_.evidence.findings.list())
      text += fmt::format("\n{}  {}  offset {}{}\n  {}{}\n  rule: {}\n  why: {}\n", name_of(finding.rule->severity), finding.rule->id, finding.offset,
                          finding.length > 0 ? fmt::format(" +{}", finding.length) : "",
                          finding.part.empty() ? "" : for_terminal(finding.part, 200) + ": ", for_terminal(finding.detail.empty() ? std::string(finding.rule->summary) : finding.detail, 1000),
                          finding.rule->summary, finding.rule->why);
    if (const std::uint64_t more = one_.evidence.findings.not_kept(); more > 0) text += fmt::format("\nand {} findings more\n", with_commas(more));
    return text + fmt::format("\nverdict: {} at depth {}\n", name_of(one_.evidence.findings.verdict()), flags_.depth);
  }

  std::string facts_text() const {
    const Facts &facts = one_.evidence.facts;
    std::string text;
    if (facts.width > 0) text += fmt::format("{} x {} ", facts.width, facts.height);
    if (facts.bits > 0) text += fmt::format("{}-bit ", facts.bits);
    if (facts.colour != Colour::unknown) text += fmt::format("{} ", name_of(facts.colour));
    if (facts.progressive) text += "progressive ";
    if (facts.frames > 1) text += fmt::format("{} frames ", facts.frames);
    if (facts.datasets > 0) text += fmt::format("{} objects, {} datasets ", facts.objects, facts.datasets);
    if (facts.decoded_bytes > 0) text += fmt::format("decodes to {}", bytes_for_people(static_cast<double>(facts.decoded_bytes)));
    return text;
  }

  std::string segments_text() const {
    std::string text;
    const std::vector<Segment> &segments = outline_.segments();
    for (std::size_t i = 0; i < std::min(segments.size(), flags_.segments); ++i) {
      const Segment &segment = segments[i];
      text += fmt::format("{:>12} {:>12}  {:{}}{:<14} {}\n", segment.offset, fmt::format("+{}", segment.length), "", 2 * segment.level,
                          for_terminal(segment.name, 60), for_terminal(segment.detail, 200));
    }
    if (const std::uint64_t more = segments.size() + outline_.not_kept() - std::min(segments.size(), flags_.segments); more > 0)
      text += fmt::format("{:>12} ... {} segments more (--segments)\n", "", with_commas(more));
    return text;
  }

  const CheckFlags &flags_;
  CheckOptions options_;
  DecoderPool decoders_;
  const Format *meant_ = nullptr;
  Outline outline_;
  OneSample one_;
  std::uint64_t size_ = 0;
};

} // namespace

void add_check_command(CLI::App &app, int &exit_code) {
  CLI::App *command = app.add_subcommand("check", "Everything known about one file, as a tree of segments with offsets");
  auto flags = std::make_shared<CheckFlags>();
  command->add_option("FILE", flags->file, "The file; - = standard input")->required()->type_name("");
  command->add_option("--as", flags->format, "What it is meant to be (datavet formats)")->type_name("FORMAT");
  command->add_option("--depth", flags->depth, "header, structure, checksum, content or decode (default content)")
      ->check(CLI::IsMember({"header", "structure", "checksum", "content", "decode"}))->type_name("DEPTH");
  command->add_option("--segments", flags->segments, "Segments shown (default 200)")->type_name("N");
  command->callback([flags, &exit_code] { exit_code = Check(*flags).run(); });
}

} // namespace datavet::cli
