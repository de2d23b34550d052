#include "formats/jpeg/entropy/lane.h"

#include <algorithm>
#include <cstring> // memmove

#include "formats/jpeg/entropy/unstuff.h"

namespace datavet::jpeg {

namespace {

/// The table behind the last turn of a round: whatever the bits are, step() is called.
const RunTable all_undecided = [] {
  RunTable table;
  table.fill(run::undecided);
  return table;
}();

} // namespace

Lane::Lane() : window_(window_bytes + round_bytes) {}

void Lane::begin(const SequentialPlan &plan, Bytes segment, std::uint64_t mcus) {
  plan_ = &plan;
  unread_ = segment;
  window_end_ = 0;
  bytes_passed_ = 0;
  dc_.fill(0);
  clean_ = false;
  turns_in_round_ = most_turns / plan.blocks_in_mcu * plan.blocks_in_mcu;
  Turn *const end = &turns_.back();
  for (unsigned i = 0; i < turns_in_round_; ++i) {
    const RunTables &runs = plan.components[plan.component_of_block[i % plan.blocks_in_mcu]].tables->runs;
    (end - turns_in_round_)[i] = {runs.start.data(), runs.more.data(), nullptr, 0};
  }
  *end = {all_undecided.data(), all_undecided.data(), nullptr, 0};
  // The first round is the short one, so that all end at the end of the turns.
  const std::uint64_t blocks = mcus * plan.blocks_in_mcu;
  const std::uint64_t odd = blocks % turns_in_round_;
  blocks_to_come_ = blocks;
  first_turn_ = end - (odd == 0 ? turns_in_round_ : odd);
  state = {};
  state.left = lane::block_left;
  state.next = window_.data();
  start_round();
}

void Lane::start_round() {
  fill_window();
  blocks_to_come_ -= static_cast<std::uint64_t>(&turns_.back() - first_turn_);
  state.turn = first_turn_;
  refill(state);
  state.turn->next = state.next;
  state.turn->left = state.left;
  state.table = state.turn->start;
}

/// Afterwards the window holds as much as a round can read, or the rest of the segment and zeros.
void Lane::fill_window() {
  const auto at = static_cast<std::size_t>(state.next - window_.data());
  const bool holds_the_rest = unread_.empty() && window_end_ > 0;
  if (holds_the_rest || window_end_ >= at + round_bytes) return;
  // The bits that are known already lie before `next`: judge_dc_values() will want them again.
  const std::size_t passed = at - std::min<std::size_t>(at, 8);
  const std::size_t kept = window_end_ - std::min(passed, window_end_);
  std::memmove(window_.data(), window_.data() + passed, kept);
  bytes_passed_ += passed;
  state.next = window_.data() + (at - passed);
  const Unstuffed more = unstuff(unread_, std::span(window_).subspan(kept, window_bytes - kept));
  unread_ = unread_.subspan(more.read);
  window_end_ = kept + more.written;
  std::fill_n(window_.begin() + static_cast<std::ptrdiff_t>(window_end_), round_bytes, std::uint8_t{0});
}

std::uint64_t Lane::bits_used() const {
  return (bytes_passed_ + static_cast<std::uint64_t>(state.next - window_.data())) * 8 - (state.left & 63);
}

bool Lane::step() { return state.turn == &turns_.back() ? finish_round() : one_symbol(); }

bool Lane::finish_round() {
  const std::uint64_t used = bits_used(), read = (bytes_passed_ + window_end_) * 8;
  if (used > read || !judge_dc_values()) return false;
  if (blocks_to_come_ > 0) {
    first_turn_ = &turns_.back() - turns_in_round_;
    start_round();
    return true;
  }
  // T.81 F.1.2.3: ones fill the last byte.
  const std::uint64_t left = read - used;
  const std::uint8_t ones = static_cast<std::uint8_t>((1u << (left & 7)) - 1);
  clean_ = unread_.empty() && left < 8 && (left == 0 || (window_[window_end_ - 1] & ones) == ones);
  return false;
}

bool Lane::judge_dc_values() {
  for (unsigned block = 0; block < plan_->blocks_in_mcu;) {
    const unsigned index = plan_->component_of_block[block];
    const ComponentPlan &component = plan_->components[index];
    DcRun run{.first = first_turn_ + block, .end = &turns_.back(), .turns_in_mcu = plan_->blocks_in_mcu};
    for (; block < plan_->blocks_in_mcu && plan_->component_of_block[block] == index; ++block)
      ++run.of_component;
    if (component.dc_range && !follow_dc(run, component.tables->dc, *component.dc_range, dc_[index]))
      return false;
  }
  return true;
}

void Lane::use_bits(unsigned count) {
  state.bits <<= count;
  state.left -= count;
}

/// One symbol by the plain tables: its code is longer than the window, or what follows it belongs elsewhere.
bool Lane::one_symbol() {
  refill(state);
  const unsigned block = static_cast<unsigned>(state.turn - first_turn_) % plan_->blocks_in_mcu;
  const SequentialTables &tables = *plan_->components[plan_->component_of_block[block]].tables;
  if (state.table == state.turn->start) {
    const HuffmanDecoder::Code code = tables.dc.find(state.bits);
    if (code.length == 0 || code.symbol > most_dc_bits) return false;
    use_bits(code.length + unsigned{code.symbol});
  } else {
    const HuffmanDecoder::Code code = tables.ac.find(state.bits);
    if (code.length == 0 || !ac_symbol_is_legal(code.symbol, tables.most_ac_bits)) return false;
    use_bits(code.length + (code.symbol & 15u));
    const std::uint64_t left = state.left >> 6;
    const std::uint64_t covered = code.symbol == 0 ? left : (code.symbol >> 4) + 1u;
    if (covered > left) return false;
    state.left -= covered << 6;
  }
  refill(state);
  state.table = state.turn->more;
  if (state.left >> 6 == 0) next_block();
  return true;
}

void Lane::next_block() {
  ++state.turn;
  state.turn->next = state.next;
  state.turn->left = state.left;
  state.left |= lane::block_left;
  state.table = state.turn->start;
}

} // namespace datavet::jpeg
