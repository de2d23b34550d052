#include "formats/jpeg/entropy/scan_data.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "formats/jpeg/entropy/lane.h"
#include "formats/jpeg/entropy/progressive.h"
#include "formats/jpeg/entropy/segments.h"
#include "formats/jpeg/entropy/sequential.h"
#include "formats/jpeg/entropy/table_cache.h"

namespace datavet::jpeg {

namespace {

/// One entropy-coded segment in its scan.
struct SegmentOfScan {
  ByteRange bytes; ///< in the sample
  std::uint64_t first_mcu = 0;
  std::uint64_t mcus = 0;
};

/// The segments of a scan, in order.
class SegmentWalk {
public:
  SegmentWalk(Bytes sample, const Scan &scan) : sample_(sample), scan_(&scan), at_(scan.entropy.offset) {}

  std::optional<SegmentOfScan> next() {
    if (mcu_ == scan_->mcus) return std::nullopt;
    SegmentOfScan segment;
    segment.first_mcu = mcu_;
    if (scan_->restart_interval == 0) {
      segment.mcus = scan_->mcus;
      segment.bytes = scan_->entropy;
    } else {
      const EntropySegment found = entropy_segment_at(sample_.first(scan_->entropy.end()), at_);
      segment.mcus = std::min<std::uint64_t>(scan_->restart_interval, scan_->mcus - mcu_);
      segment.bytes = found.bytes;
      at_ = std::min<std::uint64_t>(found.marker_offset + 2, scan_->entropy.end());
    }
    mcu_ += segment.mcus;
    return segment;
  }

private:
  Bytes sample_;
  const Scan *scan_;
  std::uint64_t at_;
  std::uint64_t mcu_ = 0;
};

/// Adds what a segment gave. Segments may come in any order: the sum is the same.
void add(ScanDataOutcome &outcome, std::size_t scan, const SegmentOfScan &segment, const ScanFault &fault) {
  const std::uint64_t offset = segment.bytes.offset + fault.byte;
  if (!fault.spoils_picture()) {
    if (fault.kind == ScanFault::Kind::none) return;
    ScanDataOutcome::LeftOver &left =
        fault.kind == ScanFault::Kind::padding ? outcome.padding : outcome.last_bits;
    left.offset = left.times == 0 ? offset : std::min(left.offset, offset);
    ++left.times;
    return;
  }
  if (outcome.spoiled && outcome.spoiled->scan < scan) return;
  if (!outcome.spoiled || outcome.spoiled->scan > scan)
    outcome.spoiled = {.scan = scan, .offset = ~std::uint64_t{0}};
  ScanDataOutcome::Spoiled &spoiled = *outcome.spoiled;
  ++spoiled.segments;
  spoiled.lost += segment.mcus - std::min(fault.mcu, segment.mcus);
  if (offset >= spoiled.offset) return;
  spoiled.mcu = segment.first_mcu + fault.mcu;
  spoiled.kind = fault.kind;
  spoiled.offset = offset;
}

/// For each block of an MCU the index of its component in the scan. Returns their number.
unsigned lay_out_blocks(const Frame &frame, const Scan &scan,
                        std::array<std::uint8_t, 10> &component_of_block) {
  unsigned count = 0;
  for (std::uint8_t i = 0; i < scan.component_count; ++i) {
    const FrameComponent &component = frame.components[scan.components[i].component];
    // T.81 A.2.2: a component alone is scanned block by block, whatever its sampling.
    const unsigned blocks =
        scan.component_count == 1 ? 1u : unsigned{component.horizontal} * component.vertical;
    for (unsigned block = 0; block < blocks; ++block) component_of_block[count++] = i;
  }
  return count;
}

const HuffmanTable &table(const Structure &structure, std::int32_t index) {
  return structure.huffman_tables[static_cast<std::size_t>(index)];
}

SequentialPlan plan_sequential(const Structure &structure, const Scan &scan, TableCache &tables) {
  SequentialPlan plan;
  plan.blocks_in_mcu = lay_out_blocks(*structure.frame, scan, plan.component_of_block);
  for (unsigned i = 0; i < scan.component_count; ++i) {
    const ScanComponent &component = scan.components[i];
    plan.components[i].tables =
        &tables.acquire(table(structure, component.dc_table), table(structure, component.ac_table),
                        most_ac_bits(component.least_ac_step));
    if (judges_dc(component)) plan.components[i].dc_range = dc_range(component.dc_step, 0);
  }
  return plan;
}

void release(const SequentialPlan &plan, TableCache &tables) {
  for (const ComponentPlan &component : plan.components)
    if (component.tables != nullptr) tables.release(*component.tables);
}

void plan_progressive(const Structure &structure, const Scan &scan, ProgressivePlan &plan) {
  plan.spectral_start = scan.spectral_start;
  plan.spectral_end = scan.spectral_end;
  plan.approximation_high = scan.approximation_high;
  plan.approximation_low = scan.approximation_low;
  plan.blocks_in_mcu = lay_out_blocks(*structure.frame, scan, plan.component_of_block);
  for (unsigned i = 0; i < scan.component_count; ++i) {
    const ScanComponent &component = scan.components[i];
    if (component.dc_table >= 0) plan.dc[i].build(table(structure, component.dc_table));
    if (component.ac_table >= 0) plan.ac.build(table(structure, component.ac_table));
    plan.dc_ranges[i].reset();
    if (judges_dc(component)) plan.dc_ranges[i] = dc_range(component.dc_step, scan.approximation_low);
    plan.most_ac_bits = most_ac_bits(unsigned{component.least_ac_step} << scan.approximation_low);
    if (component.ac_table >= 0 && scan.approximation_high == 0)
      plan.several_ac.build(table(structure, component.ac_table), plan.most_ac_bits);
  }
}

void check_progressive(Picture &picture, SegmentData &data) {
  const Structure &structure = *picture.structure;
  ProgressivePlan plan;
  std::array<std::vector<NonZero>, 4> blocks; // of each component, when its first AC scan comes
  for (std::size_t i = 0; i < structure.scans.size() && !picture.outcome.spoiled; ++i) {
    const Scan &scan = structure.scans[i];
    plan_progressive(structure, scan, plan);
    std::vector<NonZero> &of_component = blocks[scan.components[0].component];
    if (scan.spectral_start > 0) of_component.resize(scan.mcus);
    SegmentWalk walk(picture.sample, scan);
    while (const std::optional<SegmentOfScan> segment = walk.next())
      add(picture.outcome, i, *segment,
          check_progressive_segment(plan,
                                    picture.sample.subspan(segment->bytes.offset, segment->bytes.length),
                                    segment->first_mcu, segment->mcus, of_component, data));
  }
}

/// Segments of sequential scans, picture by picture, for two lanes.
class SequentialCheck {
public:
  void forget_large() { data_.forget_large(); }

