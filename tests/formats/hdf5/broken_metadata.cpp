#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include "formats/checksum/lookup3.h"
#include "formats/hdf5/metadata/rules.h"
#include "tests/formats/hdf5/broken_samples.h"
#include "tests/formats/hdf5/metadata_zoo.h"

namespace datavet::test {

namespace {

using namespace hdf5;

constexpr std::uint64_t root_header_0 = 96; // behind a version 0 superblock

std::size_t find(const Blob &blob, std::string_view text) {
  const auto found = std::search(blob.begin(), blob.end(), text.begin(), text.end());
  if (found == blob.end()) throw std::runtime_error("not in the file: " + std::string(text));
  return static_cast<std::size_t>(found - blob.begin());
}

Blob put(Blob blob, std::size_t at, std::uint64_t value, unsigned width = 8) {
  for (unsigned i = 0; i < width; ++i) blob.at(at + i) = static_cast<std::uint8_t>(value >> (8 * i));
  return blob;
}

std::uint64_t get(const Blob &blob, std::size_t at, unsigned width = 8) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i) value |= std::uint64_t{blob.at(at + i)} << (8 * i);
  return value;
}

/// Offset of the head of a message in a version 1 object header, in its first block.
std::size_t message_in(const Blob &blob, std::uint64_t header, unsigned type) {
  const std::uint64_t end = header + 16 + get(blob, header + 8, 4);
  for (std::uint64_t at = header + 16; at + 8 <= end; at += 8 + get(blob, at + 2, 2))
    if (get(blob, at, 2) == type) return at;
  throw std::runtime_error("no such message");
}

/// One dataset in a group of the oldest form, and where its parts are.
struct Plain {
  Plain() {
    maker.dataset<double>("/aa", counting<double>(20));
    maker.dataset<std::uint8_t>("/bb", counting<std::uint8_t>(64), {.chunk = {16}, .deflate = 1});
    maker.dataset<double>("/cc", counting<double>(20));
    const hdf5::Object dataset(H5Oopen(maker.file(), "/aa", H5P_DEFAULT));
    number_attribute(dataset.id(), "numbers", 3);
    file = maker.bytes();
    header = maker.header_at("/aa");
    heap = find(file, "HEAP");
    tree = find(file, "TREE");
    symbols = find(file, "SNOD");
  }
  std::size_t message(unsigned type) const { return message_in(file, header, type); }
  std::size_t body(unsigned type) const { return message(type) + 8; }

  Hdf5Maker maker;
  Blob file;
  std::uint64_t header = 0, heap = 0, tree = 0, symbols = 0;
};

std::vector<BrokenSample> broken_old_groups(const Plain &plain) {
  const Blob &file = plain.file;
  const std::uint64_t heap = plain.heap, tree = plain.tree, symbols = plain.symbols;
  const std::uint64_t names = get(file, heap + 24), free = get(file, heap + 16);
  const std::size_t second_name = static_cast<std::size_t>(names + get(file, symbols + 8 + 40));
  return {
      {"member past the end", &structure_outside, put(file, symbols + 16, 1ull << 40), 0},
      {"symbols signature", &structure_signature, set_byte(file, symbols, 's'), symbols},
      {"heap signature", &structure_signature, set_byte(file, heap, 'h'), heap},
      {"tree signature", &structure_signature, set_byte(file, tree, 't'), tree},
      {"symbols version", &structure_version, set_byte(file, symbols + 4, 2), symbols + 4},
      {"heap version", &structure_version, set_byte(file, heap + 4, 1), heap + 4},
      {"heap reserved", &structure_reserved, set_byte(file, heap + 5, 1), heap + 5},
      {"symbols reserved", &structure_reserved, set_byte(file, symbols + 5, 1), symbols + 5},
      {"entry reserved", &structure_reserved, set_byte(file, symbols + 8 + 20, 1), symbols + 8},
      {"free list that goes round", &structure_loop, put(file, names + free, free), heap},
      {"free block too long", &bad_local_heap, put(file, names + free + 8, 1 << 20), heap},
      {"heap longer than the file", &bad_local_heap, put(file, heap + 8, 1ull << 40), heap},
      {"tree type", &bad_tree, set_byte(file, tree + 4, 1), tree + 4},
      {"tree entries", &bad_tree, put(file, tree + 6, 33, 2), tree + 6},
      {"tree sibling", &tree_links, put(file, tree + 8, 0), tree},
      {"right sibling", &tree_right_sibling, put(file, tree + 16, tree), tree},
      {"symbols count", &bad_node, put(file, symbols + 6, 9, 2), symbols + 6},
      {"cache type", &bad_node, put(file, symbols + 8 + 16, 3, 4), symbols + 8},
      {"name outside the heap", &bad_node, put(file, symbols + 8, 1 << 20), symbols + 8},
      {"name order", &name_order, set_byte(file, second_name, 'A'), symbols + 8 + 40},
  };
}

