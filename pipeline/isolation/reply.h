/// A worker's reply about one sample. Whoever reads it must take it for hostile: the sample may have
/// taken control of the worker.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "formats/bytes/bytes.h"
#include "formats/evidence.h"
#include "formats/format.h"

namespace datavet::isolation {

inline constexpr std::size_t largest_reply = std::size_t{64} << 10;
inline constexpr std::size_t longest_text = 768; ///< of a finding's detail; longer ones are cut

enum class Outcome : std::uint8_t {
  done,          ///< the decoder returned; the findings say what it thought
  out_of_memory, ///< std::bad_alloc
  threw,         ///< another exception
};

/// Whose reply this is.
struct ReplyName {
  std::uint64_t nonce = 0;
  std::uint32_t index = 0;
};

// --- In the worker ---------------------------------------------------------------------------------

/// Writes without allocating: memory may be what ran out.
class ReplyWriter {
public:
  /// `text` says what was thrown. Offsets beyond the sample are drawn in to its end.
  Bytes answer(ReplyName name, Outcome outcome, std::uint64_t resident_kib, const Evidence &evidence,
               std::uint64_t sample_size, std::string_view text);
  /// Sent while the sample is being decoded, at most once for each.
  Bytes allocation_failed(ReplyName name);

private:
  template <class T> void put(const T &value);
  void put(std::string_view text);

  std::array<std::uint8_t, largest_reply> buffer_;
  std::size_t size_ = 0;
};

// --- In the host -----------------------------------------------------------------------------------

struct Answer {
  Outcome outcome = Outcome::done;
  std::uint64_t resident_kib = 0; ///< the worker's own word: good for a hint only
  Facts facts;
  std::vector<Finding> findings;
  std::string text;
};
/// The decoder asked for memory beyond the limit, and goes on without.
struct AllocationFailed {};
/// What in the reply was against the protocol.
struct Misbehaviour {
  std::string what;
};
using Reply = std::variant<Answer, AllocationFailed, Misbehaviour>;

/// Accepts a reply only if it is the one named, all its values are in range, each finding names one of
/// the format's rules and lies inside the sample, and no byte is left over.
Reply parse_reply(Bytes message, ReplyName expected, const Format &format, std::uint64_t sample_size);

} // namespace datavet::isolation