  void run(std::span<Picture> pictures) {
    // The largest first: what one lane still does when the other finds nothing more to do is then short.
    order_.clear();
    for (Picture &picture : pictures) order_.push_back(&picture);
    std::sort(order_.begin(), order_.end(),
              [](const Picture *a, const Picture *b) { return a->sample.size() > b->sample.size(); });
    next_picture_ = 0;
    next_scan_ = 0;
    // A run that ended in an exception has left these.
    open_.fill(std::nullopt);
    jobs_.fill(std::nullopt);
    tables_.release_all();
    given_out_ = nullptr;
    while (refill_lanes()) {
      const unsigned stopped = jobs_[0] && jobs_[1] ? decode_lanes(lanes_[0], lanes_[1])
                               : jobs_[0]           ? decode_lane(lanes_[0])
                                                    : 1 + decode_lane(lanes_[1]);
      conclude(stopped);
    }
  }

private:
  /// A scan of which segments are still to be decoded.
  struct OpenScan {
    Picture *picture;
    std::size_t number;
    SequentialPlan plan;
    SegmentWalk walk;
    unsigned in_lanes = 0;
    bool given_out = false;
  };
  struct Job {
    OpenScan *scan;
    SegmentOfScan segment;
  };

  bool refill_lanes() {
    for (unsigned i = 0; i < lanes_.size(); ++i) {
      if (jobs_[i]) continue;
      jobs_[i] = next_job();
      if (!jobs_[i]) continue;
      const Job &job = *jobs_[i];
      lanes_[i].begin(job.scan->plan, bytes_of(job), job.segment.mcus);
    }
    return jobs_[0] || jobs_[1];
  }

