/// What a writer does in one frame it does in all: told once, with the number of times.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "formats/findings.h"

namespace datavet::gif {

class Habits {
public:
  /// False when this rule was broken before: then it is only counted, and the place is not kept.
  bool is_new(const Rule &rule) {
    for (Habit &habit : habits_)
      if (habit.rule == &rule) {
        ++habit.times;
        return false;
      }
    return true;
  }
  void add(const Rule &rule, std::uint64_t offset, std::uint64_t length, std::string detail) {
    habits_.push_back({&rule, offset, length, std::move(detail), 1});
  }

  void report(Findings &findings) const {
    for (const Habit &habit : habits_)
      findings.add(*habit.rule, habit.offset, habit.length,
                   habit.times == 1 ? habit.detail
                                    : fmt::format("{}; and {} more like it", habit.detail, habit.times - 1));
  }

private:
  struct Habit {
    const Rule *rule;
    std::uint64_t offset, length;
    std::string detail;
    std::uint64_t times;
  };
  std::vector<Habit> habits_; // as many as there are such rules at most
};

} // namespace datavet::gif
