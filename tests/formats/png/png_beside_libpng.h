/// Our check beside libpng, which OpenCV, torchvision and TensorFlow use. The rule: whatever libpng refuses
/// is corrupt, whatever it warns of is not healthy; and what we call corrupt though libpng reads it is
/// damage, by a rule that is listed here with the reason.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include <libdeflate.h>
#include <zlib.h>

#include "formats/png/data_run.h"
#include "formats/png/decode.h"
#include "formats/png/png.h"
#include "formats/png/rules.h"
#include "formats/png/workspace.h"
#include "tests/support/check.h"

namespace datavet::test {

/// Why we call a file corrupt that libpng 1.6.39 reads.
inline const std::map<const Rule *, std::string_view> stricter_than_libpng = {
    {&png::ihdr_first, "PNG 5.6; libpng passes over a chunk before IHDR only when it does not know its type"},
    {&png::ancillary_crc, "Pillow raises; libpng drops the chunk with a warning"},
    {&png::ancillary_short, "Pillow raises; libpng drops the chunk with a warning"},
    {&png::metadata_method, "Pillow raises; libpng drops the chunk with a warning"},
    {&png::metadata_bomb, "Pillow raises"},
    {&png::apng_sequence, "Pillow raises; libpng knows no animation"},
    {&png::apng_frame_data, "Pillow raises; libpng knows no animation"},
    {&png::apng_frames_missing, "Pillow raises; libpng knows no animation"},
    {&png::fctl_geometry, "Pillow raises; libpng knows no animation"},
    {&png::idat_consecutive,
     "PNG 5.6; libpng refuses it unless the first run of IDATs happens to be whole; so does Pillow"},
    {&png::zlib_adler,
     "the rows are all there, and wrong or not nobody knows: libpng looks at the sum only when it comes "
     "in the same read as the last row, and else warns"},
    {&png::zlib_block, "the rows are all there, and the block after them is damaged: libpng warns"},
    {&png::zlib_end, "as for the Adler-32; Pillow does not look"},
};

/// What libpng warns of and we do not: PNG 3rd ed. 4.3 says which of two colour descriptions that
/// contradict each other holds, so the file means one thing only.
inline constexpr std::string_view contradictions[] = {
    "gamma value does not match sRGB",
    "gamma value does not match libpng estimate",
    "cHRM chunk does not match sRGB",
    "inconsistent chromaticities",
};

/// Whether libpng warns of something that we are to see too.
inline bool warns_of_a_fault(const Evidence &libpng) {
  return std::ranges::any_of(libpng.findings.list(), [](const Finding &finding) {
    return finding.rule == &png::decode_warning &&
           std::ranges::none_of(contradictions, [&](std::string_view words) {
             return finding.detail.find(words) != std::string::npos;
           });
  });
}

/// libdeflate 1.14 lets pass some block headers that zlib, and so libpng, refuses: one whose last repeat of a
/// code length runs over the end of the list, say. All rows and the Adler-32 are right nevertheless.
/// formats/png/README.md tells it under "What cannot be seen".
inline bool libdeflate_alone_accepts_the_stream(const Blob &blob) {
  png::DataRun run;
  run.sample = Bytes(blob);
  run.type = png::idat;
  run.begin = 8;
  run.end = blob.size();
  Blob stream, rows(1 << 20); // the mutants are small
  png::DataPieces pieces(run);
  while (const auto piece = pieces.next())
    stream.insert(stream.end(), piece->bytes.begin(), piece->bytes.end());
  uLongf size = rows.size();
  const bool zlib = uncompress(rows.data(), &size, stream.data(), stream.size()) == Z_OK;
  std::size_t produced = 0;
  const bool libdeflate =
      libdeflate_zlib_decompress(png::workspace().deflate(), stream.data(), stream.size(), rows.data(),
                                 rows.size(), &produced) == LIBDEFLATE_SUCCESS;
  return libdeflate && !zlib;
}

/// How the two agree on one file.
enum class Agreement : std::uint8_t {
  sound,             ///< neither refuses it
  refused,           ///< both refuse it
  ours_only,         ///< by a rule that is listed
  beyond_libdeflate, ///< libpng refuses a stream that libdeflate takes
  libpng_only,       ///< libpng refuses it, or warns of it, and we call it better than that
  unaccounted,       ///< we call it corrupt by a rule that is not listed
};

struct Comparison {
  Agreement agreement = Agreement::sound;
  Evidence ours;
  const Rule *rule = nullptr; ///< when only we refuse it
  std::string words;          ///< what each of them says, when they disagree
};

inline Comparison compare_with_libpng(const Blob &blob) {
  Evidence libpng;
  png_decode({Bytes(blob), nullptr}, {}, libpng);
  Comparison result;
  result.ours = check(png_format, blob);
  const Evidence &ours = result.ours;
  const Verdict verdict = ours.findings.verdict();
  const auto disagree = [&](Agreement how) {
    result.agreement = how;
    result.words = "libpng: " + describe(libpng) + "ours: " + describe(ours);
    return result;
  };
  if (has(libpng, png::ihdr_limit)) return result; // then libpng was not asked to read it to its end
  if (has(libpng, png::decode_error)) {
    const bool beyond_libpng = has(ours, png::ihdr_extent) || has(ours, png::ihdr_limit);
    if (verdict != Verdict::corrupt && !(beyond_libpng && verdict == Verdict::unchecked))
      return disagree(libdeflate_alone_accepts_the_stream(blob) ? Agreement::beyond_libdeflate
                                                                : Agreement::libpng_only);
    result.agreement = Agreement::refused;
    return result;
  }
  if (warns_of_a_fault(libpng) && verdict == Verdict::healthy) return disagree(Agreement::libpng_only);
  if (verdict != Verdict::corrupt) return result;
  for (const Finding &finding : ours.findings.list()) {
    if (finding.rule->severity != Severity::error) continue;
    if (finding.detail.starts_with("frame ")) continue; // libpng knows no animation
    result.rule = finding.rule;
    if (!stricter_than_libpng.contains(finding.rule)) return disagree(Agreement::unaccounted);
  }
  result.agreement = Agreement::ours_only;
  return result;
}

} // namespace datavet::test
