#include <memory>

#include <fmt/format.h>

#include "formats/registry.h"
#include "pipeline/decide.h"
#include "pipeline/report/escape.h"
#include "scanner/cli/all_rules.h"
#include "scanner/cli/commands.h"
#include "scanner/cli/console.h"

namespace datavet::cli {

namespace {

std::string consequence(const Rule &rule) {
  if (rule.severity == Severity::note) return "changes no verdict";
  if (hinders_examination(rule.fault)) return "the sample is unchecked";
  return rule.severity == Severity::error ? "the sample is corrupt" : "the sample is suspect";
}

std::string explanation(const Rule &rule) {
  return fmt::format("{}\n  {}\n\n  severity  {}: {}\n  fault     {}\n  source    {}\n  why       {}\n", rule.id, rule.summary,
                     name_of(rule.severity), consequence(rule), name_of(rule.fault), rule.source, rule.why);
}

int explain(const std::string &id) {
  std::string text;
  const RuleSelection asked{{id}, {}};
  for (const RuleGroup &group : all_rules())
    for (const Rule *rule : group.rules)
      if (asked.counts(rule->id)) text += (text.empty() ? "" : "\n") + explanation(*rule);
  if (text.empty()) return fail({Error::Kind::usage, fmt::format("there is no rule \"{}\"; `datavet rules` lists them", for_terminal(id))});
  return print(text);
}

} // namespace

void add_explain_command(CLI::App &app, int &exit_code) {
  CLI::App *command = app.add_subcommand("explain", "What a rule demands, why, and what to do");
  auto id = std::make_shared<std::string>();
  command->add_option("RULE", *id, "A rule, or the start of several: png.chunk")->required()->type_name("");
  command->callback([id, &exit_code] { exit_code = explain(*id); });
}

} // namespace datavet::cli
