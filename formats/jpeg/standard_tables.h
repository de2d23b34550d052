/// The Huffman tables of T.81 K.3, which libjpeg-turbo assumes where a sequential file defines none.
#pragma once

#include "formats/jpeg/structure.h"

namespace datavet::jpeg {

/// `destination` 0 = luminance, 1 = chrominance (tables K.3 to K.6).
HuffmanTable standard_table(HuffmanTable::Class table_class, unsigned destination);
/// Most encoders write these: there is nothing to find in them.
bool is_standard(const HuffmanTable &table);

} // namespace datavet::jpeg
