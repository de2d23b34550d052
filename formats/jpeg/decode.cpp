#include "formats/jpeg/decode.h"

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio> // jpeglib.h needs FILE
#include <cstring>

#include <fmt/format.h>
#include <jerror.h>
#include <jpeglib.h>

#include "formats/any/rules.h"
#include "formats/jpeg/rules.h"

namespace datavet {

namespace {

/// Libjpeg-turbo decodes MCUs by a fast path while its buffer holds 512 bytes a block, and that path takes
/// an invalid Huffman code for a zero without a word. With less in the buffer it takes the careful path,
/// which warns. The cost is measured in README.md.
constexpr std::size_t bytes_at_a_time = 480;

struct Complaint {
  int code;
  const Rule *rule;
};

/// Every JWRN_* code that decompression can emit. Null: check() says the same of every file, as a test holds.
constexpr Complaint complaints[] = {
    {JWRN_ADOBE_XFORM, nullptr},
    {JWRN_BOGUS_PROGRESSION, nullptr},
    {JWRN_JFIF_MAJOR, nullptr},
    {JWRN_NOT_SEQUENTIAL, nullptr},
    {JWRN_EXTRANEOUS_DATA, &jpeg::decode_extraneous_bytes},
    {JWRN_HIT_MARKER, &jpeg::decode_missing_data},
    {JWRN_HUFF_BAD_CODE, &jpeg::decode_bad_huffman},
    {JWRN_JPEG_EOF, &jpeg::decode_premature_end},
    {JWRN_MUST_RESYNC, &jpeg::decode_restart_sync},
};

/// Libjpeg's errors that mean "cannot", not "damaged". Check() finds nearly all before.
constexpr int unsupported_errors[] = {
    JERR_ARITH_NOTIMPL,   JERR_BAD_PRECISION,      JERR_CCIR601_NOTIMPL, JERR_COMPONENT_COUNT,
    JERR_NOTIMPL,         JERR_CONVERSION_NOTIMPL, JERR_IMAGE_TOO_BIG,   JERR_NOT_COMPILED,
    JERR_SOF_UNSUPPORTED, JERR_WIDTH_OVERFLOW,
};

/// Something libjpeg said, and where it stood when it first did. Plain data: it is written across a longjmp.
struct Remark {
  const Rule *rule;     ///< null = never said
  std::uint64_t offset; ///< of the next byte to be read
  std::uint32_t row;
  std::uint64_t count; ///< how often it was said
  char text[JMSG_LENGTH_MAX];
};

/// All that a decompression keeps. Plain data throughout: longjmp runs no destructor.
struct Decompression {
  jpeg_decompress_struct libjpeg; // first: libjpeg hands out pointers to it
  jpeg_error_mgr errors;
  jpeg_source_mgr source;
  jpeg_progress_mgr progress;
  std::jmp_buf give_up;

  const std::uint8_t *bytes;
  std::uint64_t size;
  std::uint64_t given; ///< bytes handed to libjpeg
  std::uint32_t most_scans;

  std::array<Remark, std::size(complaints) + 2> remarks; ///< one a rule, in the order of their first time
  std::size_t remark_count;
  Remark error; ///< the one on which libjpeg gave up
  bool too_many_scans;
  bool started; ///< the first scan's data are being read

