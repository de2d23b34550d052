/// A pool over datavet-worker-test, jobs made of words, and a look at processes from outside.
#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "formats/any/rules.h"
#include "pipeline/isolation/decoder_pool.h"
#include "tests/pipeline/isolation/misbehaving_format.h"
#include "tests/support/check.h"

namespace datavet::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitizer_build = true;
#else
inline constexpr bool sanitizer_build = false;
#endif

/// ThreadSanitizer has a malloc of its own, which does not look at its lists.
#if defined(__SANITIZE_THREAD__)
inline constexpr bool heap_is_looked_at = false;
#else
inline constexpr bool heap_is_looked_at = true;
#endif

inline constexpr const Format *test_formats[] = {&misbehaving_format, &misbehaving_file_format,
                                                 &stranger_format};

inline PoolOptions pool_options() {
  PoolOptions options;
  options.worker_directory = DATAVET_TEST_WORKERS;
  options.base_time = std::chrono::milliseconds(sanitizer_build ? 1'000 : 300);
  options.memory_bytes = std::uint64_t{256} << 20;
  options.slot_bytes = std::uint64_t{64} << 20;
  options.formats = test_formats;
  return options;
}

inline Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
}

/// The evidence about samples handed over together.
inline std::vector<Evidence> judge(DecoderPool &pool, const std::vector<std::string> &words,
                                   const Format &format = misbehaving_format) {
  std::vector<Evidence> evidence(words.size());
  std::vector<DecodeJob> jobs;
  for (std::size_t i = 0; i < words.size(); ++i)
    jobs.push_back({.format = &format, .bytes = bytes_of(words[i]), .evidence = &evidence[i]});
  pool.decode(jobs);
  return evidence;
}

inline Evidence judge_one(DecoderPool &pool, const std::string &word,
                          const Format &format = misbehaving_format) {
  return std::move(judge(pool, {word}, format).front());
}

/// The ids of the rules found broken, in order; "" = none.
inline std::string rules_in(const Evidence &evidence) {
  std::string ids;
  for (const Finding &finding : evidence.findings.list())
    ids += (ids.empty() ? "" : " ") + std::string(finding.rule->id);
  return ids;
}

// --- Processes -------------------------------------------------------------------------------------

inline int parent_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t behind_name = line.rfind(')'); // "123 (name) S 45 ..."
  return behind_name == std::string::npos ? -1
                                          : std::atoi(line.c_str() + std::min(behind_name + 4, line.size()));
}

inline std::vector<int> children_of(int parent) {
  std::vector<int> children;
  for (const auto &entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    int pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ptr != name.data() + name.size())
      continue;
    if (parent_of(pid) == parent) children.push_back(pid);
  }
  return children;
}

inline std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto &entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

/// Waits for what other processes do soon; false when it does not come within ten seconds.
template <class Condition> bool soon(Condition condition) {
  for (int i = 0; i < 1'000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

} // namespace datavet::test
