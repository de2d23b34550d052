#!/usr/bin/env python3
"""Every system call of a clean fails once, or is the last before a kill -9: under a final name stands a file that is whole, or
nothing; the originals are untouched; and the same command again does the rest.

usage: fault_test.py CLEAN_DRIVER [--jobs N]

A first run under strace lists the calls; then each one is hit in a run of its own (strace -e inject). A kill changes the
outcome only between calls that change the disk, so those are where it strikes; errors strike every call. Kills do not test
fsync: the page cache survives them.
"""
import argparse
import collections
import concurrent.futures
import gzip
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

CHANGES_THE_DISK = {"mkdir", "mkdirat", "openat", "write", "fsync", "renameat2", "renameat", "linkat", "unlinkat", "fchmod"}
CAN_BE_FULL = {"mkdir", "mkdirat", "openat", "write", "fsync", "renameat2", "renameat", "linkat"}
NOT_OURS = {"brk", "mmap", "munmap", "mprotect", "madvise", "futex", "exit_group", "exit", "getppid", "geteuid"}


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def record(data):
    length = struct.pack("<Q", len(data))
    return length + masked(length) + data + masked(data)


def shard(bad):
    """Frames, and the offsets of the bad ones."""
    frames = [record(bytes([number]) * size) for number, size in enumerate((100, 3000, 0, 700))]
    for number in bad:
        frames[number] = frames[number][:-1] + bytes([frames[number][-1] ^ 1])
    return frames, [(number, sum(map(len, frames[:number]))) for number in bad]


PLAIN, PLAIN_BAD = shard([1, 3])
PACKED, PACKED_BAD = shard([0])
FILES = {
    b"sub/dir\n/\xff b.tfrecord": (b"".join(PLAIN), PLAIN_BAD),
    b"z.tfrecord": (gzip.compress(b"".join(PACKED)), PACKED_BAD),
}


LOCK_FILE = b".datavet-clean.lock"


