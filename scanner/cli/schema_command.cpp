#include <memory>

#include <fmt/format.h>

#include <datavet/scan.h>

#include "pipeline/report/escape.h"
#include "scanner/cli/commands.h"
#include "scanner/cli/console.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/schema_toml.h"

namespace datavet::cli {

namespace {

/// Findings are the business of `datavet scan`.
class NoReport final : public Sink {
public:
  Result<void> sample(const SampleReport &) override { return {}; }
};

int print_schema(const std::vector<std::string> &paths, unsigned threads) {
  ScanOptions options;
  options.paths = paths;
  options.only = {"tfrecord"};
  options.threads = threads;
  NoReport sink;
  Result<Summary> summary = scan(options, sink);
  if (!summary) return fail(summary.error());
  if (summary->schema.datasets.empty()) {
    say("no records of a known kind (tf.Example, tf.SequenceExample): there is no schema to print\n");
    return exit_usage;
  }
  for (const DatasetSchema &dataset : summary->schema.datasets) {
    const std::uint64_t unlike = summary->samples - summary->count(Verdict::healthy);
    if (dataset.too_various) say(fmt::format("{}: the records are too various for a schema\n", for_terminal(dataset.path)));
    if (unlike > 0 && &dataset == &summary->schema.datasets.front())
      say(fmt::format("not healthy: {} (datavet scan says why)\n", unlike));
  }
  const int printed = print(to_toml(summary->schema));
  return printed != exit_clean ? printed : summary->complete && summary->trouble == 0 ? exit_clean : exit_incomplete;
}

} // namespace

void add_schema_command(CLI::App &app, int &exit_code) {
  struct Flags {
    std::vector<std::string> paths;
    unsigned threads = 0;
  };
  CLI::App *command = app.add_subcommand("schema", "Print what the records of TFRecord datasets have in common, as TOML for scan --schema");
  auto flags = std::make_shared<Flags>();
  command->add_option("PATH", flags->paths, "Folders or shards")->required()->type_name("");
  command->add_option("-j", flags->threads, "Threads (default: all processors)")->type_name("N");
  command->callback([flags, &exit_code] { exit_code = print_schema(flags->paths, flags->threads); });
}

} // namespace datavet::cli
