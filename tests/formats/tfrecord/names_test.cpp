#include <algorithm>

#include <gtest/gtest.h>

#include "formats/tfrecord/tfrecord.h"

namespace datavet {
namespace {

class TfrecordName : public testing::TestWithParam<const char *> {};
class OtherName : public testing::TestWithParam<const char *> {};

TEST_P(TfrecordName, IsClaimed) { EXPECT_TRUE(tfrecord_format.claims_name(GetParam())); }
TEST_P(OtherName, IsNotClaimed) { EXPECT_FALSE(tfrecord_format.claims_name(GetParam())); }

INSTANTIATE_TEST_SUITE_P(Claimed, TfrecordName,
                         testing::Values("train.tfrecord", "TRAIN.TFRECORD", "train.tfrecords", "train.tfrec",
                                         "train-00017-of-01024", "train-000017-of-100000",
                                         "x.tfrecord-00000-of-00010", "x.tfrecords-00000-of-00010",
                                         "x.tfrecord.gz", "x.tfrecords.zlib", "x.tfrec.gzip",
                                         "x.tfrecord-00000-of-00010.gz", "train-00017-of-01024.gz",
                                         "data_tfrecord-00000-of-00012.gz", "data_tfrecord.gz",
                                         "folder.with.dots/train-00017-of-01024",
                                         "events.out.tfevents.1598378400.hostname",
                                         "events.out.tfevents.1598378400.host.12.5.v2"));

INSTANTIATE_TEST_SUITE_P(NotClaimed, OtherName,
                         testing::Values("", ".", "train", "train.jpg", "tfrecord", "x.gz",
                                         "notes.tfrecord.txt", "train-00000-of-00001.parquet",
                                         "model-00001-of-00005.safetensors", "variables.data-00000-of-00001",
                                         "model.ckpt-12-00000-of-00001", "x.csv-00000-of-00002",
                                         "x.array_record-00000-of-00001", "train-0001-of-0010",
                                         "-00000-of-00001", "00000-of-00001", "train-00000-of-",
                                         "train-of-00010", "my_tfrecords/readme", "tfevents.py",
                                         "events.out.tfevents", "xtfrecord"));

TEST(TfrecordExtensions, AreTheUsualThree) {
  for (std::string_view extension : {"tfrecord", "tfrecords", "tfrec"})
    EXPECT_NE(std::find(tfrecord_format.extensions.begin(), tfrecord_format.extensions.end(), extension),
              tfrecord_format.extensions.end());
}

} // namespace
} // namespace datavet
