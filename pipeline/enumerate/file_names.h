/// The names of the files of a folder, as its listing gave them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

namespace datavet {

struct FileName {
  std::string_view name;  ///< a NUL follows, so that open() takes it as it is
  bool regular = true;    ///< false: a FIFO, socket or device, which is never opened
  bool asked_for = false; ///< named by the user himself: it is a mistake if it is not there

  const char *c_str() const { return name.data(); }
};

/// Keeps the text of all names in a few large blocks: a string for each would be an allocation a file.
class FileNames {
public:
  void add(std::string_view name, bool regular, bool asked_for = false) {
    char *copy = static_cast<char *>(text_.allocate(name.size() + 1, 1));
    std::memcpy(copy, name.data(), name.size());
    copy[name.size()] = '\0';
    list_.push_back({{copy, name.size()}, regular, asked_for});
  }
  void sort() { std::ranges::sort(list_, {}, &FileName::name); }

  std::span<const FileName> list() const { return list_; }
  std::size_t size() const { return list_.size(); }

private:
  std::pmr::monotonic_buffer_resource text_;
  std::vector<FileName> list_;
};

} // namespace datavet
