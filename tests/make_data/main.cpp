// datavet-demo-data: writes the dataset of `datavet demo`, and those of bench/.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "tests/make_data/bench_corpora.h"
#include "tests/make_data/demo_dataset.h"

namespace {

constexpr const char *usage = R"(usage: datavet-demo-data FOLDER [SEED]              the demonstration dataset
       datavet-demo-data --jpeg FOLDER COUNT           photo-like JPEGs of 500 x 375
       datavet-demo-data --progressive FOLDER COUNT
       datavet-demo-data --png FOLDER COUNT
       datavet-demo-data --small FOLDER COUNT          files of about 4 KB, 1,000 different ones, hard-linked
       datavet-demo-data --tfrecord FILE BYTES RECORD_BYTES
       datavet-demo-data --hdf5 FILE ROWS
)";

std::size_t number(const char *text) { return std::strtoull(text, nullptr, 10); }

int run(int argc, char **argv) {
  using namespace datavet::test;
  const std::string what = argc > 1 ? argv[1] : "";
  if (argc == 4 && what == "--jpeg") write_jpegs(argv[2], number(argv[3]), false);
  else if (argc == 4 && what == "--progressive") write_jpegs(argv[2], number(argv[3]), true);
  else if (argc == 4 && what == "--png") write_pngs(argv[2], number(argv[3]));
  else if (argc == 4 && what == "--small") write_small_files(argv[2], number(argv[3]), 1000);
  else if (argc == 4 && what == "--examples") write_examples(argv[2], number(argv[3]));
  else if (argc == 6 && what == "--hole") write_shard_with_hole(argv[2], number(argv[3]), number(argv[4]), number(argv[5]));
  else if (argc == 5 && what == "--tfrecord") write_shard(argv[2], number(argv[3]), number(argv[4]));
  else if (argc == 4 && what == "--hdf5") write_hdf5(argv[2], number(argv[3]));
  else if ((argc == 2 || argc == 3) && !what.starts_with("-")) write_demo_dataset(what, argc == 3 ? static_cast<unsigned>(number(argv[2])) : 1);
  else {
    std::fputs(usage, stderr);
    return 2;
  }
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception &error) {
    std::fprintf(stderr, "datavet-demo-data: %s\n", error.what());
    return 1;
  }
}
