/// Tells when the memory limit, and not the sample, made an allocation fail.
///
/// Decoders turn a null pointer from malloc into an error like any other ("corrupt data"), or fall over
/// it. To call such a sample damaged would be a false alarm, so the worker program has its own malloc
/// and relatives: those of the C library, and a call when one returns null.
#pragma once

namespace datavet::isolation {

/// `act` must not allocate. Null = none. Never called in sanitizer builds, which have their own malloc.
void on_failed_allocation(void (*act)());

} // namespace datavet::isolation
