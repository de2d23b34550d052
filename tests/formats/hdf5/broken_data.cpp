// Samples that break the rules of chunks/rules.h, and those about the data themselves.
#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string_view>

#include <zlib.h>

#include "formats/checksum/lookup3.h"
#include "formats/hdf5/rules.h"
#include "tests/formats/hdf5/broken_samples.h"
#include "tests/formats/hdf5/chunked_dataset.h"
#include "tests/formats/png/png_writer.h"

namespace datavet::test {

namespace {

using namespace hdf5;

constexpr auto oldest = SuperblockVersion::v0, newest = SuperblockVersion::v3;
constexpr hsize_t without_end = H5S_UNLIMITED;

Blob put(Blob blob, std::size_t at, std::uint64_t value, unsigned width = 8) {
  for (unsigned i = 0; i < width; ++i) blob.at(at + i) = static_cast<std::uint8_t>(value >> (8 * i));
  return blob;
}

Blob words(std::initializer_list<std::uint64_t> values) {
  Blob blob;
  for (std::uint64_t value : values) {
    blob.resize(blob.size() + 8);
    blob = put(std::move(blob), blob.size() - 8, value);
  }
  return blob;
}

std::size_t find(const Blob &blob, const Blob &pattern) {
  const auto found = std::ranges::search(blob, pattern).begin();
  if (found == blob.end()) throw std::runtime_error("the pattern is not in the file");
  return static_cast<std::size_t>(found - blob.begin());
}
std::size_t find(const Blob &blob, std::string_view text) { return find(blob, Blob(text.begin(), text.end())); }

/// `bytes` bytes at `at` end in a checksum over them.
Blob seal(Blob blob, std::size_t at, std::size_t bytes) {
  return put(blob, at + bytes, lookup3(Bytes(blob).subspan(at, bytes)), 4);
}

Blob deflated(const Blob &bytes) {
  uLongf length = compressBound(bytes.size());
  Blob out(length);
  compress2(out.data(), &length, bytes.data(), bytes.size(), 9);
  out.resize(length);
  return out;
}

/// A file with the dataset /d in chunks, and the address of its index.
struct Chunked {
  Chunked(SuperblockVersion version, const ChunkedShape &shape, bool full = true) {
    Hdf5Maker maker(version);
    make_chunked(maker, shape);
    full ? write_all(maker) : write_element(maker, {0});
    file = maker.bytes();
    header = maker.header_at("/d");
    index = describe_chunked(maker, file).storage.address;
  }
  Blob file;
  std::uint64_t header = 0, index = 0;

