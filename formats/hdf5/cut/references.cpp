#include "formats/hdf5/cut/references.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace datavet::hdf5 {

namespace {

constexpr std::uint64_t most_references = 16 << 20; // bytes of region references that are looked at, in one object

std::string name_of_object(hid_t object) {
  char name[256] = {};
  const ssize_t length = H5Iget_name(object, name, sizeof name);
  return length > 0 ? std::string(name) : std::string("an object");
}

std::string name_of_attribute(hid_t attribute) {
  char name[256] = {};
  return H5Aget_name(attribute, sizeof name, name) >= 0 ? std::string(name) : std::string();
}

bool is_region_reference(hid_t type) { return H5Tequal(type, H5T_STD_REF_DSETREG) > 0; }

/// True when elements of this type may hold region references anywhere.
bool may_hold_regions(hid_t type) {
  switch (H5Tget_class(type)) {
  case H5T_REFERENCE: return is_region_reference(type);
  case H5T_ARRAY:
  case H5T_VLEN: {
    const Type base(H5Tget_super(type));
    return base && may_hold_regions(base.id());
  }
  case H5T_COMPOUND: {
    const int members = H5Tget_nmembers(type);
    for (int i = 0; i < members; ++i) {
      const Type member(H5Tget_member_type(type, static_cast<unsigned>(i)));
      if (!member || may_hold_regions(member.id())) return true;
    }
    return false;
  }
  default: return false;
  }
}

class Ties {
public:
  Ties(hid_t file, std::span<const std::uint64_t> cut) : file_(file), cut_(cut) {}

  std::string find(std::span<const std::uint64_t> objects) {
    for (std::uint64_t address : objects) {
      const Object object(H5Oopen_by_addr(file_, address));
      if (!object) return fmt::format("libhdf5 cannot open an object of it: {}", last_complaint());
      if (H5Iget_type(object.id()) == H5I_DATASET) look_at_dataset(object.id(), address);
      if (tie_.empty()) look_at_attributes(object.id(), address);
      if (!tie_.empty()) return tie_;
    }
    return {};
  }

private:
  bool is_cut(std::uint64_t address) const { return std::ranges::binary_search(cut_, address); }

  std::optional<std::uint64_t> address_of(hid_t object) const {
    H5O_info_t info{};
    if (H5Oget_info2(object, &info, H5O_INFO_BASIC) < 0) return std::nullopt;
    return info.addr;
  }

  void look_at_dataset(hid_t dataset, std::uint64_t address) {
    const Type type(H5Dget_type(dataset));
    if (type && may_hold_regions(type.id())) {
      const Space space(H5Dget_space(dataset));
      const std::uint64_t bytes =
          static_cast<std::uint64_t>(std::max<hssize_t>(H5Sget_simple_extent_npoints(space.id()), 0)) * sizeof(hdset_reg_ref_t);
      look_at_regions(dataset, type.id(), bytes, [&](void *into) {
        return H5Dread(dataset, H5T_STD_REF_DSETREG, H5S_ALL, H5S_ALL, H5P_DEFAULT, into);
      });
    }
    look_at_sources(dataset, address);
  }

  template <class Read> void look_at_regions(hid_t holder, hid_t type, std::uint64_t bytes, Read read) {
    const std::string name = name_of_object(holder);
    if (!is_region_reference(type) || bytes > most_references) {
      tie_ = fmt::format("{} may hold references to regions of it, which would name other rows", name);
      return;
    }
    std::vector<hdset_reg_ref_t> references(bytes / sizeof(hdset_reg_ref_t));
    if (!references.empty() && read(references.data()) < 0) {
      tie_ = fmt::format("the region references in {} cannot be read: {}", name, last_complaint());
      return;
    }
    const hdset_reg_ref_t none{};
    for (const hdset_reg_ref_t &reference : references) {
      if (std::ranges::equal(reference, none)) continue;
      const Object object(H5Rdereference2(file_, H5P_DEFAULT, H5R_DATASET_REGION, &reference));
      const std::optional<std::uint64_t> address = object ? address_of(object.id()) : std::nullopt;
      if (!address || is_cut(*address)) {
        tie_ = fmt::format("{} holds references to regions of a dataset that loses rows: they would name others", name);
        return;
      }
    }
  }

  // A virtual dataset names its rows by number.
  void look_at_sources(hid_t dataset, std::uint64_t) {
    const Properties creation(H5Dget_create_plist(dataset));
    if (H5Pget_layout(creation.id()) != H5D_VIRTUAL) return;
    std::size_t count = 0;
    H5Pget_virtual_count(creation.id(), &count);
    for (std::size_t i = 0; i < count; ++i) {
      char name[4] = {};
      if (H5Pget_virtual_filename(creation.id(), i, name, sizeof name) >= 0 && std::string_view(name) == ".") {
        tie_ = fmt::format("the virtual dataset {} is made of rows of this file", name_of_object(dataset));
        return;
      }
    }
  }

