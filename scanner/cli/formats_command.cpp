#include <memory>
#include <thread>

#include <fmt/format.h>
#include <libdeflate.h>
#include <oneapi/tbb/version.h>
#include <zlib.h>

#include <datavet/version.h>

#include "formats/checksum/crc32c.h"
#include "formats/registry.h"
#include "scanner/cli/commands.h"
#include "scanner/cli/console.h"
#include "scanner/pool_options.h"

namespace datavet::cli {

namespace {

std::string joined(std::span<const std::string_view> words, std::string_view before) {
  std::string text;
  for (std::string_view word : words) text += fmt::format("{}{}{}", text.empty() ? "" : " ", before, word);
  return text;
}

std::string table() {
  DecoderPool pool(pool_options({}, {}, 1));
  const std::vector<DecoderVersion> decoders = pool.versions();
  std::string text = fmt::format("{:<10} {:<29} {:<34} {:<12} {}\n", "format", "", "names", "depth of own", "real decoder");
  for (const Format *format : registry()) {
    std::string decoder = "-";
    for (const DecoderVersion &version : decoders)
      if (version.format == format->name)
        decoder = version.problem.empty() ? fmt::format("{} {}, asked from depth {}", version.library, version.version, name_of(format->asks_decoder_from))
                                          : fmt::format("{}: {}", version.library, version.problem);
    const Depth own = format->asks_decoder_from == Depth::content ? Depth::structure : Depth::content;
    text += fmt::format("{:<10} {:<29} {:<34} {:<12} {}\n", format->name, format->title, joined(format->extensions, "."), name_of(own), decoder);
  }
  return text;
}

std::string processor_features() {
  std::string text;
#if defined(__x86_64__)
  auto add = [&](bool has, const char *name) {
    if (has) text += fmt::format("{}{}", text.empty() ? "" : " ", name);
  };
  __builtin_cpu_init();
  add(__builtin_cpu_supports("sse4.2"), "sse4.2");
  add(__builtin_cpu_supports("pclmul"), "pclmul");
  add(__builtin_cpu_supports("avx2"), "avx2");
  add(__builtin_cpu_supports("bmi2"), "bmi2");
  add(__builtin_cpu_supports("avx512f"), "avx512f");
  add(__builtin_cpu_supports("avx512vbmi2"), "avx512vbmi2");
  add(__builtin_cpu_supports("vpclmulqdq"), "vpclmulqdq");
#elif defined(__aarch64__)
  text = "aarch64";
#endif
  return text.empty() ? "none of note" : text;
}

} // namespace

void add_formats_command(CLI::App &app, int &exit_code) {
  CLI::App *command = app.add_subcommand("formats", "List the formats, and the real decoders that can be asked");
  command->callback([&exit_code] { exit_code = print(table()); });
}

std::string version_text() {
  std::string text = fmt::format("datavet {}\n  libdeflate {}, zlib {}, oneTBB {}\n", version(), LIBDEFLATE_VERSION_STRING, zlibVersion(), TBB_runtime_version());
  DecoderPool pool(pool_options({}, {}, 1));
  std::string sandbox;
  for (const DecoderVersion &decoder : pool.versions()) {
    text += decoder.problem.empty() ? fmt::format("  {}: {} {}\n", decoder.format, decoder.library, decoder.version)
                                    : fmt::format("  {}: {} cannot be asked: {}\n", decoder.format, decoder.library, decoder.problem);
    if (decoder.problem.empty()) sandbox = decoder.sandbox;
  }
  text += fmt::format("  sandbox of the decoders: {}\n", sandbox.empty() ? "none" : sandbox);
  text += fmt::format("  CRC-32C: {}; processor: {} x {}\n", crc32c_in_use().name, std::thread::hardware_concurrency(), processor_features());
  return text;
}

} // namespace datavet::cli
