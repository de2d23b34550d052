/// The text of the journal, pure: operations to lines and back. A journal is read with suspicion, for a
/// quarantine directory may come from anywhere: a line that breaks a rule below stops the replay.
///
/// JSON lines; the last member of each is the CRC-32 of the bytes before it:
///   {"type":"journal","format":"datavet-quarantine/1","nonce":"9f0c...","crc":"3be17702"}   always first
///   {"type":"root","path":"/data","crc":..}                 the root of the intents that follow
///   {"type":"intent","id":1,"action":"move","path":"train/x.jpg",...}   ids count up from 1
///   {"type":"done","id":1}  or  {"type":"abandoned","id":1,"why":..}
///   {"type":"restoring","id":1}  then  {"type":"restored","id":1}  or  {"type":"kept","id":1,"why":..}
/// Bytes that are not UTF-8 stand in "path_b64" instead of "path".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <datavet/result.h>

#include "pipeline/io/file_identity.h"
#include "pipeline/quarantine/content_hash.h"

namespace datavet {

enum class Action : std::uint8_t { move, copy, link, list, record };

enum class OperationState : std::uint8_t {
  intended,    ///< journaled; whether it was carried out, only the disk knows
  abandoned,   ///< it was not carried out, and nothing is left of it
  quarantined, ///< done
  restoring,   ///< to be put back; whether it was, only the disk knows
  restored,
};

/// The bytes of a record in its (inflated) shard.
struct RecordSpan {
  std::uint64_t ordinal = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  bool operator==(const RecordSpan &) const = default;
};

/// One item set aside, or to be.
struct Operation {
  std::uint64_t id = 0;
  std::size_t root = 0; ///< index into JournalState::roots
  Action action = Action::move;
  std::string path;                         ///< relative to the root; is_path_beneath() holds
  FileIdentity identity;                    ///< as scanned
  Content content;                          ///< of the file, or of the record; zero for list
  std::uint32_t mode = 0, uid = 0, gid = 0; ///< of the file before
  std::optional<RecordSpan> record;         ///< set if and only if action is record, or list of a record
  std::string reason;
  std::int64_t at = 0; ///< seconds since the epoch
  OperationState state = OperationState::intended;
  bool operator==(const Operation &) const = default;
};

struct JournalState {
  std::uint64_t nonce = 0;           ///< tells the temporary files of this journal from those of others
  std::vector<std::string> roots;    ///< absolute
  std::vector<Operation> operations; ///< operations[i].id == i + 1
  std::uint64_t sound_bytes = 0;     ///< after these, the torn end of a write that was cut short
};

std::string header_line(std::uint64_t nonce);
std::string root_line(std::string_view root);
std::string intent_line(const Operation &operation);
/// `event` is "done", "abandoned", "restoring", "restored" or "kept"; `why` may be empty.
std::string event_line(std::string_view event, std::uint64_t id, std::string_view why = {});

/// What a journal says. Lines without a sound CRC at the end are a torn write and are left out; before the
/// end they are damage, and an error, as is anything that datavet does not write.
Result<JournalState> replay(std::string_view text);

/// Where the quarantine keeps what the operation set aside, relative to its directory; empty for list.
std::string place_in_quarantine(const Operation &operation);

/// Of the record, if it is one.
std::optional<std::uint64_t> ordinal_of(const Operation &operation);
/// Tells items apart: the same path under two roots, records of one shard.
std::string item_key(std::string_view root, std::string_view path,
                     const std::optional<std::uint64_t> &ordinal);
/// The last operation on each item that was not abandoned, by item_key().
std::unordered_map<std::string, std::uint64_t> latest_operations(const JournalState &state);
/// Ids of the operations, in order, that say of an item that it is in quarantine now.
std::vector<std::uint64_t> standing_operations(const JournalState &state);

/// True when `head`, the first bytes of a file, can only be a datavet quarantine journal, or is empty.
bool begins_as_journal(std::string_view head);

} // namespace datavet
