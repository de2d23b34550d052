#include "pipeline/quarantine/journal_lines.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "formats/checksum/crc32.h"
#include "pipeline/quarantine/place.h"
#include "pipeline/report/escape.h"

namespace datavet {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view format_name = "datavet-quarantine/1";
constexpr std::string_view header_begin = R"({"type":"journal","format":"datavet-quarantine/)";

// The end of each line: ,"crc":"9f0c2a11"}
constexpr std::string_view crc_begin = R"(,"crc":")";
constexpr std::string_view crc_end = R"("})";
constexpr std::size_t crc_digits = 8;
constexpr std::size_t crc_length = crc_begin.size() + crc_digits + crc_end.size();

constexpr std::string_view action_names[] = {"move", "copy", "link", "list", "record"};

std::string crc_of(std::string_view text) {
  return fmt::format("{:08x}",
                     crc32(Bytes(reinterpret_cast<const std::uint8_t *>(text.data()), text.size())));
}

std::string with_crc(const Json &json) {
  std::string line = json.dump();
  line.pop_back(); // the closing brace comes after the CRC
  const std::string crc = crc_of(line);
  line.append(crc_begin).append(crc).append(crc_end).push_back('\n');
  return line;
}

void put_bytes(Json &json, const std::string &key, std::string_view bytes) {
  if (is_utf8(bytes))
    json[key] = std::string(bytes);
  else
    json[key + "_b64"] = base64(bytes);
}

std::string hex(std::uint64_t number) { return fmt::format("{:016x}", number); }

// ---- reading: each getter gives false unless the member is there and of its type

bool get(const Json &json, const char *key, std::uint64_t &value) {
  const auto member = json.find(key);
  if (member == json.end() || !member->is_number_unsigned()) return false;
  value = member->get<std::uint64_t>();
  return true;
}

bool get(const Json &json, const char *key, std::uint32_t &value) {
  std::uint64_t wide = 0;
  if (!get(json, key, wide) || wide > UINT32_MAX) return false;
  value = static_cast<std::uint32_t>(wide);
  return true;
}

bool get(const Json &json, const char *key, std::int64_t &value) {
  const auto member = json.find(key);
  if (member == json.end() || !member->is_number_integer()) return false;
  if (member->is_number_unsigned() && member->get<std::uint64_t>() > INT64_MAX) return false;
  value = member->get<std::int64_t>();
  return true;
}

bool get(const Json &json, const char *key, std::string &value) {
  const auto member = json.find(key);
  if (member == json.end() || !member->is_string()) return false;
  value = member->get_ref<const std::string &>();
  return true;
}

bool get_hex(const Json &json, const char *key, std::uint64_t &value) {
  std::string digits;
  if (!get(json, key, digits) || digits.size() != 16) return false;
  const char *end = digits.data() + digits.size();
  const std::from_chars_result read = std::from_chars(digits.data(), end, value, 16);
  return read.ec == std::errc() && read.ptr == end;
}

bool get_bytes(const Json &json, const std::string &key, std::string &value) {
  if (get(json, key.c_str(), value)) return true;
  std::string encoded;
  return get(json, (key + "_b64").c_str(), encoded) && from_base64(encoded, value);
}

bool get_action(const Json &json, Action &action) {
  std::string name;
  if (!get(json, "action", name)) return false;
  for (std::size_t i = 0; i < std::size(action_names); ++i) {
    if (name != action_names[i]) continue;
    action = static_cast<Action>(i);
    return true;
  }
  return false;
}

bool get_record(const Json &json, Operation &operation) {
  if (!json.contains("ordinal")) return operation.action != Action::record;
  RecordSpan span;
  if (!get(json, "ordinal", span.ordinal) || !get(json, "record_offset", span.offset) ||
      !get(json, "record_size", span.size))
    return false;
  operation.record = span;
  return operation.action == Action::record || operation.action == Action::list;
}

bool get_operation(const Json &json, Operation &operation) {
  FileIdentity &identity = operation.identity;
  return get(json, "id", operation.id) && get_action(json, operation.action) &&
         get_bytes(json, "path", operation.path) && is_path_beneath(operation.path) &&
         get_record(json, operation) && get(json, "size", operation.content.size) &&
         get_hex(json, "hash", operation.content.hash) && get(json, "device", identity.device) &&
         get(json, "inode", identity.inode) && get(json, "file_size", identity.size) &&
         get(json, "mtime_ns", identity.mtime_ns) && get(json, "ctime_ns", identity.ctime_ns) &&
         get(json, "mode", operation.mode) && get(json, "uid", operation.uid) &&
         get(json, "gid", operation.gid) && get_bytes(json, "reason", operation.reason) &&
         get(json, "at", operation.at);
}

struct Transition {
  std::string_view event;
  OperationState from, to;
};
constexpr Transition transitions[] = {
    {"done", OperationState::intended, OperationState::quarantined},
    {"abandoned", OperationState::intended, OperationState::abandoned},
    {"restoring", OperationState::quarantined, OperationState::restoring},
    {"restored", OperationState::restoring, OperationState::restored},
    {"kept", OperationState::restoring, OperationState::quarantined},
};

/// False when datavet does not write such a line at this point.
bool apply_event(const std::string &event, const Json &json, JournalState &state) {
  std::uint64_t id = 0;
  if (!get(json, "id", id) || id == 0 || id > state.operations.size()) return false;
  Operation &operation = state.operations[id - 1];
  for (const Transition &transition : transitions) {
    if (event != transition.event || operation.state != transition.from) continue;
    operation.state = transition.to;
    return true;
  }
  return false;
}

