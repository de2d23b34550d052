/// FMT IV.A.2.g, Link Message, and what is known of a link however a group stores it.
#pragma once

#include <cstdint>
#include <string>

#include "formats/hdf5/metadata/fields.h"
#include "formats/hdf5/metadata/survey.h"

namespace datavet::hdf5 {

struct Link {
  enum class Kind : std::uint8_t { hard, soft, external, user };
  std::string name;
  Kind kind = Kind::hard;
  std::uint8_t type = 0;      ///< of a user-defined link: 65 to 255
  std::uint64_t address = 0;  ///< hard: of the object's header
  std::string target;         ///< soft, external: the path of the object
  std::string file;           ///< external
  std::uint64_t found_at = 0; ///< address of the message or the table entry
};

/// Reads the message at `address`. False, and a finding, when it is broken.
bool read_link(Survey &survey, Bytes message, std::uint64_t address, Link &link);

} // namespace datavet::hdf5
