/// One of the bit streams that are decoded side by side: an entropy-coded segment of a sequential scan.
///
/// Each look-up depends on the one before it, so a single stream leaves most of the processor idle: two in
/// one loop take little longer than one (measured: bench/README.md). decode_lanes() is that loop; a lane is
/// what it works on, and does the rare steps that the loop leaves out.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "formats/bytes/bytes.h"
#include "formats/jpeg/entropy/load_be64.h"
#include "formats/jpeg/entropy/scan_plan.h"

namespace datavet::jpeg {

/// One block's place in the round that a lane decodes between two visits to its step().
struct Turn {
  const Run *start; ///< tables of the block's component
  const Run *more;
  const std::uint8_t *next; ///< with the low 6 bits of `left` where the block starts: as in LaneState
  std::uint64_t left;
};

/// What the loop keeps in registers.
struct LaneState {
  std::uint64_t bits = 0; ///< the next bits of the stream, the first of them topmost
  /// Bits 0-5: how many of `bits` are known. From bit 6 on: coefficients still to come in the block. One
  /// subtraction of a Run serves both.
  std::uint64_t left = 0;
  const std::uint8_t *next = nullptr; ///< byte that the next refill starts with
  const Run *table = nullptr;         ///< for the next look-up
  Turn *turn = nullptr;
};

/// Afterwards at least 56 bits are known. Reads 8 bytes.
[[gnu::always_inline]] inline void refill(LaneState &state) {
  const std::uint64_t known = state.left & 63;
  state.bits |= load_be64(state.next) >> known;
  state.next += (63 - known) >> 3;
  state.left |= 56; // never more than this is relied on, though all 64 bits are right
}

namespace lane {
constexpr std::uint64_t block_left = 63 << 6; ///< LaneState::left at the start of a block
/// Set in `left` after a run that is no legal step: it was undecided, or leads past the block's end.
/// (63 coefficients are 0x0FC0. An end of block makes it 0x8000 to 0x8FFF below zero, which spares these
/// bits.)
constexpr std::uint64_t needs_step = 0x7000;
} // namespace lane

class Lane {
public:
  Lane();

  /// Decodes `mcus` MCUs, at least one, from `segment` next. Both must live until the lane is done.
  void begin(const SequentialPlan &plan, Bytes segment, std::uint64_t mcus);

  /// What the loop cannot do: a long code, the end of a round. False = the lane is done, for good or ill.
  bool step();

  /// Once done: every symbol is legal, the last byte is filled with ones and nothing follows it. If not,
  /// check_sequential_segment() knows why.
  bool is_clean() const { return clean_; }

  LaneState state;

private:
  void start_round();
  bool finish_round();
  bool judge_dc_values();
  void fill_window();
  bool one_symbol();
  void use_bits(unsigned count);
  void next_block();
  std::uint64_t bits_used() const;

  /// Blocks in a round: a multiple of the blocks of most MCUs. A short round keeps the turns in the cache.
  static constexpr unsigned most_turns = 60;
  /// The most that a round can read: no bound is tested on the way. 64 symbols a block, 16 + 11 bits each.
  static constexpr std::size_t round_bytes = most_turns * 64 * 27 / 8 + 64;
  static constexpr std::size_t window_bytes = 64 << 10;

  const SequentialPlan *plan_ = nullptr;
  std::array<Turn, most_turns + 1> turns_; ///< used from the end: behind the last one stands a sentinel
  unsigned turns_in_round_ = 0;            ///< a multiple of the MCU's blocks
  Turn *first_turn_ = nullptr;             ///< of the round being decoded
  std::uint64_t blocks_to_come_ = 0;       ///< after this round
  std::array<std::int32_t, 4> dc_{};
  bool clean_ = false;

  Bytes unread_;                     ///< of the segment: not yet in the window
  std::vector<std::uint8_t> window_; ///< data without stuffed zeros, then zeros
  std::size_t window_end_ = 0;       ///< bytes of data in it
  std::uint64_t bytes_passed_ = 0;   ///< data that left the window
};

/// The blocks of one component in a round.
struct DcRun {
  const Turn *first = nullptr;
  const Turn *end = nullptr; ///< of the round
  unsigned turns_in_mcu = 0; ///< of all components
  unsigned of_component = 0; ///< of this one, side by side
};
/// Reads the DC differences of the blocks, whose places decode_lanes() has left in the turns, and adds them
/// to `dc`. They need not be known while symbols are followed, and here do not wait for each other. False
/// when a value is out of range.
bool follow_dc(const DcRun &run, const HuffmanDecoder &decoder, DcRange range, std::int32_t &dc);

/// Decodes until one of the lanes is done, and returns its index. Each lane has begun.
unsigned decode_lane(Lane &lane);
unsigned decode_lanes(Lane &first, Lane &second);

} // namespace datavet::jpeg
