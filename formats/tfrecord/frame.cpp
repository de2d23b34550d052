#include "formats/tfrecord/frame.h"

#include <string>

#include <fmt/format.h>

#include "formats/checksum/crc32c.h"
#include "formats/tfrecord/rules.h"

namespace datavet::tfrecord {

std::uint32_t masked_crc32c(Bytes bytes) { return masked(crc32c(bytes)); }

DataCrc data_crc_of(Bytes record) {
  const std::uint64_t footer_at = record.size() - footer_size;
  return {stored_at<std::uint32_t>(record, footer_at), masked_crc32c(record.subspan(header_size, footer_at - header_size))};
}

Finding finding_of_cut_header(std::uint64_t left, bool all_zero, std::uint64_t offset) {
  return {&tail_torn, offset, left,
          fmt::format("a record's header needs {} bytes, {} are left{}", header_size, left, all_zero ? ", all of them zero" : "")};
}

Finding finding_of_limit(const Frame &frame, std::uint64_t offset) {
  return {&record_limit, offset, frame.size, fmt::format("the record's data are {} bytes", frame.length)};
}

Finding finding_of_passed_over(std::uint64_t missing, std::uint64_t end_of_stream) {
  return {&tail_torn, end_of_stream, 0,
          fmt::format("the record over the limit goes on for {} bytes behind the end", missing)};
}

} // namespace datavet::tfrecord
