#include "formats/hdf5/metadata/walk.h"

#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "formats/hdf5/metadata/attribute_message.h"
#include "formats/hdf5/metadata/dataset_object.h"
#include "formats/hdf5/metadata/datatype_message.h"
#include "formats/hdf5/metadata/dense_storage.h"
#include "formats/hdf5/metadata/keras_weights.h"
#include "formats/hdf5/metadata/link_message.h"
#include "formats/hdf5/metadata/object_header.h"
#include "formats/hdf5/metadata/rules.h"
#include "formats/hdf5/metadata/shared_message.h"
#include "formats/hdf5/metadata/small_messages.h"
#include "formats/hdf5/metadata/survey.h"
#include "formats/hdf5/metadata/symbol_table.h"
#include "formats/hdf5/names.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

// Real files have some ten levels.
constexpr std::size_t deepest_group = 512;
constexpr std::size_t longest_path = 64 * 1024;

/// A member that is still to be looked at.
struct Member {
  std::string name;
  std::uint64_t address;

  std::uint64_t taken() const { return sizeof(Member) + name.size(); }
};

/// A group whose members are being looked at.
struct OpenGroup {
  std::string path;
  std::vector<Member> members;
  std::size_t next = 0;
};

class Walk final : LinkSink, AttributeSink {
public:
  Walk(Survey &survey, MetadataSink &sink) : survey_(survey), sink_(sink), shared_(survey), keras_(survey) {}

  bool run() {
    const Superblock &superblock = survey_.space.superblock();
    if (superblock.extension != undefined_address && !read_extension(superblock.extension)) return false;
    visit(superblock.root, "/");
    while (!open_groups_.empty() && !survey_.stopped()) {
      OpenGroup &top = open_groups_.back();
      if (top.next == top.members.size())
        open_groups_.pop_back();
      else
        enter(top, std::move(top.members[top.next++]));
    }
    if (!survey_.stopped()) keras_.report();
    return !survey_.incomplete();
  }

private:
  // False when the rest of the file does not hold what it seems to.
  bool read_extension(std::uint64_t address) {
    survey_.path = "superblock extension";
    ObjectHeader header;
    if (!read_object_header(survey_, address, "the superblock extension", header)) return true;
    for (const Message &message : header.messages) check_small_message(survey_, header, message, bad_message);
    read_tree_ranks(survey_, header, survey_.ranks);
    const Message *image = header.first(MessageType::cache_image);
    if (image == nullptr) return true;
    survey_.unknown(image->address, "metadata in the image of a cache: what lies elsewhere is out of date");
    return false;
  }

  static std::string path_of(const std::string &group, const std::string &name) {
    return group == "/" ? "/" + name : group + "/" + name;
  }

  void enter(const OpenGroup &from, const Member &member) {
    survey_.give_back(member.taken());
    std::string path = path_of(from.path, member.name);
    if (visited_.contains(member.address)) {
      keras_.linked(path, false); // its members have other paths
      return;
    }
    if (path.size() > longest_path) {
      survey_.find(too_much, member.address, 0, fmt::format("a path of {} bytes", path.size()));
      return;
    }
    visit(member.address, path); // `from` may be gone after this
  }

  void visit(std::uint64_t address, const std::string &path) {
    if (!visited_.insert(address).second) return;
    survey_.path = path;
    if (visited_.size() > survey_.options.limits.objects)
      return survey_.stop(address, fmt::format("more than {} objects", survey_.options.limits.objects));
    ObjectHeader header;
    if (!read_object_header(survey_, address, path == "/" ? "the root group" : shown(path), header)) return;
    examine(header);
  }

  void examine(const ObjectHeader &header) {
    for (const Message &message : header.messages) check_small_message(survey_, header, message, odd_message);
    list_attributes(header);
    // In the order in which libhdf5 asks what an object is.
    if (header.first(MessageType::symbol_table) != nullptr || header.first(MessageType::link_info) != nullptr)
      examine_group(header);
    else if (header.first(MessageType::datatype) != nullptr &&
             header.first(MessageType::dataspace) != nullptr)
      examine_dataset(header);
    else if (header.first(MessageType::datatype) != nullptr)
      examine_type(header);
    else
      survey_.find(object_kind, header.address, 0,
                   "an object without the messages of a group, a dataset or a datatype");
  }

