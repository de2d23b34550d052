// Version 1 B-trees of node type 1: FMT III.A.1. A node is "TREE", type, level, entries, the addresses of its
// siblings, and then keys and children in turn: one more key than children. A key holds the stored size and
// the filter mask of the chunk to its right, and its coordinates, the element's own dimension (always 0)
// included.
#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "formats/hdf5/chunks/index_walk.h"

namespace datavet::hdf5 {

namespace {

using Key = std::array<std::uint64_t, most_dimensions + 1>; // of elements; the last one of bytes

constexpr unsigned chunk_node_type = 1;

class BtreeV1 {
public:
  explicit BtreeV1(IndexWalk &walk)
      : walk_(walk), address_bytes_(walk.offset_size()), dimensions_(walk.grid.rank() + 1),
        key_bytes_(8 + 8 * dimensions_), step_(key_bytes_ + address_bytes_),
        head_bytes_(8 + 2 * address_bytes_), most_entries_(most_entries()) {}

  void run() {
    Frame root;
    root.address = walk_.dataset.storage.address;
    root.upper.fill(countless);
    if (!enter(root)) return;
    while (!path_.empty()) {
      Frame &parent = path_.back();
      if (parent.next == parent.entries) {
        path_.pop_back();
        continue;
      }
      Frame child;
      if (!next_child(parent, child)) {
        path_.pop_back();
        continue;
      }
      enter(child);
    }
    for (const Level &level : levels_)
      if (level.known) check_right(level, undefined_address);
  }

private:
  struct Frame {
    std::uint64_t address = 0;
    unsigned level = 0;
    std::uint32_t entries = 0, next = 0;
    Key lower{}, upper{}; ///< keys of chunks that a search finds through this node: [lower, upper)
  };
  /// The last node seen of a level.
  struct Level {
    std::uint64_t address = undefined_address, right = undefined_address;
    bool known = true; ///< nothing was left out before it
  };

  // Superblock versions 1: "Indexed Storage Internal Node K"; version 0: 32. Versions 2 and 3 may say
  // otherwise in a message of the superblock extension; when there is none, 32 again. H5B__cache_deserialize:
  // number of children is greater than maximum.
  std::uint32_t most_entries() {
    constexpr std::uint32_t usual = 2 * 32, unknown = 65535;
    constexpr std::uint64_t k_at = 24;
    const Superblock &superblock = walk_.space.superblock();
    if (superblock.version == 0) return usual;
    if (superblock.version >= 2) return superblock.extension == undefined_address ? usual : unknown;
    const std::optional<Bytes> k = walk_.space.at(k_at, 2);
    return k ? 2u * little_endian_16(k->data()) : unknown;
  }

  void read_key(const std::uint8_t *at, Key &key) const {
    for (unsigned i = 0; i < dimensions_; ++i) key[i] = little_endian(at + 8 + 8 * i, 8);
  }
  bool before(const Key &one, const Key &other) const {
    for (unsigned i = 0; i < dimensions_; ++i)
      if (one[i] != other[i]) return one[i] < other[i];
    return false;
  }
  void set_rows(const Key &lower, const Key &upper) {
    walk_.first_row = lower[0];
    bool inside = false; // the rows of `upper` itself begin before it
    for (unsigned i = 1; i < dimensions_; ++i) inside = inside || upper[i] != 0;
    const std::uint64_t more = inside ? walk_.grid.side(0) : 0;
    walk_.end_row = upper[0] > countless - more ? countless : upper[0] + more;
  }

  // The parent is read again: nodes are not kept, so that memory does not grow with them.
  bool next_child(Frame &parent, Frame &child) {
    const std::optional<Bytes> bytes =
        walk_.space.at(parent.address + head_bytes_ + std::uint64_t{parent.next} * step_, step_ + key_bytes_);
    if (!bytes) return false;
    read_key(bytes->data(), child.lower);
    read_key(bytes->data() + step_, child.upper);
    if (before(child.lower, parent.lower)) child.lower = parent.lower;
    if (before(parent.upper, child.upper)) child.upper = parent.upper;
    child.address = stored_address(bytes->data() + key_bytes_, address_bytes_);
    child.level = parent.level - 1;
    ++parent.next;
    return true;
  }

  bool enter(Frame &node) {
    set_rows(node.lower, node.upper);
    const bool is_root = path_.empty();
    const std::optional<Bytes> bytes = read_node(node, is_root);
    if (!bytes) {
      // What lies under it is not known, so neither are the next ones' left siblings.
      for (Level &level : levels_) level.known = false;
      return false;
    }
    check_siblings(node, *bytes);
    if (node.entries == 0) return true;
    if (node.level == 0) {
      list_leaf(node, *bytes);
      return true;
    }
    check_keys(node, *bytes);
    path_.push_back(node);
    return true;
  }