  /// Of the next byte to be read.
  std::uint64_t offset() const { return std::min<std::uint64_t>(given - source.bytes_in_buffer, size); }
};

template <class Part> Decompression &owner(Part *part) {
  return *static_cast<Decompression *>(part->client_data);
}

bool is_padding(std::uint8_t byte) { return byte == 0 || byte == 0xFF; }

/// For JWRN_EXTRANEOUS_DATA: true when the bytes that libjpeg skipped before a marker are zeros or ones only.
bool skipped_padding(const Decompression &state) {
  auto skipped = static_cast<std::uint64_t>(state.errors.msg_parm.i[0]);
  const int code = state.errors.msg_parm.i[1];
  const auto is_restart_at = [&](std::uint64_t at) {
    return state.bytes[at] == 0xFF && (state.bytes[at + 1] & 0xF8) == JPEG_RST0;
  };
  // Libjpeg warns before it moves past the marker.
  std::uint64_t marker = state.offset();
  while (marker + 1 < state.size && (state.bytes[marker] != 0xFF || state.bytes[marker + 1] != code))
    ++marker;
  for (;;) {
    std::uint64_t at = marker;
    for (; skipped > 0 && at > 0 && is_padding(state.bytes[at - 1]); --at) --skipped;
    if (skipped == 0) return true;
    if (at == marker) return false;
    // A restart marker that libjpeg had met before it was due went by without a word: the count goes on
    // with what was skipped before it.
    while (at > 0 && !is_restart_at(at - 1)) --at;
    if (at == 0) return false;
    marker = at - 1;
  }
}

/// The rule that the warning just given breaks; null = check() reports it.
const Rule *rule_of_warning(const Decompression &state) {
  const int code = state.errors.msg_code;
  if (code == JWRN_EXTRANEOUS_DATA) {
    if (!state.started) return nullptr; // between the segments before the first scan
    if (skipped_padding(state)) return &jpeg::decode_padding;
  }
  for (const Complaint &complaint : complaints)
    if (complaint.code == code) return complaint.rule;
  return &jpeg::decode_error; // a newer libjpeg's complaint that the table does not know yet
}

const Rule &rule_of_error(int code) {
  if (code == JERR_OUT_OF_MEMORY) return any::decoder_memory;
  const bool unsupported = std::find(std::begin(unsupported_errors), std::end(unsupported_errors), code) !=
                           std::end(unsupported_errors);
  return unsupported ? jpeg::decode_unsupported : jpeg::decode_error;
}

void note_down(Decompression &state, const Rule &rule, Remark &into) {
  into.rule = &rule;
  into.offset = state.offset();
  into.row = state.libjpeg.output_scanline;
  into.count = 1;
  state.errors.format_message(reinterpret_cast<j_common_ptr>(&state.libjpeg), into.text);
}

// Libjpeg's callbacks -------------------------------------------------------------------------------------

void error_exit(j_common_ptr libjpeg) {
  Decompression &state = owner(libjpeg);
  note_down(state, rule_of_error(state.errors.msg_code), state.error);
  std::longjmp(state.give_up, 1);
}

void emit_message(j_common_ptr libjpeg, int level) {
  if (level >= 0) return; // a trace
  Decompression &state = owner(libjpeg);
  const Rule *rule = rule_of_warning(state);
  if (rule == nullptr) return;
  for (std::size_t i = 0; i < state.remark_count; ++i)
    if (state.remarks[i].rule == rule) {
      ++state.remarks[i].count;
      return;
    }
  if (state.remark_count < state.remarks.size()) note_down(state, *rule, state.remarks[state.remark_count++]);
}

void start_source(j_decompress_ptr) {}
void end_source(j_decompress_ptr) {}

boolean fill_buffer(j_decompress_ptr libjpeg) {
  static constexpr JOCTET end_of_image[] = {0xFF, JPEG_EOI};
  Decompression &state = owner(libjpeg);
  if (state.given == state.size) {
    // As libjpeg's own sources do: warn, and let it finish with an EOI of ours.
    if (state.size == 0) ERREXIT(libjpeg, JERR_INPUT_EMPTY);
    state.source.bytes_in_buffer = 0;
    WARNMS(libjpeg, JWRN_JPEG_EOF);
    state.source.next_input_byte = end_of_image;
    state.source.bytes_in_buffer = sizeof end_of_image;
    return TRUE;
  }
  const std::uint64_t step = std::min<std::uint64_t>(bytes_at_a_time, state.size - state.given);
  state.source.next_input_byte = state.bytes + state.given;
  state.source.bytes_in_buffer = step;
  state.given += step;
  return TRUE;
}

void skip_input(j_decompress_ptr libjpeg, long count) {
  Decompression &state = owner(libjpeg);
  auto left = static_cast<std::uint64_t>(std::max(count, 0L));
  if (left <= state.source.bytes_in_buffer) {
    state.source.next_input_byte += left;
    state.source.bytes_in_buffer -= left;
    return;
  }
  left -= state.source.bytes_in_buffer;
  state.source.bytes_in_buffer = 0;
  state.given += std::min(left, state.size - state.given); // a skip past the end ends at the end
}

void watch_progress(j_common_ptr libjpeg) {
  Decompression &state = owner(libjpeg);
  if (state.libjpeg.input_scan_number <= static_cast<long long>(state.most_scans)) return;
  state.too_many_scans = true;
  std::longjmp(state.give_up, 1);
}

// Decoding ------------------------------------------------------------------------------------------------

void prepare(Decompression &state, Bytes bytes, const Limits &limits) {
  std::memset(&state, 0, sizeof state);
  state.bytes = bytes.data();
  state.size = bytes.size();
  state.most_scans = limits.scans;
  state.libjpeg.err = jpeg_std_error(&state.errors);
  state.errors.error_exit = error_exit;
  state.errors.emit_message = emit_message;
  state.libjpeg.client_data = &state;
}

/// The part that may longjmp. Owns nothing: rows come from libjpeg's own pool.
void run(Decompression &state, const Limits &limits, Facts &facts) {
  jpeg_decompress_struct &libjpeg = state.libjpeg;
  if (setjmp(state.give_up) != 0) return;
  jpeg_create_decompress(&libjpeg); // clears all but err and client_data
  state.source.init_source = start_source;
  state.source.fill_input_buffer = fill_buffer;
  state.source.skip_input_data = skip_input;
  state.source.resync_to_restart = jpeg_resync_to_restart;
  state.source.term_source = end_source;
  libjpeg.src = &state.source;
  state.progress.progress_monitor = watch_progress;
  libjpeg.progress = &state.progress;

  jpeg_read_header(&libjpeg, TRUE);
  facts.width = libjpeg.image_width;
  facts.height = libjpeg.image_height;
  const std::uint64_t pixels = std::uint64_t{libjpeg.image_width} * libjpeg.image_height;
  const std::uint64_t channels = static_cast<std::uint64_t>(libjpeg.num_components);
  if (pixels > limits.pixels || pixels > limits.decoded_bytes / channels) return; // check() said so
  // As Pillow does: colour to RGB, grey stays, and four channels become CMYK.
  if (libjpeg.num_components == 4) libjpeg.out_color_space = JCS_CMYK;
  state.started = true;
  jpeg_start_decompress(&libjpeg);
  const JDIMENSION row_size = libjpeg.output_width * static_cast<JDIMENSION>(libjpeg.output_components);
  JSAMPARRAY rows = libjpeg.mem->alloc_sarray(reinterpret_cast<j_common_ptr>(&libjpeg), JPOOL_IMAGE, row_size,
                                              static_cast<JDIMENSION>(libjpeg.rec_outbuf_height));
  while (libjpeg.output_scanline < libjpeg.output_height)
    jpeg_read_scanlines(&libjpeg, rows, static_cast<JDIMENSION>(libjpeg.rec_outbuf_height));
  jpeg_finish_decompress(&libjpeg);
}

// Findings ------------------------------------------------------------------------------------------------

/// One damage makes libjpeg complain many times: the first error tells, the rest is counted.
void report(const Decompression &state, Evidence &evidence) {
  std::uint64_t more = 0;
  for (const Remark &said : state.remarks) more += said.count;
  for (std::size_t i = 0; i < state.remark_count; ++i) {
    const Remark &said = state.remarks[i];
    std::string detail = fmt::format("{}, at row {} of {}", said.text, said.row, state.libjpeg.image_height);
    if (said.rule->severity != Severity::error) {
      if (said.count > 1) detail += fmt::format(", {} times", said.count);
      more -= said.count;
      evidence.findings.add(*said.rule, said.offset, 0, std::move(detail));
      continue;
    }
    if (more > 1) detail += fmt::format("; {} more complaints", more - 1);
    if (state.error.rule != nullptr) detail += fmt::format("; then: {}", state.error.text);
    evidence.findings.add(*said.rule, said.offset, 0, std::move(detail));
    return;
  }
  if (state.error.rule != nullptr)
    evidence.findings.add(*state.error.rule, state.error.offset, 0, state.error.text);
  if (state.too_many_scans)
    evidence.findings.add(jpeg::decode_scans, state.offset(), 0,
                          fmt::format("scan {}", state.libjpeg.input_scan_number));
}

} // namespace

void jpeg_decode(const DecodeInput &input, const Limits &limits, Evidence &evidence) {
  Decompression state;
  prepare(state, input.bytes, limits);
  run(state, limits, evidence.facts);
  report(state, evidence);
  jpeg_destroy_decompress(&state.libjpeg);
}

void jpeg_warm_up() {
  // SOI and EOI: enough for libjpeg to choose its SIMD routines, which may look at the environment.
  static constexpr std::uint8_t empty[] = {0xFF, 0xD8, 0xFF, 0xD9};
  Evidence ignored;
  jpeg_decode({.bytes = empty}, Limits{}, ignored);
}

std::string jpeg_version() {
  constexpr int number = LIBJPEG_TURBO_VERSION_NUMBER; // 2001005 = 2.1.5
  return fmt::format("{}.{}.{}", number / 1'000'000, number / 1'000 % 1'000, number % 1'000);
}

} // namespace datavet
