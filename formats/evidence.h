/// Everything a check learns about one sample: the input of the verdict.
#pragma once

#include <datavet/facts.h>

#include "formats/findings.h"
#include "formats/outline.h"

namespace datavet {

struct Evidence {
  Facts facts;
  Findings findings;
  Outline *outline = nullptr; ///< not owned; null unless somebody wants the segments (building them costs)

  void clear() {
    facts = {};
    findings.clear();
  }
};

} // namespace datavet
