#include "formats/tiff/deflate.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>
#include <zlib.h>

#include "formats/tiff/rules.h"

namespace datavet::tiff {

namespace {

/// One zlib inflater for all pieces of a page.
class Inflater {
public:
  Inflater() { ready_ = inflateInit(&stream_) == Z_OK; }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater &) = delete;
  Inflater &operator=(const Inflater &) = delete;

  bool ready() const { return ready_; }

  struct Outcome {
    enum class End { stream, input, damaged, checksum, budget } end;
    std::uint64_t inflated;
    std::string message;
  };

  Outcome inflate_all(Bytes input, std::uint64_t budget) {
    inflateReset(&stream_);
    std::uint64_t inflated = 0, given = 0;
    stream_.avail_in = 0;
    for (;;) {
      if (stream_.avail_in == 0) { // zlib counts in 32 bits
        const std::uint64_t part = std::min<std::uint64_t>(input.size() - given, 1u << 30);
        stream_.next_in =
            const_cast<Bytef *>(input.data() + given); // NOLINT: zlib's interface; it only reads
        stream_.avail_in = static_cast<uInt>(part);
        given += part;
      }
      stream_.next_out = discarded_.data();
      stream_.avail_out = static_cast<uInt>(discarded_.size());
      const int status = inflate(&stream_, Z_NO_FLUSH);
      const std::uint64_t gained = discarded_.size() - stream_.avail_out;
      inflated += gained;
      if (status == Z_STREAM_END) return {Outcome::End::stream, inflated, {}};
      if (status != Z_OK && status != Z_BUF_ERROR) {
        const std::string message = stream_.msg != nullptr ? stream_.msg : "needs a dictionary";
        const bool adler = message == "incorrect data check";
        return {adler ? Outcome::End::checksum : Outcome::End::damaged, inflated, message};
      }
      if (inflated > budget) return {Outcome::End::budget, inflated, {}};
      if (gained == 0 && stream_.avail_in == 0 && given == input.size())
        return {Outcome::End::input, inflated, {}};
    }
  }

private:
  z_stream stream_{};
  std::array<Bytef, 64 << 10> discarded_;
  bool ready_ = false;
};

} // namespace

void check_deflate(const FileView &file, const Image &image, const std::vector<Piece> &pieces,
                   std::uint64_t &budget, Evidence &evidence) {
  using End = Inflater::Outcome::End;
  Inflater inflater;
  if (!inflater.ready()) return; // no memory: libtiff will say so
  bool damaged = false, wrong_sum = false, unfinished = false;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Piece &piece = pieces[i];
    const auto report = [&](const Rule &rule, bool &done, std::string detail) {
      if (!std::exchange(done, true))
        evidence.findings.add(rule, piece.offset, piece.size, std::move(detail));
    };
    const Inflater::Outcome outcome =
        inflater.inflate_all(file.bytes.subspan(piece.offset, piece.size), budget);
    budget -= std::min(budget, outcome.inflated);
    const bool enough = image.ycbcr_subsampled || outcome.inflated >= piece.rows * image.row_bytes();
    const std::string_view kind = image.tiled ? "tile" : "strip";
    const std::string so_far =
        fmt::format("{} inflates to {} bytes of {}", kind, outcome.inflated, piece.rows * image.row_bytes());
    if (outcome.end == End::budget) return;
    if (outcome.end == End::checksum)
      report(deflate_checksum, wrong_sum, fmt::format("{} {}: {}", kind, i, outcome.message));
    else if (outcome.end == End::damaged)
      report(deflate_damaged, damaged, fmt::format("{}, then: {}", so_far, outcome.message));
    else if (!enough)
      report(deflate_damaged, damaged,
             so_far + (outcome.end == End::input ? ", then ends in the middle" : ""));
    else if (outcome.end == End::input)
      report(deflate_unfinished, unfinished, so_far + ", without an end");
  }
}

} // namespace datavet::tiff
