#!/usr/bin/env python3
"""Our check of GIFs against Pillow: what Pillow writes is healthy, and of a few thousand mutants
none that Pillow refuses is called healthy.

usage: pillow_test.py GIF_JUDGE
"""
import io
import pathlib
import random
import subprocess
import sys
import tempfile

try:
    from PIL import Image
except ImportError:
    print("no Pillow for this Python")
    sys.exit(77)

MUTANTS = 3000


def picture(rng, width, height, colours):
    image = Image.new("P", (width, height))
    image.putdata([rng.randrange(colours) if rng.random() < 0.4 else x // 7 % colours for x in range(width * height)])
    image.putpalette([rng.randrange(256) for _ in range(768)])
    return image


def gif(frames, **options):
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=len(frames) > 1, append_images=frames[1:], **options)
    return file.getvalue()


def samples(rng):
    for width, height, colours in [(50, 40, 256), (64, 64, 16), (33, 17, 4), (120, 90, 200), (7, 5, 2), (1, 1, 2)]:
        yield gif([picture(rng, width, height, colours)])
        yield gif([picture(rng, width, height, colours)], interlace=0, comment=b"comment " * 60)
        yield gif([picture(rng, width, height, colours)], transparency=1)
        for disposal in (0, 1, 2, 3):
            yield gif([picture(rng, width, height, colours) for _ in range(3)], duration=50, loop=0, disposal=disposal)


def mutate(rng, sample):
    mutant = bytearray(sample)
    for _ in range(rng.choice([1, 1, 1, 3])):
        at = rng.randrange(len(mutant) if rng.random() < 0.6 else min(len(mutant), 900))
        length = rng.choice([1, 2, 4, 16, 300])
        change = rng.randrange(6)
        if change == 0:
            mutant[at] ^= 1 << rng.randrange(8)
        elif change == 1:
            mutant[at] = rng.randrange(256)
        elif change == 2 and at > 0:
            del mutant[at:]
        elif change == 3:
            del mutant[at:at + length]
        elif change == 4:
            mutant[at:at] = bytes(rng.randrange(256) for _ in range(length))
        else:
            mutant[at:at + length] = bytes(len(mutant[at:at + length]))
        if not mutant:
            return bytes(sample[:1])
    return bytes(mutant)


LOADER = """
import sys, resource
from PIL import Image
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
for path in sys.stdin:
    try:
        image, frame = Image.open(path.rstrip()), 0
        while True:
            image.seek(frame)
            image.load()
            frame += 1
    except EOFError:
        print("read", flush=True)
    except Image.DecompressionBombError:
        print("bomb", flush=True)
    except Exception as error:
        print(type(error).__name__, str(error).splitlines()[0][:80], flush=True)
"""


def ask(command, paths):
    run = subprocess.run(command, input="".join(f"{path}\n" for path in paths), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=240)
    answers = run.stdout.splitlines()
    assert len(answers) == len(paths), f"{command[0]} answered {len(answers)} of {len(paths)} times"
    return answers


def main():
    rng = random.Random(20240607)
    with tempfile.TemporaryDirectory() as folder:
        good = list(samples(rng))
        everything = good + [mutate(rng, rng.choice(good)) for _ in range(MUTANTS)]
        paths = [pathlib.Path(folder, f"{i}.gif") for i in range(len(everything))]
        for path, content in zip(paths, everything):
            path.write_bytes(content)
        ours = ask([sys.argv[1]], paths)
        pillows = ask([sys.executable, "-W", "ignore", "-c", LOADER], paths)
    problems = [f"Pillow's own file {i}: {answer}" for i, answer in enumerate(ours[:len(good)]) if answer != "healthy"]
    for i, (our, pillow) in enumerate(zip(ours, pillows)):
        if pillow != "read" and our.startswith("healthy"):
            problems.append(f"mutant {i}: healthy, but Pillow says {pillow}")
        # A frame that only one version of Pillow stumbles over is suspect, see rules.h.
        if pillow.startswith("OSError") and not our.startswith("corrupt"):
            problems.append(f"mutant {i}: {our}, but Pillow says {pillow}")
    refused = sum(pillow != "read" for pillow in pillows)
    corrupt = sum(our.startswith("corrupt") for our in ours)
    print(f"{len(everything)} files: Pillow refuses {refused}, {corrupt} are corrupt")
    print("\n".join(problems[:20]))
    sys.exit(1 if problems or refused < MUTANTS // 4 else 0)


main()
