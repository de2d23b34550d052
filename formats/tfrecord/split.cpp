#include "formats/tfrecord/split.h"

#include <algorithm>
#include <array>
#include <optional>

#include "formats/tfrecord/find_header.h"
#include "formats/tfrecord/frame.h"
#include "formats/tfrecord/hole.h"
#include "formats/tfrecord/payload.h"

namespace datavet::tfrecord {

namespace {

/// What stays from window to window.
struct Memory final : SplitMemory {
  std::optional<Payload> payload; ///< of all records; unknown until the first was seen
  std::optional<Hole> hole; ///< being searched: the window begins where the search goes on
  std::uint64_t searched = 0; ///< bytes of holes, of the whole shard
  std::uint64_t spent = 0;    ///< bytes that were looked at for places that turned out to be no records
};

Memory &memory_of(SplitState &state) {
  if (state.memory == nullptr) state.memory = std::make_unique<Memory>();
  return static_cast<Memory &>(*state.memory);
}

// The first records tell what all of them hold. As many as lie in this many bytes, whatever the window shows.
constexpr std::uint64_t payload_looked_at = 64 << 10;

// Places that look like headers of large records cost much to refute. In files that are merely damaged there
// are next to none; in one made for it each twelve bytes might be one, and the search would take for ever.
constexpr std::uint64_t refuted_for_each_searched = 16;

bool all_zero(Bytes bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

/// What most of the records at the start of `bytes` hold. A record may be damaged, or be taken for what it is not.
Payload payload_of(Bytes bytes, const Limits &limits) {
  constexpr unsigned most_records = 16;
  std::array<unsigned, 4> votes{};
  unsigned records = 0;
  for (std::uint64_t at = 0; at < bytes.size() && records < most_records; ++records) {
    const Frame frame = frame_at(bytes.subspan(at), limits);
    if (frame.state != Frame::State::complete) break;
    ++votes[static_cast<std::size_t>(recognise(bytes.subspan(at + header_size, frame.length)))];
    at += frame.size;
  }
  const auto most = std::max_element(votes.begin() + 1, votes.end());
  return 2 * *most > records ? static_cast<Payload>(most - votes.begin()) : Payload::opaque;
}

class Splitter {
public:
  Splitter(Bytes window, bool last, const CheckOptions &options, SplitState &state, SampleSink &sink)
      : window_(window), last_(last), limits_(options.limits), looks_at_payload_(options.depth >= Depth::content), state_(state), memory_(memory_of(state)), sink_(sink) {}

  SplitStep split() {
    pass_over();
    while (!state_.ended && state_.skip == 0 && step()) {
    }
    end_run();
    if (last_ && state_.skip > 0) end_within_passed_over();
    if (last_) state_.ended = true;
    return {consumed_, needed_};
  }

private:
  Bytes rest() const { return window_.subspan(consumed_); }

  /// Nothing comes behind this window.
  bool stream_ends() const { return last_ || state_.broke_off; }

  void consume(std::uint64_t count) {
    consumed_ += count;
    state_.offset += count;
  }

  /// Of a record over the limit, as much as lies in the window.
  void pass_over() {
    const std::uint64_t count = std::min<std::uint64_t>(state_.skip, rest().size());
    consume(count);
    state_.skip -= count;
  }

  /// False: the window does not show enough to go on, or there is nothing left.
  bool step() {
    if (memory_.hole) return search();
    if (rest().empty()) return false;
    return frame_one();
  }

  bool wait_for(std::uint64_t needed) {
    needed_ = needed;
    return false;
  }

  // --- records ---

  bool frame_one() {
    const Frame frame = ahead_ && ahead_->at == consumed_ ? ahead_->frame : frame_at(rest(), limits_);
    switch (frame.state) {
    case Frame::State::complete: return take(frame);
    case Frame::State::over_limit:
      return cannot_end(frame) ? open_hole(HoleCause::record_cut, frame) : pass_over_limit(frame);
    case Frame::State::header_cut: return last_ ? end_at_cut_header() : wait_for(frame.size);
    case Frame::State::cut:
      return last_ || cannot_end(frame) ? open_hole(HoleCause::record_cut, frame) : wait_for(frame.size);
    case Frame::State::length_wrong: return open_hole(HoleCause::length_wrong, frame);
    }
    return false;
  }

  /// The record reaches behind the end of the stream, as far as that is known.
  bool cannot_end(const Frame &frame) const {
    return state_.offset > state_.end || frame.size > state_.end - state_.offset;
  }

  /// A record whose data are damaged may have lost bytes: then its length leads to nowhere, and the records that
  /// follow it lie inside its span. That shows behind it.
  bool take(const Frame &frame) {
    if (looks_at_payload_ && !memory_.payload) {
      const std::uint64_t looked_at = std::max(frame.size, payload_looked_at);
      if (rest().size() < looked_at && !stream_ends() && state_.end - state_.offset > rest().size()) return wait_for(looked_at);
      memory_.payload = payload_of(rest().first(std::min<std::uint64_t>(rest().size(), looked_at)), limits_);
    }
    const Bytes behind = rest().subspan(frame.size);
    const Frame next = frame_at(behind, limits_);
    ahead_ = {consumed_ + frame.size, next};
    const bool next_is_cut = next.state == Frame::State::header_cut;
    const bool leads_on = next_is_cut ? behind.empty() && last_ : next.state != Frame::State::length_wrong;
    if (leads_on) return add_to_run(frame);
    const DataCrc crc = data_crc_of(rest().first(frame.size));
    if (crc.stored == crc.computed || (next_is_cut && state_.broke_off)) return add_to_run(frame);
    if (next_is_cut && !last_) return wait_for(frame.size + header_size);
    Frame damaged = frame;
    damaged.stored = crc.stored;
    damaged.computed = crc.computed;
    return open_hole(HoleCause::data_wrong, damaged, next);
  }

  bool add_to_run(const Frame &frame) {
    const std::uint8_t kind = kind_of_record();
    if (run_ && run_->kind != kind) end_run();
    if (!run_) run_ = {state_.ordinal, state_.offset, 0, rest().first(0), kind, 0};
    run_->size += frame.size;
    run_->bytes = Bytes(run_->bytes.data(), run_->size);
    ++run_->count;
    ++state_.ordinal;
    consume(frame.size);
    if (run_->size >= state_.run_bytes) end_run();
    return true;
  }

  std::uint8_t kind_of_record() const {
    return kind_of(memory_.payload.value_or(Payload::opaque), state_.offset == 0);
  }

  void end_run() {
    if (run_) sink_.sample(*run_);
    run_.reset();
  }

  bool pass_over_limit(const Frame &frame) {
    end_run();
    sink_.broken({state_.ordinal++, state_.offset, frame.size, {}}, finding_of_limit(frame, state_.offset));
    state_.skip = frame.size;
    pass_over();
    return true;
  }

  void end_within_passed_over() {
    sink_.broken({state_.ordinal - 1, state_.offset, 0, {}}, finding_of_passed_over(state_.skip, state_.offset));
    state_.skip = 0;
  }

  bool end_at_cut_header() {
    end_run();
    sink_.broken({state_.ordinal++, state_.offset, rest().size(), {}}, finding_of_cut_header(rest().size(), all_zero(rest()), state_.offset));
    state_.ended = true; // at the broken record
    return false;
  }

  // --- holes ---

  bool open_hole(HoleCause cause, const Frame &frame, std::optional<Frame> behind = {}) {
    end_run();
    memory_.hole.emplace(cause, state_.offset, frame, behind);
    search_past(cause == HoleCause::length_wrong ? 1 : header_size); // where the header is right, nothing else begins
    return true;
  }

  void close_hole(bool record_follows) {
    memory_.hole->report(record_follows, state_.ordinal, sink_);
    memory_.hole.reset();
  }

  void search_past(std::uint64_t count) {
    memory_.hole->pass(rest().first(count));
    memory_.searched += count;
    consume(count);
  }

  bool search() {
    const std::size_t at = find_header(rest(), limits_.sample_bytes);
    if (at < rest().size()) {
      search_past(at);
      return examine_place();
    }
    if (stream_ends()) {
      search_past(rest().size());
      close_hole(false);
      return false;
    }
    search_past(rest().size() - std::min<std::uint64_t>(rest().size(), header_size - 1));
    return wait_for(header_size);
  }

  /// A length matches its CRC here: the record is one when its data do too.
  bool examine_place() {
    const Frame frame = frame_at(rest(), limits_);
    const bool cut = frame.state == Frame::State::cut;
    if (frame.state == Frame::State::over_limit || cannot_end(frame) || (cut && stream_ends())) return not_here(0);
    if (!can_afford_to_look()) {
      memory_.hole->leave_unexamined();
      return not_here(0);
    }
    if (cut) return wait_for(frame.size);
    const DataCrc crc = data_crc_of(rest().first(frame.size));
    if (crc.stored != crc.computed) return not_here(frame.size);
    close_hole(true);
    return true;
  }

  bool not_here(std::uint64_t spent) {
    memory_.spent += spent;
    search_past(1);
    return true;
  }

  bool can_afford_to_look() const {
    const std::uint64_t free = limits_.sample_bytes;
    return memory_.spent <= free || memory_.spent - free <= refuted_for_each_searched * memory_.searched;
  }

  const Bytes window_;
  const bool last_;
  const Limits &limits_;
  const bool looks_at_payload_;
  SplitState &state_;
  Memory &memory_;
  SampleSink &sink_;
  std::optional<FramedSample> run_;
  std::uint64_t consumed_ = 0;
  std::uint64_t needed_ = 0;
  struct Ahead {
    std::uint64_t at; ///< bytes of the window
    Frame frame;
  };
  std::optional<Ahead> ahead_; ///< the frame behind the record in hand: it was looked at already
};

} // namespace

SplitStep split(Bytes window, bool last, const CheckOptions &options, SplitState &state, SampleSink &sink) {
  if (state.ended) return {window.size(), 0};
  return Splitter(window, last, options, state, sink).split();
}

} // namespace datavet::tfrecord
