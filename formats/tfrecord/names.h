/// File names that mean TFRecord.
#pragma once

#include <string_view>

namespace datavet::tfrecord {

bool claims_name(std::string_view file_name);

} // namespace datavet::tfrecord
