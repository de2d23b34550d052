#!/usr/bin/env python3
"""Whole programs side by side in one run: datavet and the tools people use, on data made by datavet-demo-data.

usage: whole_program.py BUILD_DIRECTORY [--rounds N] [--photos DIR] [--work DIR] [--only jpeg,png,...]

Every command runs once to warm the page cache, then in turn with its rivals; medians. One core: taskset -c 0.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

PILLOW = """import sys
from PIL import Image
for name in sys.stdin.read().split('\\n'):
    if name: Image.open(name).load()
"""
OPENCV = """import sys, cv2
cv2.setNumThreads(1)
for name in sys.stdin.read().split('\\n'):
    if name: cv2.imread(name)
"""
H5PY = """import sys, h5py
with h5py.File(sys.argv[1], 'r') as f:
    f.visititems(lambda n, o: o[...] if isinstance(o, h5py.Dataset) else None) and None
"""
# 1,000,000 chunks of 16 numbers: in the B-tree that h5py writes unless told otherwise, and in an extensible array.
TINY_CHUNKS = """import sys, h5py, numpy
numbers = numpy.random.default_rng(1).integers(0, 50, 16_000_000, dtype=numpy.int32)
with h5py.File(sys.argv[1], 'w', libver=sys.argv[2]) as f:
    shape = {'maxshape': (None,)} if sys.argv[2] == 'latest' else {'compression': 'gzip', 'compression_opts': 1, 'shuffle': True}
    f.create_dataset('numbers', data=numbers, chunks=(16,), fletcher32=True, **shape)
