#include "pipeline/clean/clean_shard.h"

#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>

#include "formats/registry.h"
#include "pipeline/clean/dead_letter.h"
#include "pipeline/clean/new_file.h"
#include "pipeline/clean/verify.h"
#include "pipeline/quarantine/record_copy.h"
#include "pipeline/quarantine/transfer.h"
#include "pipeline/recognise.h"

namespace datavet {

namespace {

/// A shard that was opened, and is what was scanned.
struct OpenedShard {
  std::shared_ptr<const File> file;
  mode_t mode = 0;
  Wrapping wrapping = Wrapping::none;
};

StepResult recognise_again(const ShardToClean &shard, OpenedShard &opened) {
  std::array<std::uint8_t, head_bytes> head;
  const Source::Read read = opened.file->read(0, head);
  if (read.error != 0) return source_trouble(read.error);
  const std::string_view name = std::string_view(shard.path).substr(shard.path.rfind('/') + 1);
  const Recognition known = recognise(registry(), Bytes(head).first(read.count), opened.file->size(), name,
                                      format_of_name(registry(), name));
  if (known.format == nullptr || known.format->name != shard.format->name)
    return {Step::refused,
            fmt::format("is no {} shard, though the report says so: scan it again", shard.format->title)};
  opened.wrapping = known.wrapping;
  return {};
}

StepResult open_shard(const CleanFolders &folders, const ShardToClean &shard, OpenedShard &opened) {
  const Attempt<Place> place = find_place(folders.root, shard.path);
  if (!place) return source_trouble(place.error);
  SourceFile source;
  if (StepResult step = open_source(place.value, source); !step.is_done()) return step;
  const FileIdentity identity = identity_of(source.status);
  if (identity != shard.identity) return {Step::changed, "is not what was scanned any more: scan it again"};
  opened.mode = source.status.st_mode;
  opened.file = std::make_shared<const File>(std::move(source.file), identity);
  return recognise_again(shard, opened);
}

/// The files that come of one shard, in the order in which they get their names: what stands at the path of
/// the shard says that all the others are there.
struct Outputs {
  std::optional<NewFile> dead_letter, provenance, index, clean;

  std::array<std::optional<NewFile> *, 4> all() { return {&dead_letter, &provenance, &index, &clean}; }
};

/// Deals each record to where it belongs.
class Dealer final : public RecordVisitor {
public:
  Dealer(const CleanFolders &folders, const ShardToClean &shard, const BadRecords &bad,
         const OpenedShard &opened, const Survey &survey, Outputs &outputs)
      : folders_(folders), shard_(shard), bad_(bad), survey_(survey),
        outputs_(outputs), name_{folders.root_path, shard.path, opened.wrapping}, told_(bad.size()) {
    if (outputs_.dead_letter) dead_letter_.emplace(*outputs_.dead_letter);
  }

  void sample(const FramedSample &sample) override {
    if (!problem.is_done()) return;
    if (const std::optional<std::size_t> index = find(bad_, sample))
      keep(set_aside(*index, [&] { return dead_letter_->add(sample.bytes); }));
    else
      keep(pass_on(sample));
  }

  /// Its bytes come a second time, from a reader that goes only where there are holes: they may be many.
  void broken(const FramedSample &sample, const Finding &) override {
    if (!problem.is_done()) return;
    const std::optional<std::size_t> index = find(bad_, sample);
    if (!index)
      problem = {Step::changed, "the shard changed while it was read"};
    else
      keep(set_aside(*index, [&] { return copy_hole(sample.offset, survey_.bad_sizes[*index]); }));
  }

  /// Tells of the bad records that no byte exists of.
  void finish() {
    for (std::size_t i = 0; i < bad_.size() && problem.is_done(); ++i)
      if (!told_[i]) keep(tell(i));
    const bool same = good_ == survey_.good && good_hash_.value() == survey_.good_content.hash;
    if (problem.is_done() && !same) problem = {Step::changed, "the shard changed while it was read"};
  }

private:
  void keep(StepResult result) {
    if (!result.is_done()) problem = std::move(result);
  }

  StepResult pass_on(const FramedSample &sample) {
    const std::uint64_t offset = outputs_.clean ? good_bytes_ : sample.offset;
    ++good_;
    good_bytes_ += sample.size;
    good_hash_.add(sample.bytes);
    if (outputs_.clean)
      if (StepResult written = outputs_.clean->write(sample.bytes); !written.is_done()) return written;
    return outputs_.index ? outputs_.index->write(fmt::format("{} {}\n", offset, sample.size)) : StepResult{};
  }

  template <class Add> StepResult set_aside(std::size_t index, Add add) {
    if (StepResult told = tell(index); !told.is_done()) return told;
    const std::uint64_t size = survey_.bad_sizes[index];
    if (size == 0 || !dead_letter_) return {};
    if (StepResult begun = dead_letter_->begin(size); !begun.is_done()) return begun;
    if (StepResult added = add(); !added.is_done()) return added;
    return dead_letter_->end();
  }

  StepResult copy_hole(std::uint64_t offset, std::uint64_t size) {
    if (StepResult opened = holes_.open(folders_.root, shard_.path, shard_.identity, name_.wrapping);
        !opened.is_done())
      return opened;
    ShardReader::Read read = holes_.read(offset, size, [&](Bytes bytes) { return dead_letter_->add(bytes); });
    if (!read.problem.is_done()) return read.problem;
    return read.content.size == size ? StepResult{}
                                     : StepResult{Step::changed, "the shard changed while it was read"};
  }

