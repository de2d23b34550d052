/// The tables in force while the segments are read: DQT, DHT, DAC, DRI.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "formats/evidence.h"
#include "formats/jpeg/segment.h"
#include "formats/jpeg/structure.h"

namespace datavet::jpeg {

class Tables {
public:
  /// Each returns false when it added an error: the file cannot be read on.
  bool define_quantization(const Segment &dqt, Evidence &evidence);
  bool define_huffman(const Segment &dht, Evidence &evidence);
  bool define_conditioning(const Segment &dac, Evidence &evidence);
  bool define_restart_interval(const Segment &dri, Evidence &evidence);

  /// What bounds the coefficients of a picture of 8 bits.
  struct Steps {
    std::uint16_t dc = 1;
    std::uint16_t least_ac = 1;
  };
  /// Nullopt when the table is not defined.
  std::optional<Steps> quantization(unsigned destination) const {
    return destination < 4 ? quantization_[destination] : std::nullopt;
  }
  std::uint32_t restart_interval() const { return restart_interval_; }

  /// The index in `structure` of the table now in force, put there when it is not yet; nullopt when
  /// none is defined there. Adds an error, and sets `usable` to false, when libjpeg cannot use it.
  std::optional<std::int32_t> use_huffman(HuffmanTable::Class table_class, unsigned destination,
                                          Structure &structure, Evidence &evidence, bool &usable);
  /// T.81 K.3: what libjpeg-turbo assumes where no table is defined.
  void assume_standard(HuffmanTable::Class table_class, unsigned destination);

  /// Judges the tables that were never used, once the file has ended.
  void judge_unused(Evidence &evidence) const;

private:
  struct Slot {
    HuffmanTable table;
    bool defined = false;
    std::int32_t index = -1; ///< in Structure::huffman_tables, once used
  };
  void judge_unused(const Slot &slot, Evidence &evidence) const;
  Slot &slot(unsigned table_class, unsigned destination) { return huffman_[table_class * 4 + destination]; }

  std::array<std::optional<Steps>, 4> quantization_{};
  std::array<Slot, 8> huffman_;
  std::uint32_t restart_interval_ = 0;
};

} // namespace datavet::jpeg