  void list_attributes(const ObjectHeader &header) {
    for (const Message &message : header.messages) {
      if (survey_.stopped()) return;
      if (message.type == MessageType::attribute) take_attribute(header, message);
      if (message.type == MessageType::attribute_info && !message.is_shared())
        list_dense_attributes(survey_, shared_, header.body(message), message.address, *this);
    }
  }

  void take_attribute(const ObjectHeader &header, const Message &message) {
    Attribute attribute;
    Fields fields(header.body(message), survey_.space);
    if (!message.is_shared()) {
      if (read_attribute(survey_, shared_, header.body(message), message.address, attribute))
        this->attribute(attribute);
      return;
    }
    const SharedBody *body = shared_.follow(MessageType::attribute, fields, message.address);
    if (body == nullptr) return;
    const SharedBody kept = *body; // its own type may be shared
    if (read_attribute(survey_, shared_, kept.bytes, kept.address, attribute)) this->attribute(attribute);
  }

  void attribute(const Attribute &attribute) override { keras_.attribute(survey_.path, attribute); }

  void examine_type(const ObjectHeader &header) {
    const Message &message = *header.first(MessageType::datatype);
    if (message.is_shared()) return;
    Datatype type;
    Fields fields(header.body(message), survey_.space);
    read_datatype(survey_, fields, message.address, type);
  }

  void examine_dataset(const ObjectHeader &header) {
    ++survey_.evidence.facts.objects;
    ++survey_.evidence.facts.datasets;
    std::optional<Dataset> dataset = read_dataset(survey_, shared_, header);
    if (dataset) sink_.dataset(std::move(*dataset));
  }

  void examine_group(const ObjectHeader &header) {
    ++survey_.evidence.facts.objects;
    const std::string path = survey_.path;
    sink_.group(path, header.address);
    if (open_groups_.size() >= deepest_group)
      return survey_.find(too_much, header.address, 0,
                          fmt::format("groups nested more than {} deep", deepest_group));
    members_.clear();
    for (const Message &message : header.messages) list_links(header, message);
    open_groups_.push_back({path, std::move(members_), 0});
    members_ = {};
  }

  void list_links(const ObjectHeader &header, const Message &message) {
    if (survey_.stopped() || message.is_shared()) return;
    const Bytes body = header.body(message);
    if (message.type == MessageType::symbol_table) list_symbol_table(survey_, body, message.address, *this);
    if (message.type == MessageType::link_info) list_dense_links(survey_, body, message.address, *this);
    Link found;
    if (message.type == MessageType::link && read_link(survey_, body, message.address, found)) link(found);
  }

  // One link of the group at survey_.path.
  bool link(const Link &link) override {
    if (++links_ > survey_.options.limits.objects) {
      survey_.stop(link.found_at, fmt::format("more than {} links", survey_.options.limits.objects));
      return false;
    }
    const std::string path = path_of(survey_.path, link.name);
    keras_.linked(path, link.kind == Link::Kind::hard);
    if (link.kind != Link::Kind::hard) {
      name_target(link);
      return true;
    }
    if (visited_.contains(link.address)) {
      keras_.linked(path, false);
      return true;
    }
    members_.push_back({link.name, link.address});
    return survey_.hold(members_.back().taken());
  }

  // Soft links may lead nowhere, and a link that leaves the file is named, never followed. From
  // Depth::content on libhdf5 walks over the same file and says so.
  void name_target(const Link &link) {
    if (survey_.options.depth >= Depth::content) return;
    if (link.kind == Link::Kind::external)
      survey_.find(external_link, link.found_at, 0,
                   fmt::format("{} -> {} of file {}{}", shown(link.name), shown(link.target),
                               shown(link.file), leaves_folder(link.file)));
    if (link.kind == Link::Kind::user)
      survey_.find(user_link, link.found_at, 0,
                   fmt::format("{}: a link of type {}", shown(link.name), link.type));
  }

  Survey &survey_;
  MetadataSink &sink_;
  SharedMessages shared_;
  KerasWeights keras_;
  std::unordered_set<std::uint64_t> visited_; // object headers
  std::vector<OpenGroup> open_groups_;
  std::vector<Member> members_; // of the group that is being listed
  std::uint64_t links_ = 0;
};

} // namespace

bool walk_metadata(AddressSpace &space, const CheckOptions &options, MetadataSink &sink, Evidence &evidence) {
  Survey survey(space, options, evidence);
  return Walk(survey, sink).run();
}

} // namespace datavet::hdf5