  void look_at_attributes(hid_t object, std::uint64_t address) {
    H5O_info_t info{};
    if (H5Oget_info2(object, &info, H5O_INFO_NUM_ATTRS) < 0) return;
    for (hsize_t i = 0; i < info.num_attrs && tie_.empty(); ++i) {
      const Attribute attribute(H5Aopen_by_idx(object, ".", H5_INDEX_NAME, H5_ITER_NATIVE, i, H5P_DEFAULT, H5P_DEFAULT));
      const Type type(attribute ? H5Aget_type(attribute.id()) : H5I_INVALID_HID);
      if (!type) {
        tie_ = fmt::format("libhdf5 cannot read the attributes of {}: {}", name_of_object(object), last_complaint());
        return;
      }
      const Space space(H5Aget_space(attribute.id()));
      const auto count = static_cast<std::uint64_t>(std::max<hssize_t>(H5Sget_simple_extent_npoints(space.id()), 0));
      if (may_hold_regions(type.id())) {
        const hsize_t stored = H5Aget_storage_size(attribute.id());
        look_at_regions(object, type.id(), stored, [&](void *into) { return H5Aread(attribute.id(), type.id(), into); });
      } else if (const std::string name = name_of_attribute(attribute.id()); name == "REFERENCE_LIST" && is_cut(address)) {
        look_at_users(attribute.id(), type.id(), count, object);
      } else if (name == "DIMENSION_LIST" && is_cut(address)) {
        look_at_scales(attribute.id(), type.id(), space.id(), object);
      }
    }
  }

  // H5DS, "Dimension Scale Specification": on a scale, which dimension of which dataset it belongs to.
  void look_at_users(hid_t attribute, hid_t type, std::uint64_t count, hid_t scale) {
    struct User {
      hobj_ref_t dataset;
      int dimension;
    };
    if (H5Tget_class(type) != H5T_COMPOUND || count > most_references / sizeof(User)) return;
    const Type memory(H5Tcreate(H5T_COMPOUND, sizeof(User)));
    H5Tinsert(memory.id(), "dataset", HOFFSET(User, dataset), H5T_STD_REF_OBJ);
    H5Tinsert(memory.id(), "dimension", HOFFSET(User, dimension), H5T_NATIVE_INT);
    std::vector<User> users(count);
    if (count == 0 || H5Aread(attribute, memory.id(), users.data()) < 0) return;
    for (const User &user : users) {
      const Object dataset(H5Rdereference2(file_, H5P_DEFAULT, H5R_OBJECT, &user.dataset));
      const std::optional<std::uint64_t> address = dataset ? address_of(dataset.id()) : std::nullopt;
      if (!address) continue; // of a dataset that is gone
      if (user.dimension == 0 && is_cut(*address)) continue;
      tie_ = fmt::format("{} is a scale of dimension {} of {}, which keeps its length", name_of_object(scale), user.dimension,
                         name_of_object(dataset.id()));
      return;
    }
  }

  // On a dataset: the scales of each dimension. Those of the first one must lose rows as it does.
  void look_at_scales(hid_t attribute, hid_t type, hid_t space, hid_t user) {
    const Type base(H5Tget_class(type) == H5T_VLEN ? H5Tget_super(type) : H5I_INVALID_HID);
    if (!base || H5Tequal(base.id(), H5T_STD_REF_OBJ) <= 0) return;
    const hssize_t count = H5Sget_simple_extent_npoints(space);
    if (count < 1 || count > H5S_MAX_RANK) return;
    std::vector<hvl_t> lists(static_cast<std::size_t>(count));
    if (H5Aread(attribute, type, lists.data()) < 0) return;
    const std::span first(static_cast<const hobj_ref_t *>(lists[0].p), lists[0].len);
    for (const hobj_ref_t &reference : first) {
      const Object scale(H5Rdereference2(file_, H5P_DEFAULT, H5R_OBJECT, &reference));
      const std::optional<std::uint64_t> address = scale ? address_of(scale.id()) : std::nullopt;
      if (!address || is_cut(*address)) continue;
      tie_ = fmt::format("{} has the scale {}, which keeps its length", name_of_object(user), name_of_object(scale.id()));
      break;
    }
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, lists.data());
  }

  hid_t file_;
  std::span<const std::uint64_t> cut_;
  std::string tie_;
};

} // namespace

std::string find_tie(hid_t file, std::span<const std::uint64_t> objects, std::span<const std::uint64_t> cut) {
  return Ties(file, cut).find(objects);
}

} // namespace datavet::hdf5