std::vector<BrokenSample> broken_headers(const Plain &plain) {
  const Blob &file = plain.file;
  const std::uint64_t header = plain.header, time = plain.message(0x12), layout = plain.body(0x08);
  return {
      {"message too long", &header_messages, put(file, time + 2, 0xfff8, 2), time},
      {"flags that contradict", &header_messages, set_byte(file, time + 4, 0x06), time + 8},
      {"count of messages", &header_count, put(file, header + 2, get(file, header + 2, 2) + 1, 2),
       header + 2},
      {"unknown message", &structure_unknown, put(file, time, 0x77, 2), time + 8},
      {"unknown message to be known", &must_know, set_byte(put(file, time, 0x77, 2), time + 4, 0x80),
       time + 8},
      {"neither group nor dataset", &object_kind, put(file, plain.message(0x03), 0, 2), header},
      {"time version", &odd_message, set_byte(file, time + 8, 9), time + 8},
      {"fill value size", &bad_message,
       put(set_byte(file, plain.body(0x05) + 3, 1), plain.body(0x05) + 4, 0x7fffffff, 4), plain.body(0x05)},
      {"rank", &bad_dataspace, set_byte(file, plain.body(0x01) + 1, 33), plain.body(0x01)},
      {"dataspace version", &structure_version, set_byte(file, plain.body(0x01), 3), plain.body(0x01)},
      {"type class", &bad_datatype, set_byte(file, plain.body(0x03), 0x1f), plain.body(0x03)},
      {"type size", &bad_datatype, put(file, plain.body(0x03) + 4, 1, 4), plain.body(0x03)},
      {"layout class", &bad_layout, set_byte(file, layout + 1, 9), layout},
      {"data in a node", &structure_overlap, put(file, layout + 2, plain.symbols), plain.symbols},
      {"attribute name", &bad_attribute, put(file, plain.body(0x0c) + 2, 0xff00, 2), plain.body(0x0c)},
      {"attribute value", &bad_attribute,
       put(file, plain.body(0x0c) + 8 + 8 + get(file, plain.body(0x0c) + 4, 2) + 4 + 8, 400),
       plain.body(0x0c)},
      {"filters", &bad_pipeline, set_byte(file, message_in(file, plain.maker.header_at("/bb"), 0x0b) + 9, 33),
       message_in(file, plain.maker.header_at("/bb"), 0x0b) + 8},
      {"chunk side", &bad_layout,
       put(file, message_in(file, plain.maker.header_at("/bb"), 0x08) + 8 + 11, 0, 4),
       message_in(file, plain.maker.header_at("/bb"), 0x08) + 8},
      {"chunk rank", &bad_layout,
       set_byte(file, message_in(file, plain.maker.header_at("/bb"), 0x08) + 8 + 2, 3),
       message_in(file, plain.maker.header_at("/bb"), 0x08) + 8},
  };
}

