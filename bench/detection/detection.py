#!/usr/bin/python3
"""What share of damaged pictures is detected, by datavet at each depth and by the tools people use, and what each says of the undamaged.

Real encoders write the pictures; each kind of damage, drawn with a fixed seed, hits as many of them as --mutants says; every tool
judges the same files. Without --photos the pictures are made by numpy. Percentages do not depend on the machine.
"""
import argparse
import os
import pathlib
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import numpy

import damage
import page
import pictures
import tools


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path, help="the folder with the programs datavet and datavet-worker-*")
    parser.add_argument("--photos", type=pathlib.Path, help="a folder of photographs (JPEG) to encode, and to damage as they are")
    parser.add_argument("--pictures", type=int, default=20, help="how many pictures every encoder writes (default 20)")
    parser.add_argument("--mutants", type=int, default=200, help="damaged files for each kind of damage and class of file (default 200)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", type=pathlib.Path, metavar="PAGE", help="put the figures between the marks of this page (docs/detection.md)")
    return parser.parse_args()


def note(text):
    print("note:", text, file=sys.stderr, flush=True)


def in_turn(files_of_encoders):
    """One file of each encoder, then the next of each: whatever the number of mutants, all encoders have an equal share."""
    turn = 0
    while True:
        for files in files_of_encoders:
            yield files[turn % len(files)]
        turn += 1


def judge_with(known, kind, started):
    """Asks every tool of this class of file about the files of one folder: tool -> path -> answer."""

    def judge(folder, paths):
        answers = {}
        for name, ask in known.items():
            answers[name] = ask(folder, paths)
            print(f"{time.monotonic() - started:6.0f} s  {kind}: {len(paths)} files, {name}", file=sys.stderr, flush=True)
        return answers

    return judge


def judge_undamaged(kind, encoders, photos, work, judge, results):
    """Records the false alarms; returns the files that are not to be damaged, as some tool complains of them anyway."""
    sources = sorted({path for files in encoders.values() for path in files} | (set(photos) if kind == "jpeg" else set()))
    folder = os.path.join(work, "undamaged-" + kind)
    os.mkdir(folder)
    copies = {}
    for number, source in enumerate(sources):
        copies[os.path.join(folder, f"{number:05}{pictures.CLASSES[kind]}")] = source
    for copy, source in copies.items():
        shutil.copyfile(source, copy)
    answers = judge(folder, list(copies))
    results.undamaged[kind] = {name: list(said.values()) for name, said in answers.items()}
    results.pixels.update({copies[path]: said.pixels for path, said in answers.get("Pillow load", {}).items()})
    suspected = {}
    for name, said in answers.items():
        for path, answer in said.items():
            if answer.detected or answer.verdict in ("suspect", "unchecked"):
                suspected.setdefault(copies[path], []).append(f"{name}{': ' + answer.verdict if answer.verdict else ''}")
    for source, names in suspected.items():
        note(f"undamaged, yet not accepted by {', '.join(names)}: {source}")
    results.left_out[kind] = {name: sum(path in suspected for path in files) for name, files in encoders.items()}
    return suspected


def make_mutants(kind, row, files_of_encoders, count, folder, random):
    """mutant's path -> the file it was made of."""
    made, tries = {}, 0
    for source in in_turn(files_of_encoders):
        if len(made) == count or tries == 20 * count:
            return made
        tries += 1
        result = damage.damaged(pathlib.Path(source).read_bytes(), kind, row, random)
        if result is not None:
            target = os.path.join(folder, f"{damage.rows_of(kind).index(row):02}-{len(made):05}{pictures.CLASSES[kind]}")
            pathlib.Path(target).write_bytes(result)
            made[target] = source


def damage_and_judge(kind, encoders, suspected, count, work, judge, results, random):
    files = [accepted for accepted in ([path for path in files if path not in suspected] for files in encoders.values()) if accepted]
    folder = os.path.join(work, "damaged-" + kind)
    os.mkdir(folder)
    made = {row: make_mutants(kind, row, files, count, folder, random) for row in damage.rows_of(kind)}
    answers = judge(folder, [path for sources in made.values() for path in sources])
    for row, sources in made.items():
        results.damaged[kind, row] = {name: [said[path] for path in sources] for name, said in answers.items()}
        if "Pillow load" in answers:
            results.same_pixels[kind, row] = [answers["Pillow load"][path].pixels == results.pixels[source] for path, source in sources.items()]
        for path, source in sources.items():
            theirs = [name for name, said in answers.items() if said[path].detected]
            ours = answers["datavet content"][path]
            # Bytes after the end are suspect on purpose: no need to keep hundreds of such files.
            if theirs and not ours.detected and (ours.verdict != "suspect" or row not in damage.OUTSIDE_SCAN_DATA):
                keep(path, kind, row, theirs, source, ours.verdict, results)
    shutil.rmtree(folder)


def keep(path, kind, row, theirs, source, verdict, results):
    """Sets aside what another tool sees and depth content does not: something to learn from."""
    results.kept = results.kept or tempfile.mkdtemp(prefix="datavet-detection-theirs-only-")
    name = f"{kind}-{row}-{os.path.basename(path)}".replace(" ", "_").replace("/", "_")
    shutil.copyfile(path, os.path.join(results.kept, name))
    with open(os.path.join(results.kept, "list.txt"), "a") as out:
        print(name, ", ".join(theirs), verdict, source, sep="\t", file=out)


def main():
    chosen = arguments()
    os.nice(5)
    started = time.monotonic()
    random = numpy.random.default_rng(chosen.seed)
    photos = sorted(str(path) for path in chosen.photos.iterdir() if path.suffix.lower() in (".jpg", ".jpeg")) if chosen.photos else []
    if chosen.photos and not photos:
        raise SystemExit(f"no JPEG in {chosen.photos}")
    known = tools.tools(str(chosen.build / "datavet"), note)
    results = page.Results(mutants=chosen.mutants, seed=chosen.seed, photos=len(photos), versions=tools.versions(str(chosen.build / "datavet")))
    with tempfile.TemporaryDirectory(prefix="datavet-detection-") as work:
        made = pictures.make_files(work, photos, chosen.pictures, random, note)
        for kind, encoders in made.items():
            results.encoders[kind] = {name: len(files) for name, files in encoders.items()}
            judge = judge_with(known[kind], kind, started)
            suspected = judge_undamaged(kind, encoders, photos, work, judge, results)
            damage_and_judge(kind, encoders, suspected, chosen.mutants, work, judge, results, random)
    text = page.figures(results)
    if chosen.write:
        page.write(chosen.write, text)
    else:
        print(text)
    if results.kept:
        note(f"mutants that another tool reports and datavet content does not call corrupt are kept in {results.kept}")


if __name__ == "__main__":
    main()
