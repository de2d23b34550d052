#include "formats/hdf5/metadata/symbol_table.h"

#include <array>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

#include "formats/hdf5/metadata/local_heap.h"
#include "formats/hdf5/metadata/rules.h"
#include "formats/hdf5/names.h"

namespace datavet::hdf5 {

namespace {

constexpr std::string_view tree_name = "B-tree node", node_name = "symbol table node";

// FMT III.C, Cache Type.
constexpr std::uint32_t cached_link = 2;

class SymbolTable {
public:
  SymbolTable(Survey &survey, LinkSink &sink) : survey_(survey), sink_(sink) {}

  void run(std::uint64_t tree, std::uint64_t heap) {
    if (!heap_.load(survey_, heap)) return;
    walk_tree(tree, std::nullopt);
    for (unsigned level = 0; level < levels_.size(); ++level)
      if (levels_[level].seen) check_right(levels_[level], undefined_address);
  }

private:
  struct Level {
    bool seen = false;
    std::uint64_t address = 0, right = 0; // of the node before
  };

  /// One node of the tree, its keys as offsets of names.
  struct Node {
    std::uint8_t level = 0;
    std::vector<std::uint64_t> keys, children;
  };

  /// One entry of a symbol table node; the texts lie in the heap.
  struct Entry {
    std::string_view name, target;
    std::uint64_t header, at;
    bool is_soft;
  };

  // Recursion is bounded: each level is one less than the one above, and there are 256.
  bool walk_tree(std::uint64_t address, std::optional<unsigned> expected_level) {
    if (!seen_.insert(address).second) {
      survey_.find(structure_loop, address, 0,
                   fmt::format("the B-tree comes to the node at address {} twice", address));
      return false;
    }
    Node node;
    if (!read_node(address, expected_level, node)) return false;
    const std::uint64_t held = 16 * node.children.size();
    bool go_on = survey_.hold(held);
    for (std::size_t i = 0; i < node.children.size() && go_on; ++i)
      go_on = node.level > 0 ? walk_tree(node.children[i], node.level - 1u)
                             : read_symbols(node.children[i], node.keys[i], node.keys[i + 1]);
    survey_.give_back(held);
    return go_on;
  }

  bool bad(const Rule &rule, std::uint64_t address, std::uint64_t length, std::string_view detail) {
    survey_.find(rule, address, length, detail);
    return false;
  }

  bool read_node(std::uint64_t address, std::optional<unsigned> expected_level, Node &node) {
    const std::uint64_t most = 2 * std::uint64_t{survey_.ranks.group_internal};
    const std::uint64_t length = 8 + 2 * survey_.space.offset_size() +
                                 (most + 1) * survey_.space.length_size() +
                                 most * survey_.space.offset_size();
    const std::optional<Bytes> bytes = survey_.read(address, length, tree_name);
    if (!bytes || !survey_.has_signature(*bytes, "TREE", address, tree_name)) return false;
    Fields fields(*bytes, survey_.space);
    fields.skip(4);
    const unsigned type = fields.u8();
    node.level = fields.u8();
    const unsigned used = fields.u16();
    const std::uint64_t left = fields.address(), right = fields.address();
    if (type != 0)
      return bad(bad_tree, address + 4, 1, fmt::format("a B-tree node of type {} in a group", type));
    if (expected_level && node.level != *expected_level)
      return bad(bad_tree, address + 5, 1,
                 fmt::format("a B-tree node of level {} where {} is due", node.level, *expected_level));
    if (used > most)
      return bad(bad_tree, address + 6, 2,
                 fmt::format("{} entries in a B-tree node, at most {}", used, most));
    if (!survey_.claim(address, length, tree_name))
      return bad(structure_overlap, address, length,
                 fmt::format("the B-tree node at address {} belongs to two groups", address));
    survey_.segment(1, address, length, std::string(tree_name),
                    fmt::format("level {}, {} entries", node.level, used));
    check_siblings(address, node.level, left, right);
    for (unsigned i = 0; i < used; ++i) {
      node.keys.push_back(fields.length());
      node.children.push_back(fields.address());
    }
    node.keys.push_back(fields.length());
    return true;
  }

  // libhdf5 goes by the parents when it reads.
  void check_siblings(std::uint64_t address, std::uint8_t number, std::uint64_t left, std::uint64_t right) {
    Level &level = levels_[number];
    if (level.seen) check_right(level, address);
    if (left != (level.seen ? level.address : undefined_address))
      survey_.find(tree_links, address, 0, "the left sibling of a B-tree node is another than it says");
    level = {true, address, right};
  }

  // A right sibling too many is read by who adds up the sizes of nodes; one too few ends the sum early.
  void check_right(const Level &level, std::uint64_t next) {
    if (level.right == next) return;
    if (level.right == undefined_address)
      survey_.find(tree_links, level.address, 0, "a B-tree node does not name its right sibling");
    else
      survey_.find(tree_right_sibling, level.address, 0,
                   fmt::format("the right sibling of a B-tree node is at address {}", level.right));
  }

