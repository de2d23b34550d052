#include "formats/tiff/tags.h"

#include <algorithm>
#include <iterator>

namespace datavet::tiff {

namespace {

template <std::size_t count> bool contains(const std::uint32_t (&sorted)[count], std::uint64_t number) {
  return std::binary_search(std::begin(sorted), std::end(sorted), number);
}

struct TagName {
  std::uint16_t tag;
  std::string_view name;
};

constexpr TagName tag_names[] = {
    {254, "NewSubfileType"},
    {255, "SubfileType"},
    {256, "ImageWidth"},
    {257, "ImageLength"},
    {258, "BitsPerSample"},
    {259, "Compression"},
    {262, "PhotometricInterpretation"},
    {263, "Threshholding"},
    {266, "FillOrder"},
    {269, "DocumentName"},
    {270, "ImageDescription"},
    {271, "Make"},
    {272, "Model"},
    {273, "StripOffsets"},
    {274, "Orientation"},
    {277, "SamplesPerPixel"},
    {278, "RowsPerStrip"},
    {279, "StripByteCounts"},
    {280, "MinSampleValue"},
    {281, "MaxSampleValue"},
    {282, "XResolution"},
    {283, "YResolution"},
    {284, "PlanarConfiguration"},
    {285, "PageName"},
    {286, "XPosition"},
    {287, "YPosition"},
    {292, "T4Options"},
    {293, "T6Options"},
    {296, "ResolutionUnit"},
    {297, "PageNumber"},
    {301, "TransferFunction"},
    {305, "Software"},
    {306, "DateTime"},
    {315, "Artist"},
    {316, "HostComputer"},
    {317, "Predictor"},
    {318, "WhitePoint"},
    {319, "PrimaryChromaticities"},
    {320, "ColorMap"},
    {321, "HalftoneHints"},
    {322, "TileWidth"},
    {323, "TileLength"},
    {324, "TileOffsets"},
    {325, "TileByteCounts"},
    {330, "SubIFDs"},
    {332, "InkSet"},
    {333, "InkNames"},
    {334, "NumberOfInks"},
    {336, "DotRange"},
    {338, "ExtraSamples"},
    {339, "SampleFormat"},
    {340, "SMinSampleValue"},
    {341, "SMaxSampleValue"},
    {347, "JPEGTables"},
    {512, "JPEGProc"},
    {513, "JPEGInterchangeFormat"},
    {514, "JPEGInterchangeFormatLength"},
    {519, "JPEGQTables"},
    {520, "JPEGDCTables"},
    {521, "JPEGACTables"},
    {529, "YCbCrCoefficients"},
    {530, "YCbCrSubSampling"},
    {531, "YCbCrPositioning"},
    {532, "ReferenceBlackWhite"},
    {700, "XMP"},
    {33432, "Copyright"},
    {33550, "ModelPixelScale"},
    {33723, "IPTC"},
    {33922, "ModelTiepoint"},
    {34377, "Photoshop"},
    {34665, "ExifIFD"},
    {34675, "ICCProfile"},
    {34735, "GeoKeyDirectory"},
    {34853, "GPSIFD"},
    {40965, "InteroperabilityIFD"},
    {42112, "GDAL_METADATA"},
    {42113, "GDAL_NODATA"},
    {50706, "DNGVersion"},
    {50838, "IJMetadataByteCounts"},
    {50839, "IJMetadata"},
};

// CCITT, LZW, JPEG, deflate, PackBits, NeXT, ThunderScan, SGILog, PixarLog, LZMA, Zstandard, WebP.
constexpr std::uint32_t common_compressions[] = {
    1, 2, 3, 4, 5, 6, 7, 8, 32766, 32771, 32773, 32809, 32909, 32946, 34676, 34677, 34925, 50000, 50001};

// T.85 and T.43 JBIG, IT8, Kodak, DCS, Aperio, JPEG 2000, Nikon, MDI, LERC, lossy DNG, PNG, JPEG XR and XL,
// vendors' own. https://www.awaresystems.be/imaging/tiff/tifftags/compression.html; libtiff tiff.h
constexpr std::uint32_t rare_compressions[] = {
    9,     10,    262,   32767, 32769, 32770, 32772, 32867, 32895, 32896, 32897, 32898, 32908, 32947,
    33000, 33003, 33004, 33005, 33007, 34661, 34663, 34665, 34712, 34713, 34715, 34718, 34719, 34720,
    34887, 34888, 34889, 34892, 34926, 34927, 34933, 34934, 48124, 50002, 52546, 65000, 65535};

constexpr std::uint32_t photometrics[] = {0, 1,  2,     3,     4,     5,     6,     8,
                                          9, 10, 32803, 32844, 32845, 34892, 51177, 52527};

} // namespace

std::string_view name_of_tag(std::uint16_t tag) {
  const TagName *found =
      std::lower_bound(std::begin(tag_names), std::end(tag_names), tag,
                       [](const TagName &known, std::uint16_t wanted) { return known.tag < wanted; });
  return found != std::end(tag_names) && found->tag == tag ? found->name : std::string_view();
}

bool is_common_compression(std::uint64_t number) { return contains(common_compressions, number); }

bool is_registered_compression(std::uint64_t number) {
  return is_common_compression(number) || contains(rare_compressions, number);
}

bool is_registered_photometric(std::uint64_t number) { return contains(photometrics, number); }

} // namespace datavet::tiff
