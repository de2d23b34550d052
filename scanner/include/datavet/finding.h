/// What is wrong with a sample: rules, and findings that name one.
/// Includes the standard library only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace datavet {

/// The kinds of trouble. Closed on purpose: a kind exists when a caller would act differently.
enum class Fault : std::uint8_t {
  unreadable,    ///< the bytes could not be had: I/O error, permission, no sandbox
  truncated,     ///< the bytes end too early
  malformed,     ///< a structure breaks its specification
  checksum,      ///< a stored checksum does not match the stored bytes
  undecodable,   ///< a real decoder refuses the sample, or complains about it
  inconsistent,  ///< well-formed parts contradict each other, or the file's name
  trailing_data, ///< bytes that belong to nothing
  over_limit,    ///< larger than the limits allow: not examined further
  unsupported,   ///< valid as far as can be told, but not something we can judge
  crashed,       ///< a real decoder died on it
  timed_out,     ///< a real decoder did not end in time
};

enum class Severity : std::uint8_t {
  note,    ///< worth knowing; never changes a verdict
  warning, ///< every loader reads it, but it is not what a trainer expects
  error,   ///< some loader raises, crashes or gets wrong data
};

/// A property that every healthy sample has. Rules are constexpr and live as long as the program.
struct Rule {
  std::string_view id;      ///< format.structure.property, "png.chunk.crc"; stable, never reused
  Fault fault;
  Severity severity;
  std::string_view summary; ///< the property, as a sentence: "Each chunk's CRC-32 matches its bytes."
  std::string_view source;  ///< specification section, or the decoder whose refusal this rule states
  std::string_view why;     ///< what breaking it does to a loader, and what to do about it
};

/// Rows of a dataset: [first, first + count) of its first dimension.
struct RowRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0; ///< 0 = says nothing
};

/// A broken rule: which, where, and what was seen there.
struct Finding {
  const Rule *rule;          ///< never null; static lifetime
  std::uint64_t offset = 0;  ///< bytes from the start of the file (of the inflated stream in a compressed shard)
  std::uint64_t length = 0;  ///< bytes concerned; 0 = a place, not a range
  std::string detail;        ///< what was seen; may hold bytes of the sample: escape before printing
  /// Which part of the sample: the feature of a record that holds a picture ("image/encoded"), a dataset of a file
  /// ("/images"); empty = the sample itself. May hold bytes of the sample.
  std::string part = {};
  RowRange rows = {}; ///< of the dataset `part`
};

constexpr std::string_view name_of(Fault fault) {
  switch (fault) {
  case Fault::unreadable: return "unreadable";
  case Fault::truncated: return "truncated";
  case Fault::malformed: return "malformed";
  case Fault::checksum: return "checksum";
  case Fault::undecodable: return "undecodable";
  case Fault::inconsistent: return "inconsistent";
  case Fault::trailing_data: return "trailing_data";
  case Fault::over_limit: return "over_limit";
  case Fault::unsupported: return "unsupported";
  case Fault::crashed: return "crashed";
  case Fault::timed_out: return "timed_out";
  }
  return "unknown";
}

constexpr std::string_view name_of(Severity severity) {
  switch (severity) {
  case Severity::note: return "note";
  case Severity::warning: return "warning";
  case Severity::error: return "error";
  }
  return "unknown";
}

} // namespace datavet