  StepResult tell(std::size_t index) {
    told_[index] = true;
    if (!outputs_.provenance) return {};
    return outputs_.provenance->write(provenance_line(name_, bad_[index], survey_.bad_sizes[index],
                                                      dead_letter_ ? dead_letter_->count() : 0));
  }

  const CleanFolders &folders_;
  const ShardToClean &shard_;
  const BadRecords &bad_;
  const Survey &survey_;
  Outputs &outputs_;
  ShardName name_;
  std::optional<DeadLetter> dead_letter_;
  ShardReader holes_;
  std::vector<bool> told_;
  std::uint64_t good_ = 0, good_bytes_ = 0;
  ContentHash good_hash_;
};

/// A shard from the opening to the last name.
class Cleaning {
public:
  Cleaning(const CleanFolders &folders, const ShardToClean &shard, RangeIndex index, CleanedShard &cleaned)
      : folders_(folders), shard_(shard), bad_(in_order(shard.bad)), index_(index), cleaned_(cleaned) {}

  StepResult look() {
    if (shard_.path.starts_with(dead_letter_folder))
      return {Step::refused, "its place in the target is that of dead letters: rename its folder"};
    if (StepResult opened = open_shard(folders_, shard_, opened_); !opened.is_done()) return opened;
    StepResult surveyed = survey_shard(opened_.file, opened_.wrapping, *shard_.format, bad_, survey_);
    if (!surveyed.is_done()) return surveyed;
    cleaned_.good = survey_.good;
    cleaned_.bad = bad_.size();
    cleaned_.stream_is_bad = survey_.end.trouble.has_value();
    cleaned_.no_index = index_ != RangeIndex::none && opened_.wrapping != Wrapping::none;
    if (index_ == RangeIndex::of_original && cleaned_.no_index)
      return {Step::refused,
              "is compressed: its records cannot be sought, so it has no index; clean it instead"};
    return {};
  }

  StepResult write() {
    Outputs outputs;
    StepResult done = create(outputs);
    if (done.is_done()) done = fill(outputs);
    if (done.is_done()) done = check(outputs);
    return done.is_done() ? publish(outputs) : discard(outputs, std::move(done));
  }

private:
  StepResult create(Outputs &outputs) const {
    const std::string dead_letter = std::string(dead_letter_folder) + shard_.path;
    const bool rewrites = index_ != RangeIndex::of_original;
    const bool has_good = survey_.good > 0;
    if (rewrites && survey_.bad_with_bytes() > 0)
      if (StepResult made = make(outputs.dead_letter, dead_letter, "dead-letter", opened_.wrapping);
          !made.is_done())
        return made;
    if (rewrites && !bad_.empty())
      if (StepResult made = make(outputs.provenance, dead_letter + ".provenance.jsonl", "provenance");
          !made.is_done())
        return made;
    if (index_ != RangeIndex::none && has_good && !cleaned_.no_index)
      if (StepResult made = make(outputs.index, shard_.path + ".idx", "index"); !made.is_done()) return made;
    return rewrites && has_good ? make(outputs.clean, shard_.path, "shard", opened_.wrapping) : StepResult{};
  }

  StepResult make(std::optional<NewFile> &output, std::string path, std::string_view kind,
                  Wrapping wrapping = Wrapping::none) const {
    return output.emplace(folders_.target, std::move(path), kind).create(opened_.mode, wrapping);
  }

  StepResult fill(Outputs &outputs) const {
    Dealer dealer(folders_, shard_, bad_, opened_, survey_, outputs);
    WalkEnd end;
    StepResult walked = walk_shard(opened_.file, opened_.wrapping, *shard_.format, dealer, end);
    if (!walked.is_done()) return walked;
    dealer.finish();
    if (!dealer.problem.is_done()) return dealer.problem;
    for (std::optional<NewFile> *output : outputs.all())
      if (*output)
        if (StepResult finished = (*output)->finish(); !finished.is_done()) return finished;
    return {};
  }

  StepResult check(Outputs &outputs) const {
    if (outputs.clean)
      if (StepResult sound = verify_records(*outputs.clean, opened_.wrapping, *shard_.format, survey_.good);
          !sound.is_done())
        return sound;
    if (outputs.dead_letter)
      if (StepResult sound = verify_stream(*outputs.dead_letter, opened_.wrapping, *shard_.format);
          !sound.is_done())
        return sound;
    return opened_.file->changed() ? StepResult{Step::changed, "the shard changed while it was read"}
                                   : StepResult{};
  }

  static StepResult publish(Outputs &outputs) {
    bool any_new = false;
    for (std::optional<NewFile> *output : outputs.all()) {
      if (!*output) continue;
      StepResult published = (*output)->publish();
      if (!published.is_done() && published.step != Step::already_done)
        return discard(outputs, std::move(published));
      any_new |= published.is_done();
    }
    return {any_new ? Step::done : Step::already_done, {}};
  }

  static StepResult discard(Outputs &outputs, StepResult why) {
    for (std::optional<NewFile> *output : outputs.all())
      if (*output) why = (*output)->discard(std::move(why));
    return why;
  }

  const CleanFolders &folders_;
  const ShardToClean &shard_;
  const BadRecords bad_;
  const RangeIndex index_;
  CleanedShard &cleaned_;
  OpenedShard opened_;
  Survey survey_;
};

} // namespace

StepResult clean_shard(const CleanFolders &folders, const ShardToClean &shard, RangeIndex index, bool dry_run,
                       CleanedShard &cleaned) {
  Cleaning cleaning(folders, shard, index, cleaned);
  StepResult looked = cleaning.look();
  return looked.is_done() && !dry_run ? cleaning.write() : looked;
}

} // namespace datavet
