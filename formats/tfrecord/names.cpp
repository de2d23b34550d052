#include "formats/tfrecord/names.h"

#include <algorithm>
#include <array>
#include <string>

namespace datavet::tfrecord {

namespace {

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

std::string in_lower_case(std::string_view name) {
  std::string lower(name);
  for (char &letter : lower)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return lower;
}

/// Takes at least five digits off the end: TensorFlow's and Beam's shard names are "-%05d-of-%05d".
bool take_digits(std::string_view &name) {
  std::size_t digits = 0;
  while (digits < name.size() && is_digit(name[name.size() - 1 - digits])) ++digits;
  if (digits < 5) return false;
  name.remove_suffix(digits);
  return true;
}

bool take(std::string_view &name, std::string_view end) {
  if (!name.ends_with(end)) return false;
  name.remove_suffix(end.size());
  return true;
}

bool take_shard_number(std::string_view &name) {
  std::string_view rest = name;
  if (!take_digits(rest) || !take(rest, "-of-") || !take_digits(rest) || !take(rest, "-")) return false;
  name = rest;
  return true;
}

/// "x.tfrecord", and "data_tfrecord" as TFX writes it.
bool ends_as_tfrecord(std::string_view name) {
  for (std::string_view word : {"tfrecord", "tfrecords", "tfrec"}) {
    std::string_view rest = name;
    if (take(rest, word) && !rest.empty() &&
        std::string_view("._-").find(rest.back()) != std::string_view::npos)
      return true;
  }
  return false;
}

} // namespace

bool claims_name(std::string_view file_name) {
  const std::string lower = in_lower_case(file_name.substr(file_name.rfind('/') + 1));
  // TensorFlow EventsWriter: "<prefix>.out.tfevents.<seconds>.<host>"
  if (lower.find(".out.tfevents.") != std::string::npos) return true;

  std::string_view name = lower;
  for (std::string_view compression : {".gz", ".gzip", ".zlib"})
    if (take(name, compression)) break;
  const bool numbered = take_shard_number(name);
  if (ends_as_tfrecord(name)) return true;
  // A number alone will do ("train-00017-of-01024"), unless an extension says what it numbers: checkpoints
  // are "variables.data-00000-of-00001".
  return numbered && !name.empty() && name.find('.') == std::string_view::npos;
}

} // namespace datavet::tfrecord