class Site:
    """The folders of one worker."""

    def __init__(self, driver, base):
        self.driver, self.base, self.said = driver, tempfile.mkdtemp(dir=base), ""
        self.root, self.target = (os.path.join(self.base, name).encode() for name in ("data", "clean"))
        self.items, self.trace = (os.path.join(self.base, name) for name in ("items", "strace.log"))
        lines = []
        for name, (content, bad) in FILES.items():
            path = os.path.join(self.root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
            os.chmod(path, 0o640)
            status = os.stat(path)
            cells = [name.hex(), status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]
            lines.append(cells + [cell for place in bad for cell in place])
        with open(self.items, "w") as file:
            file.writelines(" ".join(map(str, cells)) + "\n" for cells in lines)
        self.before = self.tree(self.root)

    def remove(self):
        shutil.rmtree(self.base)

    def expect(self, condition, what):
        if not condition:
            raise AssertionError(f"{what}\n{self.said}")

    def run(self, injection=None, log=None, always=None):
        arguments = [self.driver, self.root, self.target, self.items]
        inject = [option for each in (injection, always) if each for option in ("-e", f"inject={each}")]
        if log:
            arguments = ["strace", "-f", "-o", log] + inject + arguments
        elif inject:
            calls = ",".join(each.split(":")[0] for each in (injection, always) if each)
            # --seccomp-bpf is faster, but strace 6.1 then injects no signal, and says nothing.
            fast = [] if "signal" in injection else ["--seccomp-bpf"]
            arguments = ["strace", "-f", *fast, "-o", self.trace, "-e", f"trace={calls}"] + inject + arguments
        done = subprocess.run(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60)
        self.said = done.stderr.decode(errors="replace")
        if injection and "signal=KILL" in injection:
            self.expect(done.returncode == -9, f"{injection} killed nothing")
        elif injection:
            with open(self.trace, errors="replace") as trace:
                self.expect("(INJECTED)" in trace.read(), f"{injection} disturbed nothing")
        return done.returncode

    @staticmethod
    def tree(folder):
        files = {}
        for where, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(where, name)
                status = os.stat(path)
                with open(path, "rb") as file:
                    files[os.path.relpath(path, folder)] = (file.read(), status.st_mode)
        return files

    def start_over(self):
        shutil.rmtree(self.target, ignore_errors=True)

    def calls(self, always=None):
        """How often each system call comes before and after the driver's mark, getppid()."""
        self.start_over()
        self.expect(self.run(log=self.trace, always=always) == 0, "the undisturbed run failed")
        before, after, marked = collections.Counter(), collections.Counter(), False
        for line in open(self.trace, errors="replace"):
            if call := re.match(r"\d+\s+(\w+)\(", line):
                marked = marked or call[1] == "getppid"
                (after if marked else before)[call[1]] += 1
        return before, after

    def check_point(self, injection, wanted, always=None):
        self.start_over()
        code = self.run(injection, always=always)
        self.expect(code in (0, 1, 2, 3, -9), f"ended with {code}")
        self.check(wanted, whole=code == 0)
        if code != -9:
            left = [name for name in self.tree(self.target) if name.endswith(b".part")]
            # Only where the removal itself was what failed.
            self.expect(not left or "unlinkat" in injection, f"left {left}")
        self.expect(self.run() == 0, "the same command again failed")
        self.check(wanted, whole=True)

    def check(self, wanted, whole):
        self.expect(self.tree(self.root) == self.before, "an original was touched")
        there = {name: file for name, file in self.tree(self.target).items() if not name.endswith((b".part", LOCK_FILE))}
        for name, file in there.items():
            self.expect(file == wanted.get(name), f"{name} is not whole")
        if whole:
            self.expect(set(there) == set(wanted), f"missing {set(wanted) - set(there)}")
        for name in FILES:
            if name in there:
                of_shard = {other for other in wanted if other.startswith((name, b"dead-letter/" + name))}
                self.expect(of_shard <= set(there), f"{name} got its name before {of_shard - set(there)}")


def injections(site, always=None):
    before, after = site.calls(always)
    for call, count in sorted(after.items()):
        if call in NOT_OURS or (always and always.startswith(call + ":")):
            continue
        for number in range(before[call] + 1, before[call] + count + 1):
            if call in CHANGES_THE_DISK:
                yield f"{call}:signal=KILL:when={number}"
            if always:
                continue
            yield f"{call}:error=EIO:when={number}"
            if call in CAN_BE_FULL:
                yield f"{call}:error=ENOSPC:when={number}"
            if call == "write":
                yield f"{call}:retval=1:when={number}"  # a disk that says it wrote a byte and did not


def check_wanted(site, wanted):
    """The undisturbed run gives what the other tests demand; here: the good records, and the bad ones as they were."""
    for name, frames, bad in ((b"sub/dir\n/\xff b.tfrecord", PLAIN, [1, 3]), (b"z.tfrecord", PACKED, [0])):
        unpack = gzip.decompress if name.startswith(b"z") else bytes
        good = b"".join(frame for number, frame in enumerate(frames) if number not in bad)
        site.expect(unpack(wanted[name][0]) == good, f"{name} holds other records")
        site.expect(unpack(wanted[b"dead-letter/" + name][0]) == b"".join(record(frames[number]) for number in bad), "dead letters")
        site.expect(wanted[b"dead-letter/" + name + b".provenance.jsonl"][0].count(b"\n") == len(bad), "provenance")
    site.expect(len(wanted) == 7, f"{sorted(wanted)}")


def check_network_file_system(site, wanted):
    """NFS locks only what is open for writing, which a folder cannot be."""
    site.start_over()
    site.expect(site.run("flock:error=EBADF:when=1") == 0, "no lock file took the place of the folder's lock")
    there = site.tree(site.target)
    site.expect(there.pop(LOCK_FILE, None) is not None and there == wanted, f"{sorted(there)}")
    site.start_over()
    site.expect(site.run("flock:error=ENOLCK") == 2 and "cannot be locked" in site.said, "went on without a lock")


def ptrace_works():
    if not shutil.which("strace"):
        return False
    return subprocess.run(["strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=getppid", "true"],
                          stderr=subprocess.DEVNULL).returncode == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("driver")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    if not ptrace_works():
        print("skipped: strace is missing or may not trace here")
        return 77
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else os.getcwd()
    started, failures = time.monotonic(), []
    sites = [Site(os.path.abspath(options.driver), base) for _ in range(options.jobs)]
    expected = []
    for site in sites:
        site.expect(site.run() == 0, "the undisturbed run failed")
        expected.append(site.tree(site.target))
        check_wanted(site, expected[-1])
    # NFS and others: RENAME_NOREPLACE is not to be had, and a link and an unlink take its place.
    always = "renameat2:error=EINVAL"
    points = [(each, None) for each in injections(sites[0])] + [(each, always) for each in injections(sites[0], always)]
    points.append(("exit_group:signal=KILL:when=1", None))

    def work(worker):
        for injection, beside in points[worker::len(sites)]:
            try:
                sites[worker].check_point(injection, expected[worker], beside)
            except AssertionError as failure:
                failures.append(f"{injection} {beside or ''}: {failure}")

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(work, range(len(sites))))
    try:
        check_network_file_system(sites[0], expected[0])
    except AssertionError as failure:
        failures.append(str(failure))
    for site in sites:
        site.remove()
    for failure in failures[:20]:
        print(failure)
    kills = sum("KILL" in injection for injection, _ in points)
    print(f"{len(points)} fault points, {kills} of them kills, in {time.monotonic() - started:.0f} s: {len(failures)} failures")
    return 1 if failures or len(points) < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
