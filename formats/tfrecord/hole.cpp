#include "formats/tfrecord/hole.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "formats/checksum/crc32c.h"
#include "formats/tfrecord/rules.h"

namespace datavet::tfrecord {

namespace {

// Fewer zeros are chance, or small numbers.
constexpr std::uint64_t notable_zeros = 12;

std::uint64_t zeros_at_start(Bytes bytes) {
  std::uint64_t count = 0;
  for (std::uint64_t word = 0; bytes.size() - count >= sizeof word; count += sizeof word) {
    std::memcpy(&word, bytes.data() + count, sizeof word);
    if (word != 0) break;
  }
  while (count < bytes.size() && bytes[count] == 0) ++count;
  return count;
}

std::string crcs(const Frame &frame) { return fmt::format("stored {:08x}, computed {:08x}", frame.stored, frame.computed); }

} // namespace

void Hole::pass(Bytes bytes) {
  if (leading_zeros_ == size()) leading_zeros_ += zeros_at_start(bytes);
  const std::uint64_t header_left = header_size - std::min(header_size, size());
  passed_ += bytes.size();
  bytes = bytes.subspan(std::min<std::uint64_t>(header_left, bytes.size()));
  // The last four bytes may be the CRC of those before them, so they wait in last_, from its end on. Only bytes of the
  // hole that leave it are summed up, not the zeros with which it begins.
  const std::uint64_t seen = size() - std::min(size(), header_size) - bytes.size();
  if (bytes.size() >= footer_size) {
    const std::size_t held = std::min<std::uint64_t>(seen, footer_size);
    crc_ = crc32c(Bytes(last_).last(held), crc_);
    crc_ = crc32c(bytes.first(bytes.size() - footer_size), crc_);
    std::ranges::copy(bytes.last(footer_size), last_.begin());
    return;
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (seen + i >= footer_size) crc_ = crc32c(Bytes(last_).first(1), crc_);
    std::shift_left(last_.begin(), last_.end(), 1);
    last_.back() = bytes[i];
  }
}

void Hole::report(bool record_follows, std::uint64_t &ordinal, SampleSink &sink) const {
  const bool inside = passed_ - begin_ < frame_.size; // what follows begins inside the record at begin_
  switch (cause_) {
  case HoleCause::length_wrong: return report_wrong_length(frame_, begin_, record_follows, ordinal, sink);
  case HoleCause::record_cut: {
    const Rule &rule = record_follows ? record_short : tail_torn;
    const std::string detail =
        record_follows ? fmt::format("the record needs {} bytes, an intact one begins {} bytes on", frame_.size, size())
                       : fmt::format("the record needs {} bytes, {} are left", frame_.size, size());
    sink.broken({ordinal++, begin_, size(), {}}, {&rule, begin_, size(), detail + unexamined()});
    return;
  }
  case HoleCause::data_wrong: {
    if (inside && record_follows) {
      sink.broken({ordinal++, begin_, size(), {}},
                  {&record_short, begin_, size(),
                   fmt::format("the record needs {} bytes and its data do not match their CRC ({}): an intact one begins "
                               "{} bytes on{}",
                               frame_.size, crcs(frame_), size(), unexamined())});
      return;
    }
    sink.broken({ordinal++, begin_, frame_.size, {}}, {&data_crc, begin_, frame_.size, crcs(frame_)});
    if (behind_ && size() > frame_.size)
      report_wrong_length(*behind_, begin_ + frame_.size, record_follows, ordinal, sink);
    return;
  }
  }
}

void Hole::report_wrong_length(const Frame &frame, std::uint64_t begin, bool record_follows, std::uint64_t &ordinal,
                               SampleSink &sink) const {
  const std::uint64_t length = passed_ - begin;
  if (frame.state == Frame::State::header_cut && !record_follows) { // too short for a header: the end of the shard
    sink.broken({ordinal++, begin, length, {}}, finding_of_cut_header(length, false, begin));
    return;
  }
  sink.broken({ordinal++, begin, length, {}}, {&length_crc, begin, length,
                                               fmt::format("{}: the length {} is not to be believed; {}{}", crcs(frame),
                                                           frame.length, contents(frame, begin, record_follows), unexamined())});
}

std::string Hole::contents(const Frame &frame, std::uint64_t begin, bool record_follows) const {
  const std::uint64_t length = passed_ - begin;
  if (begin == begin_ && leading_zeros_ == length)
    return fmt::format("all {} bytes {} are zero, as where a file was allocated and not written", length,
                       record_follows ? "up to the next intact record" : "to the end");
  std::string text = record_follows ? fmt::format("the next intact record begins {} bytes on", length)
                                    : fmt::format("no intact record follows in the {} bytes to the end", length);
  if (begin == begin_ && leading_zeros_ >= notable_zeros) text += fmt::format(", the first {} bytes are zero", leading_zeros_);
  if (length < framing_size) return text;
  const bool data_whole = begin == begin_ && stored_at<std::uint32_t>(last_, 0) == masked(crc_);
  if (data_whole) return text + fmt::format("; one record is lost, and its data of {} bytes are whole", length - framing_size);
  if (frame.length == length - framing_size) return text + "; one record is lost";
  return text + "; how many records are lost cannot be told";
}

std::string Hole::unexamined() const {
  if (unexamined_ == 0) return {};
  return fmt::format("; {} places in it look like records, and were too many to be verified", unexamined_);
}

} // namespace datavet::tfrecord
