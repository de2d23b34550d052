/// The one instruction set that the decoders' inner loops are compiled for besides the plain one.
#pragma once

#include "formats/checksum/crc_variant.h"

#if defined(__x86_64__)
#define DATAVET_BMI2 __attribute__((target("bmi,bmi2,popcnt")))
#endif

namespace datavet::jpeg {

/// True when the functions marked DATAVET_BMI2 may be called. DATAVET_CPU=portable forbids it, as it does for
/// checksums: so the plain loops are tested where nobody needs them.
inline bool uses_bmi2() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") &&
         wished_variant() != "portable";
#else
  return false;
#endif
}

} // namespace datavet::jpeg
