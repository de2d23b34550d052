#include "tests/formats/jpeg/damages.h"

#include "tests/formats/jpeg/jpeg_maker.h"
#include "tests/formats/jpeg/pieces.h"

namespace datavet::test {

namespace {

using namespace std::string_view_literals;

enum : std::uint8_t {
  SOF0 = 0xC0,
  SOF2 = 0xC2,
  DHT = 0xC4,
  DAC = 0xCC,
  SOI = 0xD8,
  EOI = 0xD9,
  SOS = 0xDA,
  DQT = 0xDB,
  DNL = 0xDC,
  DRI = 0xDD,
  APP0 = 0xE0,
  APP1 = 0xE1,
  APP2 = 0xE2,
  APP13 = 0xED,
  APP14 = 0xEE,
  COM = 0xFE
};

/// Collects damages: each by what is done to a good sample.
class Collection {
public:
  std::vector<Damage> take() { return std::move(damages_); }

  void add(std::string_view rule, Blob sample, std::uint64_t offset, Limits limits = {}) {
    damages_.push_back({Damage::By::check, rule, std::move(sample), offset, limits});
  }
  void add_decode(std::string_view rule, Blob sample, Limits limits = {}) {
    damages_.push_back({Damage::By::decode, rule, std::move(sample), 0, limits});
  }
  /// One byte of the payload of the first `code` segment; the finding points `back` bytes before it.
  void add_byte(std::string_view rule, const Blob &good, std::uint8_t code, std::size_t at,
                std::uint8_t value, std::size_t back = 0) {
    const std::size_t place = piece(good, code).payload() + at;
    add(rule, set_byte(good, place, value), place - back);
  }
  /// `bytes` before the first segment `code`; the finding points `in` bytes into them.
  void add_before(std::string_view rule, const Blob &good, std::uint8_t code, const Blob &bytes,
                  std::size_t in = 0) {
    const std::size_t place = piece(good, code).offset;
    add(rule, insert(good, place, bytes), place + in);
  }

private:
  std::vector<Damage> damages_;
};

void damage_segments(Collection &all, const Blob &good) {
  all.add("jpeg.soi.signature", set_byte(good, 0, 'X'), 0);
  all.add_before("jpeg.soi.repeated", good, DQT, {0xFF, SOI});
  all.add_before("jpeg.marker.unknown", good, DQT, {0xFF, 0x02});
  all.add_before("jpeg.marker.unknown", good, DQT, {0xFF, 0x01}); // TEM: Pillow raises
  all.add_before("jpeg.marker.unknown", good, EOI, {0xFF, 0xF7});
  all.add_before("jpeg.marker.stray", good, DQT, {0xFF, 0xD3});
  all.add_before("jpeg.marker.extraneous", good, DQT, {1, 2, 3});
  all.add_before("jpeg.marker.extraneous", good, DQT, {0xFF, 0x00});
  const Piece dqt = piece(good, DQT);
  all.add("jpeg.segment.truncated", truncate(good, dqt.end() - 1), dqt.offset);
  all.add("jpeg.segment.truncated", truncate(good, dqt.offset + 3), dqt.offset);
  all.add_before("jpeg.segment.length", good, DQT, segment(DRI, {0, 0, 0}));
  all.add_before("jpeg.segment.length", good, DQT, segment(DAC, {0}));
  all.add_before("jpeg.segment.length", good, DQT, segment(DQT, {0, 1, 2, 3}));
  all.add_before("jpeg.segment.length", good, DQT, segment(DHT, {0, 1, 2, 3}));
  all.add_before("jpeg.segment.length", good, DQT, {0xFF, DQT, 0, 1});
  all.add_byte("jpeg.segment.length", good, SOS, 0, 2, 4);
  all.add_byte("jpeg.segment.length", good, SOF0, 5, 2, 9);
  all.add_before("jpeg.segment.short", good, DQT, {0xFF, COM, 0, 0});
}

void damage_tables(Collection &all, const Blob &good) {
  all.add_byte("jpeg.dqt.destination", good, DQT, 0, 4);
  all.add_before("jpeg.dqt.precision", good, DQT, segment(DQT, Blob(129, 0x20)), 4);
  all.add_byte("jpeg.dqt.zero", good, DQT, 5, 0, 5);
  all.add_byte("jpeg.dht.destination", good, DHT, 0, 0x24);
  all.add_byte("jpeg.dht.counts", good, DHT, 1, 200, 1);
  const std::size_t dc = piece(good, DHT).payload();
  // Three codes of one bit; 12 codes as before.
  all.add("jpeg.dht.code", set_byte(set_byte(set_byte(good, dc + 1, 3), dc + 2, 0), dc + 3, 3), dc);
  // Two codes of one bit fit, but one of them is all ones, which annex C reserves.
  const Blob ones = append({0x00, 2}, Blob(15, 0));
  const std::size_t scan = piece(good, SOS).offset;
  all.add("jpeg.dht.code", insert(good, scan, segment(DHT, append(ones, {0, 1}))), scan + 4);
  all.add("jpeg.dht.category", set_byte(good, dc + 17, 16), dc);
  all.add("jpeg.dht.symbol", set_byte(good, dc + 28, 12), dc);
  all.add("jpeg.dht.symbol", set_byte(good, dc + 28, 3), dc);
  Blob unused = append({0x03, 3}, Blob(15, 0));
  all.add_before("jpeg.dht.unused", good, SOS, segment(DHT, append(unused, {0, 1, 2})), 4);
  all.add_before("jpeg.dac.value", good, SOS, segment(DAC, {0x20, 0}), 4);
  all.add_before("jpeg.dac.value", good, SOS, segment(DAC, {0x00, 0x01}), 4);
}

void damage_frame(Collection &all, const Blob &good) {
  const Piece sof = piece(good, SOF0), sos = piece(good, SOS), eoi = piece(good, EOI);
  const std::size_t header = sof.payload();
  all.add("jpeg.sof.missing", {0xFF, SOI, 0xFF, EOI}, 2);
  all.add("jpeg.sof.missing", without(good, sof), sos.offset - sof.length);
  all.add_before("jpeg.sof.repeated", good, SOS, bytes_of(good, sof));
  for (int process : {0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
    all.add("jpeg.sof.process", set_byte(good, sof.offset + 1, static_cast<std::uint8_t>(process)),
            sof.offset);
  all.add("jpeg.sof.process", set_byte(set_byte(good, sof.offset + 1, 0xC1), header, 12), header);
  all.add_before("jpeg.sof.process", good, SOF0, segment(0xDE, bytes_of(good, sof))); // DHP
  all.add("jpeg.sof.precision", set_byte(good, header, 12), header);                  // not in baseline
  all.add("jpeg.sof.precision", set_byte(good, header, 9), header);
  all.add("jpeg.sof.dimensions", zero(good, header + 3, 2), header);
  all.add("jpeg.sof.dimensions", zero(good, header + 1, 2), sof.offset);
  all.add("jpeg.sof.lines", insert(zero(good, header + 1, 2), eoi.offset, segment(DNL, {0, 64})), sof.offset);
  all.add("jpeg.sof.side", set_byte(set_byte(good, header + 3, 0xFF), header + 4, 0xFF), sof.offset);
  Blob two = without(good, sof);
  two = insert(two, sof.offset, segment(SOF0, {8, 0, 64, 0, 96, 2, 1, 0x11, 0, 2, 0x11, 1}));
  all.add("jpeg.sof.components", two, sof.offset);
  const Blob same_ids = set_byte(good, header + 9, 1);
  all.add("jpeg.sof.component_id", set_byte(same_ids, sos.payload() + 3, 1), header + 9);
  all.add("jpeg.sof.sampling", set_byte(good, header + 7, 0x02), header + 7);
  all.add("jpeg.sof.sampling", set_byte(good, header + 10, 0x15), header + 10);
  all.add("jpeg.sof.ratio", set_byte(set_byte(good, header + 7, 0x31), header + 10, 0x21), header + 10);
  const Blob cmyk = make_jpeg({.colour = JpegWishes::Colour::cmyk, .horizontal = 1, .vertical = 1});
  all.add("jpeg.sof.cmyk", cmyk, piece(cmyk, SOF0).offset);
  Limits few_pixels;
  few_pixels.pixels = 96 * 64 - 1;
  all.add("any.size.limit", good, sof.offset, few_pixels);
  Limits few_bytes;
  few_bytes.decoded_bytes = 96 * 64 * 3 - 1;
  all.add("any.size.limit", good, sof.offset, few_bytes);
}

void damage_scans(Collection &all, const Blob &good) {
  const Piece sos = piece(good, SOS), data = piece(good, entropy_coded), eoi = piece(good, EOI);
  all.add("jpeg.sos.missing", erase(good, sos.offset, sos.length + data.length), sos.offset);
  all.add_before("jpeg.sos.unexpected", good, EOI, append(bytes_of(good, sos), bytes_of(good, data)));
  all.add_byte("jpeg.sos.components", good, SOS, 1, 9);
  all.add_byte("jpeg.sos.components", good, SOS, 3, 1);
  all.add("jpeg.sos.mcu", set_byte(good, piece(good, SOF0).payload() + 7, 0x44), sos.offset);
  all.add("jpeg.sos.quantization", set_byte(good, piece(good, SOF0).payload() + 8, 3), sos.offset);
  all.add("jpeg.sos.quantization", set_byte(good, piece(good, SOF0).payload() + 8, 9), sos.offset);
  all.add("jpeg.sos.huffman", set_byte(good, sos.payload() + 2, 0x30), sos.offset);
  all.add("jpeg.sos.huffman", set_byte(good, sos.payload() + 2, 0x0F), sos.offset);
  const Blob bare = without_all(good, DHT);
  all.add("jpeg.sos.standard_tables", bare, piece(bare, SOS).offset);
  all.add("jpeg.sos.sequential", set_byte(good, sos.end() - 2, 62), sos.end() - 3);

  const Blob progressive = make_jpeg({.progressive = true});
  const Piece first = piece(progressive, SOS);
  all.add("jpeg.sos.progression", set_byte(progressive, first.end() - 1, 0x0E), first.end() - 3); // Al = 14
  all.add("jpeg.sos.progression", set_byte(progressive, first.end() - 1, 0x31),
          first.end() - 3);                                                                    // Al != Ah - 1
  all.add("jpeg.sos.progression", set_byte(progressive, first.end() - 2, 5), first.end() - 3); // DC with AC
  const Blob hole = without_scan(progressive, 1); // luminance 1-5: its refinement comes as scan 5 of 9 then
  all.add("jpeg.sos.script", hole, piece(hole, SOS, 4).offset);
  const Blob headless = without_scan(progressive, 0);
  all.add("jpeg.sos.script", headless, piece(headless, SOS).offset);
  const Blob coarse = without_scan(progressive, 9);
  all.add("jpeg.scans.incomplete", coarse, piece(coarse, EOI).offset);
  const Piece sixth = piece(progressive, SOS, 5);
  all.add("jpeg.scans.headless", without(progressive, sixth), sixth.offset);
  Limits few_scans;
  few_scans.scans = 4;
  all.add("jpeg.scans.limit", progressive, piece(progressive, SOS, 4).offset, few_scans);

  const Blob separate = make_jpeg({.one_scan_each = true});
  const Blob two = without_scan(separate, 1);
  all.add("jpeg.scans.component", two, piece(two, EOI).offset);
  const Piece again = piece(separate, SOS, 1);
  Blob twice = append(bytes_of(separate, again), bytes_of(separate, piece(separate, entropy_coded, 1)));
  all.add("jpeg.sos.repeated", insert(separate, again.offset, twice), again.offset + twice.size());

  all.add("jpeg.scan.short", set_byte(good, piece(good, SOF0).payload() + 1, 0xEA),
          data.offset); // 59,968 rows
  all.add("jpeg.eoi.missing", truncate(good, good.size() - 2), good.size() - 2);
  all.add("jpeg.eoi.missing", truncate(good, good.size() - 1), good.size() - 1);
  all.add("jpeg.eoi.missing", truncate(good, data.offset + 50), data.offset + 50);
  all.add("jpeg.dnl.lines", insert(good, eoi.offset, segment(DNL, {0, 99})), eoi.offset);
  all.add("jpeg.trailing.padding", append(good, Blob(100, 0)), good.size());
  all.add("jpeg.trailing.padding", append(good, {'\r', '\n'}), good.size());
  all.add("jpeg.trailing.known",
          append(good, blob_of("\0\0\0\x18"
                               "ftypmp42 and the film"sv)),
          good.size());
  all.add("jpeg.trailing.known", append(good, blob_of("a blob SEFT"sv)), good.size());
  all.add("jpeg.trailing.data", append(good, blob_of("<html>"sv)), good.size());
  all.add("jpeg.trailing.data", append(good, good), good.size());
}

void damage_restarts(Collection &all) {
  const Blob good = make_jpeg({.restart_interval = 2});
  const Piece data = piece(good, entropy_coded);
  const std::vector<std::size_t> restarts = restarts_in(good, data);
  all.add("jpeg.restart.order", set_byte(good, restarts[3] + 1, 0xD5), restarts[3]);
  all.add("jpeg.restart.order", erase(good, restarts[3], restarts[4] - restarts[3]), restarts[3]);
  const Blob without_interval = without(good, piece(good, DRI));
  all.add("jpeg.restart.unexpected", without_interval, restarts[0] - piece(good, DRI).length);
  all.add("jpeg.restart.count", erase(good, restarts.back(), data.end() - restarts.back()), data.offset);
  const auto next = static_cast<std::uint8_t>(0xD0 + restarts.size() % 8);
  all.add("jpeg.restart.trailing", insert(good, data.end(), {0xFF, next}), data.end());
}

void damage_metadata(Collection &all, const Blob &good) {
  all.add_before("jpeg.metadata.short", good, DQT, segment(APP1, blob_of("Exif\0\0MM\0*\0\0"sv)));
  all.add_before("jpeg.metadata.short", good, DQT, segment(APP2, blob_of("ICC_PROFILE\0\x01"sv)));
  all.add_before("jpeg.metadata.short", good, DQT, segment(APP14, blob_of("Adobe\0"sv)));
  all.add_before("jpeg.metadata.short", good, DQT, segment(APP0, blob_of("JFIF\0\x01"sv)));
  all.add_before("jpeg.metadata.short", good, DQT,
                 segment(APP13, blob_of("Photoshop 3.0\0"
                                        "8BIM\x04\x04"sv)));
  all.add_byte("jpeg.jfif.fields", good, APP0, 5, 2, 9);                  // version
  all.add_byte("jpeg.jfif.fields", good, APP0, 7, 3, 11);                 // units
  all.add("jpeg.jfif.fields", set_byte(set_byte(good, 18, 5), 19, 5), 2); // a thumbnail that is not there
  all.add_before("jpeg.adobe.fields", good, DQT, segment(APP14, blob_of("Adobe\0d\0\0\0\0\7"sv)));
  all.add_before("jpeg.adobe.fields", good, DQT, segment(APP14, blob_of("Adobe\0d\0\0"sv)));
  all.add_before("jpeg.xmp.encoding", good, DQT,
                 segment(APP1, blob_of("http://ns.adobe.com/xap/1.0/\0<x>caf\xE9</x>"sv)), 4 + 29 + 6);
  all.add_before("jpeg.photoshop.resources", good, DQT,
                 segment(APP13, blob_of("Photoshop 3.0\0"
                                        "8BIM\x04\x04\0\0\0\0\0\x63short"sv)),
                 4 + 14);
  all.add_before("jpeg.mpf.index", good, DQT, segment(APP2, blob_of("MPF\0not a TIFF header"sv)), 8);
  const Blob index = blob_of("MPF\0MM\0*\0\0\0\x08"                       // header, IFD at 8
                             "\0\x02\xB0\x01\0\x04\0\0\0\x01\0\0\0\x01"   // one image
                             "\xB0\x02\0\x07\0\0\0\x10\0\0\0\x26\0\0\0\0" // its entry at 38
                             "\0\0\0\0\0\0\x10\0\x00\x99\x99\x99\0\0\0\0"sv);
  all.add_before("jpeg.mpf.index", good, DQT, segment(APP2, index), 8);

  const Blob exif = make_jpeg({.exif_orientation = 6});
  all.add_byte("jpeg.exif.header", exif, APP1, 6, 'X');
  all.add_byte("jpeg.exif.header", exif, APP1, 12, 0x7F, 6); // the first IFD outside
  all.add_byte("jpeg.exif.header", exif, APP1, 5, 1, 5);     // "Exif\0\1"
  all.add_byte("jpeg.exif.ifd", exif, APP1, 14, 0x40, 0);    // 0x4001 entries
  all.add_byte("jpeg.exif.ifd", exif, APP1, 19, 99, 3);      // unknown type
  all.add_byte("jpeg.exif.ifd", exif, APP1, 20, 1, 4);       // value far outside
  all.add_byte("jpeg.exif.orientation", exif, APP1, 25, 9, 9);

  const Blob icc = make_jpeg({.icc_bytes = 70'000});
  const std::size_t chunk = piece(icc, APP2).offset;
  all.add("jpeg.icc.sequence", set_byte(icc, chunk + 4 + 12, 2), chunk);
  all.add("jpeg.icc.sequence", set_byte(icc, chunk + 4 + 13, 3), chunk);
  all.add("jpeg.icc.sequence", without(icc, piece(icc, APP2, 1)), chunk);
  all.add("jpeg.icc.profile", set_byte(icc, chunk + 4 + 14, 9), chunk);
  all.add("jpeg.icc.profile", set_byte(icc, chunk + 4 + 14 + 36, 'x'), chunk);
}

/// The data of scans. A picture of one colour with tables of its own has few symbols, which can be given
/// another meaning in their table.
void damage_scan_data(Collection &all, const Blob &good) {
  const Piece data = piece(good, entropy_coded);
  all.add("jpeg.scan.missing", erase(good, data.end() - 200, 200), data.end() - 200);
  // Libjpeg-turbo says nothing of it while it has much data at hand.
  for (const Blob &picture : {good, make_jpeg({.width = 640, .height = 480})}) {
    const std::size_t begin = piece(picture, entropy_coded).offset;
    Blob ones = picture;
    for (std::size_t at = begin; at < begin + 8; at += 2)
      ones = set_byte(set_byte(ones, at, 0xFF), at + 1, 0);
    all.add("jpeg.scan.code", ones, begin);
  }
  all.add("jpeg.scan.extra", insert(good, data.end(), {0x12, 0x34}), data.end());
  all.add("jpeg.scan.padding", insert(good, data.end(), {0, 0}), data.end());

  const Blob flat = make_jpeg({.quality = 100, .optimised = true, .noise = 0, .flat = true});
  const Piece of_flat = piece(flat, entropy_coded);
  all.add("jpeg.scan.last_bits", flip_bit(flat, of_flat.end() - 1, 0), of_flat.end() - 1);
  const std::size_t ac = piece(flat, DHT, 1).payload() + 17; // the first value of the AC table: EOB
  all.add("jpeg.scan.symbol", set_byte(flat, ac, 0x10), of_flat.offset);
  all.add("jpeg.scan.coefficient", set_byte(flat, ac, 0xF1), of_flat.offset);
  const Blob dark = make_jpeg({.quality = 100, .colour = JpegWishes::Colour::grey, .noise = 0});
  all.add("jpeg.scan.dc_value", set_byte(dark, piece(dark, DQT).payload() + 1, 255),
          piece(dark, entropy_coded).offset);

  const Blob runs = make_jpeg({.progressive = true, .noise = 0, .flat = true});
  const Piece band = piece(runs, entropy_coded, 1); // of 96 blocks: EOB6, one bit, and 6 bits
  const std::size_t eob6 = piece(runs, SOS, 1).offset - 1;
  all.add("jpeg.scan.eob_run", set_byte(runs, eob6, 0x70), band.offset);
}

/// What only decoding shows.
void damage_content(Collection &all, const Blob &good) {
  const Piece data = piece(good, entropy_coded);
  all.add_decode("jpeg.decode.error", insert(good, 2, {0xFF, SOI}));
  all.add_decode("jpeg.decode.premature_end", truncate(good, data.offset + 200));
  all.add_decode("jpeg.decode.missing_data", erase(good, data.end() - 200, 200));
  Blob ones = good;
  for (std::size_t at = data.offset + 100; at + 1 < data.offset + 160; at += 2)
    ones = set_byte(set_byte(ones, at, 0xFF), at + 1, 0);
  all.add_decode("jpeg.decode.bad_huffman", ones);
  const Blob restarts = make_jpeg({.restart_interval = 2});
  const std::size_t third = restarts_in(restarts, piece(restarts, entropy_coded))[2];
  all.add_decode("jpeg.decode.restart_sync", set_byte(restarts, third + 1, 0xD5));
  all.add_decode("jpeg.decode.extraneous_bytes", insert(good, data.end(), blob_of("more data"sv)));
  all.add_decode("jpeg.decode.padding", insert(good, data.end(), Blob(16, 0)));
  all.add_decode("jpeg.decode.unsupported", set_byte(good, piece(good, SOF0).offset + 1, 0xC3));
  Limits few_scans;
  few_scans.scans = 4;
  all.add_decode("jpeg.decode.scans", make_jpeg({.progressive = true}), few_scans);
}

} // namespace

std::vector<Damage> damages() {
  const Blob good = make_jpeg();
  Collection all;
  damage_segments(all, good);
  damage_tables(all, good);
  damage_frame(all, good);
  damage_scans(all, good);
  damage_restarts(all);
  damage_metadata(all, good);
  damage_scan_data(all, good);
  damage_content(all, good);
  return all.take();
}

} // namespace datavet::test