  // Of a version 1 tree with one dimension: 24 bytes, then keys of 24 and addresses of 8.
  std::size_t key(std::size_t i) const { return index + 24 + i * 32; }
  std::size_t child(std::size_t i) const { return key(i) + 24; }
  std::uint64_t child_address(std::size_t i) const {
    std::uint64_t address = 0;
    for (unsigned b = 8; b-- > 0;) address = address << 8 | file[child(i) + b];
    return address;
  }
};

// Twenty levels, each with 60 pointers to the one node below: 60^20 ways down.
Blob shared_nodes(const Chunked &leaf, std::uint64_t &bottom) {
  constexpr std::size_t levels = 20, entries = 60, node = 24 + entries * 32 + 24;
  Blob file = leaf.file;
  const std::size_t base = file.size();
  file.resize(base + levels * node);
  for (std::size_t level = 0; level < levels; ++level) {
    const std::size_t at = base + level * node;
    std::copy_n("TREE\1", 5, file.begin() + static_cast<std::ptrdiff_t>(at));
    file = put(put(put(put(std::move(file), at + 5, level, 1), at + 6, entries, 2), at + 8, ~0ull), at + 16, ~0ull);
    for (std::size_t i = 0; i <= entries; ++i) file = put(std::move(file), at + 24 + i * 32 + 8, 4 * i);
    for (std::size_t i = 0; i < entries; ++i)
      file = put(std::move(file), at + 24 + i * 32 + 24, level == 0 ? leaf.child_address(0) : at - node);
  }
  bottom = base;
  file = put(std::move(file), find(file, words({leaf.index})), base + (levels - 1) * node);
  constexpr std::size_t end_of_file = 40;
  const std::size_t size = file.size();
  return put(std::move(file), end_of_file, size);
}

// 2.3 million elements in one piece instead of in pages.
Blob large_piece(std::uint64_t &block) {
  Chunked large(newest, {.extent = {2'300'000}, .chunk = {1}}, false);
  const std::size_t header = find(large.file, "FAHD");
  block = find(large.file, "FADB");
  return seal(put(std::move(large.file), header + 7, 63, 1), header, 24);
}

} // namespace

std::vector<BrokenSample> broken_chunks() {
  const Chunked leaf(oldest, {.extent = {40}, .maximum = {without_end}, .chunk = {4}});
  const Chunked tree(oldest, {.extent = {200}, .chunk = {1}});
  const Chunked array(newest, {.extent = {40}, .chunk = {4}});
  const Blob &file = leaf.file;
  std::uint64_t shared_bottom = 0, block = 0;
  const Blob shared = shared_nodes(leaf, shared_bottom), large = large_piece(block);
  return {
      {"child past the end", &index_outside, put(tree.file, tree.child(1), 1ull << 40), 0},
      {"chunk tree signature", &index_signature, set_byte(file, leaf.index, 't'), leaf.index},
      {"array checksum", &index_checksum, flip_bit(array.file, find(array.file, "FADB") + 20),
       find(array.file, "FADB")},
      {"too many entries", &index_structure, put(file, leaf.index + 6, 65, 2), leaf.index},
      {"last key", &index_order, put(file, leaf.key(10) + 8, 0), leaf.index},
      {.what = "shared nodes", .rule = &index_loop, .bytes = shared, .offset = shared_bottom, .alone = false},
      {"sibling", &index_siblings, put(file, leaf.index + 8, 0), leaf.index},
      {"right sibling", &index_right_sibling, put(file, leaf.index + 16, leaf.index), leaf.index},
      {"piece of 18 MB", &index_limit, large, block},
      {"chunk off the grid", &chunk_origin, put(file, leaf.key(3) + 8, 13), leaf.child_address(3)},
      {"shrunken extent", &chunk_beyond, put(file, find(file, words({40, ~0ull})), 29), leaf.child_address(8)},
      {"chunk outside", &chunk_outside, put(file, leaf.child(2), 1ull << 40), 0},
      {"chunks overlap", &chunk_overlap, put(file, leaf.child(2), leaf.child_address(7) + 3),
       leaf.child_address(7) + 3},
      {"stored size", &chunk_stored_size, put(file, leaf.key(3), 15, 4), leaf.child_address(3)},
      {"filter mask", &chunk_mask, put(file, leaf.key(1) + 4, 0xffff, 4), 0},
  };
}

std::vector<BrokenSample> broken_data() {
  Hdf5Maker maker = sampler();
  const Blob v0 = maker.bytes();
  const std::uint64_t second_chunk = maker.chunk_at("/train/images", {4, 0, 0, 0});

  Hdf5Maker packed;
  packed.dataset<std::uint8_t>("/data", counting<std::uint8_t>(4096), {.chunk = {1024}, .deflate = 6});
  const Blob packed_file = packed.bytes();
  const std::uint64_t packed_chunk = packed.chunk_at("/data", {1024}), packed_header = packed.header_at("/data");
  packed.raw_chunk("/data", {0}, deflated(Blob(1 << 20)));
  const std::uint64_t bomb_chunk = packed.chunk_at("/data", {0});

  Hdf5Maker plain;
  plain.dataset<double>("/data", counting<double>(100));
  Hdf5Maker pair;
  pair.dataset<double>("/train/images", counting<double>(20 * 4), {.extent = {20, 4}});
  pair.dataset<double>("/train/labels", counting<double>(19));
  Hdf5Maker texts;
  texts.strings("/data", {std::string(1000, 'x')});
  Hdf5Maker numbers;
  numbers.dataset<double>("/data", {1, std::numeric_limits<double>::quiet_NaN()});

  const Blob picture = make_png({}).bytes();
  const std::size_t row_bytes = picture.size() + 10;
  Blob pixels(6 * row_bytes);
  for (std::size_t i = 0; i < 6; ++i) std::ranges::copy(picture, pixels.begin() + static_cast<std::ptrdiff_t>(i * row_bytes));
  Hdf5Maker rows;
  rows.dataset<std::uint8_t>("/data", pixels, {.extent = {6, row_bytes}});
  const auto with_row = [&](std::size_t row, std::uint8_t value) {
    Blob file = rows.bytes();
    std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(rows.data_at("/data") + row * row_bytes), row_bytes, value);
    return file;
  };
  Hdf5Maker wide;
  make_chunked(wide, {.extent = {4, 70'000'000}, .chunk = {2, 1 << 20}, .deflate = 1}, "/data", H5T_STD_U8LE);
  Blob corner(2 << 20);
  std::ranges::copy(picture, corner.begin());
  wide.raw_chunk("/data", {0, 0}, deflated(corner));
  return {
      {"Fletcher-32", &dataset_checksum, flip_bit(v0, second_chunk + 5), second_chunk},
      {"deflate", &chunk_stream, flip_bit(packed_file, packed_chunk + 20), packed_chunk},
      {"deflate bomb", &chunk_size, packed.bytes(), bomb_chunk},
      {"chunks too large", &dataset_limit, packed_file, packed_header, false, {.decoded_bytes = 1023}},
      {"too many chunks", &dataset_limit, packed_file, packed_header, false, {.objects = 3}},
      {.what = "nothing protects the data",
       .rule = &unprotected,
       .bytes = plain.bytes(),
       .offset = plain.header_at("/data"),
       .outlined = true},
      {"heap of strings", &bad_reference, flip_bit(texts.bytes(), find(texts.bytes(), "GCOL")), find(texts.bytes(), "GCOL")},
      {"strings too large", &dataset_limit, texts.bytes(), find(texts.bytes(), "GCOL"), false, {.decoded_bytes = 500}},
      {"NaN", &not_finite, numbers.bytes(), numbers.header_at("/data")},
      {.what = "a row is no picture", .rule = &no_picture, .bytes = with_row(4, 'x'), .offset = rows.data_at("/data") + 4 * row_bytes, .judged = true},
      {.what = "a row is empty", .rule = &empty_picture, .bytes = with_row(4, 0), .offset = rows.header_at("/data"), .judged = true},
      {.what = "rows too large", .rule = &pictures_unseen, .bytes = wide.bytes(), .offset = wide.header_at("/data"), .judged = true},
      {"a label is missing", &rows_disagree, pair.bytes(), pair.header_at("/train/labels")},
  };
}

} // namespace datavet::test