bool apply_header(const Json &json, JournalState &state) {
  std::string format;
  return get(json, "format", format) && format == format_name && get_hex(json, "nonce", state.nonce);
}

bool apply_root(const Json &json, JournalState &state) {
  std::string root;
  if (!get_bytes(json, "path", root) || root.empty() || root.front() != '/') return false;
  if (root.find('\0') != std::string::npos) return false;
  state.roots.push_back(std::move(root));
  return true;
}

bool apply_intent(const Json &json, JournalState &state) {
  Operation operation;
  if (state.roots.empty() || !get_operation(json, operation)) return false;
  if (operation.id != state.operations.size() + 1) return false;
  operation.root = state.roots.size() - 1;
  state.operations.push_back(std::move(operation));
  return true;
}

bool apply(std::string_view line, bool first, JournalState &state) {
  const Json json = Json::parse(line, nullptr, false);
  std::string type;
  if (!json.is_object() || !get(json, "type", type)) return false;
  if (first || type == "journal") return first && type == "journal" && apply_header(json, state);
  if (type == "root") return apply_root(json, state);
  if (type == "intent") return apply_intent(json, state);
  return apply_event(type, json, state);
}

bool has_sound_crc(std::string_view line) {
  if (line.size() <= crc_length) return false;
  const std::string_view body = line.substr(0, line.size() - crc_length);
  const std::string_view end = line.substr(body.size());
  return end.starts_with(crc_begin) && end.ends_with(crc_end) &&
         end.substr(crc_begin.size(), crc_digits) == crc_of(body);
}

Error damaged_at(std::uint64_t line, std::string_view what) {
  return {Error::Kind::incomplete,
          fmt::format("line {} of the quarantine journal {}: nothing was touched. Restore the journal from a "
                      "backup, or use another quarantine directory",
                      line, what)};
}

} // namespace

std::string header_line(std::uint64_t nonce) {
  return with_crc({{"type", "journal"}, {"format", format_name}, {"nonce", hex(nonce)}});
}

std::string root_line(std::string_view root) {
  Json json{{"type", "root"}};
  put_bytes(json, "path", root);
  return with_crc(json);
}

std::string intent_line(const Operation &operation) {
  Json json{{"type", "intent"}, {"id", operation.id}};
  json["action"] = action_names[static_cast<std::size_t>(operation.action)];
  put_bytes(json, "path", operation.path);
  if (operation.record) {
    json["ordinal"] = operation.record->ordinal;
    json["record_offset"] = operation.record->offset;
    json["record_size"] = operation.record->size;
  }
  json["size"] = operation.content.size;
  json["hash"] = hex(operation.content.hash);
  json["device"] = operation.identity.device;
  json["inode"] = operation.identity.inode;
  json["file_size"] = operation.identity.size;
  json["mtime_ns"] = operation.identity.mtime_ns;
  json["ctime_ns"] = operation.identity.ctime_ns;
  json["mode"] = operation.mode;
  json["uid"] = operation.uid;
  json["gid"] = operation.gid;
  put_bytes(json, "reason", operation.reason);
  json["at"] = operation.at;
  return with_crc(json);
}

std::string event_line(std::string_view event, std::uint64_t id, std::string_view why) {
  Json json{{"type", event}, {"id", id}};
  if (!why.empty()) put_bytes(json, "why", why);
  return with_crc(json);
}

Result<JournalState> replay(std::string_view text) {
  JournalState state;
  std::uint64_t number = 0;
  std::uint64_t torn = 0; // number of the first line without a sound CRC
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) break;
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    if (!has_sound_crc(line)) {
      if (torn == 0) torn = number;
      continue;
    }
    if (torn != 0) return damaged_at(torn, "is damaged");
    if (!apply(line, number == 1, state)) return damaged_at(number, "is not one that datavet writes there");
    state.sound_bytes = at;
  }
  return state;
}

std::string place_in_quarantine(const Operation &operation) {
  switch (operation.action) {
  case Action::move:
  case Action::copy:
  case Action::link: return "files/" + operation.path;
  case Action::record: return fmt::format("records/{}#{}.record", operation.path, operation.record->ordinal);
  case Action::list: break;
  }
  return {};
}

std::optional<std::uint64_t> ordinal_of(const Operation &operation) {
  return operation.record ? std::optional(operation.record->ordinal) : std::nullopt;
}

std::string item_key(std::string_view root, std::string_view path,
                     const std::optional<std::uint64_t> &ordinal) {
  std::string key(root);
  key.append(1, '\0').append(path).append(1, '\0'); // no path holds a NUL
  return ordinal ? key + std::to_string(*ordinal) : key;
}

std::unordered_map<std::string, std::uint64_t> latest_operations(const JournalState &state) {
  std::unordered_map<std::string, std::uint64_t> latest;
  for (const Operation &operation : state.operations) {
    if (operation.state == OperationState::abandoned) continue;
    latest[item_key(state.roots[operation.root], operation.path, ordinal_of(operation))] = operation.id;
  }
  return latest;
}

std::vector<std::uint64_t> standing_operations(const JournalState &state) {
  std::vector<std::uint64_t> standing;
  for (const auto &[key, id] : latest_operations(state))
    if (state.operations[id - 1].state == OperationState::quarantined) standing.push_back(id);
  std::sort(standing.begin(), standing.end());
  return standing;
}

bool begins_as_journal(std::string_view head) {
  const std::size_t common = std::min(head.size(), header_begin.size());
  return head.substr(0, common) == header_begin.substr(0, common);
}

} // namespace datavet