  std::optional<Bytes> read_node(Frame &node, bool is_root) {
    if (!walk_.fits(node.address, head_bytes_, "B-tree node")) return std::nullopt;
    const std::optional<Bytes> head = walk_.space.at(node.address, head_bytes_);
    if (!head) return walk_.read(node.address, head_bytes_, "B-tree node"); // says why
    constexpr std::string_view name = "TREE";
    if (!std::equal(name.begin(), name.end(), head->begin()) || (*head)[4] != chunk_node_type) {
      walk_.complain(index_signature, node.address, head_bytes_, "no TREE of node type 1");
      return std::nullopt;
    }
    const unsigned level = (*head)[5];
    node.entries = little_endian_16(head->data() + 6);
    if (!is_root && level != node.level) {
      walk_.complain(index_structure, node.address, head_bytes_,
                     fmt::format("a B-tree node of level {} under one of level {}", level, node.level + 1));
      return std::nullopt;
    }
    if (node.entries > most_entries_) {
      walk_.complain(
          index_structure, node.address, head_bytes_,
          fmt::format("a B-tree node of {} entries, {} are the most", node.entries, most_entries_));
      return std::nullopt;
    }
    node.level = level;
    if (is_root) levels_.resize(level + 1);
    return walk_.read(node.address, head_bytes_ + std::uint64_t{node.entries} * step_ + key_bytes_,
                      "B-tree node");
  }

  void check_siblings(const Frame &node, Bytes bytes) {
    const std::uint64_t left = stored_address(bytes.data() + 8, address_bytes_);
    Level &level = levels_[node.level];
    if (level.known && level.address != undefined_address) check_right(level, node.address);
    if (level.known && left != level.address) complain_of_siblings(node.address, "the left one is another");
    level = {node.address, stored_address(bytes.data() + 8 + address_bytes_, address_bytes_), true};
  }
  // A right sibling too many is read by who adds up the sizes of nodes; one too few ends the sum early.
  void check_right(const Level &level, std::uint64_t next) {
    if (level.right == next) return;
    if (level.right == undefined_address) return complain_of_siblings(level.address, "the right one is not named");
    if (right_said_) return;
    right_said_ = true;
    walk_.remark(index_right_sibling, level.address, fmt::format("a B-tree node's right sibling is at address {}", level.right));
  }
  void complain_of_siblings(std::uint64_t address, std::string_view detail) {
    if (siblings_said_) return;
    siblings_said_ = true;
    walk_.remark(index_siblings, address, fmt::format("a B-tree node's siblings: {}", detail));
  }

  /// Coordinates of a stored key.
  static std::uint64_t along(const std::uint8_t *key, unsigned i) {
    return little_endian(key + 8 + 8 * i, 8);
  }
  bool before(const std::uint8_t *one, const std::uint8_t *other) const {
    for (unsigned i = 0; i < dimensions_; ++i)
      if (along(one, i) != along(other, i)) return along(one, i) < along(other, i);
    return false;
  }
  bool before(const std::uint8_t *one, const Key &other) const {
    for (unsigned i = 0; i < dimensions_; ++i)
      if (along(one, i) != other[i]) return along(one, i) < other[i];
    return false;
  }

  // H5B_find() bisects by the keys: what is not between its own key and the next one, all the way down, is
  // not found.
  void check_keys(const Frame &node, Bytes bytes) {
    const std::uint8_t *key = bytes.data() + head_bytes_;
    std::uint32_t wrong = 0;
    if (!before(key, node.lower)) {
      std::uint32_t i = 1;
      while (i <= node.entries && before(key, key + step_)) ++i, key += step_;
      wrong = i;
      // As they ascend, the last one to the left of a child stands for all.
      if (i > node.entries && before(key - step_, node.upper)) return;
      if (i > node.entries) wrong = node.entries - 1;
    }
    walk_.complain(index_order, node.address, bytes.size(), fmt::format("key {} of a B-tree node", wrong));
  }

  void list_leaf(const Frame &node, Bytes bytes) {
    const unsigned rank = dimensions_ - 1;
    const std::uint8_t *at = bytes.data() + head_bytes_;
    check_keys(node, bytes);
    Chunk chunk;
    for (std::uint32_t i = 0; i < node.entries; ++i, at += step_) {
      chunk.size = little_endian_32(at);
      chunk.mask = little_endian_32(at + 4);
      for (unsigned d = 0; d < rank; ++d) chunk.origin[d] = little_endian(at + 8 + 8 * d, 8);
      chunk.address = stored_address(at + key_bytes_, address_bytes_);
      if (little_endian(at + 8 + 8 * rank, 8) != 0)
        walk_.complain(chunk_origin, node.address, bytes.size(),
                       fmt::format("entry {} is inside an element", i));
      else
        walk_.judge.take(chunk);
    }
  }

  IndexWalk &walk_;
  const unsigned address_bytes_, dimensions_, key_bytes_, step_, head_bytes_;
  const std::uint32_t most_entries_;
  std::vector<Frame> path_; ///< internal nodes; levels fall, so 255 at most
  std::vector<Level> levels_;
  bool siblings_said_ = false, right_said_ = false;
};

} // namespace

void walk_btree_v1(IndexWalk &walk) { BtreeV1(walk).run(); }

} // namespace datavet::hdf5
