/// The data of several chunks as one stream: the IDATs, or the fdATs of one frame.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "formats/bytes/bytes.h"
#include "formats/png/chunk.h"

namespace datavet::png {

/// Where the chunks of a stream lie. A range and no list: a hostile file has millions of empty IDATs.
struct DataRun {
  Bytes sample;
  std::uint32_t type = 0;
  std::uint64_t begin = 0; ///< offset of the first chunk
  std::uint64_t end = 0;   ///< just past the last one, or the end of the sample that cuts it
  std::uint64_t bytes = 0; ///< of the stream
  std::uint64_t chunks = 0;

  /// Bytes of a chunk's data before the stream: the sequence number of fdAT.
  std::uint64_t prefix() const { return type == fdat ? 4 : 0; }
  /// Takes the chunk at `offset` into the run; `present` bytes of its data are there.
  void add(std::uint64_t offset, std::uint64_t present);
};

/// Goes through the pieces of a run in order.
class DataPieces {
public:
  struct Piece {
    std::uint64_t offset = 0; ///< in the sample
    Bytes bytes;
  };
  explicit DataPieces(const DataRun &run) : run_(&run), at_(run.begin) {}
  /// The next piece, which may be empty; nothing after the last.
  std::optional<Piece> next();

private:
  const DataRun *run_;
  std::uint64_t at_;
};

/// Where byte `position` of the stream lies in the sample; the end of the run when it has no such byte.
std::uint64_t offset_in_sample(const DataRun &run, std::uint64_t position);
/// Copies stream bytes from `position`; false when the stream has not so many.
bool copy_out(const DataRun &run, std::uint64_t position, std::span<std::uint8_t> into);

} // namespace datavet::png
