#include "formats/checksum/lookup3.h"

#include <bit>

namespace datavet {

namespace {

struct State {
  std::uint32_t a, b, c;
};

// burtleburtle.net/bob/c/lookup3.c, mix(): reversible, so no information is lost between groups of 12 bytes.
void mix(State &s) {
  s.a -= s.c, s.a ^= std::rotl(s.c, 4), s.c += s.b;
  s.b -= s.a, s.b ^= std::rotl(s.a, 6), s.a += s.c;
  s.c -= s.b, s.c ^= std::rotl(s.b, 8), s.b += s.a;
  s.a -= s.c, s.a ^= std::rotl(s.c, 16), s.c += s.b;
  s.b -= s.a, s.b ^= std::rotl(s.a, 19), s.a += s.c;
  s.c -= s.b, s.c ^= std::rotl(s.b, 4), s.b += s.a;
}

// lookup3.c, final()
void finish(State &s) {
  s.c ^= s.b, s.c -= std::rotl(s.b, 14);
  s.a ^= s.c, s.a -= std::rotl(s.c, 11);
  s.b ^= s.a, s.b -= std::rotl(s.a, 25);
  s.c ^= s.b, s.c -= std::rotl(s.b, 16);
  s.a ^= s.c, s.a -= std::rotl(s.c, 4);
  s.b ^= s.a, s.b -= std::rotl(s.a, 14);
  s.c ^= s.b, s.c -= std::rotl(s.b, 24);
}

// Up to four bytes, little-endian; those past the end count as zero.
std::uint32_t word(Bytes bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4 && at + i < bytes.size(); ++i)
    value |= std::uint32_t{bytes[at + i]} << (8 * i);
  return value;
}

void add(State &s, Bytes bytes, std::size_t at) {
  s.a += word(bytes, at);
  s.b += word(bytes, at + 4);
  s.c += word(bytes, at + 8);
}

} // namespace

std::uint32_t lookup3(Bytes bytes, std::uint32_t initial) {
  const std::uint32_t start = 0xdeadbeef + static_cast<std::uint32_t>(bytes.size()) + initial;
  State state{start, start, start};
  if (bytes.empty()) return state.c;
  std::size_t at = 0;
  // The last group, of 1 to 12 bytes, is finished instead of mixed.
  for (; bytes.size() - at > 12; at += 12) {
    add(state, bytes, at);
    mix(state);
  }
  add(state, bytes, at);
  finish(state);
  return state.c;
}

} // namespace datavet
