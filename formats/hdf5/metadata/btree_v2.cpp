#include "formats/hdf5/metadata/btree_v2.h"

#include <bit>
#include <string>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

#include "formats/hdf5/metadata/rules.h"

namespace datavet::hdf5 {

namespace {

constexpr std::string_view header_name = "version 2 B-tree", internal_name = "version 2 B-tree internal node",
                           leaf_name = "version 2 B-tree leaf";

// Signature, version, type, checksum.
constexpr std::uint64_t node_overhead = 4 + 1 + 1 + 4;

// Bytes that hold any number up to `most`.
unsigned width_of(std::uint64_t most) { return (static_cast<unsigned>(std::bit_width(most)) + 7) / 8; }

class TreeWalk {
public:
  TreeWalk(Survey &survey, RecordSink &sink) : survey_(survey), sink_(sink) {}

  bool run(std::uint64_t address, std::uint8_t type, std::uint16_t record_size) {
    const std::uint64_t length =
        4 + 1 + 1 + 4 + 2 + 2 + 1 + 1 + survey_.space.offset_size() + 2 + survey_.space.length_size() + 4;
    const std::optional<Bytes> bytes = survey_.read(address, length, header_name);
    if (!bytes || !survey_.has_signature(*bytes, "BTHD", address, header_name) ||
        !survey_.has_checksum(*bytes, address, header_name))
      return false;
    Fields fields(*bytes, survey_.space);
    fields.skip(4);
    const unsigned version = fields.u8();
    type_ = fields.u8();
    node_size_ = fields.u32();
    record_size_ = fields.u16();
    const unsigned depth = fields.u16(), split = fields.u8(), merge = fields.u8();
    const Child root{fields.address(), fields.u16()};
    const std::uint64_t total = fields.length();
    if (version != 0)
      return bad(structure_version, address + 4, fmt::format("{} of version {}", header_name, version));
    if (type_ != type)
      return bad(bad_tree, address + 5, fmt::format("a B-tree of type {} where {} is due", type_, type));
    if (record_size_ != record_size)
      return bad(bad_tree, address + 10,
                 fmt::format("records of {} bytes in a B-tree of type {}", record_size_, type_));
    if (split == 0 || split > 100 || merge > split / 2) // libhdf5 asserts both when it makes one
      survey_.find(structure_reserved, address + 14, 2,
                   fmt::format("a B-tree splits at {} %, merges at {} %", split, merge));
    if (!survey_.claim(address, length, header_name))
      return bad(structure_overlap, address, fmt::format("the B-tree at address {} is named twice", address));
    survey_.segment(1, address, length, std::string(header_name),
                    fmt::format("type {}, depth {}, {} records", type_, depth, total));
    if (!lay_out(address, depth)) return false;
    if (total == 0) return true; // libhdf5 does not look at the root of an empty tree
    if (!walk(root, depth)) return false;
    if (given_ == total) return true;
    return bad(bad_tree, address, fmt::format("{} records, says the B-tree; there are {}", total, given_));
  }

private:
  struct Child {
    std::uint64_t address;
    std::uint64_t records;
  };

  /// What fits in a node of one depth.
  struct Depth {
    std::uint64_t most = 0;       ///< records in a node
    std::uint64_t most_below = 0; ///< records in a node and all below it
    unsigned total_width = 0;     ///< bytes of that number in the parent, 0 for leaves
  };

  bool bad(const Rule &rule, std::uint64_t address, std::string_view detail) {
    survey_.find(rule, address, 0, detail);
    return false;
  }

  // FMT III.A.2, Internal Node: the widths of a child's counts follow from what can be in it. A tree that
  // could hold more than 64 bits can count is no tree: this bounds its depth too.
  bool lay_out(std::uint64_t address, unsigned depth) {
    if (record_size_ == 0 || node_size_ < node_overhead + record_size_)
      return bad(bad_tree, address, fmt::format("B-tree nodes of {} bytes", node_size_));
    const std::uint64_t in_leaf = (node_size_ - node_overhead) / record_size_;
    count_width_ = width_of(in_leaf);
    depths_ = {{in_leaf, in_leaf, 0}};
    for (unsigned i = 1; i <= depth; ++i) {
      const Depth &below = depths_.back();
      const std::uint64_t pointer = survey_.space.offset_size() + count_width_ + below.total_width;
      if (node_size_ < node_overhead + 2 * pointer + record_size_)
        return bad(bad_tree, address, fmt::format("B-tree nodes of {} bytes", node_size_));
      Depth here;
      here.most = (node_size_ - node_overhead - pointer) / (record_size_ + pointer);
      if (__builtin_mul_overflow(here.most + 1, below.most_below, &here.most_below) ||
          __builtin_add_overflow(here.most_below, here.most, &here.most_below))
        return bad(bad_tree, address, fmt::format("a B-tree of depth {}", depth));
      here.total_width = width_of(here.most_below);
      depths_.push_back(here);
    }
    return true;
  }

