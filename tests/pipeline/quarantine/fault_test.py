#!/usr/bin/env python3
"""Every system call of a quarantine and of a restore fails once, or is the last before a kill -9; then the same
command runs again, and no file may be lost, doubled or damaged.

usage: fault_test.py QUARANTINE_DRIVER [--pairs] [--only NAME] [--jobs N]

Exhaustive, after SQLite's anomaly tests: a first run under strace lists the calls; then each one is hit in a run
of its own (strace -e inject). A kill changes the outcome only between calls that change the disk, so those are
where it strikes; errors strike every call. Kills do not test fsync: the page cache survives them.
"""
import argparse
import collections
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

RECORD_SPAN = (1, 5, 9)  # ordinal, offset, size in the shard
FILES = {
    b"a.jpg": b"first",
    b"sub/dir\n/\xff b.png": b"second" * 20_000,  # a name that is no UTF-8 and no line; more than a page
    b"shard.tfrecord": bytes(range(64)),
}
MOVED = [name for name in FILES if not name.endswith(b".tfrecord")]
RECORD = b"records/shard.tfrecord#1.record"

CHANGES_THE_DISK = {
    "mkdir", "mkdirat", "openat", "write", "ftruncate", "fsync", "fdatasync", "renameat2", "renameat", "linkat",
    "unlinkat", "fchown", "fchmod", "fsetxattr", "utimensat"}
CAN_BE_FULL = {
    "mkdir", "mkdirat", "openat", "write", "fsync", "fdatasync", "renameat2", "renameat", "linkat", "fsetxattr"}
NOT_OURS = {"brk", "mmap", "munmap", "mprotect", "madvise", "futex", "exit_group", "exit", "getppid", "geteuid"}


class Case:
    """A tree, a quarantine directory, and the command that is to be disturbed."""

    def __init__(self, name, mode, root_on, quarantine_on, command="quarantine", before=None, always=None, errors=True,
                 pairs=False):
        self.name, self.mode, self.command = name, mode, command
        self.root_on, self.quarantine_on = root_on, quarantine_on
        self.before = before  # an injection into an earlier run: this case starts from what it left
        self.always = always  # an injection into the disturbed run besides the point's own
        self.errors = errors  # else only kills
        self.pairs = pairs    # not one point, but each kill followed by each kill of the recovery


