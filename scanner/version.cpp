#include <datavet/version.h>

namespace datavet {

const char *version() { return DATAVET_VERSION; }

} // namespace datavet
