"""The figures as Markdown."""
import dataclasses
import pathlib

import damage

BEGIN, END = "<!-- figures: written by bench/detection/detection.py -->", "<!-- end of figures -->"
TITLES = {"jpeg": "JPEG, baseline", "progressive": "JPEG, progressive", "png": "PNG"}
OURS = "datavet content"


@dataclasses.dataclass
class Results:
    mutants: int
    seed: int
    photos: int
    versions: list
    encoders: dict = dataclasses.field(default_factory=dict)  # class -> encoder -> files
    undamaged: dict = dataclasses.field(default_factory=dict)  # class -> tool -> answers
    damaged: dict = dataclasses.field(default_factory=dict)  # (class, damage) -> tool -> answers
    left_out: dict = dataclasses.field(default_factory=dict)  # class -> encoder -> files that some tool does not accept undamaged
    pixels: dict = dataclasses.field(default_factory=dict)  # undamaged file -> Pillow's digest
    kept: str = ""  # where mutants lie that others see and depth content does not
    same_pixels: dict = dataclasses.field(default_factory=dict)  # (class, damage) -> Pillow loads the very pixels of the undamaged


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---|" + "--:|" * (len(head) - 1)]
    return lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows] + [""]


def percent(flags):
    flags = list(flags)
    return 100 * sum(flags) / len(flags) if flags else float("nan")


def shown(value):
    """No rounding to 100 or to 0: one missed file must be seen."""
    if value in (0, 100):
        return f"{value:.0f}"
    return f"{min(99.9, max(0.1, value)):.1f}"


def detected(answers):
    return percent(answer.detected for answer in answers)


def reported(answers):
    return percent(answer.detected or answer.verdict == "suspect" for answer in answers)


def rivals(tools):
    return [name for name in tools if not name.startswith("datavet")]


def matrix(results, kind):
    rows = []
    for row in damage.rows_of(kind):
        answers = results.damaged[kind, row]
        best = max(rivals(answers), key=lambda name: detected(answers[name]), default=None)
        margin = f"{detected(answers[OURS]) - detected(answers[best]):+.1f}" if best else "-"
        rows.append([row, *(shown(detected(said)) for said in answers.values()),
                     shown(reported(answers[OURS])), margin])
    names = [name.replace("datavet ", "") for name in results.undamaged[kind]]
    files = results.undamaged[kind]
    rows.append([f"**undamaged** ({len(files[OURS])} files): false alarms", *(shown(detected(said)) for said in files.values()),
                 shown(reported(files[OURS])), ""])
    return table(["damage", *names, "content: corrupt or suspect", "content less best other"], rows)


def scan_data_rows(kind):
    return [row for row in damage.rows_of(kind) if row not in damage.OUTSIDE_SCAN_DATA]


def beside(pairs):
    """How often both complain, only theirs, only ours, none."""
    seen = [(ours.detected, theirs.detected) for ours, theirs in pairs]
    return [len(seen), seen.count((True, True)), seen.count((False, True)), seen.count((True, False)), seen.count((False, False))]


def beside_djpeg(results, kind):
    return [[row, *beside(zip(results.damaged[kind, row][OURS], results.damaged[kind, row]["djpeg -strict"]))] for row in scan_data_rows(kind)]


def beside_all(results, kind):
    rows = []
    for other in ["datavet decode", *rivals(results.undamaged[kind])]:
        pairs = [pair for row in scan_data_rows(kind) for pair in zip(results.damaged[kind, row][OURS], results.damaged[kind, row][other])]
        rows.append([other, *beside(pairs)])
    return rows


def unseen(results):
    """What is not called corrupt; and of the healthy ones, whether those who load them get the undamaged picture."""
    rows = []
    for kind in results.encoders:
        inside = scan_data_rows(kind)
        groups = [(", anywhere in the file", inside)] if kind == "png" else [(", scan data", inside), (", anywhere in the file", list(damage.ANYWHERE))]
        for name, group in groups:
            verdicts = [answer.verdict for row in group for answer in results.damaged[kind, row][OURS]]
            same = [equal for row in group for equal in results.same_pixels.get((kind, row), [])]
            healthy = [equal for verdict, equal in zip(verdicts, same) if verdict == "healthy"]
            rows.append([TITLES[kind] + name, len(verdicts), *(verdicts.count(word) for word in ("corrupt", "suspect", "unchecked", "healthy")),
                         *((sum(healthy), len(healthy) - sum(healthy)) if same else ("-", "-"))])
    return rows


def figures(results):
    lines = [BEGIN, "", f"Made of {f'{results.photos} photographs' if results.photos else 'synthetic pictures'}, seed {results.seed}, "
             f"{results.mutants} mutants for each row of each table. Tools:", ""]
    lines += [f"- {version}" for version in results.versions]
    lines += ["", "Writers of the undamaged files, each with an equal share of the mutants:", ""]
    for kind, encoders in results.encoders.items():
        lines.append(f"- {TITLES[kind]}: " + "; ".join(f"{name} ({files})" for name, files in encoders.items()))
        left_out = "; ".join(f"{name} ({files})" for name, files in results.left_out[kind].items() if files)
        if left_out:
            lines.append(f"  - counted as undamaged only, as some tool does not accept them even so: {left_out}")
    lines.append("")
    for kind in results.encoders:
        where = "anywhere in the file" if kind == "png" else "in the scan data, unless it says otherwise"
        lines += [f"### {TITLES[kind]}: percent detected", "", f"Damage {where}.", ""] + matrix(results, kind)
    head = ["mutants", "both", "theirs only", "ours only", "neither"]
    for kind in ("jpeg", "progressive"):
        if "djpeg -strict" in results.undamaged[kind]:
            lines += [f"### {TITLES[kind]}, scan data: datavet content beside libjpeg-turbo's warnings (djpeg -strict)", ""]
            lines += table(["damage", *head], beside_djpeg(results, kind))
        lines += [f"### {TITLES[kind]}, scan data, all kinds of damage: datavet content beside each", ""]
        lines += table(["beside", *head], beside_all(results, kind))
    lines += ["### What depth content does not call corrupt", ""]
    lines += table(["damage", "mutants", "corrupt", "suspect", "unchecked", "healthy", "of these Pillow loads the undamaged pixels", "others"], unseen(results))
    return "\n".join(lines + [END]) + "\n"


def write(path, text):
    """Replaces what stands between the marks; the words around them are the page's own."""
    old = path.read_text() if path.exists() else f"# Detection\n\n{BEGIN}\n{END}\n"
    before, rest = old.split(BEGIN, 1)
    after = rest.split(END, 1)[1].lstrip("\n")
    path.write_text(before + text + ("\n" + after if after else ""))
