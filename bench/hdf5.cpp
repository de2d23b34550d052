// Listing the chunks of an HDF5 dataset, and undoing their filters, from memory.
//   datavet_bench_hdf5 [CHUNKS]
// The whole check of a file, its units shared by 1, 2, ... threads:
//   datavet_bench_hdf5 FILE.h5 [THREADS]
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string_view>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include "formats/checksum/fletcher32.h"
#include "formats/hdf5/chunks/list_chunks.h"
#include "formats/hdf5/content/plan.h"
#include "formats/hdf5/filters/filter_chain.h"

namespace {

using namespace datavet;
using Blob = std::vector<std::uint8_t>;

void put(Blob &file, std::size_t at, std::uint64_t value, unsigned width) {
  for (unsigned i = 0; i < width; ++i) file[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

/// A version 1 B-tree as h5py's default writes it: FMT III.A.1. Nodes of 64 entries; `gap` bytes of chunk
/// after each.
class Tree {
public:
  Tree(std::uint64_t chunks, std::uint64_t gap) {
    std::vector<Child> level;
    for (std::uint64_t i = 0; i < chunks; ++i) {
      level.push_back({file_.size(), i});
      file_.resize(file_.size() + gap);
    }
    for (unsigned depth = 0; depth == 0 || level.size() > 1; ++depth)
      level = above(level, depth, chunks, gap);
    root_ = level[0].address;
  }
  const Blob &file() const { return file_; }
  std::uint64_t root() const { return root_; }

private:
  struct Child {
    std::uint64_t address, first;
  };
  std::vector<Child> above(const std::vector<Child> &below, unsigned depth, std::uint64_t chunks,
                           std::uint64_t gap) {
    constexpr std::size_t entries = 64, step = 32, node = 24 + entries * step + 24;
    std::vector<Child> nodes;
    for (std::size_t first = 0; first < below.size(); first += entries) {
      const std::size_t at = file_.size(), count = std::min(entries, below.size() - first);
      file_.resize(at + node);
      std::copy_n("TREE\1", 5, file_.begin() + static_cast<std::ptrdiff_t>(at));
      put(file_, at + 5, depth, 1);
      put(file_, at + 6, count, 2);
      put(file_, at + 8, first == 0 ? ~0ull : at - node, 8);
      put(file_, at + 16, first + entries < below.size() ? at + node : ~0ull, 8);
      for (std::size_t i = 0; i <= count; ++i) {
        const bool last = first + i == below.size();
        put(file_, at + 24 + i * step, gap, 4);
        put(file_, at + 24 + i * step + 8, last ? chunks : below[first + i].first, 8);
        if (i < count) put(file_, at + 24 + i * step + 24, below[first + i].address, 8);
      }
      nodes.push_back({at, below[first].first});
    }
    return nodes;
  }
  Blob file_;
  std::uint64_t root_ = 0;
};

/// Median seconds of five runs.
template <class Work> double seconds(Work work) {
  std::vector<double> times;
  for (int round = 0; round < 5; ++round) {
    const auto start = std::chrono::steady_clock::now();
    work();
    times.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::ranges::sort(times);
  return times[2];
}

struct Counting final : hdf5::ChunkSink {
  std::uint64_t count = 0;
  void chunk(const hdf5::Chunk &) override { ++count; }
};

void list(std::uint64_t chunks, std::uint64_t gap) {
  const Tree tree(chunks, gap);
  const MemorySource source{Bytes(tree.file())};
  hdf5::Superblock superblock;
  superblock.offset_size = superblock.length_size = 8;
  superblock.end = tree.file().size();
  hdf5::Dataset dataset;
  dataset.path = "/d";
  dataset.space.form = hdf5::Dataspace::Class::simple;
  dataset.space.rank = dataset.storage.rank = 1;
  dataset.space.extent[0] = chunks;
  dataset.storage.form = hdf5::Storage::Class::chunked;
  dataset.storage.index = hdf5::Storage::Index::btree_v1;
  dataset.storage.address = tree.root();
  dataset.storage.chunk[0] = 1;
  dataset.storage.element_size = static_cast<std::uint32_t>(gap);
  const double time = seconds([&] {
    hdf5::AddressSpace space(source, superblock);
    Counting sink;
    Evidence evidence;
    list_chunks(space, dataset, {}, sink, evidence);
    if (sink.count != chunks || !evidence.findings.empty()) std::abort();
  });
  fmt::print("version 1 B-tree, {} chunks of {} bytes: {:.4f} s, {:.1f} million chunks/s\n", chunks, gap,
             time, static_cast<double>(chunks) / time / 1e6);
}

void undo(std::string_view name, const std::vector<hdf5::FilterStep> &filters, const Blob &stored,
          std::uint64_t size) {
  hdf5::FilterChain chain(filters, size);
  constexpr int turns = 200;
  const auto rate = [&](double time) { return static_cast<double>(size) * turns / time / 1e6; };
  const double verify = seconds([&] {
    for (int i = 0; i < turns; ++i)
      if (chain.verify(stored, 0)) std::abort();
  });
  const double bytes = seconds([&] {
    for (int i = 0; i < turns; ++i)
      if (!chain.undo(stored, 0)) std::abort();
  });
  fmt::print("{:28} {:8} bytes stored of {}: verify {:6.0f} MB/s, undo {:6.0f} MB/s of raw data\n", name,
             stored.size(), size, rate(verify), rate(bytes));
}

Blob deflated(const Blob &bytes) {
  uLongf length = compressBound(bytes.size());
  Blob out(length);
  compress2(out.data(), &length, bytes.data(), bytes.size(), 4);
  out.resize(length);
  return out;
}

void filters() {
  std::mt19937 random(1);
  Blob plain(602'112); // 224 x 224 x 3 float32
  for (std::size_t i = 0; i < plain.size(); ++i)
    plain[i] = static_cast<std::uint8_t>(i % 4 < 2 ? random() % 16 : i / 4096);
  Blob planes;
  for (std::size_t byte = 0; byte < 4; ++byte)
    for (std::size_t i = byte; i < plain.size(); i += 4) planes.push_back(plain[i]);
  const hdf5::FilterStep deflate{1, 0, "", {4}}, shuffle{2, 0, "", {4}}, fletcher{3, 0, "", {}},
      zstd{32015, 0, "", {}}, bits{32008, 0, "", {0, 4, 4}};
  Blob summed = plain, packed = deflated(planes);
  summed.resize(plain.size() + 4);
  put(summed, plain.size(), fletcher32(plain), 4);
  undo("Fletcher-32", {fletcher}, summed, plain.size());
  undo("shuffle of 4 bytes", {shuffle}, planes, plain.size());
  undo("bitshuffle of 4 bytes", {bits}, planes, plain.size());
  undo("deflate", {deflate}, deflated(plain), plain.size());
  undo("shuffle, deflate", {shuffle, deflate}, packed, plain.size());
  Blob frame(ZSTD_compressBound(planes.size()));
  frame.resize(ZSTD_compress(frame.data(), frame.size(), planes.data(), planes.size(), 3));
  undo("shuffle, Zstandard", {shuffle, zstd}, frame, plain.size());
}

} // namespace

class OpenFile final : public Source {
public:
  explicit OpenFile(const char *path) : fd_(::open(path, O_RDONLY | O_CLOEXEC)) {}
  ~OpenFile() override { ::close(fd_); }
  OpenFile(const OpenFile &) = delete;
  OpenFile &operator=(const OpenFile &) = delete;

  std::uint64_t size() const override { return static_cast<std::uint64_t>(::lseek(fd_, 0, SEEK_END)); }
  Read read(std::uint64_t offset, std::span<std::uint8_t> into) const override {
    const ssize_t got = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(offset));
    return got < 0 ? Read{0, errno} : Read{static_cast<std::uint64_t>(got), 0};
  }

private:
  int fd_;
};

void check_file(const char *path, unsigned most_threads) {
  using Clock = std::chrono::steady_clock;
  const auto seconds = [](Clock::time_point since) { return std::chrono::duration<double>(Clock::now() - since).count(); };
  const OpenFile source(path);
  for (unsigned threads = 1; threads <= most_threads; ++threads) {
    const Clock::time_point start = Clock::now();
    Evidence evidence;
    hdf5::ContentPlan plan;
    hdf5::plan_content(source, {}, evidence, plan);
    const double planned = seconds(start);
    std::atomic<std::size_t> next = 0;
    std::vector<hdf5::ContentReport> reports(threads);
    {
      std::vector<std::jthread> workers;
      for (hdf5::ContentReport &report : reports)
        workers.emplace_back([&] {
          const CheckOptions options;
          hdf5::UnitChecker checker(source, plan, options);
          for (std::size_t unit; (unit = next++) < plan.units().size();) checker.run(unit, report);
        });
    }
    for (hdf5::ContentReport &report : std::span(reports).subspan(1)) reports[0].merge(std::move(report));
    hdf5::conclude_content(plan, reports[0], evidence);
    fmt::print("{} threads: plan {:.3f} s ({} chunks, {} units), all {:.3f} s, {:.0f} MB/s stored, {} findings\n", threads, planned,
               plan.chunks().size(), plan.units().size(), seconds(start),
               static_cast<double>(plan.bytes()) / 1e6 / seconds(start), evidence.findings.list().size());
  }
}

int main(int count, char **words) {
  if (count > 1 && std::string_view(words[1]).find('.') != std::string_view::npos) {
    check_file(words[1], count > 2 ? static_cast<unsigned>(std::strtoul(words[2], nullptr, 10)) : 2);
    return 0;
  }
  const std::uint64_t chunks = count > 1 ? std::strtoull(words[1], nullptr, 10) : 1'000'000;
  list(chunks, 16);
  list(chunks, 1024);
  filters();
}
