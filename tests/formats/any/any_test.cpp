#include "formats/any/any.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "formats/any/rules.h"
#include "tests/support/check.h"

namespace datavet {
namespace {

using namespace std::string_view_literals;
using test::Blob;

bool never(Bytes) { return false; }
void nothing(Bytes, const CheckOptions &, Evidence &) {}
constexpr std::string_view extensions[] = {"xyz"};
const Format meant{.name = "xyz",
                   .title = "XYZ image",
                   .layout = Layout::whole,
                   .extensions = extensions,
                   .rules = {},
                   .sniff = never,
                   .check = nothing};

Blob bytes(std::string_view text) { return Blob(text.begin(), text.end()); }

Finding explain(const Blob &head, std::uint64_t size) {
  test::GuardedBytes guarded{Bytes(head)};
  Evidence evidence;
  explain_unknown_content(guarded.bytes(), size, meant, evidence);
  EXPECT_EQ(evidence.findings.list().size(), 1u);
  return evidence.findings.list()[0];
}

Finding explain(std::string_view text) { return explain(bytes(text), text.size()); }

struct Case {
  std::string_view content;
  const Rule *rule;
  std::string_view detail; ///< must stand in the finding's detail
};

const std::string tar_header = std::string(257, 'n') + "ustar\0" + std::string(249, ' ');

const Case cases[] = {
    {"", &any::empty, "no bytes"},
    {"\0\0\0\0"sv, &any::zeros, "all 4 bytes"},
    {"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", &any::lfs_pointer,
     "12345 bytes"},
    {"<!DOCTYPE html><html>", &any::markup, "HTML"},
    {"\xef\xbb\xbf\r\n  <HTML><head>", &any::markup, "HTML"},
    {"<?xml version='1.0'?><Error><Code>NoSuchKey</Code>", &any::markup, "error message"},
    {"<?xml version='1.0'?><svg xmlns=''>", &any::markup, "SVG"},
    {"<?xml version='1.0'?><annotation>", &any::markup, "an XML document"},
    {"<pre>404", &any::markup, "HTML or XML"},
    {"\x1f\x8b\x08\0\0\0\0\0"sv, &any::compressed, "gzip"},
    {"PK\x03\x04\x14\0"sv, &any::compressed, "zip"},
    {"\xfd"
     "7zXZ\0\0"sv,
     &any::compressed, "xz"},
    {"\x28\xb5\x2f\xfd\x04"sv, &any::compressed, "Zstandard"},
    {"BZh91AY&SY", &any::compressed, "bzip2"},
    {"7z\xbc\xaf\x27\x1c\0"sv, &any::compressed, "7z"},
    {tar_header, &any::compressed, "tar"},
    {"GIF89a\x01\0"sv, &any::other_kind, "GIF"},
    {"%PDF-1.7", &any::other_kind, "PDF"},
    {"8BPS\0\x01"sv, &any::other_kind, "Photoshop"},
    {"\0\0\0\x1c"
     "ftypavif\0\0\0\0"sv,
     &any::other_kind, "AVIF"},
    {"\0\0\0\x1c"
     "ftypheic\0\0\0\0"sv,
     &any::other_kind, "HEIC"},
    {"\0\0\0\x1c"
     "ftypisom\0\0\0\0"sv,
     &any::other_kind, "MP4"},
    {"\0\0\0\x0cJXL \r\n\x87\n"sv, &any::other_kind, "JPEG XL"},
    {"\x93NUMPY\x01\0"sv, &any::other_kind, "NumPy"},
    {"\x7f"
     "ELF\x02"sv,
     &any::other_kind, "ELF"},
    {"RIFF\x10\0\0\0WAVEfmt "sv, &any::other_kind, "WAV"},
    {"\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0\x68\x04\0\0\x16\0\0\0"sv, &any::other_kind, "icon"},
    {"\x80\x04\x95\x10\0\0\0"sv, &any::other_kind, "pickle (protocol 4)"},
    {"\x80\x02]q\0"sv, &any::other_kind, "pickle (protocol 2)"},
    {"\xff\xfeh\0i\0"sv, &any::other_kind, "UTF-16"},
    {"\xfe\xff\0h\0i"sv, &any::other_kind, "UTF-16"},
    {"{\"id\": 1}", &any::other_kind, "JSON"},
    {"[1, 2]", &any::other_kind, "JSON"},
    {"Access denied\n", &any::other_kind, "plain text"},
    {"gr\xc3\xbc\xc3\x9f"
     "e\n",
     &any::other_kind, "plain text"},
    {"#!/bin/sh\n", &any::other_kind, "script"},
    {"iVBORw0KGgoAAAANSUhEUg", &any::other_kind, "Base64"},
    {"data:image/png;base64,iVBOR", &any::other_kind, "data: URL"},
    {" \n \n", &any::other_kind, "white space"},
    {"\x89PNG\n\x1a\n\0\0\0\rIHDR"sv, &any::unknown, "CR LF became LF"},
    {"\x89PNG\r\r\n\x1a\r\n\0\0"sv, &any::unknown, "LF became CR LF"},
    {"\x09PNG\r\n\x1a\n\0\0\0\rIHDR"sv, &any::unknown, "eighth bit"},
    {"\xef\xbf\xbdPNG\r\n\x1a\n\0"sv, &any::unknown, "UTF-8"},
    {"\x50\x89\x47\x4e\x0a\x0d\x0a\x1a"sv, &any::unknown, "swapped"},
    {"\xd8\xff\xe0\xff\x10\0"sv, &any::unknown, "swapped"},
    {"\x89PNF\r\n\x1a\n\0\0\0\rIHDR"sv, &any::unknown, "1 of its 8 bytes"},
    {"\x01\x02\x03\x04\x89PNG\r\n\x1a\n"sv, &any::unknown, "at byte 4"},
    {"\x01\x02\x03\x04"sv, &any::unknown, "01 02 03 04"},
};

TEST(ExplainUnknownContent, NamesWhatItIs) {
  for (const Case &one : cases) {
    const Finding finding = explain(one.content);
    EXPECT_EQ(finding.rule->id, one.rule->id) << finding.detail;
    EXPECT_NE(finding.detail.find(one.detail), std::string::npos)
        << finding.detail << " lacks " << one.detail;
  }
}

TEST(ExplainUnknownContent, ClaimsZerosOnlyForWhatItSaw) {
  const Finding finding = explain(Blob(4096, 0), 10'000);
  EXPECT_EQ(finding.rule, &any::unknown);
  EXPECT_NE(finding.detail.find("first 4096 of 10000"), std::string::npos) << finding.detail;
  EXPECT_EQ(explain(Blob(4096, 0), 4096).rule, &any::zeros);
}

TEST(ExplainUnknownContent, QuotesFewBytes) {
  EXPECT_LT(explain(Blob(4096, 0x81), 4096).detail.size(), 100u);
}

TEST(ExplainUnknownContent, TakesAnyHead) {
  for (const Case &one : cases)
    for (std::size_t size = 0; size <= std::min<std::size_t>(one.content.size(), 64); ++size)
      explain(one.content.substr(0, size));
  for (unsigned first = 0; first < 256; ++first)
    for (std::size_t size : {1u, 2u, 3u, 5u, 9u, 70u}) explain(Blob(size, static_cast<std::uint8_t>(first)), 70);
}

TEST(ExplainNameMismatch, NamesBoth) {
  Evidence evidence;
  const Format found{.name = "abc",
                     .title = "ABC image",
                     .layout = Layout::whole,
                     .extensions = {},
                     .rules = {},
                     .sniff = never,
                     .check = nothing};
  explain_name_mismatch(found, "cat.xyz", meant, evidence);
  ASSERT_EQ(evidence.findings.list().size(), 1u);
  EXPECT_EQ(evidence.findings.list()[0].rule, &any::name_mismatch);
  EXPECT_EQ(evidence.findings.list()[0].detail, "the content is ABC image, the name ends in .xyz");
}

TEST(AnyRules, HaveUniqueIds) {
  for (const Rule *one : any_rules()) {
    EXPECT_TRUE(one->id.starts_with("any.")) << one->id;
    EXPECT_EQ(std::count_if(any_rules().begin(), any_rules().end(),
                            [&](const Rule *other) { return other->id == one->id; }),
              1)
        << one->id;
  }
}

} // namespace
} // namespace datavet
