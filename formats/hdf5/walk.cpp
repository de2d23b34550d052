#include "formats/hdf5/walk.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "formats/hdf5/attribute.h"
#include "formats/hdf5/dataset.h"
#include "formats/hdf5/datatype.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

// Each level keeps a group open. Real files have some ten levels.
constexpr std::size_t deepest_group = 512;
constexpr std::size_t longest_link_name = 64 * 1024;
constexpr std::size_t longest_link_value = 64 * 1024;

struct Link {
  std::string name;
  H5L_type_t type;
  haddr_t address;        // of what a hard link leads to
  std::size_t value_size; // of any other link
};

/// What the callback of H5Literate collects. No exception may pass through libhdf5.
struct LinkList {
  std::vector<Link> links;
  std::uint64_t most_links; // more have no room in the file, or are past the limit
  bool too_many = false, too_long = false, out_of_memory = false;
};

herr_t collect_link(hid_t, const char *name, const H5L_info_t *info, void *data) noexcept {
  LinkList &list = *static_cast<LinkList *>(data);
  try {
    const std::size_t length = std::strlen(name);
    list.too_long = length > longest_link_name;
    list.too_many = list.links.size() >= list.most_links;
    if (list.too_long || list.too_many) return H5_ITER_STOP;
    const bool hard = info->type == H5L_TYPE_HARD;
    list.links.push_back({std::string(name, length), info->type, hard ? info->u.address : HADDR_UNDEF,
                          hard ? 0 : info->u.val_size});
    return H5_ITER_CONT;
  } catch (const std::bad_alloc &) {
    list.out_of_memory = true;
    return H5_ITER_STOP;
  }
}

/// A group whose links are being followed.
struct OpenGroup {
  Object group;
  std::string path;
  std::vector<Link> links;
  std::size_t next = 0;
};

class Walk {
public:
  explicit Walk(Reading &reading) : reading_(reading) {}

  void run(Object root) {
    visit(std::move(root), "/");
    while (!open_groups_.empty() && !reading_.hindered() && !stopped_) {
      OpenGroup &top = open_groups_.back();
      if (top.next == top.links.size())
        open_groups_.pop_back();
      else
        follow(top, top.links[top.next++]);
    }
  }

private:
  void follow(const OpenGroup &from, const Link &link) {
    const std::string path = from.path == "/" ? "/" + link.name : from.path + "/" + link.name;
    switch (link.type) {
    case H5L_TYPE_HARD: follow_hard(from, link, path); break;
    case H5L_TYPE_SOFT: check_soft(from, link, path); break;
    case H5L_TYPE_EXTERNAL: report_external(from, link, path); break;
    default:
      reading_.add(user_link, HADDR_UNDEF,
                   fmt::format("{}: a link of type {}", shown(path), static_cast<int>(link.type)));
      break;
    }
  }

  void follow_hard(const OpenGroup &from, const Link &link, const std::string &path) {
    if (visited_.contains(link.address)) return;
    Object object(H5Oopen(from.group.id(), link.name.c_str(), H5P_DEFAULT));
    if (object) {
      visit(std::move(object), path); // `from` and `link` may be gone after this
      return;
    }
    visited_.insert(link.address); // one finding for an object, not one for each link to it
    reading_.complain(object_unreadable, link.address, shown(path));
  }

  void visit(Object object, const std::string &path) {
    H5O_info_t info{};
    if (H5Oget_info2(object.id(), &info, H5O_INFO_BASIC | H5O_INFO_NUM_ATTRS) < 0) {
      reading_.complain(object_unreadable, HADDR_UNDEF, shown(path));
      return;
    }
    if (!visited_.insert(info.addr).second) return;
    if (visited_.size() > reading_.limits.objects) {
      report_limit(HADDR_UNDEF, fmt::format("more than {} objects", reading_.limits.objects));
      stopped_ = true;
      return;
    }
    examine_attributes(object.id(), info.addr, path, reading_);
    switch (H5Iget_type(object.id())) {
    case H5I_GROUP:
      ++reading_.evidence.facts.objects;
      enter(std::move(object), info.addr, path);
      break;
    case H5I_DATASET:
      ++reading_.evidence.facts.objects;
      ++reading_.evidence.facts.datasets;
      examine_dataset(object.id(), info.addr, path, reading_);
      break;
    case H5I_DATATYPE: {
      const TypeReport type = examine_type(object.id(), reading_.offset_size);
      if (type.rule != nullptr)
        reading_.add(*type.rule, info.addr, fmt::format("{}: {}", shown(path), type.detail));
      break;
    }
    default: reading_.add(object_unreadable, info.addr, shown(path) + ": an object of no known kind"); break;
    }
  }

