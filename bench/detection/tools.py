"""The tools. Each takes the paths of one folder and returns path -> Answer. "Detected" is: datavet's verdict is corrupt; a program
ends with an exit code other than 0 or says that something is wrong; Pillow raises or warns; OpenCV returns None; anything dies."""
import concurrent.futures
import csv
import dataclasses
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DEPTHS = ("header", "structure", "checksum", "content", "decode")
PROCESSES = 2


@dataclasses.dataclass
class Answer:
    detected: bool
    verdict: str = ""  # datavet's
    pixels: str = ""  # Pillow's digest


def datavet(program, depth):
    def judge(folder, paths):
        run = subprocess.run([program, "scan", folder, "--depth", depth, "--format", "jsonl", "--all", "--no-ignore", "-j", str(PROCESSES)],
                             stdout=subprocess.PIPE, text=True)
        lines = [json.loads(line) for line in run.stdout.splitlines()]
        if not lines or lines[-1]["type"] != "summary" or not lines[-1]["complete"]:
            raise SystemExit(f"datavet's scan of {folder} at depth {depth} is not complete (exit {run.returncode})")
        verdicts = {os.path.join(folder, line["path"]): line.get("verdict", "other")
                    for line in lines if line["type"] in ("sample", "other")}
        return {path: Answer(verdicts[path] == "corrupt", verdicts[path]) for path in paths}

    return judge


def in_batches(judge_batch, size=100):
    """For programs that take many files. What a batch says nothing of (it died on the way) is asked alone; silence then is detection."""

    def judge(folder, paths):
        batches = [paths[at : at + size] for at in range(0, len(paths), size)]
        answers = {}
        with concurrent.futures.ThreadPoolExecutor(PROCESSES) as pool:
            for said in pool.map(judge_batch, batches):
                answers.update(said)
            silent = [path for path in paths if path not in answers]
            for path, said in zip(silent, pool.map(lambda path: judge_batch([path]), silent)):
                answers[path] = said.get(path, Answer(True))
        return answers

    return judge


def jpeginfo(paths):
    run = subprocess.run(["jpeginfo", "-c", "-s", *paths], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace")
    rows = [row for row in csv.reader(run.stdout.splitlines()) if len(row) >= 12]
    return {row[0]: Answer(row[-2] != "OK") for row in rows}


def pngcheck(paths):
    run = subprocess.run(["pngcheck", *paths], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    answers = {}
    for line in run.stdout.splitlines():
        if line.startswith("OK: "):
            answers.setdefault(line[4:].split(" (")[0], Answer(False))
        elif line.startswith("ERROR: "):
            answers[line[7:].strip()] = Answer(True)
        elif "warning" in line.lower():
            answers[line.split("  ")[0]] = Answer(True)
    return answers


def djpeg_strict():
    # -strict makes every warning of libjpeg-turbo fatal: it fails where plain djpeg would say something on standard error.
    def judge_one(path):
        try:
            run = subprocess.run(["djpeg", "-strict", "-outfile", os.devnull, path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=30)
        except subprocess.TimeoutExpired:
            return Answer(True)
        return Answer(run.returncode != 0 or run.stderr != b"")

    def judge(folder, paths):
        with concurrent.futures.ThreadPoolExecutor(PROCESSES) as pool:
            return dict(zip(paths, pool.map(judge_one, paths)))

    return judge


def loader(name):
    def ask(paths):
        answers, child = {}, None
        for path in paths:
            if child is None:
                child = subprocess.Popen([sys.executable, os.path.join(HERE, "loader.py"), name],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            child.stdin.write(path + "\n")
            child.stdin.flush()
            words = child.stdout.readline().split()
            if not words:  # it died of this picture
                child.wait()
                child = None
            answers[path] = Answer(words[:1] != ["loads"], pixels=words[1] if words[1:] else "")
        if child is not None:
            child.stdin.close()
            child.wait()
        return answers

    def judge(folder, paths):
        answers = {}
        with concurrent.futures.ThreadPoolExecutor(PROCESSES) as pool:
            for said in pool.map(ask, [paths[part::PROCESSES] for part in range(PROCESSES)]):
                answers.update(said)
        return answers

    return judge


def importable(module):
    return subprocess.run([sys.executable, "-c", f"import {module}"], stderr=subprocess.DEVNULL).returncode == 0


def tools(program, note):
    """kind of file -> name of the tool -> how to ask it; what is not installed is left out with a note."""
    ours = {f"datavet {depth}": datavet(program, depth) for depth in DEPTHS}
    rivals = (
        ("jpeginfo -c", "jpeg", lambda: shutil.which("jpeginfo"), in_batches(jpeginfo)),
        ("djpeg -strict", "jpeg", lambda: shutil.which("djpeg"), djpeg_strict()),
        ("pngcheck", "png", lambda: shutil.which("pngcheck"), in_batches(pngcheck)),
        ("Pillow verify", "both", lambda: importable("PIL"), loader("pillow-verify")),
        ("Pillow load", "both", lambda: importable("PIL"), loader("pillow-load")),
        ("OpenCV", "both", lambda: importable("cv2"), loader("opencv")),
    )
    found = {"jpeg": dict(ours), "png": dict(ours)}
    for name, kind, is_there, judge in rivals:
        if not is_there():
            note(f"{name} is missing: left out")
            continue
        for each in found:
            if kind in (each, "both"):
                found[each][name] = judge
    found["progressive"] = found["jpeg"]
    return found


def versions(program):
    """One line a tool, from the tools themselves."""

    def first_line(*command):
        try:
            run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
            return next((line.strip().rstrip(",") for line in run.stdout.splitlines() if line.strip()), "")
        except OSError:
            return ""

    lines = [first_line(program, "--version"), first_line("jpeginfo", "--version").split("  ")[0], "djpeg: " + first_line("djpeg", "-version"),
             first_line("pngcheck", "-h")]
    for module, name in (("PIL", "Pillow"), ("cv2", "OpenCV")):
        if importable(module):
            lines.append(f"{name} " + first_line(sys.executable, "-c", f"import {module}; print({module}.__version__)"))
    return [line for line in lines if line and not line.endswith(": ")]
