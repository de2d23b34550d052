/// Formats whose samples are words that say how the decoder shall behave. The decoder itself lies in
/// misbehaving_decoder.cpp and runs in datavet-worker-test only.
#pragma once

#include "formats/format.h"

namespace datavet::test {

inline constexpr Rule complaint{"misbehaving.word.known", Fault::undecodable,
                                Severity::error,          "The decoder knows the word.",
                                "the test decoder",       "None: this format exists in tests only."};
/// Not among the formats' rules: to name it is a lie.
inline constexpr Rule foreign_rule{"elsewhere.some.rule",       Fault::malformed,   Severity::error,
                                   "A rule of another format.", "the test decoder", "None."};

inline constexpr const Rule *misbehaving_rules[] = {&complaint};

/// Words in memory.
inline constexpr Format misbehaving_format{.name = "misbehaving",
                                           .title = "Words for a test decoder",
                                           .layout = Layout::whole,
                                           .extensions = {},
                                           .rules = misbehaving_rules,
                                           .sniff = nullptr,
                                           .decoder_family = "test"};
/// A word at the start of a file.
inline constexpr Format misbehaving_file_format{.name = "misbehaving_file",
                                                .title = "Files for a test decoder",
                                                .layout = Layout::random_access,
                                                .extensions = {},
                                                .rules = misbehaving_rules,
                                                .sniff = nullptr,
                                                .decoder_family = "test"};
/// Its worker program exists nowhere.
inline constexpr Format orphan_format{.name = "orphan",
                                      .title = "A format without a worker program",
                                      .layout = Layout::whole,
                                      .extensions = {},
                                      .rules = misbehaving_rules,
                                      .sniff = nullptr,
                                      .decoder_family = "nowhere"};
/// Its family's program runs, and does not decode it.
inline constexpr Format stranger_format{.name = "stranger",
                                        .title = "A format that the worker program does not decode",
                                        .layout = Layout::whole,
                                        .extensions = {},
                                        .rules = misbehaving_rules,
                                        .sniff = nullptr,
                                        .decoder_family = "test"};

} // namespace datavet::test
