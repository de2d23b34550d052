#include "scanner/cli/schema_toml.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <string_view>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "pipeline/report/escape.h"

namespace datavet::cli {

namespace {

constexpr std::string_view kinds[] = {"bytes", "float", "int64", "none"};

std::int64_t as_integer(std::uint64_t number) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(number, std::numeric_limits<std::int64_t>::max()));
}

toml::table table_of(const FeatureSchema &feature) {
  toml::table table{{"kind", feature.kind}, {"required", feature.required}, {"records", as_integer(feature.records)}};
  if (feature.length) table.insert("length", as_integer(*feature.length));
  return table;
}

/// Says where and what, with the mend.
Error misunderstood(const std::string &source, const toml::node &node, const std::string &what) {
  return {Error::Kind::usage, fmt::format("{}, line {}: {}", source, node.source().begin.line, what)};
}

Result<FeatureSchema> feature_from(const std::string &name, const toml::node &node, const std::string &source) {
  const toml::table *table = node.as_table();
  if (table == nullptr) return misunderstood(source, node, fmt::format("feature \"{}\" is not a table", name));
  FeatureSchema feature;
  feature.name = name;
  for (const auto &[key, value] : *table) {
    const std::optional<std::int64_t> number = value.value_exact<std::int64_t>();
    if (key == "kind" && value.is_string())
      feature.kind = *value.value<std::string>();
    else if (key == "required" && value.is_boolean())
      feature.required = *value.value<bool>();
    else if (key == "length" && number && *number >= 0)
      feature.length = static_cast<std::uint64_t>(*number);
    else if (key == "records" && number && *number >= 0)
      feature.records = static_cast<std::uint64_t>(*number);
    else
      return misunderstood(source, value, fmt::format("feature \"{}\": \"{}\" is none of kind = \"...\", length = N, required = true or false, records = N", name, std::string_view(key.str())));
  }
  if (std::ranges::find(kinds, feature.kind) == std::end(kinds))
    return misunderstood(source, node, fmt::format("feature \"{}\": kind is \"{}\", not one of bytes, float, int64, none", name, feature.kind));
  return feature;
}

Result<DatasetSchema> dataset_from(const toml::node &node, const std::string &source) {
  const toml::table *table = node.as_table();
  if (table == nullptr) return misunderstood(source, node, "each [[dataset]] is a table");
  DatasetSchema dataset;
  for (const auto &[key, value] : *table) {
    if (key == "path" && value.is_string())
      dataset.path = *value.value<std::string>();
    else if (key == "records" && value.is_integer())
      dataset.records = static_cast<std::uint64_t>(std::max<std::int64_t>(0, *value.value<std::int64_t>()));
    else if (key == "feature" && value.is_table()) {
      for (const auto &[name, description] : *value.as_table()) {
        Result<FeatureSchema> feature = feature_from(std::string(name.str()), description, source);
        if (!feature) return feature.error();
        dataset.features.push_back(std::move(*feature));
      }
    } else
      return misunderstood(source, value, fmt::format("\"{}\" is none of path = \"...\", records = N, feature.NAME", std::string_view(key.str())));
  }
  if (dataset.path.empty()) return misunderstood(source, node, "a [[dataset]] needs a path; \"*\" stands for all");
  std::ranges::sort(dataset.features, {}, &FeatureSchema::name);
  return dataset;
}

} // namespace

std::string to_toml(const Schema &schema) {
  toml::array datasets;
  for (const DatasetSchema &dataset : schema.datasets) {
    toml::table features;
    for (const FeatureSchema &feature : dataset.features)
      if (is_utf8(feature.name)) features.insert(feature.name, table_of(feature)); // TOML can hold no other
    toml::table table{{"path", is_utf8(dataset.path) ? dataset.path : "*"}, {"records", as_integer(dataset.records)}};
    table.insert("feature", std::move(features));
    datasets.push_back(std::move(table));
  }
  std::ostringstream text;
  text << toml::table{{"dataset", std::move(datasets)}} << "\n";
  return std::move(text).str();
}

Result<Schema> schema_from_toml(const std::string &text, const std::string &source) {
  toml::table file;
  try {
    file = toml::parse(text);
  } catch (const toml::parse_error &error) {
    return Error{Error::Kind::usage, fmt::format("{}, line {}: {}", source, error.source().begin.line, error.description())};
  }
  Schema schema;
  for (const auto &[key, value] : file) {
    if (key != "dataset" || !value.is_array())
      return misunderstood(source, value, fmt::format("\"{}\" is not a list of [[dataset]] tables, as `datavet schema` prints them", std::string_view(key.str())));
    for (const toml::node &node : *value.as_array()) {
      Result<DatasetSchema> dataset = dataset_from(node, source);
      if (!dataset) return dataset.error();
      schema.datasets.push_back(std::move(*dataset));
    }
  }
  if (schema.datasets.empty()) return Error{Error::Kind::usage, fmt::format("{}: no [[dataset]] in it; `datavet schema PATH` prints one", source)};
  return schema;
}

Result<Schema> read_schema_file(const std::string &file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{Error::Kind::usage, fmt::format("cannot read the schema {}", for_terminal(file))};
  return schema_from_toml(std::string(std::istreambuf_iterator<char>(in), {}), for_terminal(file));
}

} // namespace datavet::cli
