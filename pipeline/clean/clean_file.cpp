#include "pipeline/clean/clean_file.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <set>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "formats/hdf5/cut/row_cut.h"
#include "formats/hdf5/cut/skeleton.h"
#include "pipeline/clean/new_file.h"
#include "pipeline/clean/row_list.h"
#include "pipeline/clean/verify_file.h"
#include "pipeline/quarantine/safety_stop.h"
#include "pipeline/quarantine/transfer.h"
#include "pipeline/report/escape.h"

namespace datavet {

namespace {

/// Writes the bytes of the copy where they belong.
class CopyWriter final : public hdf5::SkeletonSink {
public:
  explicit CopyWriter(int file) : file_(file) {}

  int write(std::uint64_t offset, Bytes bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return count < 0 ? errno : EIO;
      bytes = bytes.subspan(static_cast<std::size_t>(count));
      offset += static_cast<std::uint64_t>(count);
    }
    return 0;
  }

private:
  int file_;
};

StepResult changed_meanwhile() { return {Step::changed, "the file changed while it was read"}; }

class FileCleaning {
public:
  FileCleaning(const CleanFolders &folders, const FileToClean &file, const CleanFileOptions &options, CleanedFile &cleaned)
      : folders_(folders), file_(file), options_(options), cleaned_(cleaned) {}

  StepResult look() {
    if (file_.path.starts_with(dead_letter_folder))
      return {Step::refused, "its place in the target is that of dead letters: rename its folder"};
    if (options_.index == RangeIndex::of_original)
      return {Step::refused, "is HDF5: its rows have no byte ranges, so it has no index; clean it instead"};
    if (StepResult opened = open(); !opened.is_done()) return opened;
    cut_ = hdf5::find_row_cut(*original_, options_.cutter.limits, options_.cutter.judges);
    if (original_->changed()) return changed_meanwhile();
    if (!cut_.refusal.empty()) return {Step::refused, for_terminal(cut_.refusal)};
    if (StepResult agreed = compare_with_report(); !agreed.is_done()) return agreed;
    return count();
  }

  StepResult write() {
    list_.emplace(folders_.target, std::string(dead_letter_folder) + file_.path + ".rows.jsonl", "rows");
    copy_.emplace(folders_.target, file_.path, "hdf5");
    StepResult done = list_->create(mode_, Wrapping::none);
    if (done.is_done()) done = write_list();
    if (done.is_done() && !cleaned_.without_good) done = write_copy();
    return done.is_done() ? publish() : discard(std::move(done));
  }

private:
  StepResult open() {
    const Attempt<Place> place = find_place(folders_.root, file_.path);
    if (!place) return source_trouble(place.error);
    SourceFile source;
    if (StepResult step = open_source(place.value, source); !step.is_done()) return step;
    const FileIdentity identity = identity_of(source.status);
    if (identity != file_.identity) return {Step::changed, "is not what was scanned any more: scan it again"};
    mode_ = source.status.st_mode;
    original_ = std::make_unique<const File>(std::move(source.file), identity);
    return {};
  }

  // What is broken must be named, or somebody relies on it.
  StepResult compare_with_report() const {
    if (!file_.rules_are_all) return {};
    for (const hdf5::CutDataset &each : cut_.datasets)
      for (const hdf5::BadPiece &piece : each.pieces)
        if (("," + file_.rules + ",").find(fmt::format(",{},", piece.rule->id)) == std::string::npos)
          return {Step::refused, fmt::format("{} breaks {}, which the report does not name: scan it again, with all rules "
                                             "and at depth content or deeper",
                                             for_terminal(each.dataset.path), piece.rule->id)};
    return {};
  }

  StepResult count() {
    for (const hdf5::Company &company : cut_.companies) {
      cleaned_.bad += company.dropped.count();
      cleaned_.good += company.rows - company.dropped.count();
    }
    cleaned_.datasets = cut_.datasets.size();
    cleaned_.elsewhere = cut_.kept.size();
    cleaned_.stored_plain = static_cast<std::uint64_t>(std::ranges::count_if(cut_.datasets, is_stored_plain));
    cleaned_.without_good = cut_.any_without_rows();
    const SafetyStop safety{.force = options_.force, .dataset_samples = cleaned_.good + cleaned_.bad};
    const Result<void> sane = check_safety_stop(safety, cleaned_.bad, "(rows of this file) would be left out");
    return sane ? StepResult{} : StepResult{Step::refused, sane.error().message};
  }

  StepResult write_list() {
    const auto put = [&](std::string_view line) { return list_->write(line); };
    if (StepResult written = write_row_list(folders_.root_path, file_.path, cut_, put); !written.is_done()) return written;
    return list_->finish();
  }

  StepResult write_copy() {
    if (StepResult created = copy_->create(mode_, Wrapping::none); !created.is_done()) return created;
    CopyWriter writer(copy_->file());
    const hdf5::SkeletonResult skeleton = hdf5::write_skeleton(*original_, cut_, options_.cutter.limits, writer);
    if (skeleton.read_error == ENODATA || original_->changed()) return changed_meanwhile();
    if (skeleton.read_error != 0) return source_trouble(skeleton.read_error);
    if (skeleton.write_error != 0) return target_trouble(skeleton.write_error, "cannot write");
    if (!skeleton.refusal.empty()) return {Step::refused, for_terminal(skeleton.refusal)};
    StepResult ran = run_cutter(*original_, copy_->file(), cut_, options_.cutter);
    if (!ran.is_done()) return {ran.step, for_terminal(ran.reason)};
    Attempt<UniqueFd> again = copy_->open_again();
    if (!again) return stopped("cannot read back what was written", again.error);
    if (StepResult sound = verify_file(std::move(again.value), *original_, cut_, *file_.format, options_.cutter); !sound.is_done())
      return sound;
    if (original_->changed()) return changed_meanwhile();
    return copy_->finish_written();
  }

  StepResult publish() {
    bool any_new = false;
    for (std::optional<NewFile> *output : {&list_, &copy_}) {
      if (output == &copy_ && cleaned_.without_good) continue;
      StepResult published = (*output)->publish();
      if (!published.is_done() && published.step != Step::already_done) return discard(std::move(published));
      any_new |= published.is_done();
    }
    return {any_new ? Step::done : Step::already_done, {}};
  }

  StepResult discard(StepResult why) {
    for (std::optional<NewFile> *output : {&list_, &copy_}) why = (*output)->discard(std::move(why));
    return why;
  }

  const CleanFolders &folders_;
  const FileToClean &file_;
  const CleanFileOptions &options_;
  CleanedFile &cleaned_;
  std::unique_ptr<const File> original_;
  mode_t mode_ = 0;
  hdf5::RowCut cut_;
  std::optional<NewFile> list_, copy_;
};

} // namespace

StepResult clean_file(const CleanFolders &folders, const FileToClean &file, const CleanFileOptions &options,
                      CleanedFile &cleaned) {
  FileCleaning cleaning(folders, file, options, cleaned);
  StepResult looked = cleaning.look();
  return looked.is_done() && !options.dry_run ? cleaning.write() : looked;
}

} // namespace datavet
