/// What the records of a batch consist of: held against a schema that is given, or gathered for what the dataset has in
/// common.
#pragma once

#include <memory>
#include <string>

#include <datavet/schema.h>

#include "pipeline/messages.h"
#include "pipeline/schema/record_traits.h"

namespace datavet {

class BatchTraits {
public:
  /// `schema` null: none is given. All outlive it; what is gathered goes to checked.sketches.
  BatchTraits(const Schema *schema, const SampleBatch &batch, CheckedBatch &checked) : schema_(schema), batch_(batch), checked_(checked) {}

  /// Receives the traits of the sample, or the run of records, in hand.
  Traits &in_hand() { return in_hand_; }
  void clear() { in_hand_.clear(); }

  /// True when each record of the run in hand is as the schema says.
  bool agree(const Sample &run) const;
  /// Adds in what the record in hand is not as the schema says.
  void compare(const Sample &record, Findings &findings) const;
  /// Adds the records in hand to the sketch of their shard. Those that are not `nameable` were reported already: they are
  /// counted, and not named again.
  void keep(const Sample &sample, bool nameable);
  /// Makes the sketches ready to be merged: once, at the end of the batch.
  void settle();

private:
  const DatasetSchema *schema_for(const Sample &sample) const;
  std::string path_of(const Sample &sample) const;
  SchemaSketch &sketch_of(const Sample &sample);

  const Schema *schema_;
  const SampleBatch &batch_;
  CheckedBatch &checked_;
  RecordTraits in_hand_;
  std::shared_ptr<const ShardName> shard_; ///< of the last sketch
  const std::shared_ptr<const ShardName> nobody_;
};

} // namespace datavet
