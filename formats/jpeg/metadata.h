/// The application segments: JFIF, Exif, XMP, ICC, MPF, Photoshop, Adobe. None of them is the picture:
/// malformed metadata is a warning, save what makes Pillow's Image.open raise.
#pragma once

#include <array>
#include <cstdint>

#include "formats/evidence.h"
#include "formats/jpeg/segment.h"
#include "formats/jpeg/structure.h"

namespace datavet::jpeg {

class Metadata {
public:
  /// Judges an APPn segment by its identifier. Unknown ones are nobody's business.
  void read(const Segment &app, Evidence &evidence);
  /// What the identifier of `app` says, for an outline: "JFIF", "" = unknown.
  static std::string_view kind_of(const Segment &app);

  /// As far as the segments read tell: T.871 and Adobe TN 5116.
  Colour colour_of(const Frame &frame) const;
  /// Whether the Adobe transform fits the frame's components.
  void judge_colour(const Frame &frame, Evidence &evidence) const;
  /// Judges what needs all segments, once the last scan has been read.
  void judge_whole(Bytes sample, Evidence &evidence) const;

  /// True when an MPF index announces further images after EOI.
  bool announces_more_images() const { return mpf_.size > 0; }

private:
  struct Place {
    std::uint64_t offset = 0;
    std::uint64_t size = 0; ///< 0 = there is no such segment
  };

  void read_jfif(const Segment &app, Evidence &evidence);
  void read_adobe(const Segment &app, Evidence &evidence);
  void read_app1_exif(const Segment &app, Evidence &evidence);
  void read_icc(const Segment &app, Evidence &evidence);
  void read_photoshop(const Segment &app, Evidence &evidence);
  void judge_icc(Evidence &evidence) const;
  void judge_photoshop(Bytes sample, Evidence &evidence) const;

  bool jfif_ = false;
  int adobe_transform_ = -1;
  Place adobe_, exif_, mpf_;

  struct {
    Place first;              ///< the first chunk found
    std::uint64_t chunks = 0; ///< found
    std::uint64_t bytes = 0;  ///< of profile in them
    unsigned count = 0;       ///< that the first one announces
    bool count_differs = false;
    bool number_wrong = false; ///< 0, beyond the count, or twice
    std::array<bool, 256> seen{};
    std::uint64_t declared_size = 0; ///< from the profile's header, in chunk 1
    bool header_wrong = false;
  } icc_;
  Place photoshop_; ///< the first one
  unsigned photoshop_segments_ = 0;
};

} // namespace datavet::jpeg