  void enter(Object group, haddr_t address, const std::string &path) {
    if (open_groups_.size() >= deepest_group) {
      reading_.add(too_much, address,
                   fmt::format("{}: groups nested more than {} deep", shown(path), deepest_group));
      return;
    }
    H5G_info_t info{};
    if (H5Gget_info(group.id(), &info) < 0) { // as h5py's len() and iteration do
      reading_.complain(group_unreadable, address, shown(path));
      return;
    }
    // A link takes 8 bytes of the file at the very least; endless B-trees give more than that.
    const std::uint64_t room = reading_.sample.size() / 8;
    LinkList list{{}, std::min(room, reading_.limits.objects)};
    hsize_t position = 0;
    if (H5Literate(group.id(), H5_INDEX_NAME, H5_ITER_INC, &position, collect_link, &list) < 0)
      reading_.complain(group_unreadable, address, shown(path));
    if (list.out_of_memory)
      reading_.add(too_much, address,
                   fmt::format("{}: no memory for {} links", shown(path), list.links.size()));
    if (list.too_long)
      reading_.add(too_much, address,
                   fmt::format("{}: a link's name of more than {} bytes", shown(path), longest_link_name));
    if (list.too_many && room <= reading_.limits.objects)
      reading_.add(group_unreadable, address,
                   fmt::format("{}: lists more links than a file of {} bytes can hold", shown(path),
                               reading_.sample.size()));
    else if (list.too_many)
      report_limit(address, fmt::format("{}: more than {} links", shown(path), reading_.limits.objects));
    open_groups_.push_back({std::move(group), path, std::move(list.links)});
  }

  std::string value_of(const OpenGroup &from, const Link &link) {
    if (link.value_size == 0 || link.value_size > longest_link_value) return {};
    std::string value(link.value_size, '\0');
    if (H5Lget_val(from.group.id(), link.name.c_str(), value.data(), value.size(), H5P_DEFAULT) < 0)
      return {};
    return value;
  }

  void check_soft(const OpenGroup &from, const Link &link, const std::string &path) {
    if (H5Oexists_by_name(from.group.id(), link.name.c_str(), H5P_DEFAULT) > 0) return;
    const std::string target = value_of(from, link);
    reading_.add(dangling, HADDR_UNDEF, fmt::format("{} -> {}", shown(path), shown(target.c_str())));
  }

  void report_external(const OpenGroup &from, const Link &link, const std::string &path) {
    const std::string value = value_of(from, link);
    const char *file = nullptr, *object = nullptr;
    unsigned flags = 0;
    if (value.empty() || H5Lunpack_elink_val(value.data(), value.size(), &flags, &file, &object) < 0) {
      reading_.complain(object_unreadable, HADDR_UNDEF, shown(path));
      return;
    }
    reading_.add(
        external_link, HADDR_UNDEF,
        fmt::format("{} -> {} of file {}{}", shown(path), shown(object), shown(file), leaves_folder(file)));
  }

  // Too many links are too many objects, as a rule: said once.
  void report_limit(haddr_t address, std::string detail) {
    if (!std::exchange(limit_reported_, true)) reading_.add(too_much, address, std::move(detail));
  }

  Reading &reading_;
  std::unordered_set<haddr_t> visited_;
  std::vector<OpenGroup> open_groups_;
  bool stopped_ = false, limit_reported_ = false;
};

} // namespace

void walk_objects(Object root, Reading &reading) { Walk(reading).run(std::move(root)); }

} // namespace datavet::hdf5