  // FMT III.B. Names lie behind the left key, and not behind the right one.
  bool read_symbols(std::uint64_t address, std::uint64_t left, std::uint64_t right) {
    if (!seen_.insert(address).second)
      return bad(structure_loop, address, 0,
                 fmt::format("the B-tree comes to the symbols at address {} twice", address));
    const std::uint64_t entry = survey_.space.length_size() + survey_.space.offset_size() + 4 + 4 + 16;
    const std::uint64_t most = 2 * std::uint64_t{survey_.ranks.group_leaf};
    const std::uint64_t length = 8 + most * entry;
    const std::optional<Bytes> bytes = survey_.read(address, length, node_name);
    if (!bytes || !survey_.has_signature(*bytes, "SNOD", address, node_name)) return false;
    Fields fields(*bytes, survey_.space);
    fields.skip(4);
    const unsigned version = fields.u8(), zero = fields.u8(), count = fields.u16();
    if (version != 1)
      return bad(structure_version, address + 4, 1, fmt::format("symbol table node of version {}", version));
    if (zero != 0)
      survey_.find(structure_reserved, address + 5, 1,
                   fmt::format("a reserved byte of a symbol table node holds {:#x}", zero));
    if (count > most)
      return bad(bad_node, address + 6, 2, fmt::format("{} symbols in a node, at most {}", count, most));
    if (!survey_.claim(address, length, node_name))
      return bad(structure_overlap, address, length,
                 fmt::format("the symbol table node at address {} belongs to two groups", address));
    survey_.segment(2, address, length, std::string(node_name), fmt::format("{} entries", count));
    const std::optional<std::string_view> after = heap_.text(left), until = heap_.text(right);
    std::vector<Entry> entries;
    for (unsigned i = 0; i < count; ++i)
      if (!read_entry(fields, address + 8 + i * entry, entries)) return false;
    if (count > 0 && (!after || !until))
      return bad(bad_tree, address, 0, "a key of the B-tree is no name in the heap");
    // The links are given when the bytes are done with: their sink may read elsewhere.
    for (const Entry &each : entries) {
      check_order(each, *after, *until);
      if (!give(each)) return false;
    }
    return true;
  }

  void check_order(const Entry &entry, std::string_view after, std::string_view until) {
    if (entry.name <= after || entry.name > until)
      survey_.find(name_order, entry.at, 0,
                   fmt::format("'{}' is not behind '{}' and up to '{}', as its B-tree says",
                               shown(entry.name), shown(after), shown(until)));
    else if (!last_name_.empty() && entry.name <= last_name_)
      survey_.find(name_order, entry.at, 0,
                   fmt::format("'{}' comes after '{}'", shown(entry.name), shown(last_name_)));
    last_name_ = entry.name;
  }

  bool give(const Entry &entry) {
    if (!survey_.charge(entry.name.size() + entry.target.size())) return false;
    Link link;
    link.name = entry.name;
    link.kind = entry.is_soft ? Link::Kind::soft : Link::Kind::hard;
    link.type = entry.is_soft ? 1 : 0;
    link.address = entry.header;
    link.target = entry.target;
    link.found_at = entry.at;
    return sink_.link(link);
  }

  // FMT III.C
  bool read_entry(Fields &fields, std::uint64_t at, std::vector<Entry> &entries) {
    const std::uint64_t name_at = fields.length(), header = fields.address();
    const std::uint32_t cached = fields.u32(), zero = fields.u32();
    Fields scratch(fields.take(16), survey_.space);
    if (cached > cached_link) return bad(bad_node, at, 0, fmt::format("a symbol of cache type {}", cached));
    if (zero != 0)
      survey_.find(structure_reserved, at, 0,
                   fmt::format("reserved bytes of a symbol table entry hold {:#x}", zero));
    const std::optional<std::string_view> name = heap_.text(name_at);
    if (!name)
      return bad(bad_node, at, 0, fmt::format("a symbol's name at {}, which is none in the heap", name_at));
    Entry entry{*name, {}, header, at, cached == cached_link};
    if (entry.is_soft) {
      const std::uint64_t value_at = scratch.u32();
      const std::optional<std::string_view> target = heap_.text(value_at);
      if (!target)
        return bad(bad_node, at, 0,
                   fmt::format("a soft link's value at {}, which is none in the heap", value_at));
      entry.target = *target;
    }
    entries.push_back(entry);
    return true;
  }

  Survey &survey_;
  LinkSink &sink_;
  LocalHeap heap_;
  std::unordered_set<std::uint64_t> seen_;
  std::array<Level, 256> levels_{};
  std::string_view last_name_; // in the heap
};

} // namespace

void list_symbol_table(Survey &survey, Bytes body, std::uint64_t address, LinkSink &sink) {
  Fields fields(body, survey.space);
  const std::uint64_t tree = fields.address(), heap = fields.address();
  if (!fields.ok()) {
    survey.find(bad_message, address, body.size(), "a symbol table message without two addresses");
    return;
  }
  SymbolTable(survey, sink).run(tree, heap);
}

} // namespace datavet::hdf5
