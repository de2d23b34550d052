// Version 2 B-trees of record types 10 and 11: FMT III.A.2. A header (BTHD) names the root; internal nodes
// (BTIN) hold records and, between them, pointers; leaves (BTLF) hold records. The records of the whole tree
// ascend.
#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "formats/hdf5/chunks/index_walk.h"

namespace datavet::hdf5 {

namespace {

constexpr unsigned not_filtered_type = 10, filtered_type = 11;
constexpr unsigned head_bytes = 6, sum_bytes = 4; // signature, version, type; checksum

// Every node but the root holds a record, so a deeper tree has more leaves than any file has bytes.
constexpr unsigned deepest = 63;

// Bytes in which a number up to `most` is stored: H5VM_limit_enc_size.
unsigned bytes_for(std::uint64_t most) { return log2_floor(most) / 8 + 1; }

class BtreeV2 {
public:
  explicit BtreeV2(IndexWalk &walk) : walk_(walk), rank_(walk.grid.rank()) {}

  void run() {
    if (!read_header()) return;
    if (root_.address == undefined_address && root_.records == 0) return check_total();
    if (!enter(root_)) return;
    while (!path_.empty()) {
      if (path_.back().next > path_.back().records) {
        path_.pop_back();
        continue;
      }
      Frame child;
      if (!next_child(path_.back(), child)) {
        path_.pop_back();
        continue;
      }
      set_rows();
      enter(child);
    }
    check_total();
  }

private:
  struct Frame {
    std::uint64_t address = 0;
    unsigned depth = 0; ///< 0 = a leaf
    std::uint32_t records = 0, next = 0;
  };
  /// What a node of some depth can hold. H5B2__hdr_init.
  struct Capacity {
    std::uint64_t records = 0, with_below = 0;
    unsigned pointer_bytes = 0, total_bytes = 0; ///< total_bytes: of the count of all records under a node
  };

  bool read_header() {
    const unsigned offset = walk_.offset_size(), length = walk_.length_size();
    const std::uint64_t address = walk_.dataset.storage.address, size = 22 + offset + length;
    const std::optional<Bytes> bytes = walk_.read(address, size, "B-tree header");
    if (!bytes) return false;
    type_ = walk_.dataset.filters.empty() ? not_filtered_type : filtered_type;
    if (!walk_.begins(*bytes, address, "BTHD", type_) ||
        !walk_.checksum_holds(*bytes, address, "B-tree header"))
      return false;
    const std::uint8_t *at = bytes->data() + head_bytes;
    node_bytes_ = little_endian_32(at);
    record_bytes_ = little_endian_16(at + 4);
    root_.depth = little_endian_16(at + 6);
    root_.address = stored_address(at + 10, offset);
    root_.records = little_endian_16(at + 10 + offset);
    total_ = little_endian(at + 12 + offset, length);
    if (measure()) return true;
    walk_.complain(index_structure, address, size,
                   fmt::format("a B-tree of depth {} with nodes of {} bytes and records of {}", root_.depth,
                               node_bytes_, record_bytes_));
    return false;
  }

  // True when the sizes make a tree.
  bool measure() {
    const unsigned offset = walk_.offset_size(), rest = offset + 8 * rank_;
    if (type_ == filtered_type) {
      if (record_bytes_ <= rest + 4 || record_bytes_ > rest + 4 + 8) return false;
      size_bytes_ = record_bytes_ - rest - 4;
      if (walk_.dataset.storage.version < 5 && size_bytes_ != stored_size_bytes(walk_.chunk_bytes))
        return false;
    } else if (record_bytes_ != rest) {
      return false;
    }
    if (root_.depth > deepest || node_bytes_ < head_bytes + sum_bytes + record_bytes_) return false;
    const std::uint64_t room = node_bytes_ - head_bytes - sum_bytes;
    Capacity below{room / record_bytes_, room / record_bytes_, 0, 0};
    const unsigned count_bytes = bytes_for(below.records);
    count_bytes_ = count_bytes;
    capacity_.push_back(below);
    for (unsigned depth = 1; depth <= root_.depth; ++depth) {
      Capacity here;
      here.total_bytes = depth > 1 ? bytes_for(below.with_below) : 0;
      here.pointer_bytes = offset + count_bytes + here.total_bytes;
      if (room < here.pointer_bytes + record_bytes_ + here.pointer_bytes) return false;
      here.records = (room - here.pointer_bytes) / (record_bytes_ + here.pointer_bytes);
      const std::uint64_t children = saturating_product(here.records + 1, below.with_below);
      here.with_below = children > countless - here.records ? countless : children + here.records;
      capacity_.push_back(here);
      below = here;
    }
    return count_bytes <= 8;
  }

  std::uint64_t pointers_at(const Frame &node) const {
    return head_bytes + std::uint64_t{node.records} * record_bytes_;
  }

