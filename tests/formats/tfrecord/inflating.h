/// Runs an InflateStream over compressed bytes, in pieces of any size.
#pragma once

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "formats/deflate/inflate_stream.h"
#include "tests/support/damage.h"

namespace datavet::test {

struct Inflated {
  Blob plain;
  InflateStream::Outcome outcome;
  std::uint64_t compressed_offset;
  std::string message;
  bool operator==(const Inflated &) const = default;
};

inline Inflated inflate_all(Bytes compressed, Wrapping wrapping, std::size_t piece = 1 << 16,
                            std::size_t room = 1 << 16) {
  InflateStream stream(wrapping);
  Inflated result{};
  Blob plain(room);
  std::size_t at = 0;
  for (std::size_t steps = 0; stream.outcome() == InflateStream::Outcome::running; ++steps) {
    const std::size_t count = std::min(piece, compressed.size() - at);
    const More more = at + count == compressed.size() ? More::nothing_follows : More::may_follow;
    // A copy of its own: a sanitizer sees any byte read behind the piece.
    const Blob given(compressed.begin() + static_cast<std::ptrdiff_t>(at),
                     compressed.begin() + static_cast<std::ptrdiff_t>(at + count));
    const InflateStream::Step step = stream.feed(given, more, plain);
    EXPECT_LE(step.consumed, count);
    EXPECT_LE(step.produced, room);
    EXPECT_EQ(step.outcome, stream.outcome());
    at += step.consumed;
    EXPECT_EQ(stream.compressed_offset(), at);
    result.plain.insert(result.plain.end(), plain.begin(),
                        plain.begin() + static_cast<std::ptrdiff_t>(step.produced));
    EXPECT_EQ(stream.plain_offset(), result.plain.size());
    const bool progress =
        step.consumed > 0 || step.produced > 0 || step.outcome != InflateStream::Outcome::running;
    if (!progress) {
      ADD_FAILURE() << "no progress at " << at << " of " << compressed.size();
      break;
    }
  }
  result.outcome = stream.outcome();
  result.compressed_offset = stream.compressed_offset();
  result.message = stream.message();
  return result;
}

} // namespace datavet::test
