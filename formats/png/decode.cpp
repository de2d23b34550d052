#include "formats/png/decode.h"

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <new>

#include <fmt/format.h>
#include <png.h>

#include "formats/png/geometry.h"
#include "formats/png/rules.h"

namespace datavet {
namespace {

using namespace datavet::png;

// libpng leaves by longjmp, which runs no destructor. So everything that lives across it is plain
// memory in Session, and only decode_all() sets the jump; C++ begins again when it has returned.

constexpr std::size_t kept_warnings = 8, message_size = 160;

struct Message {
  std::size_t offset;
  char text[message_size];
};

struct Session {
  const std::uint8_t *bytes;
  std::size_t size;
  std::size_t at;
  std::uint64_t pixel_limit, byte_limit;

  bool over_limit;
  bool failed;
  Message error;
  Message warnings[kept_warnings];
  std::size_t warning_count; ///< all of them; the first are kept
  png_uint_32 width, height;
  png_byte depth, colour, interlace;

  png_structp png;
  png_infop info;
  png_bytep row;
};

void keep(Message &message, const Session &session, const char *text) {
  message.offset = session.at;
  std::snprintf(message.text, sizeof message.text, "%s", text);
}

[[noreturn]] void on_error(png_structp png, png_const_charp text) {
  Session *session = static_cast<Session *>(png_get_error_ptr(png));
  session->failed = true;
  keep(session->error, *session, text);
  png_longjmp(png, 1);
}

void on_warning(png_structp png, png_const_charp text) {
  Session *session = static_cast<Session *>(png_get_error_ptr(png));
  if (session->warning_count < kept_warnings) keep(session->warnings[session->warning_count], *session, text);
  ++session->warning_count;
}

void on_read(png_structp png, png_bytep into, std::size_t count) {
  Session *session = static_cast<Session *>(png_get_io_ptr(png));
  if (count > session->size - session->at) {
    session->at = session->size;
    png_error(png, "Read Error");
  }
  std::memcpy(into, session->bytes + session->at, count);
  session->at += count;
}

/// One row buffer is enough, interlaced or not: nobody looks at the pixels, libpng checks every row.
void read_rows(Session &session) {
  const int passes = png_set_interlace_handling(session.png);
  png_read_update_info(session.png, session.info);
  session.row = static_cast<png_bytep>(png_malloc(session.png, png_get_rowbytes(session.png, session.info)));
  for (int pass = 0; pass < passes; ++pass)
    for (png_uint_32 y = 0; y < session.height; ++y) png_read_row(session.png, session.row, nullptr);
}

void decode_all(Session &session) {
  if (setjmp(png_jmpbuf(session.png)) != 0) return;
  // CRC actions stay at libpng's default, as every loader leaves them: refuse a critical chunk, drop an
  // ancillary one.
  png_set_read_fn(session.png, &session, on_read);
  png_read_info(session.png, session.info);
  session.width = png_get_image_width(session.png, session.info);
  session.height = png_get_image_height(session.png, session.info);
  session.depth = png_get_bit_depth(session.png, session.info);
  session.colour = png_get_color_type(session.png, session.info);
  session.interlace = png_get_interlace_type(session.png, session.info);
  const std::uint64_t pixels =
      std::uint64_t{session.width} * session.height; // at most 10^12: libpng's user limits
  const std::uint64_t bytes =
      pixels * png_get_channels(session.png, session.info) * (session.depth == 16 ? 2u : 1u);
  session.over_limit = pixels > session.pixel_limit || bytes > session.byte_limit;
  if (session.over_limit) return;
  read_rows(session);
  png_read_end(session.png, session.info);
}

void report(const Session &session, Evidence &evidence) {
  Facts &facts = evidence.facts;
  if (session.width != 0) {
    facts.width = session.width;
    facts.height = session.height;
    facts.bits = session.depth;
    facts.channels = static_cast<std::uint16_t>(channels_of(session.colour));
    facts.colour = fact_of(session.colour);
    facts.progressive = session.interlace != 0;
    facts.decoded_bytes =
        std::uint64_t{session.width} * session.height * facts.channels * (session.depth == 16 ? 2u : 1u);
    facts.frames = std::max(facts.frames, 1u);
  }
  if (session.over_limit)
    evidence.findings.add(ihdr_limit, 0, 0, fmt::format("{} x {} pixels", session.width, session.height));
  if (session.failed)
    evidence.findings.add(decode_error, std::min(session.error.offset, session.size), 0, session.error.text);
  for (std::size_t i = 0; i < std::min(session.warning_count, kept_warnings); ++i) {
    const bool last_kept = i + 1 == kept_warnings && session.warning_count > kept_warnings;
    evidence.findings.add(decode_warning, std::min(session.warnings[i].offset, session.size), 0,
                          last_kept ? fmt::format("{} (and {} more)", session.warnings[i].text,
                                                  session.warning_count - kept_warnings)
                                    : session.warnings[i].text);
  }
}

} // namespace

void png_decode(const DecodeInput &input, const Limits &limits, Evidence &evidence) {
  Session session = {};
  session.bytes = input.bytes.data();
  session.size = input.bytes.size();
  session.pixel_limit = limits.pixels;
  session.byte_limit = limits.decoded_bytes;
  session.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &session, on_error, on_warning);
  if (session.png != nullptr) session.info = png_create_info_struct(session.png);
  if (session.info == nullptr) {
    png_destroy_read_struct(&session.png, nullptr, nullptr);
    throw std::bad_alloc(); // the worker's barrier: says nothing about the sample
  }
  // libpng's own limits are what users of OpenCV and TensorFlow have; ours may only be tighter.
  png_set_user_limits(session.png, widest_for_libpng, widest_for_libpng);
  png_set_chunk_malloc_max(session.png,
                           std::min<std::uint64_t>(limits.metadata_bytes, PNG_USER_CHUNK_MALLOC_MAX));
  decode_all(session);
  if (session.row != nullptr) png_free(session.png, session.row);
  png_destroy_read_struct(&session.png, &session.info, nullptr);
  report(session, evidence);
}

std::string png_library_version() { return png_get_libpng_ver(nullptr); }

} // namespace datavet
