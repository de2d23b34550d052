#include "tests/formats/jpeg/reference_decoder.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <vector>

namespace datavet::test {

namespace {

using namespace jpeg;

/// Why a segment is not what it should be: thrown where it is seen.
struct Wrong {
  const char *kind;
  std::uint64_t offset;
};

/// NEXTBIT of T.81 F.2.2.5, without its markers: a segment has none.
class Bits {
public:
  Bits(const Blob &sample, std::uint64_t begin, std::uint64_t end) : end_(end) {
    for (std::uint64_t at = begin; at < end; ++at) {
      for (int bit = 7; bit >= 0; --bit) bits_.push_back({(sample[at] >> bit & 1) != 0, at});
      if (sample[at] != 0xFF) continue;
      do ++at; // B.1.1.5: the 00 is no data. Libjpeg allows for fill bytes before it.
      while (at < end && sample[at] == 0xFF);
    }
  }
  unsigned next() {
    if (position_ == bits_.size()) throw Wrong{"missing", end_};
    return bits_[position_++].one ? 1 : 0;
  }
  /// RECEIVE of F.2.2.4.
  int receive(unsigned count) {
    int value = 0;
    for (unsigned i = 0; i < count; ++i) value = value * 2 + static_cast<int>(next());
    return value;
  }
  std::uint64_t offset() const { return position_ < bits_.size() ? bits_[position_].offset : end_; }
  std::uint64_t left() const { return bits_.size() - position_; }

private:
  struct Bit {
    bool one;
    std::uint64_t offset;
  };
  std::vector<Bit> bits_;
  std::size_t position_ = 0;
  std::uint64_t end_;
};

/// EXTEND of F.2.2.1.
int extend(int value, unsigned count) {
  if (count == 0) return 0;
  return value < 1 << (count - 1) ? value - (1 << count) + 1 : value;
}

/// DECODE of F.2.2.3, with the tables of annex C.
unsigned decode(const HuffmanTable &table, Bits &bits) {
  const std::uint64_t start = bits.offset();
  unsigned code = 0, first_code = 0, first_value = 0;
  for (unsigned length = 1; length <= 16; ++length) {
    code = code * 2 + bits.next();
    const unsigned count = table.counts[length - 1];
    if (code < first_code + count) return table.values[first_value + code - first_code];
    first_value += count;
    first_code = (first_code + count) * 2;
  }
  throw Wrong{"code", start};
}

struct Component {
  std::vector<std::array<int, 64>> blocks; ///< of its AC scans
};

class ReferenceDecoder {
public:
  ReferenceDecoder(const Blob &sample, const Structure &structure)
      : sample_(sample), structure_(structure), frame_(*structure.frame),
        components_(frame_.components.size()) {}

  std::string run() {
    std::string spoiled = "clean";
    for (scan_number_ = 0; scan_number_ < structure_.scans.size() && spoiled == "clean"; ++scan_number_)
      spoiled = decode_scan(structure_.scans[scan_number_]);
    return spoiled == "clean" ? spoiled + padding_.describe("padding") + last_bits_.describe("last bits")
                              : spoiled;
  }

private:
  struct LeftOver {
    std::uint64_t offset = 0, times = 0;
    void add(std::uint64_t at) {
      if (times++ == 0) offset = at;
    }
    std::string describe(const char *name) const {
      return times == 0
                 ? ""
                 : ", " + std::string(name) + " at " + std::to_string(offset) + " x " + std::to_string(times);
    }
  };

