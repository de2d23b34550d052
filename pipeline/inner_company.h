/// The samples inside a sample (or inside a run of records): collected by its check, judged by their own formats.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include <datavet/options.h>

#include "formats/registry.h"

namespace datavet {

class InnerCompany final : public InnerSamples {
public:
  struct Member {
    InnerSample inner;
    Bytes bytes; ///< of it, without the padding
    const Format *format = nullptr; ///< null: of no known format
    Evidence evidence;              ///< its own, and where it is not what the outer sample says; offsets in `inner`
  };

  void found(InnerSample inner) override;
  /// Forgets all; keeps the memory.
  void clear() { count_ = 0; }
  std::span<Member> members() { return std::span(members_).first(count_); }

  /// Judges all that was found, at most to the depth of `options`. What inner samples contain is not looked at.
  void judge(Registry formats, const CheckOptions &options);

private:
  void settle_padding(Member &member, const CheckOptions &options);
  void judge_neighbours(std::size_t begin, std::size_t end, const CheckOptions &options);

  std::vector<Member> members_; ///< the first `count_` are in use
  std::size_t count_ = 0;
  std::vector<SampleToCheck> to_check_;
};

/// The format whose signature the bytes of an inner sample bear; null = none, or none of single samples.
const Format *format_inside(Registry formats, Bytes bytes);

/// Adds what was found in an inner sample to the findings of the outer one, each with the part where it lies.
void add_inner_findings(InnerCompany::Member &member, Findings &outer);

} // namespace datavet