"""


def timed(command, stdin=None, shell=False):
    start = time.perf_counter()
    subprocess.run(command, stdin=open(stdin) if stdin else subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, shell=shell)
    return time.perf_counter() - start


def compare(title, size, ours, rivals, rounds):
    """rivals: name -> command or (command, standard input). Prints a table of medians and ratios to ours."""
    commands = {"datavet": ours, **rivals}
    times = {name: [] for name in commands}
    for round_number in range(rounds + 1):
        for name, command in commands.items():
            arguments, stdin = command if isinstance(command, tuple) else (command, None)
            spent = timed(arguments, stdin, shell=isinstance(arguments, str))
            if round_number > 0:
                times[name].append(spent)
    base = statistics.median(times["datavet"])
    print(f"\n{title} ({size / 1e6:.0f} MB)")
    for name, spent in times.items():
        middle = statistics.median(spent)
        print(f"  {name:28} {middle:8.3f} s  {size / middle / 1e6:9.0f} MB/s  spread {min(spent):.3f}-{max(spent):.3f}  {middle / base:5.2f} x datavet's time")
    sys.stdout.flush()


def size_of(path):
    path = pathlib.Path(path)
    return sum(f.stat().st_size for f in path.rglob("*") if f.is_file()) if path.is_dir() else path.stat().st_size


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--photos", help="a folder of real JPEGs to measure beside the made ones")
    parser.add_argument("--work", help="where to keep the data (default: a temporary folder)")
    parser.add_argument("--only", default="jpeg,png,tfrecord,hdf5,small")
    chosen = parser.parse_args()
    datavet, make = str(chosen.build / "datavet"), str(chosen.build / "datavet-demo-data")
    work = pathlib.Path(chosen.work or tempfile.mkdtemp(prefix="datavet-bench-"))
    work.mkdir(exist_ok=True)
    one_core = ["taskset", "-c", "0"]
    python = one_core + ["/usr/bin/python3", "-c"]
    only = chosen.only.split(",")

    def made(name, *arguments):
        if not (work / name).exists():
            subprocess.run([make, arguments[0], work / name, *map(str, arguments[1:])], check=True)
        return work / name

    def listed(folder):
        names = work / (folder.name + ".names")
        pictures = (f for f in sorted(folder.rglob("*")) if f.suffix.lower() in (".jpg", ".jpeg", ".png"))
        names.write_text("\n".join(map(str, pictures)))
        return str(names)

    def ours(path, *flags):
        return one_core + [datavet, "scan", str(path), "-q", "-j", "1", "-o", "/dev/null", *flags]

    def with_tool(rivals, name, tool, command):
        if shutil.which(tool):
            rivals[name] = command
        return rivals

    if "jpeg" in only:
        folders = [made("jpeg", "--jpeg", 300)] + ([pathlib.Path(chosen.photos)] if chosen.photos else [])
        for folder in folders:
            names = listed(folder)
            rivals = {"Pillow load": (python + [PILLOW], names), "OpenCV imread": (python + [OPENCV], names)}
            with_tool(rivals, "jpeginfo -c", "jpeginfo", f"taskset -c 0 xargs -a {names} -d '\\n' jpeginfo -c -q")
            rivals["cat"] = f"taskset -c 0 xargs -a {names} -d '\\n' cat"
            compare(f"JPEG, depth content: {folder.name}", size_of(folder), ours(folder), rivals, chosen.rounds)
    if "png" in only:
        folder = made("png", "--png", 150)
        names = listed(folder)
        rivals = {"Pillow load": (python + [PILLOW], names), "OpenCV imread": (python + [OPENCV], names)}
        with_tool(rivals, "pngcheck -q", "pngcheck", f"taskset -c 0 xargs -a {names} -d '\\n' pngcheck -q")
        rivals["datavet --depth checksum"] = ours(folder, "--depth", "checksum")
        rivals["cat"] = f"taskset -c 0 xargs -a {names} -d '\\n' cat"
        compare("PNG, depth content", size_of(folder), ours(folder), rivals, chosen.rounds)
    if "tfrecord" in only:
        # A read() loop is the limit: the kernel's copy alone.
        read_loop = str(chosen.build / "bench/datavet_bench_read_loop")
        shards = {"records of 110 KB": made("big.tfrecord", "--tfrecord", 1_000_000_000, 110_000),
                  "records of 300 bytes": made("little.tfrecord", "--tfrecord", 1_000_000_000, 300),
                  "tf.Examples of 290 bytes": made("examples.tfrecord", "--examples", 1_000_000_000),
                  "a hole of 1 GiB": made("hole.tfrecord", "--hole", 64_000_000, 110_000, 1 << 30)}
        for what, shard in shards.items():
            rivals = {"read() loop": one_core + [read_loop, str(shard)], "cat": one_core + ["cat", str(shard)]}
            compare(f"TFRecord, {what}", size_of(shard), ours(shard), rivals, chosen.rounds)
        two = work / "two"
        if not two.exists():
            two.mkdir()
            os.link(work / "big.tfrecord", two / "a.tfrecord")
            shutil.copy(work / "big.tfrecord", two / "b.tfrecord")
        compare("TFRecord, records of 110 KB, two shards on two cores", size_of(two), [datavet, "scan", str(two), "-j2", "-q", "--exit-zero"],
                {"read() loop, two threads": [read_loop, "2", str(two / "a.tfrecord"), str(two / "b.tfrecord")]}, chosen.rounds)
    if "hdf5" in only:
        files = {"gzip + shuffle + Fletcher-32": made("images.h5", "--hdf5", 30_000)}
        for what, name, version in (("1,000,000 tiny chunks, B-tree, the same filters", "tiny.h5", "earliest"),
                                    ("1,000,000 tiny chunks, extensible array, Fletcher-32", "tiny_latest.h5", "latest")):
            files[what] = work / name
            if not files[what].exists():
                subprocess.run(["/usr/bin/python3", "-c", TINY_CHUNKS, files[what], version], check=True)
        for what, file in files.items():
            rivals = {"h5py": python + [H5PY, str(file)]}
            for depth in ("structure", "checksum"):
                rivals[f"datavet --depth {depth}"] = ours(file, "--depth", depth)
            compare(f"HDF5, {what}", size_of(file), ours(file), rivals | {"cat": one_core + ["cat", str(file)]}, chosen.rounds)
            compare(f"HDF5, {what}, two cores", size_of(file), [datavet, "scan", str(file), "-q", "-j2", "-o", "/dev/null"],
                    {"h5py": ["/usr/bin/python3", "-c", H5PY, str(file)]}, chosen.rounds)
    if "small" in only:
        folder = made("small", "--small", 200_000)
        rivals = {"datavet --depth structure": ours(folder, "--depth", "structure"), "cat": f"taskset -c 0 find {folder} -type f -print0 | taskset -c 0 xargs -0 cat"}
        compare("200,000 small files", size_of(folder), ours(folder), rivals, min(chosen.rounds, 3))
    print(f"\ndata: {work}")


main()
