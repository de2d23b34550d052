/// A part of a shard where nothing can be framed, from the record that is damaged to the next intact one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "formats/format.h"
#include "formats/tfrecord/frame.h"

namespace datavet::tfrecord {

/// What makes nobody know where the next record begins.
enum class HoleCause : std::uint8_t {
  length_wrong, ///< a length does not match its CRC
  data_wrong,   ///< a record's data do not, and nothing is framed behind them: they may not be as long as it says
  record_cut,   ///< a record is longer than the rest of the shard
};

/// Watches the bytes of the hole as the search passes over them. A value: its findings do not depend on how the
/// bytes come in pieces.
class Hole {
public:
  /// The record at `begin` of the stream. With data_wrong, `behind` is what its frame is followed by.
  Hole(HoleCause cause, std::uint64_t begin, const Frame &frame, std::optional<Frame> behind = {})
      : cause_(cause), begin_(begin), passed_(begin), frame_(frame), behind_(behind) {}

  /// The bytes that follow those passed so far belong to the hole.
  void pass(Bytes bytes);
  /// A place that looks like a header, and was too expensive to be looked at.
  void leave_unexamined() { ++unexamined_; }

  /// Reports the hole, which ends where pass() stopped: at an intact record, or at the end of the stream.
  void report(bool record_follows, std::uint64_t &ordinal, SampleSink &sink) const;

private:
  std::uint64_t size() const { return passed_ - begin_; }
  void report_wrong_length(const Frame &frame, std::uint64_t begin, bool record_follows, std::uint64_t &ordinal,
                           SampleSink &sink) const;
  std::string contents(const Frame &frame, std::uint64_t begin, bool record_follows) const;
  std::string unexamined() const;

  HoleCause cause_;
  std::uint64_t begin_;
  std::uint64_t passed_; ///< offset in the stream of the first byte not passed
  Frame frame_;          ///< of the record at begin_
  std::optional<Frame> behind_;
  std::uint64_t leading_zeros_ = 0;
  std::uint64_t unexamined_ = 0;
  // The hole as one record whose length only is damaged: CRC of all that would be its data, and the four bytes behind.
  std::uint32_t crc_ = 0;
  std::array<std::uint8_t, footer_size> last_{};
};

} // namespace datavet::tfrecord
