#include "formats/opencv_decode.h"

#include <algorithm>
#include <exception>
#include <limits>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

namespace datavet {

namespace {

bool within_limits(const Format &format, Bytes bytes, const Limits &limits) {
  Evidence header;
  format.check(bytes, {Depth::header, limits}, header);
  std::span<const Finding> findings = header.findings.list();
  return std::none_of(findings.begin(), findings.end(),
                      [](const Finding &finding) { return finding.rule->fault == Fault::over_limit; });
}

cv::Mat decode(Bytes bytes) {
  // cv::Mat takes no const bytes; imdecode only reads them.
  const cv::Mat encoded(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<std::uint8_t *>(bytes.data()));
  return cv::imdecode(encoded, cv::IMREAD_UNCHANGED);
}

void fill_facts(const cv::Mat &picture, Facts &facts) {
  facts.width = static_cast<std::uint32_t>(picture.cols);
  facts.height = static_cast<std::uint32_t>(picture.rows);
  facts.decoded_bytes = picture.total() * picture.elemSize();
}

} // namespace

OpencvAnswer decode_by_opencv(const Format &format, Bytes bytes, const Limits &limits, Facts &facts) {
  OpencvAnswer answer;
  constexpr std::size_t most_bytes = std::numeric_limits<int>::max();
  if (bytes.empty() || bytes.size() > most_bytes || !format.sniff(bytes) ||
      !within_limits(format, bytes, limits))
    return answer;
  answer.asked = true;
  try {
    const cv::Mat picture = decode(bytes);
    answer.decoded = !picture.empty();
    if (answer.decoded) fill_facts(picture, facts);
  } catch (const std::exception &error) {
    answer.complaint = error.what();
  }
  return answer;
}

void warm_up_opencv(Bytes picture) {
  // A thread pool could not start inside the sandbox, and one sample at a time is all there is.
  cv::setNumThreads(1);
  try {
    decode(picture);
  } catch (const std::exception &) {
    // Then real samples fail the same way and say so.
  }
}

std::string opencv_version() { return cv::getVersionString(); }

} // namespace datavet
