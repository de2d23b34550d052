/// A schema as a TOML file: what `datavet schema` prints and `datavet scan --schema` reads.
///
///   [[dataset]]
///   path = "train-#-of-#.tfrecord"     # "*" = every dataset that no other entry names
///   [dataset.feature."image/encoded"]
///   kind = "bytes"                     # bytes, float or int64
///   length = 1                         # absent: varies
///   required = true
#pragma once

#include <string>

#include <datavet/result.h>
#include <datavet/schema.h>

namespace datavet::cli {

std::string to_toml(const Schema &schema);
/// `source` names the file in errors. What is not understood is an error: a misspelt key would silently check nothing.
Result<Schema> schema_from_toml(const std::string &text, const std::string &source);
Result<Schema> read_schema_file(const std::string &file);

} // namespace datavet::cli
