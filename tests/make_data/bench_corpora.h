/// Datasets to measure with: many small files, few huge ones.
#pragma once

#include <cstddef>
#include <string>

namespace datavet::test {

void write_jpegs(const std::string &folder, std::size_t count, bool progressive);
void write_pngs(const std::string &folder, std::size_t count);
/// `different` pictures of about 4 KB, hard-linked to `count` names in folders of 1,000.
void write_small_files(const std::string &folder, std::size_t count, std::size_t different);
/// One shard of about `bytes`, records of `record_bytes`.
void write_shard(const std::string &file, std::size_t bytes, std::size_t record_bytes);
/// One shard of about `bytes` of tf.Examples: a name, a label, an embedding and a text, 290 bytes each.
void write_examples(const std::string &file, std::size_t bytes);
/// A shard of opaque records with `hole` random bytes in the middle.
void write_shard_with_hole(const std::string &file, std::size_t bytes, std::size_t record_bytes, std::size_t hole);
void write_hdf5(const std::string &file, std::size_t rows);

} // namespace datavet::test
