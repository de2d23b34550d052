#include "pipeline/isolation/worker/failed_allocation.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace datavet::isolation {

namespace {

void (*act_on_failure)() = nullptr;

/// A request for more than any common machine has fails everywhere: that is the sample's fault, and the
/// decoder's answer stands.
constexpr std::size_t nobody_has_that_much = std::size_t{64} << 30;

} // namespace

void on_failed_allocation(void (*act)()) { act_on_failure = act; }

void *passed_on(void *memory, std::size_t size) {
  if (memory == nullptr && size < nobody_has_that_much && act_on_failure != nullptr) act_on_failure();
  return memory;
}

} // namespace datavet::isolation

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

// The C library's own, under the names it keeps for programs that put theirs before them
// ("Replacing malloc" in its manual). free() stays the library's.
extern "C" {
void *__libc_malloc(std::size_t);
void *__libc_calloc(std::size_t, std::size_t);
void *__libc_realloc(void *, std::size_t);
void *__libc_memalign(std::size_t, std::size_t);

#define DATAVET_EXPORTED __attribute__((visibility("default"))) // shared libraries must find them

DATAVET_EXPORTED void *malloc(std::size_t size) {
  return datavet::isolation::passed_on(__libc_malloc(size), size);
}

DATAVET_EXPORTED void *calloc(std::size_t count, std::size_t size) {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) bytes = SIZE_MAX;
  return datavet::isolation::passed_on(__libc_calloc(count, size), bytes);
}

DATAVET_EXPORTED void *realloc(void *old, std::size_t size) {
  void *memory = __libc_realloc(old, size);
  return size == 0 ? memory
                   : datavet::isolation::passed_on(memory, size); // realloc(p, 0) frees: null is right
}

DATAVET_EXPORTED void *memalign(std::size_t alignment, std::size_t size) {
  return datavet::isolation::passed_on(__libc_memalign(alignment, size), size);
}

DATAVET_EXPORTED void *aligned_alloc(std::size_t alignment, std::size_t size) {
  return memalign(alignment, size);
}

DATAVET_EXPORTED int posix_memalign(void **memory, std::size_t alignment, std::size_t size) {
  if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
  const int before = errno; // POSIX: errno is not set
  *memory = memalign(alignment, size);
  errno = before;
  return *memory == nullptr ? ENOMEM : 0;
}
}

#endif
