/// What all parts of the walk over one file's metadata share: the bytes, the account of what was seen, the
/// findings.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <datavet/options.h>

#include "formats/bytes/bytes.h"
#include "formats/evidence.h"
#include "formats/hdf5/metadata/address_space.h"
#include "formats/hdf5/metadata/fields.h"

namespace datavet::hdf5 {

class Survey {
public:
  /// All outlive it.
  Survey(AddressSpace &addresses, const CheckOptions &chosen, Evidence &learned);

  AddressSpace &space;
  const CheckOptions &options;
  Evidence &evidence;
  TreeRanks ranks; ///< of the superblock, or of its extension

  /// The object that is being looked at: the beginning of every finding's detail.
  std::string path = "/";

  /// The bytes of a structure, valid until the next read. Nothing, and a finding, when they are not all
  /// inside the file, too many to be held, cannot be read, or the effort is spent. `what` names the
  /// structure.
  std::optional<Bytes> read(std::uint64_t address, std::uint64_t length, std::string_view what);
  /// The same for what may be larger than AddressSpace::most, up to limits.metadata_bytes: a copy.
  std::optional<std::vector<std::uint8_t>> read_long(std::uint64_t address, std::uint64_t length,
                                                     std::string_view what);
  /// True when `bytes` begin with the four characters; else a finding about the structure at `address`.
  bool has_signature(Bytes bytes, std::string_view expected, std::uint64_t address, std::string_view what);
  /// True when the last four bytes are the lookup3 of those before them, or nobody asked (Depth::structure).
  bool has_checksum(Bytes bytes, std::uint64_t address, std::string_view what);
  bool wants_checksums() const { return options.depth >= Depth::checksum; }

  /// Records that a structure, or data, lies there; a finding when something else does. False: the same
  /// structure was recorded before. Past a number of ranges nothing more is recorded, and nothing is said.
  bool claim(std::uint64_t address, std::uint64_t length, std::string_view what);

  /// Accounts for work that is no read; false, and the walk stops, when the effort is spent.
  bool charge(std::uint64_t bytes);
  /// Accounts for memory that grows with what a file lists: false, and the walk stops, when it grows past a
  /// small multiple of the file's size. To be given back.
  bool hold(std::uint64_t bytes);
  void give_back(std::uint64_t bytes) { held_ -= bytes; }

  /// Adds a finding; the file offset is made of the address, and the range is cut to the file.
  void find(const Rule &rule, std::uint64_t address, std::uint64_t length, std::string_view detail);
  /// "We do not know this": a note, once for each `detail` of an object.
  void unknown(std::uint64_t address, std::string_view detail);
  /// Says once that a limit was reached, and stops the walk.
  void stop(std::uint64_t address, std::string_view detail);
  bool stopped() const { return stopped_; }
  /// True when something was not read, or not understood: what is missing in it is no news.
  bool incomplete() const { return incomplete_; }
  void mark_incomplete() { incomplete_ = true; }

  void segment(unsigned level, std::uint64_t address, std::uint64_t length, std::string name,
               std::string detail = {});

private:
  bool may_read(std::uint64_t address, std::uint64_t length, std::string_view what);

  struct Range {
    std::uint64_t end;
    std::string_view what; // of static lifetime
  };
  std::map<std::uint64_t, Range> ranges_;
  const std::uint64_t budget_;
  std::uint64_t spent_ = 0, held_ = 0;
  bool stopped_ = false, incomplete_ = false, disk_failed_ = false;
};

} // namespace datavet::hdf5
