/// What a healthy PNM obeys. Sources: Netpbm's pbm(5), pgm(5), ppm(5), pam(5); Debevec's PFM; Pillow 9.4, OpenCV 4.6.
#pragma once

#include <datavet/finding.h>

namespace datavet::pnm {

inline constexpr Rule header_truncated{"pnm.header.truncated", Fault::truncated, Severity::error,
    "The header is whole.", "pnm(5)",
    "Pillow raises, OpenCV returns None. Fetch the file again."};
inline constexpr Rule header_grammar{"pnm.header.grammar", Fault::malformed, Severity::error,
    "The header is P1 to P7, PF or Pf, then numbers parted by white space.", "pbm(5), pgm(5), ppm(5)",
    "Pillow raises, OpenCV returns None."};
inline constexpr Rule dimensions{"pnm.header.dimensions", Fault::malformed, Severity::error,
    "Width and height are positive and below 2^31.", "pgm(5); OpenCV: ReadNumber()",
    "OpenCV returns None; Pillow raises or gives an empty picture."};
inline constexpr Rule maxval{"pnm.header.maxval", Fault::malformed, Severity::error,
    "The largest sample value is 1 to 65535.", "pgm(5): \"Must be less than 65536 and more than zero\"",
    "Pillow raises, OpenCV returns None."};
inline constexpr Rule line_end{"pnm.header.line_end", Fault::malformed, Severity::error,
    "One white-space character parts the header from raw samples.", "pgm(5): \"A single whitespace character\"",
    "Loaders take the line feed for the first sample and shift the whole picture by a byte, without a word."};
inline constexpr Rule pam_fields{"pnm.pam.fields", Fault::malformed, Severity::error,
    "A PAM header gives width, height, depth and maxval once each, and ends with ENDHDR.", "pam(5)",
    "OpenCV returns None."};
inline constexpr Rule pam_tuple{"pnm.pam.tuple", Fault::inconsistent, Severity::warning,
    "The tuple type of a PAM is one that loaders know and goes with its depth.", "pam(5); OpenCV: formats[]",
    "OpenCV returns None for a tuple type it does not know."};
inline constexpr Rule pfm_scale{"pnm.pfm.scale", Fault::malformed, Severity::error,
    "The scale of a PFM is a finite number and not zero.", "Debevec: PFM",
    "Its sign tells the byte order: loaders raise."};
inline constexpr Rule raster_truncated{"pnm.raster.truncated", Fault::truncated, Severity::error,
    "The file holds every sample.", "pgm(5), pam(5)",
    "Pillow raises, OpenCV returns None. Fetch the file again."};
inline constexpr Rule raster_range{"pnm.raster.range", Fault::malformed, Severity::warning,
    "No raw sample is above maxval.", "pgm(5)",
    "Pillow clips it, OpenCV does not: the pixels or the header are damaged."};
inline constexpr Rule plain_token{"pnm.plain.token", Fault::malformed, Severity::error,
    "Plain samples are decimal numbers parted by white space.", "pgm(5), Plain PGM",
    "Pillow and OpenCV raise."};
inline constexpr Rule plain_range{"pnm.plain.range", Fault::malformed, Severity::error,
    "No plain sample is above maxval.", "pgm(5), Plain PGM; Pillow raises \"Channel value too large for this mode\"",
    "Pillow raises; OpenCV clips."};
inline constexpr Rule plain_end{"pnm.plain.end", Fault::truncated, Severity::warning,
    "White space follows the last plain sample.", "OpenCV: ReadNumber() raises at the end of file",
    "OpenCV returns None. The last number may have lost digits, and more may be missing."};
inline constexpr Rule not_finite{"pnm.float.not_finite", Fault::inconsistent, Severity::warning,
    "Floating-point samples are finite.", "IEEE 754",
    "NaN or infinity in one sample turns a training loss into NaN. Depth maps use infinity for \"unknown\": mask it."};
inline constexpr Rule trailing{"pnm.file.trailing", Fault::trailing_data, Severity::warning,
    "Nothing but further images follows the last sample.", "pgm(5)",
    "Loaders ignore it. Line ends may have been converted, or two files joined."};
inline constexpr Rule newline{"pnm.file.newline", Fault::trailing_data, Severity::note,
    "Nothing but further images follows the last sample.", "some writers end the file with a line feed",
    "Harmless."};
inline constexpr Rule partly_refused{"pnm.kind.partly_refused", Fault::undecodable, Severity::note,
    "The kind is one that every common loader reads.", "Pillow 9.4 knows P1 to P6 only",
    "Pillow raises UnidentifiedImageError for PAM and PFM; OpenCV reads them."};
inline constexpr Rule decode_refused{"pnm.decode.refused", Fault::undecodable, Severity::warning,
    "OpenCV decodes the picture.", "cv::imdecode returned an empty picture",
    "cv2.imread returns None. Our own check found no damage: see whether the loader that is used reads it."};

inline constexpr const Rule *all_rules[] = {
    &header_truncated, &header_grammar, &dimensions, &maxval, &line_end, &pam_fields, &pam_tuple, &pfm_scale,
    &raster_truncated, &raster_range, &plain_token, &plain_range, &plain_end, &not_finite, &trailing, &newline,
    &partly_refused, &decode_refused,
};

} // namespace datavet::pnm
