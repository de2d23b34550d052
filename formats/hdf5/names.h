/// Names out of a file, as findings show them.
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

#include <datavet/finding.h>

namespace datavet::hdf5 {

/// "rows 32 to 47"
inline std::string name_of(const RowRange &rows) {
  if (rows.count == 0) return "no rows of the extent";
  return fmt::format("rows {} to {}", rows.first, rows.first + (rows.count - 1));
}

/// The path of an object for a finding: long ones lose their middle.
inline std::string shown(std::string_view path) {
  constexpr std::size_t longest = 200;
  if (path.size() <= longest) return std::string(path);
  return std::string(path.substr(0, longest / 2)) + "..." +
         std::string(path.substr(path.size() - longest / 2));
}

/// What to say after the name of another file, when it leads out of the folder: " (outside the ...)", or
/// nothing.
inline std::string_view leaves_folder(std::string_view file_name) {
  const bool leaves =
      file_name.substr(0, 1) == "/" || file_name == ".." || file_name.find("../") != std::string_view::npos;
  return leaves ? " (outside the dataset's folder)" : "";
}

} // namespace datavet::hdf5