  // Recursion is bounded by lay_out(): each depth at least doubles what fits in 64 bits.
  bool walk(const Child &node, unsigned depth) {
    const std::string_view name = depth == 0 ? leaf_name : internal_name;
    if (node.records > depths_[depth].most)
      return bad(bad_tree, node.address,
                 fmt::format("{} records in a node, at most {}", node.records, depths_[depth].most));
    if (!seen_.insert(node.address).second)
      return bad(structure_loop, node.address,
                 fmt::format("the B-tree comes to the node at address {} twice", node.address));
    const std::optional<Bytes> whole = survey_.read(node.address, node_size_, name);
    if (!whole || !survey_.has_signature(*whole, depth == 0 ? "BTLF" : "BTIN", node.address, name))
      return false;
    // Whatever follows the fields that are in use is not under the checksum.
    const unsigned below_width = depth == 0 ? 0 : depths_[depth - 1].total_width;
    const std::uint64_t pointers =
        depth == 0 ? 0 : (node.records + 1) * (survey_.space.offset_size() + count_width_ + below_width);
    const Bytes used = whole->first(node_overhead + node.records * record_size_ + pointers);
    if (!survey_.has_checksum(used, node.address, name)) return false;
    if (!survey_.claim(node.address, node_size_, name))
      return bad(structure_overlap, node.address,
                 fmt::format("the B-tree node at address {} belongs to two trees", node.address));
    survey_.segment(2, node.address, node_size_, std::string(name), fmt::format("{} records", node.records));
    // The sink reads elsewhere, and so do the children: the node is kept.
    const std::vector<std::uint8_t> kept(used.begin(), used.end());
    const bool go_on = survey_.hold(kept.size()) && visit(kept, node, depth, below_width);
    survey_.give_back(kept.size());
    return go_on;
  }

  bool visit(Bytes bytes, const Child &node, unsigned depth, unsigned below_width) {
    Fields fields(bytes, survey_.space);
    fields.skip(4);
    const unsigned version = fields.u8(), type = fields.u8();
    if (version != 0)
      return bad(structure_version, node.address + 4, fmt::format("B-tree node of version {}", version));
    if (type != type_)
      return bad(bad_tree, node.address + 5,
                 fmt::format("a node of type {} in a B-tree of type {}", type, type_));
    const Bytes records = fields.take(node.records * record_size_);
    for (std::uint64_t i = 0; i <= node.records; ++i) {
      if (depth > 0 && !descend(fields, depth, below_width)) return false;
      if (i == node.records) break;
      const std::uint64_t at = i * record_size_;
      ++given_;
      if (!sink_.record(records.subspan(at, record_size_), node.address + 6 + at)) return false;
    }
    return true;
  }

  bool descend(Fields &fields, unsigned depth, unsigned below_width) {
    Child child{};
    child.address = fields.address();
    child.records = fields.number(count_width_);
    const std::uint64_t total = below_width > 0 ? fields.number(below_width) : child.records;
    const std::uint64_t before = given_;
    if (!walk(child, depth - 1)) return false;
    if (given_ - before == total) return true;
    return bad(bad_tree, child.address,
               fmt::format("{} records, says the node above; there are {}", total, given_ - before));
  }

  Survey &survey_;
  RecordSink &sink_;
  std::uint8_t type_ = 0;
  std::uint32_t node_size_ = 0;
  std::uint16_t record_size_ = 0;
  unsigned count_width_ = 0;
  std::vector<Depth> depths_;
  std::unordered_set<std::uint64_t> seen_;
  std::uint64_t given_ = 0;
};

} // namespace

bool walk_btree_v2(Survey &survey, std::uint64_t address, std::uint8_t type, std::uint16_t record_size,
                   RecordSink &sink) {
  return TreeWalk(survey, sink).run(address, type, record_size);
}

} // namespace datavet::hdf5
