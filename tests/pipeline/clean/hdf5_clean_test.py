#!/usr/bin/env python3
"""datavet clean for HDF5: files that h5py makes, damaged, scanned, cleaned, and read by h5py again.

usage: hdf5_clean_test.py BINARY_DIRECTORY [unittest arguments]
"""
import hashlib
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import unittest
import zlib

try:
    import h5py
    import numpy as np
except ImportError:
    print("skipped: h5py is missing")
    sys.exit(77)

BINARIES = pathlib.Path(sys.argv.pop(1)).resolve()
DATAVET = str(BINARIES / "datavet")


def datavet(*arguments, program=DATAVET):
    return subprocess.run([program, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, timeout=120)


def chunk_places(dataset):
    """Offset and size of each stored chunk, by coordinates."""
    infos = [dataset.id.get_chunk_info(i) for i in range(dataset.id.get_num_chunks())]
    base = dataset.file.userblock_size # addresses count from the superblock
    return {info.chunk_offset: (base + info.byte_offset, info.size) for info in infos}


class Hdf5Clean(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.base = pathlib.Path(folder.name)
        self.root, self.clean, self.report = self.base / "data", self.base / "clean", self.base / "report.jsonl"
        self.root.mkdir()

    # --- making, damaging, cleaning ---

    def make(self, name="a.h5", **options):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return h5py.File(path, "w", **options)

    def flip(self, name, places, at=0.5):
        """One bit in each of the stored chunks (offset, size)."""
        with open(self.root / name, "r+b") as file:
            for offset, size in places:
                where = offset + min(int(size * at), size - 1)
                file.seek(where)
                byte = file.read(1)[0]
                file.seek(where)
                file.write(bytes([byte ^ 1]))

    def scan(self, *flags):
        return datavet("scan", self.root, "--format", "jsonl", "-o", self.report, *flags)

    def tree(self):
        return {path: (hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns, path.stat().st_mode)
                for path in self.root.rglob("*") if path.is_file()}

    def run_clean(self, code=0, stdout="", *flags, program=DATAVET):
        before = self.tree()
        run = datavet("clean", self.report, "--to", self.clean, *flags, program=program)
        said = (run.stdout + run.stderr).decode(errors="replace")
        self.assertEqual(run.returncode, code, said)
        self.assertRegex(said, re.compile(stdout, re.S))
        self.assertEqual(self.tree(), before, "the dataset was touched")
        self.assertEqual([path for path in self.clean.rglob("*.part")], [])
        return said

    def clean_one(self, places, name="a.h5", code=0, stdout="1 clean HDF5 file written", flags=("--force",)):
        self.flip(name, places)
        self.scan()
        said = self.run_clean(code, stdout, *flags)
        if code == 0:
            done = datavet("scan", self.clean)
            self.assertEqual(done.returncode, 0, done.stdout.decode())
        return said

    def refused(self, why, name="a.h5"):
        self.scan()
        self.run_clean(3, why + ".*1 refused", "--force")
        self.assertEqual([path for path in self.clean.rglob("*") if path.is_file()], [])

    def list(self, name="a.h5"):
        with open(self.clean / "dead-letter" / (name + ".rows.jsonl")) as file:
            return [json.loads(line) for line in file]

    # --- the usual case ---

    def images_and_labels(self, rows=64, **options):
        """/images in chunks of 16 rows with Fletcher-32, /labels contiguous; another group; attributes."""
        images = np.random.default_rng(1).integers(0, 255, (rows, 8, 8), dtype=np.uint8)
        with self.make(**options) as file:
            dataset = file.create_dataset("images", data=images, chunks=(16, 8, 8), fletcher32=True, compression="gzip",
                                          shuffle=True)
            dataset.attrs["mean"] = 0.5
            file["labels"] = np.arange(rows, dtype=np.int64)
            file["labels"].attrs["names"] = ["cat", "dog"]
            file.attrs["title"] = "a set"
            file["other/table"] = np.arange(rows, dtype=np.float32) # as many rows, by chance
            file["other/scalar"] = 7
            file["other"].attrs["kept"] = np.arange(3)
            return images, chunk_places(dataset)

    def test_one_bit_costs_the_rows_of_its_chunk(self):
        for options in ({}, {"libver": "latest"}, {"userblock_size": 512}):
            with self.subTest(**options):
                images, places = self.images_and_labels(**options)
                os.chmod(self.root / "a.h5", 0o640)
                said = self.clean_one([places[16, 0, 0]])
                self.assertRegex(said, r"a\.h5  48 of 64 rows are good, 2 datasets are cut; 1 of as many rows in other groups keeps")
                self.assertRegex(said, r"48 good . 16 bad rows; lists of the bad ones are in .*/dead-letter/\n")
                kept = np.r_[0:16, 32:64]
                with h5py.File(self.clean / "a.h5", "r") as copy, h5py.File(self.root / "a.h5", "r") as original:
                    np.testing.assert_array_equal(copy["images"][:], images[kept])
                    np.testing.assert_array_equal(copy["labels"][:], kept)
                    np.testing.assert_array_equal(copy["other/table"][:], np.arange(64))
                    self.assertEqual(copy["other/scalar"][()], 7)
                    self.assertEqual(copy.attrs["title"], "a set")
                    self.assertEqual(copy["images"].attrs["mean"], 0.5)
                    self.assertEqual(list(copy["labels"].attrs["names"]), ["cat", "dog"])
                    np.testing.assert_array_equal(copy["other"].attrs["kept"], np.arange(3))
                    for name in ("chunks", "maxshape", "compression", "compression_opts", "shuffle", "fletcher32"):
                        self.assertEqual(getattr(copy["images"], name), getattr(original["images"], name), name)
                    self.assertEqual(copy.userblock_size, original.userblock_size)
                self.assertEqual(stat.S_IMODE((self.clean / "a.h5").stat().st_mode), 0o640)
                lines = self.list()
                self.assertEqual({line["dataset"]: (line["rows_before"], line["rows_after"], line["damaged"]) for line in lines
                                  if line["type"] == "dataset"}, {"/images": (64, 48, True), "/labels": (64, 48, False)})
                [rows] = [line for line in lines if line["type"] == "rows"]
                self.assertEqual((rows["path"], sorted(rows["datasets"]), rows["first_row"], rows["rows"], rows["rows_before_in_copy"], rows["rules"]),
                                 ("a.h5", ["/images", "/labels"], 16, 16, 16, ["hdf5.dataset.checksum"]))
                offset, size = places[16, 0, 0]
                self.assertEqual(rows["chunks"], [{"dataset": "/images", "offset": offset, "size": size, "rule": "hdf5.dataset.checksum"}])
                self.assertEqual([line["dataset"] for line in lines if line["type"] == "kept"], ["/other/table"])
                # The bytes of the bad chunk are nowhere in the copy.
                with open(self.root / "a.h5", "rb") as file:
                    file.seek(offset)
                    bad = file.read(size)
                self.assertNotIn(bad, (self.clean / "a.h5").read_bytes())
                shutil.rmtree(self.clean)

    def test_again_is_done_before(self):
        _, places = self.images_and_labels()
        self.clean_one([places[0, 0, 0]])
        before = (self.clean / "a.h5").read_bytes()
        time.sleep(1.1) # libhdf5 writes the time into headers: not that of the run
        self.run_clean(0, "1 done before", "--force")
        self.assertEqual((self.clean / "a.h5").read_bytes(), before)
        (self.clean / "a.h5").write_bytes(b"of another")
        self.run_clean(3, "never overwritten.*1 refused", "--force")
        self.assertEqual((self.clean / "a.h5").read_bytes(), b"of another")

    def test_dry_run_safety_stop_and_indexes(self):
        _, places = self.images_and_labels()
        self.flip("a.h5", [places[48, 0, 0]])
        self.scan()
        self.run_clean(3, "16 of 64 samples .rows of this file. would be left out.*--force")
        self.run_clean(0, "48 of 64 rows are good.*1 clean HDF5 file would be written.*would go to", "--force", "--dry-run")
        self.assertFalse(self.clean.exists() and any(self.clean.rglob("*.h5")))
        self.run_clean(3, "its rows have no byte ranges", "--force", "--index-only")
        self.run_clean(0, "HDF5, so without an index", "--force", "--index")

    def test_changed_and_vanished(self):
        _, places = self.images_and_labels()
        self.flip("a.h5", [places[48, 0, 0]])
        self.scan()
        os.utime(self.root / "a.h5")
        self.run_clean(3, "is not what was scanned any more", "--force")
        (self.root / "a.h5").unlink()
        self.run_clean(3, "1 vanished", "--force")

    def test_rules_that_the_report_does_not_name(self):
        with self.make() as file:
            a = file.create_dataset("g/a", data=np.arange(64), chunks=(16,), fletcher32=True)
            b = file.create_dataset("h/b", data=np.zeros(64, "i4"), chunks=(16,), compression="gzip")
            places = [chunk_places(a)[16,], chunk_places(b)[0,]]
        self.flip("a.h5", places)
        self.scan("--depth", "checksum")
        self.run_clean(3, "/h/b breaks hdf5.chunk.stream, which the report does not name", "--force")
        self.scan()
        self.run_clean(0, "96 of 128 rows are good", "--force")
        with h5py.File(self.clean / "a.h5") as copy:
            np.testing.assert_array_equal(copy["g/a"][:], np.r_[0:16, 32:64])
            self.assertEqual(copy["h/b"].shape, (48,))

    # --- shapes ---

    def check_rows(self, name, data, kept, dataset="x"):
        with h5py.File(self.clean / name, "r") as copy:
            np.testing.assert_array_equal(copy[dataset][:], data[kept])

    def test_every_chunk_index(self):
        """One row lies in many chunks; versions 1 to 4 of the layout; the last chunk is cut by the extent."""
        data = np.random.default_rng(2).integers(0, 1000, (100, 20), dtype=np.int32)
        forms = {"tree": {}, "fixed": {"libver": "latest"}, "extensible": {"libver": "latest", "maxshape": (None, 20)},
                 "tree2": {"libver": "latest", "maxshape": (None, None)}, "single": {"libver": "latest", "chunks": (100, 20)},
                 "grown": {"maxshape": (None, 20)}}
        for name, form in forms.items():
            for filters in ({"fletcher32": True}, {"fletcher32": True, "compression": "gzip", "shuffle": True}):
                with self.subTest(name, **filters):
                    form = dict(form)
                    options = {"libver": form.pop("libver")} if "libver" in form else {}
                    with self.make(**options) as file:
                        x = file.create_dataset("x", data=data, **{"chunks": (16, 7), **form, **filters})
                        file["y"] = np.arange(100)
                        places, maxshape = chunk_places(x), x.maxshape
                    if name == "single":
                        self.flip("a.h5", list(places.values()))
                        self.scan()
                        self.run_clean(0, "no good row: no clean file is written.*1 without", "--force")
                        self.assertFalse((self.clean / "a.h5").exists())
                        self.assertEqual(len(self.list()), 3)
                    else:
                        self.clean_one([places[32, 14], places[64, 0], places[96, 7]])
                        kept = np.r_[0:32, 48:64, 80:96]
                        self.check_rows("a.h5", data, kept)
                        self.check_rows("a.h5", np.arange(100), kept, "y")
                        with h5py.File(self.clean / "a.h5", "r+") as copy:
                            self.assertEqual(copy["x"].maxshape, maxshape)
                            if None in maxshape: # what comes later is what was never written
                                copy["x"].resize(90, axis=0)
                                self.assertFalse(copy["x"][64:].any())
                    shutil.rmtree(self.clean)

    def test_rows_that_are_no_multiple_of_the_other_chunks(self):
        """Damage in one dataset cuts through the chunks of others."""
        x, y = np.arange(100 * 3).reshape(100, 3), np.random.default_rng(3).random((100, 5))
        with self.make() as file:
            places = chunk_places(file.create_dataset("x", data=x, chunks=(7, 3), fletcher32=True))
            file.create_dataset("y", data=y, chunks=(13, 2), compression="gzip", fletcher32=True, maxshape=(None, 5))
            file.create_dataset("z", data=x, chunks=(100, 1))
            file.create_dataset("never", shape=(100, 2), chunks=(10, 2), fillvalue=3, dtype="i2")
            some = file.create_dataset("some", shape=(100,), chunks=(8,), fillvalue=-1, dtype="i4")
            some[10:20] = 5
        self.clean_one([places[14, 0], places[35, 0], places[91, 0]])
        kept = np.delete(np.arange(100), np.r_[14:21, 35:42, 91:98])
        for name, data in (("x", x), ("y", y), ("z", x), ("never", np.full((100, 2), 3)),
                           ("some", np.where((np.arange(100) >= 10) & (np.arange(100) < 20), 5, -1))):
            self.check_rows("a.h5", data, kept, name)

    def test_types_are_moved_as_they_are(self):
        words = np.array(["word %d" % i * (i % 5) for i in range(60)], dtype=object)
        pairs = np.array([(i, i / 7, b"n%d" % i) for i in range(60)], dtype=[("a", "<i4"), ("b", ">f8"), ("c", "S8")])
        ragged = np.empty(60, dtype=object)
        for i in range(60):
            ragged[i] = np.arange(i % 4, dtype=np.int32)
        with self.make() as file:
            file.create_dataset("words", data=words, dtype=h5py.string_dtype(), chunks=(9,), compression="gzip")
            file.create_dataset("flat_words", data=words, dtype=h5py.string_dtype())
            file.create_dataset("ragged", data=ragged, dtype=h5py.vlen_dtype(np.int32), chunks=(10,))
            places = chunk_places(file.create_dataset("pairs", data=pairs, chunks=(10,), fletcher32=True))
            file["type"] = np.dtype([("r", "u1"), ("g", "u1")])
            file.create_dataset("colours", shape=(60,), dtype=file["type"])
            file.create_dataset("flags", data=np.arange(60) % 2 == 0)
            file.create_dataset("references", data=np.array([file["words"].ref] * 60, dtype=h5py.ref_dtype))
        self.clean_one([places[20,], places[50,]])
        kept = np.r_[0:20, 30:50]
        with h5py.File(self.clean / "a.h5") as copy:
            np.testing.assert_array_equal(copy["words"].asstr()[:], words[kept])
            np.testing.assert_array_equal(copy["flat_words"].asstr()[:], words[kept])
            np.testing.assert_array_equal(copy["pairs"][:], pairs[kept])
            for mine, theirs in zip(copy["ragged"][:], ragged[kept]):
                np.testing.assert_array_equal(mine, theirs)
            np.testing.assert_array_equal(copy["flags"][:], kept % 2 == 0)
            self.assertEqual(copy["colours"].id.get_type(), copy["type"].id)
            self.assertEqual(copy["references"].shape, (40,))
            self.assertEqual(copy[copy["references"][39]].name, "/words")

    def test_damaged_words(self):
        words = np.array(["word %d" % i for i in range(60)], dtype=object)
        with self.make() as file:
            dataset = file.create_dataset("words", data=words, dtype=h5py.string_dtype(), chunks=(10,), compression="gzip")
            places = chunk_places(dataset)
        self.clean_one([places[10,]])
        with h5py.File(self.clean / "a.h5") as copy:
            np.testing.assert_array_equal(copy["words"].asstr()[:], np.delete(words, np.r_[10:20]))

    def test_compact_data(self):
        with self.make() as file:
            places = chunk_places(file.create_dataset("x", data=np.arange(40), chunks=(8,), fletcher32=True))
            creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            creation.set_layout(h5py.h5d.COMPACT)
            dataset = h5py.h5d.create(file.id, b"y", h5py.h5t.NATIVE_INT16, h5py.h5s.create_simple((40,)), creation)
            dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(40, dtype=np.int16))
        self.clean_one([places[16,]])
        kept = np.r_[0:16, 24:40]
        self.check_rows("a.h5", np.arange(40), kept)
        self.check_rows("a.h5", np.arange(40), kept, "y")

    def test_filters_that_can_only_be_undone(self):
        """LZF: chunks that move whole stay compressed, others are stored plain, which the chunk's mask says."""
        data = np.repeat(np.arange(100, dtype=np.int32), 50).reshape(100, 50)
        with self.make() as file:
            x = file.create_dataset("x", data=data, chunks=(10, 50), compression="lzf", shuffle=True, fletcher32=True)
            y = file.create_dataset("y", data=data, chunks=(16, 50), compression="lzf", shuffle=True)
            places = chunk_places(x)
        said = self.clean_one([places[50, 0]])
        self.assertIn("2 with chunks that lose their compression", said)
        kept = np.delete(np.arange(100), np.r_[50:60])
        self.check_rows("a.h5", data, kept)
        self.check_rows("a.h5", data, kept, "y")
        with h5py.File(self.clean / "a.h5") as copy:
            self.assertEqual(copy["y"].compression, "lzf")
            self.assertEqual([copy["x"].id.get_chunk_info(i).filter_mask for i in range(9)], [0] * 9)
            self.assertEqual([copy["y"].id.get_chunk_info(i).filter_mask for i in range(6)], [0, 0, 0, 2, 2, 2])
        self.assertTrue(all(line["stored_plain"] for line in self.list() if line["type"] == "dataset"))

    def test_all_rows_bad(self):
        _, places = self.images_and_labels()
        self.flip("a.h5", list(places.values()))
        self.scan()
        self.run_clean(0, "a dataset has no good row: no clean file is written.*1 without a good record or row", "--force")
        self.assertEqual([path.name for path in self.clean.rglob("*") if path.is_file()], ["a.h5.rows.jsonl"])

    def test_more_bad_chunks_than_a_report_names(self):
        with self.make() as file:
            places = chunk_places(file.create_dataset("x", data=np.arange(4000), chunks=(10,), fletcher32=True))
        bad = [10 * i for i in range(0, 400, 3)]
        self.clean_one([places[row,] for row in bad])
        kept = np.array([row for row in range(4000) if row // 10 * 10 not in bad])
        self.check_rows("a.h5", np.arange(4000), kept)
        self.assertEqual([line["first_row"] for line in self.list() if line["type"] == "rows"], bad)

    # --- who goes together ---

    def test_company(self):
        with self.make() as file:
            places = {}
            for group, rows in (("train", 32), ("test", 32)):
                x = file.create_dataset(f"{group}/images", data=np.arange(rows), chunks=(4,), fletcher32=True)
                file[f"{group}/labels"] = np.arange(rows)
                file[f"{group}/shorter"] = np.arange(8)
                places[group] = chunk_places(x)
            file["weights"] = np.arange(32) # on the way to both
            file["train/deeper/table"] = np.arange(32)
        self.clean_one([places["train"][4,]])
        kept = np.r_[0:4, 8:32]
        with h5py.File(self.clean / "a.h5") as copy:
            for name in ("train/images", "train/labels", "weights"):
                np.testing.assert_array_equal(copy[name][:], kept, name)
            for name in ("test/images", "test/labels", "train/deeper/table"):
                np.testing.assert_array_equal(copy[name][:], np.arange(32), name)
            self.assertEqual(copy["train/shorter"].shape, (8,))
        self.assertEqual([line["dataset"] for line in self.list() if line["type"] == "kept"],
                         ["/test/images", "/test/labels", "/train/deeper/table"])
        # Damage in both groups: what they share loses all of it, and so do they.
        shutil.rmtree(self.clean)
        self.clean_one([places["test"][16,]])
        kept = np.r_[0:4, 8:16, 20:32]
        with h5py.File(self.clean / "a.h5") as copy:
            for name in ("train/images", "train/labels", "weights", "test/images", "test/labels"):
                np.testing.assert_array_equal(copy[name][:], kept, name)

    def test_one_row_tables_are_left_alone(self):
        with self.make() as file:
            places = chunk_places(file.create_dataset("x", data=np.arange(32), chunks=(4,), fletcher32=True))
            file["version"] = [3]
        self.clean_one([places[4,]])
        with h5py.File(self.clean / "a.h5") as copy:
            self.assertEqual(copy["version"][:], [3])

    def test_sparse_matrices_are_refused(self):
        with self.make() as file:
            data = file.create_dataset("X/data", data=np.arange(64.0), chunks=(16,), fletcher32=True)
            file["X/indices"], file["X/indptr"] = np.arange(64), np.arange(9)
            places = chunk_places(data)
        self.flip("a.h5", [places[16,]])
        self.refused("belongs to a sparse matrix")

    # --- links and references ---

    def test_links_are_kept_and_never_followed(self):
        canary = self.base / "canary.h5"
        with h5py.File(canary, "w") as file:
            file["x"] = np.arange(32)
        os.chmod(canary, 0)
        self.addCleanup(os.chmod, canary, 0o600)
        opened = os.stat(canary).st_atime_ns
        with self.make(track_order=True) as file:
            x = file.create_dataset("x", data=np.arange(32), chunks=(8,), fletcher32=True)
            file["hard"] = x
            file["soft"] = h5py.SoftLink("/x")
            file["nowhere"] = h5py.SoftLink("/not/there")
            file["outside"] = h5py.ExternalLink(str(canary), "/x")
            group = file.create_group("b", track_order=True)
            group["z"], group["a"] = 1, 2
            x.attrs["self"] = x.ref
            places = chunk_places(x)
        self.clean_one([places[8,]], stdout="")
        def in_order_of_creation(group):
            names = []
            group.id.links.iterate(names.append, idx_type=h5py.h5.INDEX_CRT_ORDER)
            return names

        with h5py.File(self.clean / "a.h5") as copy:
            self.assertEqual(in_order_of_creation(copy["b"]), [b"z", b"a"])
            self.assertEqual(set(copy), {"x", "hard", "soft", "nowhere", "outside", "b"})
            self.assertEqual(copy["hard"], copy["x"])
            self.assertEqual(copy["hard"].shape, (24,))
            self.assertEqual(copy.get("soft", getlink=True).path, "/x")
            self.assertEqual(copy.get("nowhere", getlink=True).path, "/not/there")
            link = copy.get("outside", getlink=True)
            self.assertEqual((link.filename, link.path), (str(canary), "/x"))
            self.assertEqual(copy[copy["x"].attrs["self"]], copy["x"])
        self.assertEqual(os.stat(canary).st_atime_ns, opened)


    def test_external_storage_and_virtual_datasets_are_refused(self):
        (self.root / "raw.bin").write_bytes(bytes(32 * 8))
        with self.make() as file:
            places = chunk_places(file.create_dataset("x", data=np.arange(32), chunks=(8,), fletcher32=True))
            file.create_dataset("y", shape=(32,), dtype="i8", external=[("raw.bin", 0, 256)])
        self.flip("a.h5", [places[8,]])
        self.refused("/y would lose rows too, and cannot: its data lie in other files")
        with self.make() as file:
            x = file.create_dataset("g/x", data=np.arange(32), chunks=(8,), fletcher32=True)
            layout = h5py.VirtualLayout(shape=(16,), dtype=x.dtype)
            layout[:] = h5py.VirtualSource(x)[:16]
            file.create_virtual_dataset("view", layout)
            places = chunk_places(x)
        self.flip("a.h5", [places[8,]])
        self.refused("the virtual dataset /view is made of rows of this file")

    def test_dimension_scales(self):
        """As netCDF-4 writes them."""
        with self.make() as file:
            for name, rows in (("time", 32), ("lat", 5)):
                file[name] = np.arange(rows, dtype="f4")
                file[name].make_scale(name)
            places = {}
            for name in ("t2m", "rain"):
                x = file.create_dataset(name, data=np.arange(160.0).reshape(32, 5), chunks=(4, 5), fletcher32=True)
                x.dims[0].attach_scale(file["time"])
                x.dims[1].attach_scale(file["lat"])
                places[name] = chunk_places(x)
        self.clean_one([places["t2m"][8, 0]])
        kept = np.r_[0:8, 12:32]
        with h5py.File(self.clean / "a.h5") as copy:
            np.testing.assert_array_equal(copy["time"][:], kept)
            self.assertEqual(copy["lat"].shape, (5,))
            for name in ("t2m", "rain"):
                self.assertEqual(copy[name].dims[0]["time"], copy["time"])
                self.assertEqual(copy[name].dims[1]["lat"], copy["lat"])
                self.assertEqual(copy[name].shape, (28, 5))
            users = {copy[reference].name for reference, _ in copy["time"].attrs["REFERENCE_LIST"]}
            self.assertEqual(users, {"/t2m", "/rain"})
        # A second dimension on the same scale does not lose rows: refused.
        shutil.rmtree(self.clean)
        with h5py.File(self.root / "a.h5", "r+") as file:
            file["turned"] = np.zeros((5, 32))
            file["turned"].dims[1].attach_scale(file["time"])
        self.refused("/time is a scale of dimension 1 of /turned, which keeps its length")

    def test_a_scale_in_another_group_is_refused(self):
        with self.make() as file:
            file["scales/time"] = np.arange(32)
            file["scales/time"].make_scale("time")
            x = file.create_dataset("x", data=np.arange(32), chunks=(4,), fletcher32=True)
            x.dims[0].attach_scale(file["scales/time"])
            places = chunk_places(x)
        self.flip("a.h5", [places[8,]])
        self.refused("/x has the scale /scales/time, which keeps its length")

    def test_region_references_into_what_is_cut_are_refused(self):
        for holder in ("dataset", "attribute"):
            with self.subTest(holder):
                with self.make() as file:
                    x = file.create_dataset("x", data=np.arange(32), chunks=(4,), fletcher32=True)
                    file["other"] = np.arange(5)
                    region, harmless = x.regionref[3:9], file["other"].regionref[1:3]
                    if holder == "dataset":
                        file.create_dataset("regions", data=np.array([harmless, region], dtype=h5py.regionref_dtype))
                    else:
                        file["other"].attrs.create("region", region, dtype=h5py.regionref_dtype)
                    places = chunk_places(x)
                self.flip("a.h5", [places[8,]])
                self.refused("holds references to regions of a dataset that loses rows")
        with self.make() as file:
            x = file.create_dataset("x", data=np.arange(32), chunks=(4,), fletcher32=True)
            file["other"] = np.arange(5)
            file.create_dataset("regions", data=np.array([file["other"].regionref[1:3]], dtype=h5py.regionref_dtype))
            places = chunk_places(x)
        self.clean_one([places[8,]])
        with h5py.File(self.clean / "a.h5") as copy:
            reference = copy["regions"][0]
            np.testing.assert_array_equal(copy["other"][reference], [1, 2])

    # --- what is no damage of rows ---

    def test_damage_of_the_index(self):
        """An entry that leads out of the file costs its rows; a cut file is no matter of rows."""
        for options in ({}, {"libver": "latest"}):
            with self.subTest(**options):
                with self.make(**options) as file:
                    x = file.create_dataset("x", data=np.arange(64), chunks=(8,), compression="gzip", maxshape=(None,))
                    file["y"] = np.arange(64)
                    places = chunk_places(x)
                if options:
                    continue # its index has a checksum: an entry cannot be changed alone
                path = self.root / "a.h5"
                content = path.read_bytes()
                address = places[16,][0].to_bytes(8, "little")
                self.assertEqual(content.count(address), 1)
                path.write_bytes(content.replace(address, (1 << 40).to_bytes(8, "little")))
                self.clean_one([])
                kept = np.r_[0:16, 24:64]
                self.check_rows("a.h5", np.arange(64), kept)
                self.check_rows("a.h5", np.arange(64), kept, "y")
                [rows] = [line for line in self.list() if line["type"] == "rows"]
                self.assertEqual((rows["first_row"], rows["rules"]), (16, ["hdf5.chunk.outside"]))
                shutil.rmtree(self.clean)

    def test_other_damage_beside_bad_rows_is_refused(self):
        _, places = self.images_and_labels()
        self.flip("a.h5", [places[16, 0, 0]])
        with h5py.File(self.root / "a.h5") as file:
            header = h5py.h5o.get_info(file["other"].id).addr
        with open(self.root / "a.h5", "r+b") as file: # a version 1 header has no checksum: its version
            file.seek(header)
            file.write(b"\x07")
        self.refused("hdf5.header.prefix is no damage of rows")

    # --- the process that writes ---

    def program_with(self, script):
        """The programs in a folder of their own, with another one in place of that which lets libhdf5 write."""
        folder = self.base / "bin"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name in ("datavet", "datavet-worker-hdf5"):
            shutil.copy2(BINARIES / name, folder / name)
        worker = folder / "datavet-worker-hdf5-cut"
        if script is not None:
            worker.write_text("#!/bin/sh\n" + script)
            worker.chmod(0o755)
        return str(folder / "datavet")

    def test_a_process_that_dies(self):
        _, places = self.images_and_labels()
        self.flip("a.h5", [places[16, 0, 0]])
        self.scan()
        for script, why in (("kill -SEGV $$", r"died \(killed by signal 11 \(Segmentation fault\)\)"), ("exit 5", r"died \(exit status 5\)"),
                            ("printf 'anything else' >&3; sleep 60", r"died \(killed by signal 9"),
                            ("dd if=/dev/zero of=/dev/fd/5 bs=1k count=9 conv=notrunc 2>/dev/null; kill -9 $$", "died")):
            with self.subTest(script):
                self.run_clean(3, why + ".*1 refused", "--force", program=self.program_with(script))
                self.assertEqual([path for path in self.clean.rglob("*") if path.is_file()], [])
        self.run_clean(3, "clean stopped at a.h5: datavet-worker-hdf5-cut is not in", "--force", program=self.program_with(None))
        self.run_clean(0, "1 clean HDF5 file written", "--force")

    def test_a_process_that_lies(self):
        """It says that it is done, and has done nothing: the copy is not what it shall be."""
        _, places = self.images_and_labels()
        self.flip("a.h5", [places[16, 0, 0]])
        self.scan()
        reply = "dvcutre\\000\\001\\000\\000\\000" + "\\000" * 516
        script = f"dd bs=4096 count=1 <&3 >/dev/null 2>&1; dd bs=4096 count=1 <&3 >/dev/null 2>&1; printf '{reply}' >&3"
        self.run_clean(3, "does not read back as it should, and was removed.*1 refused", "--force", program=self.program_with(script))
        self.assertEqual([path for path in self.clean.rglob("*") if path.is_file()], [])

    def test_packed_numbers_lose_rows_too(self):
        values = np.arange(103 * 8, dtype="i4").reshape(103, 8)
        with self.make() as file:
            file.create_dataset("lzf", data=values, chunks=(10, 8), compression="lzf", shuffle=True, fletcher32=True)
            for name, options in (("szip", {"compression": "szip"}), ("scaled", {"scaleoffset": 0}),
                                  ("both", {"scaleoffset": 0, "compression": "gzip"})):
                file.create_dataset(name, data=values, chunks=(10, 8), **options)
            place = chunk_places(file["lzf"])[(30, 0)]
        self.clean_one([place])
        with h5py.File(self.clean / "a.h5") as file:
            for name in ("lzf", "szip", "scaled", "both"):
                self.assertTrue((file[name][...] == np.delete(values, range(30, 40), axis=0)).all(), name)

    # --- pictures in rows ---

    def pictures(self, rows=40):
        def png(seed):
            pixels = np.random.default_rng(seed).integers(0, 255, (8, 8), dtype=np.uint8)
            raw = b"".join(b"\0" + bytes(row) for row in pixels)
            chunk = lambda kind, data: len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
            return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes([0, 0, 0, 8, 0, 0, 0, 8, 8, 0, 0, 0, 0])) +
                    chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))

        return [np.frombuffer(png(i), dtype=np.uint8) for i in range(rows)]

    def make_pictures(self, pictures):
        with self.make() as file:
            dataset = file.create_dataset("train/images", (len(pictures),), dtype=h5py.vlen_dtype(np.uint8), chunks=(8,))
            for i, picture in enumerate(pictures):
                dataset[i] = picture
            file["train/labels"] = np.arange(len(pictures))

    def test_a_row_whose_picture_is_bad(self):
        pictures = self.pictures()
        damaged = [picture.copy() for picture in pictures]
        damaged[17][50] ^= 1                                     # a CRC tells
        damaged[31] = np.frombuffer(b"no picture at all, but long enough to be one", dtype=np.uint8)
        self.make_pictures(damaged)
        self.assertEqual(self.scan().returncode, 1)
        self.run_clean(0, "1 clean HDF5 file written", "--force")
        self.assertEqual(datavet("scan", self.clean).returncode, 0)
        good = [i for i in range(len(pictures)) if i not in (17, 31)]
        with h5py.File(self.clean / "a.h5") as file:
            self.assertEqual(list(file["train/labels"]), good)
            for row, i in enumerate(good):
                self.assertEqual(bytes(file["train/images"][row]), bytes(pictures[i]))
        self.assertEqual([(line["first_row"], line["rows"]) for line in self.list() if line["type"] == "rows"], [(17, 1), (31, 1)])

    def test_a_reference_that_leads_nowhere(self):
        pictures = self.pictures(16)
        self.make_pictures(pictures)
        path = self.root / "a.h5"
        with h5py.File(path) as file:
            (offset, size), = [place for at, place in chunk_places(file["train/images"]).items() if at == (8,)]
        with open(path, "r+b") as file: # an element: length, address of the collection, number in it
            file.seek(offset + 3 * 16 + 4)
            file.write((1 << 40).to_bytes(8, "little"))
        self.assertEqual(self.scan().returncode, 1)
        self.run_clean(0, "1 clean HDF5 file written", "--force")
        with h5py.File(self.clean / "a.h5") as file:
            self.assertEqual(list(file["train/labels"]), [i for i in range(16) if i != 11])

    def test_the_report_of_a_scan_without_end(self):
        self.images_and_labels()
        self.scan()
        lines = [json.loads(line) for line in self.report.read_text().splitlines()]
        lines[-1]["complete"] = False
        self.report.write_text("".join(json.dumps(line) + "\n" for line in lines))
        self.run_clean(2, "did not go to its end")


if __name__ == "__main__":
    unittest.main()