  static Bytes bytes_of(const Job &job) {
    return job.scan->picture->sample.subspan(job.segment.bytes.offset, job.segment.bytes.length);
  }

  std::optional<Job> next_job() {
    for (;;) {
      if (given_out_ == nullptr) given_out_ = open_next_scan();
      if (given_out_ == nullptr) return std::nullopt;
      if (const std::optional<SegmentOfScan> segment = given_out_->walk.next()) {
        ++given_out_->in_lanes;
        return Job{given_out_, *segment};
      }
      OpenScan *const done = std::exchange(given_out_, nullptr);
      done->given_out = true;
      close_if_done(*done);
    }
  }

  OpenScan *open_next_scan() {
    for (; next_picture_ < order_.size(); ++next_picture_, next_scan_ = 0) {
      Picture &picture = *order_[next_picture_];
      const Structure &structure = *picture.structure;
      if (structure.frame->progressive() || next_scan_ == structure.scans.size()) continue;
      const Scan &scan = structure.scans[next_scan_];
      const auto free = std::find_if(open_.begin(), open_.end(), [](const auto &open) { return !open; });
      free->emplace(OpenScan{&picture, next_scan_++, plan_sequential(structure, scan, tables_),
                             SegmentWalk(picture.sample, scan)});
      return &**free;
    }
    return nullptr;
  }

  void close_if_done(OpenScan &scan) {
    if (!scan.given_out || scan.in_lanes > 0) return;
    release(scan.plan, tables_);
    for (std::optional<OpenScan> &open : open_)
      if (open && &*open == &scan) open.reset();
  }

  void conclude(unsigned lane) {
    const Job job = *std::exchange(jobs_[lane], std::nullopt);
    if (!lanes_[lane].is_clean())
      add(job.scan->picture->outcome, job.scan->number, job.segment,
          check_sequential_segment(job.scan->plan, bytes_of(job), job.segment.mcus, data_));
    --job.scan->in_lanes;
    close_if_done(*job.scan);
  }

  std::vector<Picture *> order_;
  std::size_t next_picture_ = 0;
  std::size_t next_scan_ = 0;
  std::array<std::optional<OpenScan>, 3> open_; ///< one in each lane at most, and the one being given out
  OpenScan *given_out_ = nullptr;
  std::array<std::optional<Job>, 2> jobs_;
  std::array<Lane, 2> lanes_;
  TableCache tables_;
  SegmentData data_;
};

} // namespace

void check_scan_data(std::span<Picture> pictures) {
  // Tables, windows and room to work in are kept from one call to the next.
  thread_local SequentialCheck sequential;
  thread_local SegmentData data;
  sequential.run(pictures);
  for (Picture &picture : pictures) {
    if (picture.structure->frame->progressive()) check_progressive(picture, data);
    if (picture.outcome.spoiled) picture.outcome.padding = picture.outcome.last_bits = {};
  }
  sequential.forget_large();
  data.forget_large();
}

std::optional<std::uint64_t> whole_mcus_of_last_scan(Bytes sample, const Structure &structure) {
  if (structure.frame->progressive() || structure.scans.empty()) return std::nullopt;
  const Scan &scan = structure.scans.back();
  TableCache tables;
  const SequentialPlan plan = plan_sequential(structure, scan, tables);
  SegmentWalk walk(sample, scan);
  SegmentData data;
  std::uint64_t whole = 0;
  while (const std::optional<SegmentOfScan> segment = walk.next()) {
    const ScanFault fault = check_sequential_segment(
        plan, sample.subspan(segment->bytes.offset, segment->bytes.length), segment->mcus, data);
    whole += std::min(fault.mcu, segment->mcus);
    if (fault.spoils_picture()) break;
  }
  return whole;
}

} // namespace datavet::jpeg
