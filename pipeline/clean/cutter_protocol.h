/// What the host and datavet-worker-hdf5-cut say to each other, over a SOCK_SEQPACKET channel: one CutRequest and the
/// words that it announces, then CutReplies until one says how it ended. The conventions of isolation/protocol.h hold.
#pragma once

#include <cstdint>

#include "pipeline/isolation/protocol.h"

namespace datavet::cutter {

inline constexpr const char *program_name = "datavet-worker-hdf5-cut";
inline constexpr std::uint64_t words_per_message = 4096;

struct CutRequest {
  static constexpr isolation::Text<8> expected_magic{"dvcut01"};
  isolation::Text<8> magic;
  isolation::WorkerConfig config; ///< file_size: of the original; target_bytes: the most the copy may have
  std::uint64_t target_size;      ///< of the copy as it is handed over
  std::int64_t clock_seconds;     ///< what time it is: libhdf5 writes it into headers, and two copies shall be alike
  /// Of what follows. For each dataset: address of its header, 1 if its index is bad, number of ranges; then first row
  /// and count of each range that goes.
  std::uint64_t words;
};

struct CutReply {
  enum class Kind : std::uint32_t { alive, done, refused, read_failed, write_failed };
  static constexpr isolation::Text<8> expected_magic{"dvcutre"};
  isolation::Text<8> magic;
  Kind kind;
  std::int32_t error; ///< errno; 0 = it was not the disk
  isolation::Text<512> why;
};

static_assert(isolation::Message<CutRequest> && isolation::Message<CutReply>);

} // namespace datavet::cutter
