/// The rules "webp.*". "Container" is the WebP Container Specification (RFC 9649 section 2), "demuxer" is
/// WebPDemux() of libwebp 1.2.4, which Pillow asks first: where it answers null, Pillow raises OSError.
#pragma once

#include <datavet/finding.h>

namespace datavet::webp {

inline constexpr Rule riff_signature{"webp.riff.signature",
                                     Fault::malformed,
                                     Severity::error,
                                     "The file starts with 'RIFF', a size, and 'WEBP'.",
                                     "RFC 9649 2.4 WebP File Header; libwebp ParseRIFF()",
                                     "Every loader raises or returns nothing."};
inline constexpr Rule riff_truncated{
    "webp.riff.truncated",
    Fault::truncated,
    Severity::error,
    "The file is as long as its RIFF header says.",
    "RFC 9649 2.4 WebP File Header; demuxer refuses a partial file",
    "Pillow raises OSError, OpenCV returns None. A download or a copy was cut: fetch the file again."};
inline constexpr Rule riff_size{"webp.riff.size",
                                Fault::malformed,
                                Severity::error,
                                "The RIFF size holds at least one chunk and at most 2^32 - 10 bytes.",
                                "RFC 9649 2.4; libwebp ParseRIFF()",
                                "libwebp answers BITSTREAM_ERROR: every loader raises or returns nothing."};
inline constexpr Rule riff_trailing{
    "webp.riff.trailing",
    Fault::trailing_data,
    Severity::warning,
    "Nothing follows the RIFF chunk.",
    "RFC 9649 2.4: readers MAY parse such files, ignoring the trailing data",
    "Loaders ignore the bytes. They may be another file, glued on by a broken download."};

inline constexpr Rule chunk_size{"webp.chunk.size",
                                 Fault::malformed,
                                 Severity::error,
                                 "Every chunk lies inside the chunk that holds it.",
                                 "RFC 9649 2.3 RIFF File Format; demuxer SizeIsInvalid()",
                                 "libwebp refuses the file: Pillow raises OSError, OpenCV returns None."};
inline constexpr Rule chunk_unpadded{
    "webp.chunk.unpadded",
    Fault::malformed,
    Severity::error,
    "A chunk of odd size is followed by a padding byte.",
    "RFC 9649 2.3; demuxer SizeIsInvalid(padded size)",
    "The demuxer refuses the file, so Pillow raises OSError, though dwebp reads it."};
inline constexpr Rule chunk_padding{
    "webp.chunk.padding",
    Fault::malformed,
    Severity::warning,
    "A padding byte is zero.",
    "RFC 9649 2.3: 'a single padding byte -- which MUST be 0'",
    "No loader looks at it: the byte was damaged, or its writer is careless."};
inline constexpr Rule chunk_unknown{"webp.chunk.unknown",
                                    Fault::unsupported,
                                    Severity::note,
                                    "Chunks are those of the specification.",
                                    "RFC 9649 2.7.1.7 Unknown Chunks: readers SHOULD ignore them",
                                    "Harmless: metadata of a writer (IART, ICMT, ...)."};
inline constexpr Rule chunk_name{
    "webp.chunk.name",
    Fault::malformed,
    Severity::warning,
    "A chunk's name is four printable ASCII characters.",
    "RFC 9649 2.2: FourCC",
    "Loaders skip the chunk; its name was most likely damaged, and with it what the chunk holds."};
inline constexpr Rule chunk_order{
    "webp.chunk.order",
    Fault::malformed,
    Severity::warning,
    "ICCP and ANIM come before the image data.",
    "RFC 9649 2.7: 'MUST appear in the order described below'",
    "libwebp reads the file; a strict reader SHOULD fail, or ignores the colour profile."};
inline constexpr Rule chunk_duplicate{"webp.chunk.duplicate",
                                      Fault::malformed,
                                      Severity::warning,
                                      "ICCP, ANIM, EXIF and XMP occur at most once.",
                                      "RFC 9649 2.7.1.4 to 2.7.1.6",
                                      "Readers take the first and ignore the rest."};

inline constexpr Rule first_chunk{"webp.first.chunk",
                                  Fault::malformed,
                                  Severity::error,
                                  "The first chunk is VP8, VP8L or VP8X.",
                                  "RFC 9649 2.5 to 2.7; Pillow's _accept(), demuxer kMasterChunks",
                                  "Pillow raises UnidentifiedImageError, OpenCV returns None."};
inline constexpr Rule image_missing{
    "webp.image.missing",
    Fault::malformed,
    Severity::error,
    "The file holds an image, and each animation frame holds one.",
    "RFC 9649 2.7; demuxer: no frame is refused",
    "Pillow raises OSError, OpenCV returns None; a frame without image is lost."};
inline constexpr Rule image_second{"webp.image.second",
                                   Fault::malformed,
                                   Severity::error,
                                   "A still file, and each animation frame, holds one image.",
                                   "RFC 9649 2.7; demuxer ParseSingleImage()",
                                   "The demuxer refuses the file: Pillow raises OSError."};
inline constexpr Rule image_canvas{
    "webp.image.canvas",
    Fault::inconsistent,
    Severity::error,
    "A still image is as large as the canvas.",
    "RFC 9649 2.7; libwebp ParseHeadersInternal() 'image size coherency'",
    "libwebp answers BITSTREAM_ERROR: every loader raises or returns nothing."};
inline constexpr Rule image_limit{
    "webp.image.limit",
    Fault::over_limit,
    Severity::error,
    "The image is not larger than the limits allow.",
    "datavet's limits: --max-pixels, --max-decoded-bytes",
    "Not examined further. Raise the limit if the sample is meant to be so large."};
inline constexpr Rule simple_extra{
    "webp.simple.extra",
    Fault::trailing_data,
    Severity::warning,
    "A simple file (without VP8X) holds nothing but its image and unknown chunks.",
    "RFC 9649 2.5, 2.6",
    "Loaders ignore what follows the image: metadata needs a VP8X chunk, other bytes belong to nothing."};

inline constexpr Rule vp8x_size{"webp.vp8x.size",
                                Fault::malformed,
                                Severity::error,
                                "The VP8X chunk is 10 bytes long.",
                                "RFC 9649 2.7 figure 7; libwebp ParseVP8X()",
                                "libwebp answers BITSTREAM_ERROR: every loader raises or returns nothing."};
inline constexpr Rule vp8x_flags{
    "webp.vp8x.flags",
    Fault::malformed,
    Severity::error,
    "The reserved bits of the VP8X feature flags are zero.",
    "RFC 9649 2.7; demuxer ALL_VALID_FLAGS",
    "The demuxer refuses the file: Pillow raises OSError. A bit of the flags was damaged."};
inline constexpr Rule vp8x_reserved{
    "webp.vp8x.reserved",
    Fault::malformed,
    Severity::warning,
    "The reserved 24 bits of VP8X are zero.",
    "RFC 9649 2.7: 'MUST be 0. Readers MUST ignore this field.'",
    "Loaders ignore them; the bytes were damaged, or a newer writer gives them a meaning."};
inline constexpr Rule vp8x_canvas{"webp.vp8x.canvas",
                                  Fault::malformed,
                                  Severity::error,
                                  "The canvas has at most 2^32 - 1 pixels.",
                                  "RFC 9649 2.7; libwebp MAX_IMAGE_AREA",
                                  "libwebp answers BITSTREAM_ERROR: every loader raises or returns nothing."};
inline constexpr Rule vp8x_second{"webp.vp8x.second",
                                  Fault::malformed,
                                  Severity::error,
                                  "VP8X occurs once.",
                                  "RFC 9649 2.7; demuxer ParseVP8XChunks()",
                                  "The demuxer refuses the file: Pillow raises OSError."};
inline constexpr Rule vp8x_metadata{
    "webp.vp8x.metadata",
    Fault::inconsistent,
    Severity::warning,
    "The VP8X flags for ICC profile, Exif and XMP agree with the chunks.",
    "RFC 9649 2.7",
    "Readers ignore metadata that is not announced. A profile or chunk was lost, or a flag was damaged."};
inline constexpr Rule vp8x_alpha{
    "webp.vp8x.alpha",
    Fault::inconsistent,
    Severity::warning,
    "The VP8X alpha flag is set when a frame is stored with transparency.",
    "RFC 9649 2.7; demuxer ParseSingleImage()",
    "Pillow drops the transparency, dwebp keeps it: loaders disagree on the pixels."};
inline constexpr Rule vp8x_animation{
    "webp.vp8x.animation",
    Fault::inconsistent,
    Severity::error,
    "The VP8X animation flag agrees with the chunks: frames with it, one image without.",
    "RFC 9649 2.7; demuxer ParseVP8XChunks()",
    "The demuxer refuses the file: Pillow raises OSError."};

inline constexpr Rule anim_missing{"webp.anim.missing",
                                   Fault::malformed,
                                   Severity::error,
                                   "An ANIM chunk precedes the frames of an animation.",
                                   "RFC 9649 2.7.1.1; demuxer: 'ANIM' precedes frames",
                                   "The demuxer refuses the file: Pillow raises OSError."};
inline constexpr Rule anim_size{"webp.anim.size",
                                Fault::malformed,
                                Severity::error,
                                "The ANIM chunk is 6 bytes long.",
                                "RFC 9649 2.7.1.1; demuxer ANIM_CHUNK_SIZE",
                                "The demuxer refuses a shorter one: Pillow raises OSError."};
inline constexpr Rule anim_loaders{
    "webp.anim.loaders",
    Fault::inconsistent,
    Severity::warning,
    "The file is a still image.",
    "OpenCV before 4.11 returns None for an animated WebP",
    "Pillow gives the first of several frames, OpenCV nothing: check that a still image was not meant."};
inline constexpr Rule anmf_size{"webp.anmf.size",
                                Fault::malformed,
                                Severity::error,
                                "An ANMF chunk holds at least its 16 bytes of geometry.",
                                "RFC 9649 2.7.1.1; demuxer ANMF_CHUNK_SIZE",
                                "The demuxer refuses the file: Pillow raises OSError."};
inline constexpr Rule anmf_bounds{"webp.anmf.bounds",
                                  Fault::inconsistent,
                                  Severity::error,
                                  "Every frame lies inside the canvas.",
                                  "RFC 9649 2.7.2; demuxer CheckFrameBounds()",
                                  "The demuxer refuses the file: Pillow raises OSError."};
inline constexpr Rule anmf_frame{
    "webp.anmf.frame",
    Fault::inconsistent,
    Severity::warning,
    "A frame's image is as large as its ANMF chunk says.",
    "RFC 9649 2.7.1.1; libwebpmux refuses it",
    "libwebp draws the image in its own size, other readers in the declared one or not at all."};
inline constexpr Rule anmf_reserved{"webp.anmf.reserved",
                                    Fault::malformed,
                                    Severity::warning,
                                    "The reserved bits of ANMF are zero.",
                                    "RFC 9649 2.7.1.1: 'MUST be 0. Readers MUST ignore this field.'",
                                    "Loaders ignore them; the byte was damaged."};

inline constexpr Rule alph_order{"webp.alph.order",
                                 Fault::malformed,
                                 Severity::error,
                                 "ALPH occurs once, before a VP8 image, and never with VP8L.",
                                 "RFC 9649 2.7.1.2; demuxer StoreFrame()",
                                 "The demuxer refuses the file, or transparency is lost."};
inline constexpr Rule alph_header{
    "webp.alph.header",
    Fault::malformed,
    Severity::error,
    "The ALPH header names a known preprocessing and compression.",
    "RFC 9649 2.7.1.2; libwebp ALPHInit()",
    "libwebp cannot decode the transparency: every loader raises or returns nothing."};
inline constexpr Rule alph_size{
    "webp.alph.size",
    Fault::truncated,
    Severity::error,
    "Uncompressed transparency has one byte a pixel.",
    "RFC 9649 2.7.1.2; libwebp ALPHInit()",
    "libwebp cannot decode the transparency: every loader raises or returns nothing."};

inline constexpr Rule vp8_header{"webp.vp8.header",
                                 Fault::malformed,
                                 Severity::error,
                                 "A VP8 stream starts with the header of a visible key frame.",
                                 "RFC 6386 9.1; RFC 9649 2.5; libwebp VP8GetInfo()",
                                 "libwebp answers BITSTREAM_ERROR: every loader raises or returns nothing."};
inline constexpr Rule vp8_partitions{
    "webp.vp8.partitions",
    Fault::truncated,
    Severity::error,
    "The partitions of a VP8 frame lie inside its chunk.",
    "RFC 6386 9.5; libwebp ParsePartitions()",
    "libwebp stops with 'cannot parse partitions' or 'premature end': loaders raise or return nothing."};
inline constexpr Rule vp8l_header{"webp.vp8l.header",
                                  Fault::malformed,
                                  Severity::error,
                                  "A VP8L stream starts with its signature byte and version 0.",
                                  "RFC 9649 3.4; libwebp VP8LGetInfo()",
                                  "libwebp answers BITSTREAM_ERROR: every loader raises or returns nothing."};

inline constexpr Rule decode_container{"webp.decode.container",
                                       Fault::undecodable,
                                       Severity::error,
                                       "libwebp's demuxer accepts the file.",
                                       "WebPDemux() of the installed libwebp",
                                       "Pillow raises OSError('could not create decoder object')."};
inline constexpr Rule decode_image{"webp.decode.image",
                                   Fault::undecodable,
                                   Severity::error,
                                   "libwebp decodes every frame to its last pixel.",
                                   "WebPDecode(), WebPAnimDecoderGetNext() of the installed libwebp",
                                   "Pillow raises, OpenCV returns None. The compressed picture was damaged."};

inline constexpr const Rule *all_rules[] = {
    &riff_signature, &riff_truncated, &riff_size,        &riff_trailing, &chunk_size,      &chunk_unpadded,
    &chunk_padding,  &chunk_unknown,  &chunk_name,       &chunk_order,   &chunk_duplicate, &first_chunk,
    &image_missing,  &image_second,   &image_canvas,     &image_limit,   &simple_extra,    &vp8x_size,
    &vp8x_flags,     &vp8x_reserved,  &vp8x_canvas,      &vp8x_second,   &vp8x_metadata,   &vp8x_alpha,
    &vp8x_animation, &anim_missing,   &anim_size,        &anim_loaders,  &anmf_size,       &anmf_bounds,
    &anmf_frame,     &anmf_reserved,  &alph_order,       &alph_header,   &alph_size,       &vp8_header,
    &vp8_partitions, &vp8l_header,    &decode_container, &decode_image,
};

} // namespace datavet::webp
