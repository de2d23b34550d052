// In sanitizer builds a decoder's death must look as it does in a release: a signal, no forked
// symbolizer, no leak search at exit. The environment of a worker is empty, so the options stand here.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

extern "C" {
__attribute__((visibility("default"))) const char *__asan_default_options();
__attribute__((visibility("default"))) const char *__ubsan_default_options();
__attribute__((visibility("default"))) const char *__tsan_default_options();

#define DATAVET_COMMON_OPTIONS                                                                               \
  "abort_on_error=1:handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0:"           \
  "symbolize=0:use_sigaltstack=0"

const char *__asan_default_options() { return DATAVET_COMMON_OPTIONS ":detect_leaks=0"; }
const char *__ubsan_default_options() { return DATAVET_COMMON_OPTIONS; }
const char *__tsan_default_options() { return DATAVET_COMMON_OPTIONS ":die_after_fork=0"; }
}

#endif
