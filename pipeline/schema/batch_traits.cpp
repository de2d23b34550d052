#include "pipeline/schema/batch_traits.h"

#include "pipeline/schema/compare.h"
#include "pipeline/schema/shard_names.h"

namespace datavet {

bool BatchTraits::agree(const Sample &run) const {
  const DatasetSchema *schema = schema_for(run);
  for (std::size_t i = 0; schema != nullptr && i < in_hand_.size(); ++i)
    if (!agrees(*schema, in_hand_.features(i))) return false;
  return true;
}

void BatchTraits::compare(const Sample &record, Findings &findings) const {
  if (const DatasetSchema *schema = schema_for(record)) datavet::compare(*schema, in_hand_.features(0), 0, record.size, findings);
}

void BatchTraits::keep(const Sample &sample, bool nameable) {
  if (in_hand_.size() == 0) return;
  SchemaSketch &sketch = sketch_of(sample);
  for (std::size_t i = 0; i < in_hand_.size(); ++i) {
    const std::uint64_t begin = in_hand_.offset(i), end = i + 1 < in_hand_.size() ? in_hand_.offset(i + 1) : sample.size;
    sketch.add(in_hand_.features(i), {nameable ? shard_ : nobody_, sample.ordinal + i, sample.offset + begin, end - begin});
  }
}

void BatchTraits::settle() {
  for (ShardSketch &shard : checked_.sketches) shard.sketch.settle();
}

const DatasetSchema *BatchTraits::schema_for(const Sample &sample) const {
  if (schema_ == nullptr || in_hand_.size() == 0) return nullptr;
  return schema_->find(dataset_name(path_of(sample)));
}

std::string BatchTraits::path_of(const Sample &sample) const {
  return batch_.group.folder->path + std::string(batch_.files[sample.file].name);
}

// The samples of a shard follow one another.
SchemaSketch &BatchTraits::sketch_of(const Sample &sample) {
  if (checked_.sketches.empty() || checked_.sketches.back().file != sample.file) {
    checked_.sketches.push_back({sample.file, {}});
    const BatchFile &file = batch_.files[sample.file];
    shard_ = std::make_shared<const ShardName>(ShardName{path_of(sample), batch_.group.folder->root, sample.format->name,
                                                         std::string(file.wrapping), file.stamp.value_or(FileStamp{})});
  }
  return checked_.sketches.back().sketch;
}

} // namespace datavet