  bool enter(Frame &node) {
    const Capacity &capacity = capacity_[node.depth];
    if (node.records > capacity.records) {
      walk_.complain(
          index_structure, node.address, 0,
          fmt::format("a B-tree node of {} records, {} are the most", node.records, capacity.records));
      return false;
    }
    const std::string_view what = node.depth == 0 ? "B-tree leaf" : "B-tree node";
    const std::optional<Bytes> bytes = walk_.read(node.address, node_bytes_, what);
    if (!bytes || !walk_.begins(*bytes, node.address, node.depth == 0 ? "BTLF" : "BTIN", type_)) return false;
    const std::uint64_t pointers =
        node.depth == 0 ? 0 : std::uint64_t{node.records + 1} * capacity.pointer_bytes;
    const Bytes used = bytes->first(pointers_at(node) + pointers + sum_bytes);
    if (!walk_.checksum_holds(used, node.address, what)) return false;
    if (node.depth > 0) {
      path_.push_back(node);
      return true;
    }
    for (std::uint32_t i = 0; i < node.records; ++i)
      record(used.data() + head_bytes + i * record_bytes_, node.address);
    return true;
  }

  // Nodes are read again for each child: they are not kept, so that memory does not grow with them. In the
  // order of the keys: child 0, record 0, child 1, ...
  bool next_child(Frame &parent, Frame &child) {
    const Capacity &capacity = capacity_[parent.depth];
    if (parent.next > 0) {
      const std::optional<Bytes> key = walk_.space.at(
          parent.address + head_bytes + std::uint64_t{parent.next - 1} * record_bytes_, record_bytes_);
      if (!key) return false;
      record(key->data(), parent.address);
    }
    const std::optional<Bytes> pointer = walk_.space.at(
        parent.address + pointers_at(parent) + std::uint64_t{parent.next} * capacity.pointer_bytes,
        capacity.pointer_bytes);
    if (!pointer) return false;
    const unsigned offset = walk_.offset_size();
    child.address = stored_address(pointer->data(), offset);
    const std::uint64_t records = little_endian(pointer->data() + offset, count_bytes_);
    child.records =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(records, ~0u)); // compared with a capacity
    child.depth = parent.depth - 1;
    ++parent.next;
    return true;
  }

  void record(const std::uint8_t *at, std::uint64_t node) {
    Chunk &chunk = chunk_;
    const std::uint8_t *scaled = at + walk_.offset_size();
    chunk.address = stored_address(at, walk_.offset_size());
    if (type_ == filtered_type) {
      chunk.size = little_endian(scaled, size_bytes_);
      chunk.mask = little_endian_32(scaled + size_bytes_);
      scaled += size_bytes_ + 4;
    } else {
      chunk.size = walk_.chunk_bytes;
    }
    bool inside = true;
    Coordinates place{};
    for (unsigned i = 0; i < rank_; ++i) {
      place[i] = little_endian(scaled + 8 * i, 8);
      inside = inside && place[i] < walk_.grid.along(i);
      chunk.origin[i] = place[i] * walk_.grid.side(i); // overflows only outside the extent
    }
    if (seen_++ > 0 &&
        !std::ranges::lexicographical_compare(std::span(last_).first(rank_), std::span(place).first(rank_)))
      complain_of_order(node);
    last_ = place;
    if (chunk.address == undefined_address) return; // H5D__bt2_idx: allocated later; fill values
    if (inside)
      walk_.judge.take_placed(chunk);
    else
      walk_.judge.beyond_extent(chunk.address);
  }

  void complain_of_order(std::uint64_t node) {
    if (order_said_) return;
    order_said_ = true;
    walk_.complain(index_order, node, 0, "records of the B-tree");
  }

  void set_rows() {
    walk_.first_row = seen_ == 0 || last_[0] >= walk_.grid.along(0) ? 0 : last_[0] * walk_.grid.side(0);
    walk_.end_row = countless;
  }

  void check_total() {
    walk_.first_row = 0;
    walk_.end_row = countless;
    if (walk_.listing.whole && seen_ != total_)
      walk_.complain(index_structure, walk_.dataset.storage.address, 0,
                     fmt::format("the B-tree has {} records, its header says {}", seen_, total_));
  }

  IndexWalk &walk_;
  const unsigned rank_;
  unsigned type_ = 0;
  std::uint64_t node_bytes_ = 0, total_ = 0, seen_ = 0;
  unsigned record_bytes_ = 0, size_bytes_ = 0, count_bytes_ = 0;
  Frame root_;
  std::vector<Capacity> capacity_; ///< by depth
  std::vector<Frame> path_;
  Chunk chunk_;
  Coordinates last_{};
  bool order_said_ = false;
};

} // namespace

void walk_btree_v2(IndexWalk &walk) { BtreeV2(walk).run(); }

} // namespace datavet::hdf5
