#!/usr/bin/env python3
"""Nothing outside an HDF5 file is opened, whatever the file names: external storage, external links, virtual datasets, the
parts of a family file, plugins. Each name leads to a canary; strace watches every process of a scan.

usage: canary_test.py BINARY_DIRECTORY [unittest arguments]
Exit 77: strace or h5py are not there.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BINARIES = pathlib.Path(sys.argv.pop(1)).resolve()
DATAVET = str(BINARIES / "datavet")

try:
    import h5py
    import numpy
except ImportError:
    print("h5py is not there")
    sys.exit(77)


def can_trace():
    try:
        run = subprocess.run(["strace", "-f", "-o", "/dev/null", "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return run.returncode == 0
    except OSError:
        return False


if not can_trace():
    print("strace cannot trace here")
    sys.exit(77)


class Canary(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = pathlib.Path(folder.name)
        self.root = self.top / "data"
        self.root.mkdir()
        (self.root / "sub").mkdir()
        (self.top / "outside").mkdir()
        # Each place a name may lead to, beside the file or not.
        self.canaries = [self.root / "canary.ext", self.root / "sub/canary.ext", self.top / "outside/canary.ext"]
        for canary in self.canaries:
            with h5py.File(canary, "w") as file:  # as raw data it is as good as any
                file["secret"] = numpy.arange(1000)
        self.names = ["canary.ext", "./sub/../canary.ext", "sub/canary.ext", "../outside/canary.ext", "../data/../outside/canary.ext",
                      str(self.top / "outside/canary.ext"), str(self.root / "sub/../../outside/canary.ext")]

    def tearDown(self):
        for folder, _, _ in os.walk(self.top):
            os.chmod(folder, 0o755)

    def scan(self, *flags, environment=None):
        """The findings of all files, and what all processes opened."""
        trace = self.top / "trace"
        run = subprocess.run(["strace", "-f", "-s", "4096", "-e", "trace=%file,execve", "-o", str(trace), DATAVET, "scan", str(self.root), "--all",
                              "--only", "hdf5", "--depth", "decode", "--format", "jsonl", "--exit-zero", *flags],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=300,
                             cwd=self.root, env={**os.environ, **(environment or {})})
        samples = [json.loads(line) for line in run.stdout.decode().splitlines()]
        self.assertIn(run.returncode, (0, 3), run.stderr.decode())
        return {s["path"]: s for s in samples if s["type"] == "sample"}, trace.read_text(errors="replace")

    def touched(self, trace, word):
        """Lines in which a file is opened, looked at or run, but for listings of the scan's own folder."""
        return [line for line in trace.splitlines() if word in line]

    def expect_unread(self, expected_rule):
        """Hides the canaries' names from the scan's own walk: what opens one then goes by the file's word."""
        hidden = self.root / ".datavetignore"
        samples, trace = self.scan("--exclude", "*.ext")
        opened = [line for line in self.touched(trace, "canary") if not line.split("(", 1)[-1].startswith(f'"{DATAVET}')]
        self.assertEqual(opened, [], "a name out of a file was opened")
        self.assertTrue("hdf5" in trace and ".h5" in trace, "the trace shows nothing")
        self.assertFalse(hidden.exists())
        for name, path in self.files.items():
            findings = samples[path.name]["findings"]
            said = [f for f in findings if f["rule"] == expected_rule and name.split("/")[-1] in f["detail"]]
            self.assertTrue(said, (path.name, findings))
            leaves = name.startswith("/") or name.startswith("../") or "/../" in name
            self.assertEqual("outside the dataset's folder" in said[0]["detail"], leaves, said)

    def test_external_storage(self):
        self.files = {}
        for i, name in enumerate(self.names):
            path = self.files[name] = self.root / f"storage{i}.h5"
            with h5py.File(path, "w") as file:
                space = h5py.h5s.create_simple((1000,))
                creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
                creation.set_external(name.encode(), 0, 8000)
                h5py.h5d.create(file.id, b"data", h5py.h5t.STD_I64LE, space, creation)
        self.expect_unread("hdf5.storage.external")

    def test_external_links(self):
        self.files = {}
        for i, name in enumerate(self.names):
            path = self.files[name] = self.root / f"link{i}.h5"
            with h5py.File(path, "w") as file:
                file["out"] = h5py.ExternalLink(name, "/secret")
                file["through"] = h5py.SoftLink("/out")
        self.expect_unread("hdf5.link.external")

    def test_virtual_datasets(self):
        self.files = {}
        for i, name in enumerate(self.names):
            path = self.files[name] = self.root / f"virtual{i}.h5"
            layout = h5py.VirtualLayout(shape=(1000,), dtype="i8")
            layout[:] = h5py.VirtualSource(name, "secret", shape=(1000,))
            with h5py.File(path, "w", libver="latest") as file:
                file.create_virtual_dataset("data", layout)
        self.expect_unread("hdf5.dataset.virtual")

    def test_virtual_datasets_of_a_pattern(self):
        whole, part = h5py.h5s.create_simple((4, 1000), (h5py.h5s.UNLIMITED, 1000)), h5py.h5s.create_simple((1, 1000))
        whole.select_hyperslab((0, 0), (h5py.h5s.UNLIMITED, 1), stride=(1, 1), block=(1, 1000))
        creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        creation.set_virtual(whole, b"canary%b.ext", b"secret", part)
        with h5py.File(self.root / "pattern.h5", "w", libver="latest") as file:
            h5py.h5d.create(file.id, b"data", h5py.h5t.STD_I64LE, h5py.h5s.create_simple((4, 1000), (h5py.h5s.UNLIMITED, 1000)), creation)
        samples, trace = self.scan("--exclude", "*.ext")
        self.assertEqual(self.touched(trace, "canary"), [])
        self.assertIn("pattern.h5", samples)

    def test_parts_of_a_family(self):
        whole = self.root / "whole-%05d.h5"
        try:
            with h5py.File(str(whole), "w", driver="family", memb_size=4096) as file:
                file["data"] = numpy.arange(4000)
        except (AttributeError, ValueError):
            self.skipTest("this h5py writes no family of files")
        for i, part in enumerate(sorted(self.root.glob("whole-*.h5"))):
            if i > 0:
                part.rename(part.with_name(part.name.replace("whole", "canary-whole")))
                os.symlink(part.with_name(part.name.replace("whole", "canary-whole")).name, part)
        first = self.root / "whole-00000.h5"
        samples, trace = self.scan("--exclude", "canary*")
        self.assertEqual([line for line in self.touched(trace, "canary") if "open" in line], [])
        self.assertIn(first.name, samples)
        self.assertNotEqual(samples[first.name]["verdict"], "healthy")

    def test_plugins(self):
        """A filter that nobody has makes libhdf5 look for a plugin: code that a file chooses."""
        plugins = self.top / "canary-plugins"
        plugins.mkdir()
        shutil.copy("/bin/true", plugins / "libcanary.so")
        with h5py.File(self.root / "filter.h5", "w") as file:
            space = h5py.h5s.create_simple((100,))
            creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            creation.set_chunk((10,))
            creation.set_filter(32765, h5py.h5z.FLAG_OPTIONAL, (1, 2, 3))
            h5py.h5d.create(file.id, b"data", h5py.h5t.STD_I64LE, space, creation).write(h5py.h5s.ALL, h5py.h5s.ALL, numpy.arange(100))
        samples, trace = self.scan(environment={"HDF5_PLUGIN_PATH": str(plugins), "HDF5_PLUGIN_PRELOAD": ""})
        self.assertEqual([line for line in self.touched(trace, "canary-plugins") if "execve" not in line], [])
        self.assertEqual([line for line in trace.splitlines() if re.search(r'"/usr/[^"]*hdf5/lib/plugin', line)], [])
        self.assertIn("filter.h5", samples)


if __name__ == "__main__":
    unittest.main()
