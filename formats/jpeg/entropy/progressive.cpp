#include "formats/jpeg/entropy/progressive.h"

#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "formats/jpeg/entropy/bit_reader.h"
#include "formats/jpeg/entropy/cpu.h"
#include "formats/jpeg/entropy/extend.h"
#include "formats/jpeg/entropy/sequential.h"

namespace datavet::jpeg {

namespace {

using Kind = ScanFault::Kind;

/// Coefficients first to last.
constexpr NonZero band(unsigned first, unsigned last) {
  return first > last ? 0 : (~NonZero{0} << first) & (~NonZero{0} >> (63 - last));
}

/// `Select::nth_bit(set, n)`: the n-th lowest (from 0) of the bits that are set, alone; 0 when there are
/// fewer.
template <class Select> class SegmentDecoder {
public:
  SegmentDecoder(const ProgressivePlan &plan, Bytes segment, std::span<NonZero> blocks,
                 const SegmentData &data)
      : plan_(plan), segment_(segment), blocks_(blocks), reader_(data) {}

  ScanFault run(std::uint64_t mcus) {
    const bool refines = plan_.approximation_high > 0;
    const Kind kind = plan_.spectral_start == 0 ? (refines ? dc_refinement(mcus) : dc_first(mcus))
                                                : (refines ? ac_refinement(mcus) : ac_first(mcus));
    if (kind == Kind::none) return check_tail(reader_, segment_, mcus);
    return {kind, mcu_, kind == Kind::missing ? segment_.size() : offset_of_bit(segment_, symbol_start_)};
  }

private:
  /// G.1.2.1: DC differences, as in a sequential scan.
  Kind dc_first(std::uint64_t mcus) {
    std::array<std::int32_t, 4> dc{};
    for (mcu_ = 0; mcu_ < mcus; ++mcu_)
      for (unsigned block = 0; block < plan_.blocks_in_mcu; ++block) {
        const unsigned component = plan_.component_of_block[block];
        const HuffmanDecoder::Code code = next_code(plan_.dc[component]);
        if (code.length == 0) return no_code();
        reader_.skip(code.length);
        const unsigned bits = std::min<unsigned>(code.symbol, 16);
        const std::int32_t difference = extend(reader_.bits(), bits);
        reader_.skip(bits);
        if (reader_.ran_out()) return Kind::missing;
        if (bits > most_dc_bits) return Kind::symbol;
        if (!plan_.dc_ranges[component]) continue;
        dc[component] += difference;
        if (!plan_.dc_ranges[component]->holds(dc[component])) return Kind::dc_value;
      }
    return Kind::none;
  }

  /// G.1.2.1: one bit for each block.
  Kind dc_refinement(std::uint64_t mcus) {
    for (mcu_ = 0; mcu_ < mcus; ++mcu_) {
      reader_.skip(plan_.blocks_in_mcu);
      if (reader_.ran_out()) return Kind::missing;
    }
    return Kind::none;
  }

  /// G.1.2.2: the coefficients of a band, and runs of blocks that have no more of them.
  Kind ac_first(std::uint64_t mcus) {
    const NonZero whole_band = band(plan_.spectral_start, plan_.spectral_end);
    for (mcu_ = 0; mcu_ < mcus; ++mcu_) {
      NonZero &block = blocks_[mcu_];
      block &= ~whole_band;
      for (unsigned k = plan_.spectral_start; k <= plan_.spectral_end;) {
        // What covers more than the block has, belongs in part to the next one.
        const BandRun several = plan_.several_ac.find(reader_.bits());
        if (several.bits != 0 && k + several.covered + several.ends <= plan_.spectral_end + 1) {
          reader_.skip(several.bits);
          if (reader_.ran_out()) return Kind::missing;
          block |= NonZero{several.non_zero} << k;
          k += several.covered;
          if (several.ends != 0) break;
          continue;
        }
        const HuffmanDecoder::Code code = next_code(plan_.ac);
        if (code.length == 0) return no_code();
        const unsigned zeros = code.symbol >> 4, bits = code.symbol & 15u;
        if (bits == 0 && zeros < 15) {
          std::uint64_t run = 0;
          if (Kind kind = read_eob_run(code.length, zeros, mcus - mcu_, run); kind != Kind::none) return kind;
          for (; run > 1; --run) blocks_[++mcu_] &= ~whole_band;
          break;
        }
        reader_.skip(code.length + bits);
        if (reader_.ran_out()) return Kind::missing;
        if (bits > plan_.most_ac_bits) return Kind::symbol;
        k += zeros;
        if (k > plan_.spectral_end) return Kind::coefficient;
        if (bits != 0) block |= NonZero{1} << k;
        ++k;
      }
    }
    return Kind::none;
  }

  /// G.1.2.3: one more bit of the coefficients that are not zero, and those that become so.
  Kind ac_refinement(std::uint64_t mcus) {
    const NonZero whole_band = band(plan_.spectral_start, plan_.spectral_end);
    for (mcu_ = 0; mcu_ < mcus; ++mcu_) {
      unsigned k = plan_.spectral_start;
      NonZero zero = ~blocks_[mcu_] & whole_band; // coefficients from k on that have no history
      while (k <= plan_.spectral_end) {
        const HuffmanDecoder::Code code = next_code(plan_.ac);
        if (code.length == 0) return no_code();
        const unsigned zeros = code.symbol >> 4, bits = code.symbol & 15u;
        if (bits == 0 && zeros < 15) {
          std::uint64_t run = 0;
          if (Kind kind = read_eob_run(code.length, zeros, mcus - mcu_, run); kind != Kind::none) return kind;
          if (Kind kind = correct_run(k, run); kind != Kind::none) return kind;
          break;
        }
        // The coefficient after `zeros` others without history is meant; each on the way that has one gets a
        // correction bit. Before them comes the sign.
        const unsigned sign = bits != 0 ? 1 : 0;
        const NonZero place = Select::nth_bit(zero, zeros);
        if (place == 0 || bits > 1) {
          reader_.skip(code.length + sign);
          return reader_.ran_out() ? Kind::missing : bits > 1 ? Kind::symbol : Kind::coefficient;
        }
        const auto index = static_cast<unsigned>(std::countr_zero(place));
        reader_.skip(code.length + sign + (index - k - zeros));
        if (reader_.ran_out()) return Kind::missing;
        blocks_[mcu_] |= place & -NonZero{sign};
        zero &= ~(place | (place - 1));
        k = index + 1;
      }
    }
    return Kind::none;
  }

  /// Correction bits alone: from coefficient `k` on in this block, and in all of the `run` - 1 blocks after
  /// it.
  Kind correct_run(unsigned k, std::uint64_t run) {
    const std::uint64_t left = reader_.left();
    std::uint64_t corrections = 0;
    for (NonZero corrected = band(k, plan_.spectral_end);;
         corrected = band(plan_.spectral_start, plan_.spectral_end)) {
      corrections += static_cast<unsigned>(std::popcount(blocks_[mcu_] & corrected));
      if (corrections > left) return Kind::missing;
      if (--run == 0) break;
      ++mcu_;
    }
    reader_.skip(corrections);
    return Kind::none;
  }

  /// The EOBn whose code was just found: a run of 2^n blocks and as many as n more bits say, this one
  /// included.
  Kind read_eob_run(unsigned code_length, unsigned n, std::uint64_t blocks_left, std::uint64_t &run) {
    reader_.skip(code_length);
    run = (std::uint64_t{1} << n) + (n == 0 ? 0 : reader_.bits() >> (64 - n));
    reader_.skip(n);
    if (reader_.ran_out()) return Kind::missing;
    return run > blocks_left ? Kind::eob_run : Kind::none;
  }

  HuffmanDecoder::Code next_code(const HuffmanDecoder &decoder) {
    symbol_start_ = reader_.used();
    return decoder.find(reader_.bits());
  }

  /// Fewer than 16 bits may be the start of a code.
  Kind no_code() const { return reader_.left() < 16 ? Kind::missing : Kind::code; }

  const ProgressivePlan &plan_;
  Bytes segment_;
  std::span<NonZero> blocks_; ///< of this segment
  BitReader reader_;
  std::uint64_t mcu_ = 0;
  std::uint64_t symbol_start_ = 0; ///< bit number of the symbol being decoded
};

struct ByLoop {
  static std::uint64_t nth_bit(std::uint64_t set, unsigned n) {
    for (; n > 0; --n) set &= set - 1;
    return set & -set;
  }
};

using Check = ScanFault (*)(const ProgressivePlan &, Bytes, std::uint64_t, std::span<NonZero>,
                            const SegmentData &);

ScanFault check_plainly(const ProgressivePlan &plan, Bytes segment, std::uint64_t mcus,
                        std::span<NonZero> blocks, const SegmentData &data) {
  return SegmentDecoder<ByLoop>(plan, segment, blocks, data).run(mcus);
}

#if defined(__x86_64__)
struct ByDeposit {
  DATAVET_BMI2 static std::uint64_t nth_bit(std::uint64_t set, unsigned n) {
    return _pdep_u64(std::uint64_t{1} << n, set);
  }
};

// Flat: all that is called becomes part of it, and so is compiled for these instructions.
DATAVET_BMI2 __attribute__((flatten)) ScanFault check_bmi2(const ProgressivePlan &plan, Bytes segment,
                                                           std::uint64_t mcus, std::span<NonZero> blocks,
                                                           const SegmentData &data) {
  return SegmentDecoder<ByDeposit>(plan, segment, blocks, data).run(mcus);
}
const Check check = uses_bmi2() ? check_bmi2 : check_plainly;
#else
const Check check = check_plainly;
#endif

} // namespace

ScanFault check_progressive_segment(const ProgressivePlan &plan, Bytes segment, std::uint64_t first_mcu,
                                    std::uint64_t mcus, std::span<NonZero> blocks, SegmentData &data) {
  const bool codes_ac = plan.spectral_start > 0;
  data.assign(segment);
  return check(plan, segment, mcus, codes_ac ? blocks.subspan(first_mcu, mcus) : std::span<NonZero>{}, data);
}

} // namespace datavet::jpeg