BrokenSample broken_shared() {
  Hdf5Maker maker;
  const hdf5::Type type(H5Tcopy(H5T_STD_I32LE));
  H5Tcommit2(maker.file(), "/type", type.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  maker.write("/data", type.id(), nullptr, {.extent = {3}});
  const Blob file = maker.bytes();
  const std::size_t body = message_in(file, maker.header_at("/data"), 0x03) + 8;
  const std::size_t address = body + (file[body] == 1 ? 16u : 2u);
  return {"type in a group", &bad_shared, put(file, address, root_header_0), body};
}

BrokenSample broken_link() {
  Hdf5Maker maker;
  { make_group(maker, "/group", H5P_CRT_ORDER_TRACKED); }
  maker.soft_link("/group/link", "/group");
  const Blob file = maker.bytes();
  const std::size_t name = find(file, std::string_view("link\x06\0/group", 12));
  // Back over the length, the creation order and the type to version and flags.
  std::size_t body = name;
  while (!(file[body] == 1 && file[body + 1] == 0x0c)) --body;
  return {"link flags", &bad_link, set_byte(file, body + 1, 0x2c), body};
}

std::vector<BrokenSample> broken_dense_group() {
  Hdf5Maker maker(SuperblockVersion::v3);
  for (unsigned i = 0; i < 20; ++i) maker.soft_link("/link " + std::to_string(i), "/");
  const Blob file = maker.bytes();
  const std::size_t heap = find(file, "FRHP"), leaf = find(file, "BTLF"), tree = find(file, "BTHD"),
                    block = find(file, "FHDB");
  const std::size_t records = leaf + 6 + 20 * 11;
  const auto resum = [&](Blob blob) {
    return put(blob, records, lookup3(Bytes(blob).subspan(leaf, records - leaf)), 4);
  };
  return {
      {"heap checksum", &structure_checksum, flip_bit(file, heap + 12), heap},
      {"leaf checksum", &structure_checksum, flip_bit(file, leaf + 12), leaf},
      {"tree checksum", &structure_checksum, flip_bit(file, tree + 12), tree},
      {"leaf signature", &structure_signature, set_byte(file, leaf, 'b'), leaf},
      {"heap ID", &bad_fractal_heap, resum(set_byte(file, leaf + 10, 0x30)), heap},
      {"place in the heap", &bad_fractal_heap, resum(put(file, leaf + 11, 0xfffff, 4)), heap},
      {"hash", &name_order, resum(put(file, leaf + 6, get(file, leaf + 6, 4) - 1, 4)), leaf + 6},
      {"direct block checksum", &structure_checksum, put(file, block + 5, 1), block},
  };
}

/// FMT III.A.2: the tree of creation order has one record less than the tree of names.
BrokenSample broken_attribute_order() {
  constexpr unsigned attributes = 12, record = 13;
  Hdf5Maker maker(SuperblockVersion::v3);
  {
    const hdf5::Object group = make_group(maker, "/group", H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    for (unsigned i = 0; i < attributes; ++i) number_attribute(group.id(), "attribute " + std::to_string(i), 1);
  }
  Blob file = maker.bytes();
  const auto reseal = [&](std::size_t at, std::size_t bytes) { file = put(file, at + bytes, lookup3(Bytes(file).subspan(at, bytes)), 4); };
  const std::size_t tree = find(file, std::string_view("BTHD\0\x09", 6)), leaf = get(file, tree + 16, 8);
  file = put(put(file, tree + 24, attributes - 1, 2), tree + 26, attributes - 1);
  reseal(tree, 34);
  reseal(leaf, 6 + (attributes - 1) * record);
  return {"attribute order", &attribute_order, file, tree};
}

BrokenSample broken_virtual() {
  Hdf5Maker maker;
  add_storage(maker, true);
  const Blob file = maker.bytes();
  const std::size_t collection = find(file, "GCOL");
  return {"object of a collection", &bad_global_heap, put(file, collection + 16 + 8, 1ull << 40),
          collection + 16};
}

} // namespace

std::vector<BrokenSample> broken_metadata() {
  const Plain plain;
  std::vector<BrokenSample> samples = broken_old_groups(plain);
  const auto append_all = [&](std::vector<BrokenSample> more) {
    for (BrokenSample &sample : more) samples.push_back(std::move(sample));
  };
  append_all(broken_headers(plain));
  append_all(broken_dense_group());
  append_all({broken_shared(), broken_link(), broken_virtual(), broken_attribute_order()});
  append_all({{"Keras weights", &weights_missing, keras_file("dense_1/kernel:0", "dense_1/lost:0"), 0}});
  return samples;
}

} // namespace datavet::test
