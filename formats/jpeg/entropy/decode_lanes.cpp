// The innermost loops of the whole program: up to two streams of Huffman codes, look-up by look-up.
#include "formats/jpeg/entropy/lane.h"

#include <algorithm>

#include "formats/jpeg/entropy/cpu.h"
#include "formats/jpeg/entropy/extend.h"

namespace datavet::jpeg {

namespace {

/// One look-up. False: the lane has to step().
[[gnu::always_inline]] inline bool look_up(LaneState &s) {
  const Run found = s.table[s.bits >> (64 - run::window_bits)];
  std::uint64_t left = s.left - found;
  if (__builtin_expect((left & lane::needs_step) != 0, 0)) return false;
  s.bits <<= found & 63u;
  Turn *turn = s.turn;
  Turn *const next_turn = turn + 1;
  const Run *table = turn->more;
  // In case the block has ended. If not, a later look-up writes here again.
  next_turn->next = s.next;
  next_turn->left = left;
  const std::uint64_t fresh = (left & 63) | lane::block_left;
#if defined(__x86_64__)
  // Compilers turn these three choices back into a jump that is mispredicted once a block: 20-40 % slower.
  asm("cmp $64, %[left]\n\t"
      "cmovl %c[start](%[turn]), %[table]\n\t"
      "cmovl %[fresh], %[left]\n\t"
      "cmovl %[next], %[turn]"
      : [left] "+&r"(left), [table] "+&r"(table), [turn] "+&r"(turn)
      : [fresh] "r"(fresh), [next] "r"(next_turn), [start] "i"(sizeof(Turn)), "m"(*next_turn)
      : "cc");
#else
  const bool ended = static_cast<std::int64_t>(left) < 64;
  table = ended ? next_turn->start : table;
  left = ended ? fresh : left;
  turn = ended ? next_turn : turn;
#endif
  s.left = left;
  s.table = table;
  s.turn = turn;
  return true;
}

/// `lanes` side by side; their states live in registers meanwhile.
template <unsigned count> [[gnu::always_inline]] inline unsigned decode(Lane *const (&lanes)[count]) {
  LaneState states[count];
#pragma GCC unroll 4
  for (unsigned i = 0; i < count; ++i) states[i] = lanes[i]->state;
  for (;;) {
#pragma GCC unroll 4
    for (unsigned i = 0; i < count; ++i) refill(states[i]);
#pragma GCC unroll 3
    for (unsigned look_ups = 0; look_ups < 3; ++look_ups) {
#pragma GCC unroll 4
      for (unsigned i = 0; i < count; ++i) {
        if (look_up(states[i])) continue;
        lanes[i]->state = states[i];
        const bool goes_on = lanes[i]->step();
        states[i] = lanes[i]->state;
        if (goes_on) continue;
#pragma GCC unroll 4
        for (unsigned j = 0; j < count; ++j) lanes[j]->state = states[j];
        return i;
      }
    }
  }
}

[[gnu::always_inline]] inline bool follow(const DcRun &run, const HuffmanDecoder &decoder, DcRange range,
                                          std::int32_t &dc) {
  auto above_lowest = static_cast<std::uint32_t>(dc - range.lowest);
  std::uint32_t highest = 0;
  for (const Turn *turn = run.first, *last = turn + run.of_component; turn < run.end;) {
    const std::uint64_t bit = reinterpret_cast<std::uintptr_t>(turn->next) * 8 - (turn->left & 63);
    const std::uint64_t bits = load_be64(reinterpret_cast<const std::uint8_t *>(bit / 8)) << (bit % 8);
    const HuffmanDecoder::Code code = decoder.find(bits);
    above_lowest += static_cast<std::uint32_t>(extend(bits << code.length, code.symbol));
    highest = std::max(highest, above_lowest); // what is below the lowest has become very high
    if (++turn != last) continue;
    turn += run.turns_in_mcu - run.of_component;
    last += run.turns_in_mcu;
  }
  dc = static_cast<std::int32_t>(above_lowest) + range.lowest;
  return highest <= static_cast<std::uint32_t>(range.highest - range.lowest);
}

using DecodeLane = unsigned (*)(Lane &);
using DecodeLanes = unsigned (*)(Lane &, Lane &);
using FollowDc = bool (*)(const DcRun &, const HuffmanDecoder &, DcRange, std::int32_t &);

unsigned decode_one_plainly(Lane &lane) { return decode<1>({&lane}); }
unsigned decode_two_plainly(Lane &first, Lane &second) { return decode<2>({&first, &second}); }
bool follow_plainly(const DcRun &run, const HuffmanDecoder &decoder, DcRange range, std::int32_t &dc) {
  return follow(run, decoder, range, dc);
}

#if defined(__x86_64__)
DATAVET_BMI2 unsigned decode_one_bmi2(Lane &lane) { return decode<1>({&lane}); }
DATAVET_BMI2 unsigned decode_two_bmi2(Lane &first, Lane &second) { return decode<2>({&first, &second}); }
DATAVET_BMI2 bool follow_bmi2(const DcRun &run, const HuffmanDecoder &decoder, DcRange range,
                              std::int32_t &dc) {
  return follow(run, decoder, range, dc);
}
const DecodeLane decode_one = uses_bmi2() ? decode_one_bmi2 : decode_one_plainly;
const DecodeLanes decode_two = uses_bmi2() ? decode_two_bmi2 : decode_two_plainly;
const FollowDc follow_one = uses_bmi2() ? follow_bmi2 : follow_plainly;
#else
const DecodeLane decode_one = decode_one_plainly;
const DecodeLanes decode_two = decode_two_plainly;
const FollowDc follow_one = follow_plainly;
#endif

} // namespace

unsigned decode_lane(Lane &lane) { return decode_one(lane); }
unsigned decode_lanes(Lane &first, Lane &second) { return decode_two(first, second); }

bool follow_dc(const DcRun &run, const HuffmanDecoder &decoder, DcRange range, std::int32_t &dc) {
  return follow_one(run, decoder, range, dc);
}

} // namespace datavet::jpeg
