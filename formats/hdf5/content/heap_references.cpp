#include "formats/hdf5/content/heap_references.h"

#include <algorithm>
#include <system_error>
#include <tuple>

#include <fmt/format.h>

#include "formats/hdf5/metadata/fields.h"
#include "formats/hdf5/names.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

// 32 bytes each.
constexpr std::size_t followed_together = 128 * 1024;

// Objects that wait to be judged.
constexpr std::uint64_t most_waiting = 8 << 20;

constexpr std::uint64_t usual_collection = 4096; // H5HG_MINSIZE

} // namespace

HeapReferences::HeapReferences(const Source &source, const ContentPlan &plan, const Limits &limits)
    : source_(source), plan_(plan), limits_(limits), space_(source, plan.superblock()) {}

void HeapReferences::begin(std::uint32_t number, const ContentDataset &dataset, ContentReport &report, PictureItems *pictures) {
  number_ = number;
  dataset_ = &dataset;
  report_ = &report;
  pictures_ = pictures;
}

// FMT IV.B: the number of elements, and the global heap ID: address of the collection, number of the object. Address 0 is
// that of nothing (H5T__vlen_disk_isnull).
void HeapReferences::take(const Run &run) {
  const std::uint64_t size = dataset_->element_size;
  for (std::uint64_t i = 0; i < run.bytes.size() / size; ++i) {
    for (std::uint32_t which = 0; which < dataset_->look.references.size(); ++which) {
      Fields fields(run.bytes.subspan(i * size + dataset_->look.references[which].at), space_);
      const std::uint32_t length = fields.u32();
      const std::uint64_t address = fields.address();
      const std::uint32_t index = fields.u32();
      if (length > 0 && address != 0 && fields.ok()) references_.push_back({address, run.first + i, index, length, which});
    }
    if (references_.size() >= followed_together) end();
  }
}

void HeapReferences::end() {
  std::ranges::sort(references_, {}, [](const Reference &of) { return std::tuple(of.address, of.index, of.element, of.which); });
  for (auto first = references_.begin(); first != references_.end();) {
    const auto next = std::find_if(first, references_.end(), [&](const Reference &of) { return of.address != first->address; });
    Collection &collection = collections_.emplace_back();
    load(first->address, collection);
    for (; first != next; ++first) follow(*first, collection);
    if (pictures_ == nullptr || pictures_->waiting_bytes() == 0 || pictures_->waiting_bytes() >= most_waiting) drop_collections();
  }
  drop_collections();
  references_.clear();
}

void HeapReferences::drop_collections() {
  if (pictures_ != nullptr) pictures_->flush();
  collections_.clear();
}

// The whole file's references together read no more of the heap than a multiple of the file: a hostile one may let each
// unit lead to all of it. What is skipped then is said once, when all units are done.
void HeapReferences::load(std::uint64_t address, Collection &collection) {
  std::uint64_t size = 0;
  if (!read_head(address, collection, size)) return;
  if (size > limits_.sample_bytes) {
    collection.too_large = true;
    collection.trouble = fmt::format("a global heap collection of {} bytes", size);
    return;
  }
  if (!plan_.may_read_heap(size)) {
    collection.skipped = true;
    return;
  }
  const std::uint64_t read_already = std::min(size, static_cast<std::uint64_t>(collection.bytes.size()));
  collection.bytes.resize(read_already);
  if (size > read_already && !read(space_.file_offset(address) + read_already, size - read_already, collection)) return;
  if (const std::optional<HeapTrouble> trouble = list_heap_objects(collection.bytes, space_, collection.objects))
    collection.trouble = trouble->detail;
}

bool HeapReferences::read_head(std::uint64_t address, Collection &collection, std::uint64_t &size) {
  const std::uint64_t head = 8 + space_.length_size();
  if (!space_.holds(address, head)) {
    collection.trouble = fmt::format("nothing at address {}: outside the file", address);
    return false;
  }
  const std::uint64_t at_once = space_.holds(address, usual_collection) ? usual_collection : head;
  if (!read(space_.file_offset(address), at_once, collection)) return false;
  Fields fields(collection.bytes, space_);
  const bool is_collection = text_in(fields.take(4)) == "GCOL" && fields.u8() == 1;
  fields.skip(3);
  size = fields.length();
  if (is_collection && size >= head && space_.holds(address, size)) return true;
  collection.trouble = is_collection ? fmt::format("a global heap collection of {} bytes at address {}", size, address)
                                     : fmt::format("no global heap collection at address {}", address);
  return false;
}

bool HeapReferences::read(std::uint64_t offset, std::uint64_t length, Collection &collection) {
  const std::size_t before = collection.bytes.size();
  collection.bytes.resize(before + length);
  const Source::Read got = source_.read(offset, std::span(collection.bytes).subspan(before));
  if (got.error == 0 && got.count == length) return true;
  collection.trouble = got.error != 0 ? fmt::format("reading failed: {}", std::generic_category().message(got.error))
                                      : "the file has become shorter since it was opened";
  return false;
}

void HeapReferences::follow(const Reference &reference, const Collection &collection) {
  if (collection.skipped) return;
  if (!collection.trouble.empty()) return bad(reference, collection.too_large ? dataset_limit : bad_reference, collection.trouble);
  const HeapObject *object = heap_object(collection.objects, reference.index);
  if (object == nullptr)
    return bad(reference, bad_reference, fmt::format("the collection at address {} has no object {}", reference.address, reference.index));
  std::uint64_t needed = 0;
  const bool countable = !__builtin_mul_overflow(std::uint64_t{reference.length},
                                                 dataset_->look.references[reference.which].base_size, &needed);
  // libhdf5 passes over what an object has beyond that.
  if (!countable || needed > object->size)
    return bad(reference, bad_reference,
               fmt::format("{} elements of {} bytes in an object of {}", reference.length,
                           dataset_->look.references[reference.which].base_size, object->size));
  if (needed > limits_.decoded_bytes) return bad(reference, dataset_limit, fmt::format("a string or sequence of {} bytes", needed));
  if (pictures_ == nullptr || !dataset_->look.heap_items) return;
  pictures_->item(reference.element, Bytes(collection.bytes).subspan(object->at, needed),
                  {space_.file_offset(reference.address) + object->at, 0, true}, false);
}

void HeapReferences::bad(const Reference &reference, const Rule &rule, std::string_view detail) {
  const std::uint64_t place = reference.element * dataset_->element_size + dataset_->look.references[reference.which].at;
  report_->references.keep(number_, {rows_of_item(*dataset_, reference.element), dataset_->header, 0, &rule});
  report_->references.add(number_, place, [&] {
    const std::string name = name_of_item(*dataset_, reference.element);
    const bool inside = space_.holds(reference.address, 1);
    return std::vector{Finding{&rule, inside ? space_.file_offset(reference.address) : dataset_->header, 0,
                               name.empty() ? std::string(detail) : fmt::format("{}: {}", name, detail), dataset_->path,
                               rows_of_item(*dataset_, reference.element)}};
  });
}

} // namespace datavet::hdf5
