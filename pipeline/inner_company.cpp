#include "pipeline/inner_company.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "pipeline/check.h"
#include "pipeline/recognise.h"

namespace datavet {

const Format *format_inside(Registry formats, Bytes bytes) {
  const Format *format = format_of_content(formats, bytes.first(std::min(bytes.size(), head_bytes)));
  // A shard or an HDF5 file inside a record is nobody's sample: it is bytes.
  return format != nullptr && format->layout == Layout::whole ? format : nullptr;
}

namespace {

bool all_zero(Bytes bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

Bytes without_trailing_zeros(Bytes bytes) {
  while (!bytes.empty() && bytes.back() == 0) bytes = bytes.first(bytes.size() - 1);
  return bytes;
}

int worst_of(const Findings &findings) {
  int worst = -1;
  for (const Finding &finding : findings.list()) worst = std::max(worst, static_cast<int>(finding.rule->severity));
  return worst;
}

/// Where the inner sample is not what the outer one says of it.
void compare(InnerCompany::Member &member) {
  const InnerSample &said = member.inner;
  Findings &findings = member.evidence.findings;
  if (member.format == nullptr) {
    if (said.no_sample != nullptr) findings.add(*said.no_sample, 0, said.bytes.size(), "the content is of no known format");
    return;
  }
  if (said.other_format != nullptr && !said.format.empty() && said.format != member.format->name)
    findings.add(*said.other_format, 0, 0, fmt::format("declared as {}, the content is {}", said.format, member.format->title));
  const Facts &facts = member.evidence.facts;
  const bool known = facts.width > 0 && facts.height > 0;
  const bool other = (said.width > 0 && said.width != facts.width) || (said.height > 0 && said.height != facts.height);
  if (said.other_size != nullptr && known && other)
    findings.add(*said.other_size, 0, 0,
                 fmt::format("declared as {} x {}, the picture is {} x {}", said.width, said.height, facts.width, facts.height));
}

} // namespace

void InnerCompany::found(InnerSample inner) {
  if (count_ == members_.size()) members_.emplace_back();
  Member &member = members_[count_++];
  member.inner = std::move(inner);
  // Most formats end in a byte that is no zero; settle_padding() looks after the others.
  member.bytes = member.inner.zero_padded ? without_trailing_zeros(member.inner.bytes) : member.inner.bytes;
  member.format = nullptr;
  member.evidence.clear();
}

void InnerCompany::judge(Registry formats, const CheckOptions &options) {
  for (Member &member : members()) member.format = format_inside(formats, member.bytes);
  for (std::size_t begin = 0; begin < count_;) {
    std::size_t end = begin + 1;
    while (end < count_ && members_[end].format == members_[begin].format) ++end;
    if (members_[begin].format != nullptr) judge_neighbours(begin, end, options);
    begin = end;
  }
  for (Member &member : members()) {
    if (member.format != nullptr && member.bytes.size() < member.inner.bytes.size()) settle_padding(member, options);
    compare(member);
  }
}

// A sample may end in zeros of its own. What is wrong without them is looked at again with all of them, and then up to the
// end that it has by its own account.
void InnerCompany::settle_padding(Member &member, const CheckOptions &options) {
  if (member.evidence.findings.empty()) return;
  Bytes bytes = member.inner.bytes;
  Evidence whole;
  check_sample(*member.format, bytes, options, whole);
  std::uint64_t end = bytes.size();
  for (const Finding &finding : whole.findings.list())
    if (finding.rule->fault == Fault::trailing_data && finding.offset < end && all_zero(bytes.subspan(finding.offset))) end = finding.offset;
  if (end < bytes.size()) {
    bytes = bytes.first(end);
    whole.clear();
    check_sample(*member.format, bytes, options, whole);
  }
  if (worst_of(whole.findings) >= worst_of(member.evidence.findings)) return;
  member.evidence = std::move(whole);
  member.bytes = bytes;
}

void InnerCompany::judge_neighbours(std::size_t begin, std::size_t end, const CheckOptions &options) {
  const Format &format = *members_[begin].format;
  if (format.check_many == nullptr || end - begin == 1) {
    for (std::size_t i = begin; i < end; ++i) check_sample(format, members_[i].bytes, options, members_[i].evidence);
    return;
  }
  to_check_.clear();
  for (std::size_t i = begin; i < end; ++i) to_check_.push_back({members_[i].bytes, &members_[i].evidence});
  check_samples(format, to_check_, options);
}

void add_inner_findings(InnerCompany::Member &member, Findings &outer) {
  member.evidence.findings.shift(member.inner.offset);
  for (Finding &finding : member.evidence.findings.take()) {
    finding.part = member.inner.part;
    finding.rows = member.inner.rows;
    outer.add(std::move(finding));
  }
}

} // namespace datavet
