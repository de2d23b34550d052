/// TFRecord: split() frames the records of a shard, check() judges framed records (one, or several one
/// behind the other). What a record holds is not looked at: any bytes are legal.
#pragma once

#include "formats/format.h"

namespace datavet {

extern const Format tfrecord_format;

} // namespace datavet
