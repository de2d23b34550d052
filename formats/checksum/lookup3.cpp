#include "formats/checksum/lookup3.h"

#include <bit>
#include <cstddef>
#include <cstring>

#include "formats/bytes/endian.h"

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

/// Twelve bytes as they lie, little-endian.
struct Group {
  le32 a, b, c;
};
static_assert(sizeof(Group) == 12);

void add(State &s, const Group &group) { s.a += group.a, s.b += group.b, s.c += group.c; }

} // namespace

std::uint32_t lookup3(Bytes bytes, std::uint32_t initial) {
  const std::uint32_t start = 0xdeadbeef + static_cast<std::uint32_t>(bytes.size()) + initial;
  State state{start, start, start};
  if (bytes.empty()) return state.c;
  const std::uint8_t *at = bytes.data();
  std::size_t left = bytes.size();
  Group group;
  for (; left > sizeof group; at += sizeof group, left -= sizeof group) {
    std::memcpy(&group, at, sizeof group);
    add(state, group);
    mix(state);
  }
  // The last group, of 1 to 12 bytes, is finished instead of mixed; bytes that it lacks count as zero.
  group = {};
  std::memcpy(&group, at, left);
  add(state, group);
  finish(state);
  return state.c;
}

} // namespace datavet
