/// The real files that may lie beside the project (../shared/corpus): an extra, where they do.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <datavet/verdict.h>

#include "tests/support/damage.h"

namespace datavet::test {

struct CorpusFile {
  std::string path;     ///< in the corpus
  std::string format;
  std::string expected; ///< "must_flag", "must_pass", "no_corrupt", "pass_fuzz", "should_flag", "either"
  Blob bytes;
};

inline std::filesystem::path beside_the_project(std::string_view name) {
  return std::filesystem::path(__FILE__).parent_path() / "../../../shared" / name;
}

/// Calls `with` for each file of these formats; how many there were: 0 = there is no corpus.
template <class With> unsigned for_corpus(const std::vector<std::string_view> &formats, With with) {
  const std::filesystem::path corpus = beside_the_project("corpus");
  std::ifstream table(corpus / "expected.tsv");
  unsigned count = 0;
  for (std::string line; std::getline(table, line);) {
    std::istringstream columns(line);
    CorpusFile file;
    std::getline(columns, file.path, '\t');
    std::getline(columns, file.format, '\t');
    std::getline(columns, file.expected, '\t');
    if (std::ranges::find(formats, file.format) == formats.end()) continue;
    std::ifstream stream(corpus / file.path, std::ios::binary);
    file.bytes.assign(std::istreambuf_iterator<char>(stream), {});
    with(file);
    ++count;
  }
  return count;
}

/// A file that breaks loaders is missed, or a sound one accused.
inline bool contradicts(Verdict verdict, std::string_view expected) {
  if (expected == "must_flag") return verdict != Verdict::corrupt;
  if (expected == "must_pass" || expected == "pass_fuzz") return verdict != Verdict::healthy && verdict != Verdict::suspect;
  return expected == "no_corrupt" && verdict == Verdict::corrupt;
}

} // namespace datavet::test