  std::string decode_scan(const Scan &scan) {
    std::optional<Wrong> first;
    std::uint64_t first_mcu = 0, segments = 0, lost = 0;
    std::uint64_t at = scan.entropy.offset;
    for (std::uint64_t mcu = 0; mcu < scan.mcus;) {
      const std::uint64_t mcus = scan.restart_interval == 0
                                     ? scan.mcus
                                     : std::min<std::uint64_t>(scan.restart_interval, scan.mcus - mcu);
      std::uint64_t end = at; // the marker after the segment, or the end of the data
      for (; end < scan.entropy.end(); ++end) {
        if (sample_[end] != 0xFF) continue;
        std::uint64_t code = end + 1;
        while (code < scan.entropy.end() && sample_[code] == 0xFF) ++code;
        if (code == scan.entropy.end() || sample_[code] != 0) break;
        end = code;
      }
      mcu_ = 0;
      try {
        decode_segment(scan, at, end, mcu, mcus);
      } catch (const Wrong &wrong) {
        if (!first) first = wrong, first_mcu = mcu + mcu_;
        ++segments;
        lost += mcus - mcu_;
      }
      mcu += mcus;
      at = end;
      while (at < scan.entropy.end() && sample_[at] == 0xFF) ++at; // fill bytes, and the marker's code
      ++at;
    }
    if (!first) return "clean";
    return std::string(first->kind) + " at " + std::to_string(first->offset) + ", scan " +
           std::to_string(scan_number_) + ", MCU " + std::to_string(first_mcu) + ", " +
           std::to_string(segments) + " segments, " + std::to_string(lost) + " lost";
  }

  void decode_segment(const Scan &scan, std::uint64_t begin, std::uint64_t end, std::uint64_t first_mcu,
                      std::uint64_t mcus) {
    Bits bits(sample_, begin, end);
    dc_.fill(0);
    eob_run_ = 0;
    for (; mcu_ < mcus; ++mcu_)
      for (unsigned i = 0; i < scan.component_count; ++i) {
        const FrameComponent &component = frame_.components[scan.components[i].component];
        const unsigned blocks =
            scan.component_count == 1 ? 1u : unsigned{component.horizontal} * component.vertical;
        for (unsigned block = 0; block < blocks; ++block)
          decode_block(scan, i, first_mcu + mcu_, mcus - mcu_, bits);
      }
    judge_end(bits, end);
  }

  void judge_end(Bits &bits, std::uint64_t end) {
    if (bits.left() < 8) { // F.1.2.3
      const std::uint64_t at = bits.offset();
      bool ones = true;
      while (bits.left() > 0) ones &= bits.next() == 1;
      if (!ones) last_bits_.add(at);
      return;
    }
    while (bits.left() % 8 != 0) bits.next();
    const std::uint64_t at = bits.offset();
    const bool filler = std::all_of(sample_.begin() + static_cast<std::ptrdiff_t>(at),
                                    sample_.begin() + static_cast<std::ptrdiff_t>(end),
                                    [](std::uint8_t byte) { return byte == 0 || byte == 0xFF; });
    if (!filler) throw Wrong{"extra", at};
    padding_.add(at);
  }

  void decode_block(const Scan &scan, unsigned i, std::uint64_t mcu, std::uint64_t mcus_left, Bits &bits) {
    if (!frame_.progressive()) return decode_sequential(scan, i, bits);
    if (scan.spectral_start == 0) {
      if (scan.approximation_high != 0)
        bits.next(); // G.1.2.1
      else
        decode_dc(scan, i, bits);
      return;
    }
    Component &component = components_[scan.components[0].component];
    if (component.blocks.size() < scan.mcus) component.blocks.resize(scan.mcus);
    std::array<int, 64> &block = component.blocks[mcu];
    if (scan.approximation_high == 0)
      decode_band(scan, block, mcus_left, bits);
    else
      refine_band(scan, block, mcus_left, bits);
  }

  const HuffmanTable &table(std::int32_t index) const {
    return structure_.huffman_tables[static_cast<std::size_t>(index)];
  }

  /// F.2.2.1. An 8-bit picture has differences of at most 11 bits, and means in +-1024, to which 256 and a
  /// step are added.
  void decode_dc(const Scan &scan, unsigned i, Bits &bits) {
    const std::uint64_t start = bits.offset();
    const unsigned size = decode(table(scan.components[i].dc_table), bits);
    const int difference = extend(bits.receive(size), size);
    if (size > 11) throw Wrong{"symbol", start};
    if (scan.components[i].component != 0) return; // only the first component is judged
    dc_[i] += difference;
    const int step = scan.components[i].dc_step << scan.approximation_low;
    if (std::abs(dc_[i]) > (1280 + step) / step) throw Wrong{"dc_value", start};
  }

