// Mutants without end: our check beside libpng, and beside itself. Best run from a sanitizer build.
//
// usage: png_soak [COUNT] [SEED]
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string_view>

#include "tests/formats/png/png_beside_libpng.h"
#include "tests/formats/png/png_mutants.h"
#include "tests/support/check.h"

using namespace datavet;
using namespace datavet::test;

namespace {

/// Findings lie inside the sample, and are the same again.
bool keeps_its_promises(const Blob &blob, const Evidence &evidence) {
  for (const Finding &finding : evidence.findings.list())
    if (finding.offset > blob.size() || finding.length > blob.size() - finding.offset) return false;
  return describe(evidence) == describe(check(png_format, blob));
}

} // namespace

int main(int argc, char **argv) {
  const long count = argc > 1 ? std::atol(argv[1]) : 100'000;
  const unsigned seed = argc > 2 ? static_cast<unsigned>(std::atol(argv[2])) : 1;
  Random random(seed);
  long refused = 0, sound = 0, let_pass = 0;
  std::map<std::string_view, long> stricter;
  for (long round = 0; round < count; ++round) {
    const Blob blob = random_mutant(random);
    const Comparison comparison = compare_with_libpng(blob);
    const bool agreed =
        comparison.agreement != Agreement::libpng_only && comparison.agreement != Agreement::unaccounted;
    if (!agreed || !keeps_its_promises(blob, comparison.ours)) {
      std::fprintf(stderr, "seed %u, mutant %ld\n%s", seed, round, comparison.words.c_str());
      return 1;
    }
    if (comparison.agreement == Agreement::refused) ++refused;
    if (comparison.agreement == Agreement::sound) ++sound;
    if (comparison.agreement == Agreement::beyond_libdeflate) ++let_pass;
    if (comparison.agreement == Agreement::ours_only)
      ++stricter[comparison.rule != nullptr ? comparison.rule->id : "frames of an animation"];
  }
  std::printf(
      "%ld mutants, seed %u: both refuse %ld, neither %ld, libpng only 0, let pass by libdeflate %ld, "
      "ours only:\n",
      count, seed, refused, sound, let_pass);
  for (const auto &[id, times] : stricter)
    std::printf("  %-30.*s %ld\n", static_cast<int>(id.size()), id.data(), times);
  return 0;
}
