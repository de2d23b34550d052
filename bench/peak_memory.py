#!/usr/bin/env python3
"""Peak memory of a command and all its descendants together, as the sum of their proportional set sizes.

usage: peak_memory.py COMMAND...      prints the peak, the time and the exit code
"""
import os
import subprocess
import sys
import time


def parents():
    table = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as file:
                table[int(pid)] = int(file.read().rsplit(")", 1)[1].split()[1])
        except OSError:
            pass
    return table


def memory_of(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Pss:")) * 1024
    except (OSError, StopIteration):
        return 0


start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
peak, most = 0, 0
while process.poll() is None:
    table = parents()
    family = {process.pid}
    grown = True
    while grown:
        children = {pid for pid, parent in table.items() if parent in family}
        grown = not children <= family
        family |= children
    peak = max(peak, sum(memory_of(pid) for pid in family))
    most = max(most, len(family))
    time.sleep(0.02)
print(f"peak {peak / 2**20:.0f} MiB in {most} processes, {time.perf_counter() - start:.1f} s, exit {process.returncode}")