  /// The largest size of an AC coefficient: 10 bits, or as many as twice the range needs at the smallest
  /// step.
  static unsigned largest_size(const Scan &scan) {
    unsigned size = 10;
    const int step = scan.components[0].least_ac_step << scan.approximation_low;
    while (size > 1 && (1 << (size - 1)) * step > 2048) --size;
    return size;
  }
  static unsigned largest_size(const ScanComponent &component) {
    unsigned size = 10;
    while (size > 1 && (1 << (size - 1)) * component.least_ac_step > 2048) --size;
    return size;
  }

  /// F.2.2.2
  void decode_sequential(const Scan &scan, unsigned i, Bits &bits) {
    decode_dc(scan, i, bits);
    for (unsigned k = 1; k <= 63;) {
      const std::uint64_t start = bits.offset();
      const unsigned symbol = decode(table(scan.components[i].ac_table), bits);
      const unsigned zeros = symbol >> 4, size = symbol & 15;
      bits.receive(size);
      if (size == 0 && zeros != 0 && zeros != 15) throw Wrong{"symbol", start};
      if (size > largest_size(scan.components[i])) throw Wrong{"symbol", start};
      if (symbol == 0) return;
      if (k + zeros > 63) throw Wrong{"coefficient", start};
      k += zeros + 1;
    }
  }

  void start_run(unsigned n, std::uint64_t mcus_left, std::uint64_t start, Bits &bits) {
    eob_run_ = (std::uint64_t{1} << n) + static_cast<std::uint64_t>(bits.receive(n));
    if (eob_run_ > mcus_left) throw Wrong{"eob_run", start};
  }

  /// G.1.2.2
  void decode_band(const Scan &scan, std::array<int, 64> &block, std::uint64_t mcus_left, Bits &bits) {
    for (unsigned k = scan.spectral_start; k <= scan.spectral_end; ++k) block[k] = 0;
    if (eob_run_ > 0) {
      --eob_run_;
      return;
    }
    for (unsigned k = scan.spectral_start; k <= scan.spectral_end; ++k) {
      const std::uint64_t start = bits.offset();
      const unsigned symbol = decode(table(scan.components[0].ac_table), bits);
      const unsigned zeros = symbol >> 4, size = symbol & 15;
      if (size == 0 && zeros < 15) {
        start_run(zeros, mcus_left, start, bits);
        --eob_run_;
        return;
      }
      const int value = extend(bits.receive(size), size);
      if (size > largest_size(scan)) throw Wrong{"symbol", start};
      k += zeros;
      if (k > scan.spectral_end) throw Wrong{"coefficient", start};
      if (size > 0) block[k] = value * (1 << scan.approximation_low);
    }
  }

  /// G.1.2.3
  void refine_band(const Scan &scan, std::array<int, 64> &block, std::uint64_t mcus_left, Bits &bits) {
    unsigned k = scan.spectral_start;
    const unsigned last = scan.spectral_end;
    while (eob_run_ == 0 && k <= last) {
      const std::uint64_t start = bits.offset();
      const unsigned symbol = decode(table(scan.components[0].ac_table), bits);
      unsigned zeros = symbol >> 4;
      const unsigned size = symbol & 15;
      if (size == 0 && zeros < 15) {
        start_run(zeros, mcus_left, start, bits);
        break;
      }
      int value = 0;
      if (size != 0) value = bits.next() == 1 ? 1 : -1;
      if (size > 1) throw Wrong{"symbol", start};
      unsigned place = k, seen = 0;
      for (; place <= last; ++place)
        if (block[place] == 0 && seen++ == zeros) break;
      if (place > last) throw Wrong{"coefficient", start};
      for (; k < place; ++k)
        if (block[k] != 0) bits.next();
      block[k++] = value * (1 << scan.approximation_low);
    }
    if (eob_run_ == 0) return;
    for (; k <= last; ++k)
      if (block[k] != 0) bits.next();
    --eob_run_;
  }

  const Blob &sample_;
  const Structure &structure_;
  const Frame &frame_;
  std::vector<Component> components_;
  std::array<int, 4> dc_{};
  std::uint64_t eob_run_ = 0;
  std::uint64_t mcu_ = 0;
  std::size_t scan_number_ = 0;
  LeftOver padding_, last_bits_;
};

} // namespace

std::string reference_outcome(const Blob &sample, const Structure &structure) {
  return ReferenceDecoder(sample, structure).run();
}

} // namespace datavet::test
