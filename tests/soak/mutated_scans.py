#!/usr/bin/env python3
"""Scans datasets of seeded mutants, over and over: the scanner must live, account for every file, and say the same twice.

usage: mutated_scans.py BINARY_DIRECTORY [ROUNDS] [SEED]
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile

binaries = pathlib.Path(sys.argv[1]).resolve()
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 40
seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
random.seed(seed)


def mutate(content):
    damaged = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 8))):
        if not damaged:
            break
        at = random.randrange(len(damaged))
        kind = random.randrange(6)
        if kind == 0:
            damaged[at] ^= 1 << random.randrange(8)
        elif kind == 1:
            damaged[at] = random.randrange(256)
        elif kind == 2:
            del damaged[at:]
        elif kind == 3:
            damaged[at : at + 512] = bytes(len(damaged[at : at + 512]))
        elif kind == 4:
            damaged[at:at] = random.randbytes(random.randrange(1, 64))
        else:
            other = random.randrange(len(damaged))
            damaged[at : at + 64] = damaged[other : other + 64]
    return bytes(damaged)


def report(folder, depth):
    run = subprocess.run([binaries / "datavet", "scan", folder, "--format", "jsonl", "--all", "--depth", depth], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, timeout=900)
    assert run.returncode in (0, 1, 3), (run.returncode, run.stderr[-500:])
    lines = [json.loads(line) for line in run.stdout.decode().splitlines()]
    lines[0].pop("started")
    lines[-1].pop("seconds")
    return lines


with tempfile.TemporaryDirectory() as work:
    work = pathlib.Path(work)
    subprocess.run([binaries / "datavet-demo-data", work / "good"], check=True)
    good = [(path.name, path.read_bytes()) for path in sorted((work / "good").rglob("*")) if path.is_file()]
    mutants = 0
    for number in range(rounds):
        folder = work / f"round{number}"
        folder.mkdir()
        for name, content in good:
            (folder / name).write_bytes(mutate(content))
        depth = random.choice(("structure", "content", "content", "decode"))
        lines = report(folder, depth)
        summary = lines[-1]
        assert summary["files"] == len(good) == summary["files_judged"] + summary["files_unchecked"] + summary["other"] + summary["vanished"], summary
        again = report(folder, depth)
        assert sorted(map(json.dumps, lines)) == sorted(map(json.dumps, again)), f"round {number}: two scans differ"
        mutants += len(good)
        for path in folder.iterdir():
            path.unlink()
    print(f"{mutants} mutants in {rounds} rounds, seed {seed}: all accounted for, the same twice")
