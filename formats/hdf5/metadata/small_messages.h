/// The messages that accompany an object and lead nowhere: times, comments, counts.
#pragma once

#include <datavet/finding.h>

#include "formats/hdf5/metadata/object_header.h"
#include "formats/hdf5/metadata/survey.h"

namespace datavet::hdf5 {

/// Judges a message that is not about links, attributes, or a dataset's data; passes over all others. `rule`
/// is broken by those that loaders do not need: in the superblock extension they need them all.
void check_small_message(Survey &survey, const ObjectHeader &header, const Message &message,
                         const Rule &rule);

/// FMT IV.A.2.t: takes over the ranks that the superblock extension names.
void read_tree_ranks(const Survey &survey, const ObjectHeader &extension, TreeRanks &ranks);

} // namespace datavet::hdf5
