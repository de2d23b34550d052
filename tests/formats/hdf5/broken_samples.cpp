#include "tests/formats/hdf5/broken_samples.h"

#include <algorithm>
#include <array>

#include "formats/checksum/lookup3.h"
#include "formats/hdf5/rules.h"
#include "tests/formats/hdf5/hdf5_maker.h"

namespace datavet::test {

namespace {

using namespace hdf5;

// Offsets in the superblock with 8-byte addresses.
constexpr std::size_t base_0 = 24, free_space_0 = 32, end_0 = 40, driver_0 = 48, root_0 = 64,
                      cache_type_0 = 72;
constexpr std::size_t extension_2 = 20, end_2 = 28, root_2 = 36, flags_2 = 11;

Blob put64(Blob blob, std::size_t at, std::uint64_t value) {
  for (unsigned i = 0; i < 8; ++i) blob.at(at + i) = static_cast<std::uint8_t>(value >> (8 * i));
  return blob;
}

// A damage that is not to be found by the superblock's checksum.
Blob fix_superblock(Blob blob) {
  const std::uint32_t sum = lookup3(Bytes(blob).first(44));
  for (unsigned i = 0; i < 4; ++i) blob.at(44 + i) = static_cast<std::uint8_t>(sum >> (8 * i));
  return blob;
}

std::size_t find(const Blob &blob, const Blob &pattern) {
  const auto at = std::ranges::search(blob, pattern).begin();
  if (at == blob.end()) throw std::runtime_error("the pattern is not in the file");
  return static_cast<std::size_t>(at - blob.begin());
}
std::size_t find(const Blob &blob, std::string_view pattern) {
  return find(blob, Blob(pattern.begin(), pattern.end()));
}

Blob words(std::initializer_list<std::uint64_t> values) {
  Blob blob;
  for (std::uint64_t value : values)
    for (unsigned i = 0; i < 8; ++i) blob.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  return blob;
}

std::vector<BrokenSample> broken_superblocks() {
  const Blob v0 = sampler().bytes(), v1 = sampler(SuperblockVersion::v1).bytes(),
             v3 = sampler(SuperblockVersion::v3).bytes();
  const std::uint64_t far = v0.size() + 1000;
  Hdf5Maker member;
  member.dataset<std::uint8_t>("/block", {0, 0, 0, 0, 8, 0, 0, 0, 'N', 'C', 'S', 'A', 'f', 'a', 'm', 'i'});
  const std::uint64_t block = member.data_at("/block");
  Blob bad_block = put64(member.bytes(), driver_0, block);
  bad_block[block] = 9;

  return {
      {"disk fails", &unreadable, v0, 0, false, {}, true},
      {"no signature", &no_signature, set_byte(v0, 1, 'h'), 0},
      {"cut", &truncated, truncate(v0, v0.size() - 1), end_0},
      {"cut in the superblock", &truncated, truncate(v0, 90), 90},
      {"cut, version 3", &truncated, truncate(v3, v3.size() - 1), end_2},
      {"superblock version", &version, set_byte(v0, 8, 4), 8},
      {"free-space version", &version, set_byte(v0, 9, 1), 9},
      {"shared header version", &version, set_byte(v0, 12, 1), 12},
      {"size of offsets", &sizes, set_byte(v0, 13, 3), 13},
      {"size of lengths", &sizes, set_byte(v0, 14, 0), 13},
      {"wide offsets", &wide_sizes, set_byte(v0, 13, 16), 13},
      {"checksum", &bad_checksum, flip_bit(v3, 30), 0},
      {"stored checksum", &bad_checksum, flip_bit(v3, 45), 0},
      {"leaf rank", &tree_rank, zero(v0, 16, 2), 16},
      {"internal rank", &tree_rank, zero(v0, 18, 2), 18},
      {"chunk rank", &tree_rank, zero(v1, 24, 2), 24},
      {"reserved", &reserved, set_byte(v0, 15, 1), 15},
      {"reserved, version 1", &reserved, set_byte(v1, 27, 1), 26},
      {"reserved in the root's header", &reserved, set_byte(v0, 97, 1), 97},
      {"flags", &bad_flags, set_byte(v0, 20, 0x40), 20},
      {"writer was killed", &left_open, fix_superblock(set_byte(v3, flags_2, 1)), flags_2},
      {"SWMR writer was killed", &left_open, fix_superblock(set_byte(v3, flags_2, 5)), flags_2},
      {"base address past the end", &base_address, put64(v0, base_0, far), base_0},
      {"base address that contradicts", &base_address, put64(v0, base_0, 512), base_0},
      {"moved", &moved, insert(v0, 0, Blob(512)), 512 + base_0},
      {"trailing data", &trailing, append(v0, {1, 2, 3}), v0.size()},
      {"padding", &padding, append(v0, {'\n'}), v0.size()},
      {"free-space address", &extension, put64(v0, free_space_0, 96), free_space_0},
      {"extension outside", &extension, fix_superblock(put64(v3, extension_2, far)), extension_2},
      {"driver block version", &bad_driver, bad_block, block},
      {"driver block outside", &stray_driver, put64(v0, driver_0, far), 0},
      {"family member", &part_of_set, put64(member.bytes(), driver_0, block), block},
      {"root outside", &root_address, put64(v0, root_0, far), 0},
      {"root outside, version 3", &root_address, fix_superblock(put64(v3, root_2, far)), 0},
      {"cache type", &root_entry, set_byte(v0, cache_type_0, 3), cache_type_0},
      {"header version", &header_prefix, set_byte(v0, 96, 2), 96},
      {"header longer than the file", &header_prefix, set_byte(v0, 96 + 10, 0xff), 96},
      {"header without messages", &header_prefix, zero(v0, 96 + 2, 2), 98},
      {"header signature", &header_prefix, set_byte(v3, 48, 'o'), 48},
      {"header flags", &header_prefix, set_byte(v3, 53, 0xff), 53},
      {"header checksum", &header_checksum, flip_bit(v3, 70), 48},
  };
}

// Unwritten datasets whose layout messages are made to name the same bytes: little to store, much to read.
Type lists_of_strings() { return Type(H5Tvlen_create(Hdf5Maker::string_type().id())); }

Blob overlapping_datasets() {
  constexpr std::size_t size = 1 << 20, element = 16, datasets = 80;
  Hdf5Maker maker;
  const std::vector<hvl_t> none(size / element); // lists of strings: heaps within heaps only libhdf5 reads
  const Type text = lists_of_strings();
  maker.write("/data", text.id(), none.data(), {.extent = {none.size()}});
  for (std::size_t i = 0; i < datasets; ++i)
    maker.write("/again" + std::to_string(i), text.id(), nullptr, {.extent = {none.size()}});
  Blob file = maker.bytes();
  const Blob unwritten = words({~0ull, size}), written = words({maker.data_at("/data"), size});
  for (auto at = file.begin();
       (at = std::search(at, file.end(), unwritten.begin(), unwritten.end())) != file.end();)
    std::ranges::copy(written, at);
  return file;
}

Blob with_user_link() {
  Hdf5Maker maker;
  H5L_class_t type{};
  type.version = H5L_LINK_CLASS_T_VERS;
  type.id = static_cast<H5L_type_t>(187);
  type.trav_func = [](const char *, hid_t, const void *, std::size_t, hid_t, hid_t) -> hid_t { return -1; };
  H5Lregister(&type);
  H5Lcreate_ud(maker.file(), "/link", type.id, "x", 1, H5P_DEFAULT, H5P_DEFAULT);
  H5Lunregister(type.id);
  return maker.bytes();
}

/// A file with one dataset, and where its header is.
struct OneDataset {
  Blob bytes;
  std::uint64_t header;
};

OneDataset with_outside_storage(bool is_virtual) {
  Hdf5Maker maker;
  const Properties creation(H5Pcreate(H5P_DATASET_CREATE));
  const hsize_t size = 10;
  const Space space(H5Screate_simple(1, &size, nullptr));
  if (is_virtual)
    H5Pset_virtual(creation.id(), space.id(), "other.h5", "/data", space.id());
  else
    H5Pset_external(creation.id(), "/etc/passwd", 0, 10);
  maker.create("/data", H5T_NATIVE_UINT8, nullptr, {size}, creation);
  return {maker.bytes(), maker.header_at("/data")};
}

OneDataset with_type(hid_t type) {
  Hdf5Maker maker(SuperblockVersion::v3);
  maker.write("/data", type, nullptr, {.extent = {3}});
  return {maker.bytes(), maker.header_at("/data")};
}

// FMT IV.A.2.d, floating-point: bits 0 and 6 of the class bits give the byte order; VAX needs version 3.
OneDataset with_vax_type() {
  Hdf5Maker maker;
  maker.write("/data", H5T_IEEE_F64LE, nullptr, {.extent = {3}});
  Blob file = maker.bytes();
  const std::size_t at = find(file, Blob{0x11, 0x20, 0x3f, 0x00, 8});
  return {set_byte(set_byte(file, at, 0x31), at + 1, 0x61), maker.header_at("/data")};
}

// The message of the B-tree ranks becomes that of a cache image, which libhdf5 looks for in vain.
Blob without_cache_image() {
  start_library();
  const Properties access(H5Pcreate(H5P_FILE_ACCESS)), creation(H5Pcreate(H5P_FILE_CREATE));
  H5Pset_fapl_core(access.id(), 1 << 16, false);
  H5Pset_libver_bounds(access.id(), H5F_LIBVER_V110, H5F_LIBVER_V110);
  H5Pset_sym_k(creation.id(), 17, 5);
  const File made(H5Fcreate("ranks", H5F_ACC_TRUNC, creation.id(), access.id()));
  H5Fflush(made.id(), H5F_SCOPE_GLOBAL);
  Blob file(static_cast<std::size_t>(H5Fget_file_image(made.id(), nullptr, 0)));
  H5Fget_file_image(made.id(), file.data(), file.size());
  const std::size_t message = find(file, Blob{0x13, 7, 0});
  file[message] = 0x18;
  std::size_t header = message;
  while (file[header] != 'O' || file[header + 1] != 'H') --header;
  const std::size_t length = header + 4 + 1 + 1 + 16 + 1 + file[header + 22]; // with times, and a size of one byte
  const std::uint32_t sum = lookup3(Bytes(file).subspan(header, length - header));
  for (unsigned i = 0; i < 4; ++i) file[length + i] = static_cast<std::uint8_t>(sum >> (8 * i));
  return fix_superblock(file);
}

std::vector<BrokenSample> broken_for_the_library() {
  Hdf5Maker maker = sampler();
  const Blob v0 = maker.bytes();
  const std::uint64_t images = maker.header_at("/train/images");
  const std::uint64_t contiguous = maker.header_at("/contiguous");
  const Blob place = words({maker.data_at("/contiguous"), 800});

  Hdf5Maker text;
  const std::string long_text(1000, 'x');
  const char *string = long_text.c_str();
  const hvl_t list{1, &string};
  text.write("/data", lists_of_strings().id(), &list, {.extent = {1}});
  const Blob text_file = text.bytes();
  const std::uint64_t text_header = text.header_at("/data");

  Hdf5Maker links;
  links.soft_link("/soft", "/nowhere");
  Hdf5Maker outside;
  outside.external_link("/external", "../other.h5", "/data");
  Hdf5Maker filtered;
  filtered.dataset<std::uint8_t>("/data", counting<std::uint8_t>(64), {.chunk = {16}, .other_filter = 305});
  const Blob filtered_file = filtered.bytes();
  const std::uint64_t filtered_header = filtered.header_at("/data");

  Hdf5Maker attributed;
  attributed.attribute("/", "note", "in the heap");
  const Blob attributed_file = attributed.bytes();
  const OneDataset foreign = with_type(H5T_STD_B8BE), vax = with_vax_type(),
                   external = with_outside_storage(false), virtually = with_outside_storage(true);

  return {
      {"image of a cache", &open_failed, without_cache_image(), 0, true},
      {"bytes used 80 times", &effort, overlapping_datasets(), 0, true},
      {"too many objects", &too_much, v0, 0, true, {.objects = 5}},
      {"symbol table node", &group_unreadable, set_byte(v0, find(v0, "SNOD"), 's'), 96, true},
      {"object header", &object_unreadable, set_byte(v0, contiguous, 77), contiguous, true},
      {"global heap", &attribute_unreadable, set_byte(attributed_file, find(attributed_file, "GCOL"), 'g'),
       96, true},
      {"dangling link", &dangling, links.bytes(), 0, true},
      {"external link", &external_link, outside.bytes(), 0, true},
      {"user-defined link", &user_link, with_user_link(), 0, true},
      {"external storage", &external_storage, external.bytes, external.header, true},
      {"virtual dataset", &virtual_dataset, virtually.bytes, virtually.header, true},
      {"filter without a plugin", &unknown_filter, filtered_file, filtered_header, true},
      {"big-endian bit field", &foreign_type, foreign.bytes, foreign.header, true},
      {"VAX numbers", &vax_type, vax.bytes, vax.header, true},
      {"data past the end", &dataset_outside, put64(v0, find(v0, place), v0.size() - 799), contiguous, true},
      {"heap of lists", &dataset_unreadable, set_byte(text_file, find(text_file, "GCOL"), 'g'), text_header, true},
      {"strings too large", &dataset_limit, text_file, text_header, true, {.decoded_bytes = 500}},
      {"disk fails later", &unreadable, v0, 0, true, {}, true},
      {"type of a compressed dataset", &object_unreadable, set_byte(v0, images, 77), images, true},
  };
}

} // namespace

std::vector<BrokenSample> broken_samples() {
  std::vector<BrokenSample> samples = broken_superblocks();
  for (BrokenSample &sample : broken_for_the_library()) samples.push_back(std::move(sample));
  for (BrokenSample &sample : broken_metadata()) samples.push_back(std::move(sample));
  for (BrokenSample &sample : broken_chunks()) samples.push_back(std::move(sample));
  for (BrokenSample &sample : broken_data()) samples.push_back(std::move(sample));
  return samples;
}

} // namespace datavet::test
