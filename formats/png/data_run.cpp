#include "formats/png/data_run.h"

#include <algorithm>
#include <cstring>

namespace datavet::png {

void DataRun::add(std::uint64_t offset, std::uint64_t present) {
  if (chunks == 0) begin = offset;
  ++chunks;
  if (present > prefix()) bytes += present - prefix();
  end = std::min<std::uint64_t>(offset + chunk_frame + present, sample.size());
}

std::optional<DataPieces::Piece> DataPieces::next() {
  const Bytes sample = run_->sample;
  while (at_ < run_->end && sample.size() - at_ >= sizeof(ChunkHeader)) {
    ChunkHeader header;
    std::memcpy(&header, sample.data() + at_, sizeof header);
    const std::uint64_t first = at_ + sizeof header;
    const std::uint64_t present = std::min<std::uint64_t>(header.length, sample.size() - first);
    at_ = first + present + sizeof(be32);
    if (header.type != run_->type) continue; // ancillary chunks may stand between the fdATs of a frame
    const std::uint64_t prefix = std::min(run_->prefix(), present);
    return Piece{first + prefix, sample.subspan(first + prefix, present - prefix)};
  }
  return std::nullopt;
}

std::uint64_t offset_in_sample(const DataRun &run, std::uint64_t position) {
  DataPieces pieces(run);
  while (std::optional<DataPieces::Piece> piece = pieces.next()) {
    if (position < piece->bytes.size()) return piece->offset + position;
    position -= piece->bytes.size();
  }
  return run.end;
}

bool copy_out(const DataRun &run, std::uint64_t position, std::span<std::uint8_t> into) {
  DataPieces pieces(run);
  while (std::optional<DataPieces::Piece> piece = pieces.next()) {
    if (position >= piece->bytes.size()) {
      position -= piece->bytes.size();
      continue;
    }
    const std::uint64_t count = std::min<std::uint64_t>(into.size(), piece->bytes.size() - position);
    std::memcpy(into.data(), piece->bytes.data() + position, count);
    into = into.subspan(count);
    position = 0;
    if (into.empty()) return true;
  }
  return into.empty();
}

} // namespace datavet::png
