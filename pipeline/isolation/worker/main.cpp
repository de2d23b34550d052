// A worker program. Which decoders it links says the table that CMake puts beside this file.
#include <unistd.h>

#include "formats/decoder.h"
#include "pipeline/isolation/worker/zygote.h"

int main() {
  // _exit: what libraries would tidy up at exit has crashed before, and there is nothing to save.
  _exit(datavet::isolation::run_zygote(datavet::linked_decoders()));
}
