#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "formats/any/any.h"
#include "formats/registry.h"
#include "scanner/cli/all_rules.h"
#include "scanner/cli/commands.h"
#include "scanner/cli/console.h"

namespace datavet::cli {

std::vector<RuleGroup> all_rules() {
  std::vector<RuleGroup> groups{{"any", "Any file or sample", any_rules()}};
  for (const Format *format : registry()) groups.push_back({format->name, format->title, format->rules});
  return groups;
}

std::string rules_page() {
  std::string page = "# Rules\n\n"
                     "Written by `datavet rules --markdown` from the tables in formats/*/rules.h; do not edit.\n"
                     "An error makes a sample corrupt, a warning suspect, a note changes nothing. The faults unreadable,\n"
                     "over_limit, unsupported and timed_out mean that a sample could not be judged: it is unchecked.\n";
  for (const RuleGroup &group : all_rules()) {
    page += fmt::format("\n## {}\n\n| rule | severity | fault | a healthy sample | source | why it matters |\n|---|---|---|---|---|---|\n", group.title);
    for (const Rule *rule : group.rules)
      page += fmt::format("| {} | {} | {} | {} | {} | {} |\n", rule->id, name_of(rule->severity), name_of(rule->fault), rule->summary, rule->source, rule->why);
  }
  return page;
}

namespace {

std::string as_text() {
  std::string text;
  for (const RuleGroup &group : all_rules()) {
    text += fmt::format("{}{}\n", text.empty() ? "" : "\n", group.title);
    for (const Rule *rule : group.rules) text += fmt::format("  {:<32} {:<8} {}\n", rule->id, name_of(rule->severity), rule->summary);
  }
  return text;
}

std::string as_json() {
  nlohmann::ordered_json rules = nlohmann::ordered_json::array();
  for (const RuleGroup &group : all_rules())
    for (const Rule *rule : group.rules)
      rules.push_back({{"rule", rule->id},
                       {"format", group.name},
                       {"severity", name_of(rule->severity)},
                       {"fault", name_of(rule->fault)},
                       {"summary", rule->summary},
                       {"source", rule->source},
                       {"why", rule->why}});
  return rules.dump(1) + "\n";
}

} // namespace

void add_rules_command(CLI::App &app, int &exit_code) {
  CLI::App *command = app.add_subcommand("rules", "List every rule");
  auto shape = std::make_shared<std::string>("text");
  command->add_flag_callback("--json", [shape] { *shape = "json"; }, "As JSON");
  command->add_flag_callback("--markdown", [shape] { *shape = "markdown"; }, "As the page docs/rules.md");
  command->callback([shape, &exit_code] {
    exit_code = print(*shape == "json" ? as_json() : *shape == "markdown" ? rules_page() : as_text());
  });
}

} // namespace datavet::cli