class Site:
    """The folders of one worker."""

    def __init__(self, driver, base, other):
        self.driver = driver
        self.folders = {"base": tempfile.mkdtemp(dir=base)}
        if other:
            self.folders["other"] = tempfile.mkdtemp(dir=other)

    def remove(self):
        for folder in self.folders.values():
            shutil.rmtree(folder)

    def prepare(self, case):
        self.case = case
        self.root = os.path.join(self.folders[case.root_on], "data").encode()
        self.quarantine = os.path.join(self.folders[case.quarantine_on], "quarantine").encode()
        self.items = os.path.join(self.folders["base"], "items")
        self.trace = os.path.join(self.folders["base"], "strace.log")
        for folder in (self.root, self.quarantine):
            shutil.rmtree(folder, ignore_errors=True)
        lines = []
        for number, (name, content) in enumerate(FILES.items()):
            path = os.path.join(self.root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
            os.chmod(path, 0o640)
            os.utime(path, ns=(10**18, mtime_of(number)))
            status = os.stat(path)
            cells = [name.hex(), status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]
            lines.append(cells + (list(RECORD_SPAN) if name not in MOVED else []))
        with open(self.items, "w") as file:
            file.writelines(" ".join(map(str, cells)) + "\n" for cells in lines)
        if case.command == "restore":
            self.expect(self.run("quarantine") == 0, "quarantine before the restore failed")
        if case.before:
            self.run(case.command, case.before)

    def run(self, command, injection=None, log=None):
        arguments = [self.driver, command]
        arguments += [self.root, self.quarantine, self.case.mode, self.items] if command == "quarantine" else [self.quarantine]
        injections = [injection] if injection else []
        if self.case.always and (injection or log):
            injections.append(self.case.always)
        inject = [option for each in injections for option in ("-e", f"inject={each}")]
        if log:
            arguments = ["strace", "-f", "-o", log] + inject + arguments
        elif injections:
            calls = ",".join(each.split(":")[0] for each in injections)
            # --seccomp-bpf is faster, but strace 6.1 then injects no signal, and says nothing.
            fast = [] if "signal" in str(injections) else ["--seccomp-bpf"]
            arguments = ["strace", "-f", *fast, "-o", self.trace, "-e", f"trace={calls}"] + inject + arguments
        done = subprocess.run(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.said = done.stderr.decode(errors="replace")
        if injection and "signal=KILL" in injection:
            self.expect(done.returncode == -9, f"{injection} killed nothing")
        elif injection:
            with open(self.trace, errors="replace") as trace:
                self.expect("(INJECTED)" in trace.read(), f"{injection} disturbed nothing")
        return done.returncode

    def expect(self, condition, what):
        if not condition:
            raise AssertionError(f"{what}\n{self.said if hasattr(self, 'said') else ''}")

    # ---- what must hold

    def copies(self, name):
        """The places where the file stands, and whether each holds its bytes and time."""
        places = []
        for number, where in ((0, self.root), (1, os.path.join(self.quarantine, b"files"))):
            path = os.path.join(where, name)
            if os.path.lexists(path):
                with open(path, "rb") as file:
                    sound = file.read() == FILES[name]
                sound = sound and os.stat(path).st_mtime_ns == mtime_of(list(FILES).index(name))
                places.append((number, sound))
        return places

    def check_nothing_is_lost(self):
        for name in FILES:
            places = self.copies(name)
            self.expect(places, f"{name} is lost")
            self.expect(all(sound for _, sound in places), f"{name} is damaged")

    def check_leftovers(self):
        known = set(FILES)
        for where, _, names in os.walk(self.root):
            for name in names:
                relative = os.path.relpath(os.path.join(where, name), self.root)
                self.expect(relative in known, f"{relative} was left in the dataset")
        for where, _, names in os.walk(self.quarantine):
            self.expect(not [name for name in names if name.endswith(b".part")], f"a .part was left in {where}")

    def check_at(self, moved, quarantined):
        """Each moved file stands exactly once (twice after copy and link), and the shard where it was."""
        expected = {"move": [1], "copy": [0, 1], "link": [0, 1], "list": [0]}[moved] if quarantined else [0]
        for name in FILES:
            wanted = expected if name in MOVED else [0]
            places = [number for number, _ in self.copies(name)]
            self.expect(places == wanted, f"{name} stands at {places}, expected {wanted}")
        if quarantined and moved != "list":
            with open(os.path.join(self.quarantine, RECORD), "rb") as file:
                _, offset, size = RECORD_SPAN
                self.expect(file.read() == FILES[b"shard.tfrecord"][offset:offset + size], "the record is damaged")
        self.check_leftovers()

    def check_resumed(self):
        quarantined = self.case.command == "quarantine"
        self.expect(self.run(self.case.command) == 0, "the resumed run failed")
        self.check_nothing_is_lost()
        self.check_at(self.case.mode, quarantined)
        excluded = os.path.join(self.quarantine, b"excluded.nul")
        named = set(open(excluded, "rb").read().split(b"\0")) - {b""} if os.path.exists(excluded) else set()
        self.expect(named == (set(MOVED) if quarantined and self.case.mode != "move" else set()), f"excluded: {named}")


def mtime_of(number):
    return 1_500_000_000_123_456_789 + number


def calls_of(site, case):
    """How often each system call comes before and after the driver's mark, getppid()."""
    site.prepare(case)
    site.expect(site.run(case.command, log=site.trace) == 0, "the undisturbed run failed")
    site.check_at(case.mode, case.command == "quarantine")
    before, after, marked = collections.Counter(), collections.Counter(), False
    for line in open(site.trace, errors="replace"):
        call = re.match(r"\d+\s+(\w+)\(", line)
        if not call:
            continue
        marked = marked or call[1] == "getppid"
        (after if marked else before)[call[1]] += 1
    return before, after


def injections_for(site, case):
    before, after = calls_of(site, case)
    for call, count in sorted(after.items()):
        if call in NOT_OURS or (case.always and case.always.startswith(call + ":")):
            continue
        for number in range(before[call] + 1, before[call] + count + 1):
            if call in CHANGES_THE_DISK:
                yield f"{call}:signal=KILL:when={number}"
            if case.errors:
                yield f"{call}:error=EIO:when={number}"
            if case.errors and call in CAN_BE_FULL:
                yield f"{call}:error=ENOSPC:when={number}"
    # The last state of all: everything was done but to exit.
    yield "exit_group:signal=KILL:when=1"


def check_point(site, case, injection):
    site.prepare(case)
    code = site.run(case.command, injection)
    site.expect(code in (0, 1, 2, 3, -9), f"ended with {code}")
    site.check_nothing_is_lost()
    if "ENOSPC" in injection and not case.before:
        site.check_leftovers()  # a full disk must not be left fuller
    site.check_resumed()


def check_interruptions(site):
    """EINTR is no failure."""
    case = Case("EINTR", "copy", "base", "base")
    before, after = calls_of(site, case)
    points = [f"{call}:error=EINTR:when={number}" for call in ("openat2", "pread64", "write", "flock")
              for number in range(before[call] + 1, before[call] + after[call])]
    for injection in points:
        site.prepare(case)
        site.expect(site.run("quarantine", injection) == 0, f"{injection} was not retried")
        site.check_at("copy", True)
    return len(points)


def check_denials(site, other):
    """A source that may not be taken away is listed; the rest is moved as ever."""
    # The first rename gives the copy of the record its name.
    points = [("base", "renameat2:error=EPERM:when=2"), ("base", "renameat2:error=EROFS:when=2")]
    points += [("other", f"unlinkat:error={error}:when=1") for error in ("EPERM", "EACCES", "EROFS")] if other else []
    for root_on, injection in points:
        site.prepare(Case("denied", "move", root_on, "base"))
        site.expect(site.run("quarantine", injection) == 0 and "listed instead" in site.said, f"{injection} was no fallback")
        site.check_nothing_is_lost()
        site.check_leftovers()
        stands = [[place for place, _ in site.copies(name)] for name in MOVED]
        site.expect(sorted(stands) == [[0], [1]], f"{injection}: the files stand at {stands}")
        with open(os.path.join(site.quarantine, b"excluded.nul"), "rb") as file:
            listed = file.read().split(b"\0")[:-1]
        site.expect(len(listed) == 1 and site.copies(listed[0])[0][0] == 0, f"{injection}: listed {listed}")
    return len(points)


def check_lies(site):
    """A disk that says it wrote a byte and did not: the copy is read back before the source goes."""
    case = Case("lies", "move", "other", "base")
    before, after = calls_of(site, case)
    points = [f"write:retval=1:when={number}" for number in range(before["write"] + 1, before["write"] + after["write"])]
    for injection in points:
        site.prepare(case)
        site.run("quarantine", injection)
        site.check_nothing_is_lost()
    return len(points)


def cases(other, pairs):
    same = [("base", "base", "same file system")]
    across = [("other", "base", "across")] if other else []
    for root_on, quarantine_on, name in same + across:
        for mode in ("move", "copy"):
            yield Case(f"{mode}, {name}", mode, root_on, quarantine_on)
        yield Case(f"restore, {name}", "move", root_on, quarantine_on, "restore")
    # NFS and others: RENAME_NOREPLACE is not to be had, and a link and an unlink take its place.
    for command in ("quarantine", "restore"):
        yield Case(f"{command}, no RENAME_NOREPLACE", "move", "base", "base", command, always="renameat2:error=EINVAL", errors=False)
    yield Case("link", "link", "base", "base")
    yield Case("list", "list", "base", "base")
    # Recovery itself is disturbed: a first run is killed where the most is left to settle.
    hardest = ["unlinkat:signal=KILL:when=1", "renameat2:signal=KILL:when=3"]
    for root_on, quarantine_on, name in across:
        for before in hardest:
            yield Case(f"recovery after {before}, {name}", "move", root_on, quarantine_on, before=before)
        yield Case(f"recovery of a restore, {name}", "move", root_on, quarantine_on, "restore", before=hardest[0])
    yield Case("recovery, same file system", "move", "base", "base", before="renameat2:signal=KILL:when=3")
    if pairs:
        for root_on, quarantine_on, name in same + across:
            for command in ("quarantine", "restore"):
                yield Case(f"every kill of a {command}, {name}", "move", root_on, quarantine_on, command, pairs=True)


def in_pairs(site, case):
    """For a case of pairs: a case for each kill of its own, in which the recovery is killed."""
    if not case.pairs:
        return [case]
    first = Case(case.name, case.mode, case.root_on, case.quarantine_on, case.command, errors=False)
    return [Case(f"{case.name}: {kill}", case.mode, case.root_on, case.quarantine_on, case.command, before=kill, errors=False)
            for kill in injections_for(site, first)]


def file_systems():
    """Where the tests work, and another file system if there is one. A tmpfs syncs fastest."""
    here = os.getcwd()
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else here
    others = [folder for folder in (here, "/tmp", "/var/tmp") if os.stat(folder).st_dev != os.stat(base).st_dev]
    return base, others[0] if others else None


def ptrace_works():
    if not shutil.which("strace"):
        return False
    return subprocess.run(["strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=getppid", "true"],
                          stderr=subprocess.DEVNULL).returncode == 0


def run_case(sites, pool, case):
    injections = list(injections_for(sites[0], case))

    def work(worker):
        failures = []
        for injection in injections[worker::len(sites)]:
            try:
                check_point(sites[worker], case, injection)
            except AssertionError as failure:
                failures.append(f"{case.name}, {injection}: {failure}")
        return failures

    failures = [failure for found in pool.map(work, range(len(sites))) for failure in found]
    kills = sum("KILL" in injection for injection in injections)
    print(f"  {case.name}: {len(injections)} points, {kills} of them kills, {len(failures)} failures", flush=True)
    return len(injections), failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("driver")
    parser.add_argument("--pairs", action="store_true", help="also disturb the recovery from every kill (minutes)")
    parser.add_argument("--only", default="", help="the cases whose name holds this")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    if not ptrace_works():
        print("skipped: strace is missing or may not trace here")
        return 77
    base, other = file_systems()
    if other is None:
        print("no second file system here: only faults on one are tested")
    started, points, failures = time.monotonic(), 0, []
    sites = [Site(os.path.abspath(options.driver), base, other) for _ in range(options.jobs)]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        wanted = [case for case in cases(other, options.pairs) if options.only in case.name]
        for case in [single for case in wanted for single in in_pairs(sites[0], case)]:
            count, failed = run_case(sites, pool, case)
            points += count
            failures += failed
    try:
        counts = [check_interruptions(sites[0]), check_denials(sites[0], other), check_lies(sites[0]) if other else 0]
        print("  {} interruptions retried, {} denials listed, {} lies found out".format(*counts))
        points += sum(counts)
    except AssertionError as failure:
        failures.append(str(failure))
    for site in sites:
        site.remove()
    for failure in failures[:20]:
        print(failure)
    print(f"{points} fault points in {time.monotonic() - started:.0f} s: {len(failures)} lost, doubled or damaged")
    return 1 if failures or points == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
