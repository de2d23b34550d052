#include "pipeline/clean/dead_letter.h"

#include <nlohmann/json.hpp>

#include "formats/checksum/crc32c.h"
#include "formats/tfrecord/framing.h"
#include "pipeline/report/escape.h"

namespace datavet {

using Json = nlohmann::ordered_json;

StepResult DeadLetter::begin(std::uint64_t size) {
  crc_ = 0;
  return file_.write(Bytes(tfrecord::header_for(size)));
}

StepResult DeadLetter::add(Bytes bytes) {
  crc_ = crc32c(bytes, crc_);
  return file_.write(bytes);
}

StepResult DeadLetter::end() {
  ++count_;
  return file_.write(Bytes(tfrecord::footer_for(crc_)));
}

namespace {

/// As a report does: bytes that are not UTF-8 are shown with U+FFFD, and travel whole in "<key>_b64".
void put_bytes(Json &json, const std::string &key, std::string_view bytes) {
  json[key] = bytes;
  if (!is_utf8(bytes)) json[key + "_b64"] = base64(bytes);
}

Json list_of(std::string_view rules) {
  Json list = Json::array();
  while (!rules.empty()) {
    const std::size_t comma = rules.find(',');
    list.push_back(rules.substr(0, comma));
    rules.remove_prefix(comma == std::string_view::npos ? rules.size() : comma + 1);
  }
  return list;
}

} // namespace

std::string provenance_line(const ShardName &shard, const BadRecord &record, std::uint64_t bytes,
                            std::uint64_t dead_letter) {
  Json json;
  put_bytes(json, "root", shard.root);
  put_bytes(json, "path", shard.path);
  json["sample"] = "#" + std::to_string(record.ordinal);
  json["index"] = record.ordinal;
  json["offset"] = record.offset;
  json["size"] = bytes;
  if (shard.wrapping != Wrapping::none) json["wrapping"] = name_of(shard.wrapping);
  json["severity"] = name_of(record.verdict == Verdict::corrupt ? Severity::error : Severity::warning);
  json["rules"] = list_of(record.rules);
  json["dead_letter"] = bytes > 0 ? Json(dead_letter) : Json(nullptr);
  return json.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
}

} // namespace datavet
