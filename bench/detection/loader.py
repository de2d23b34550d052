"""A child that opens the pictures named on standard input, one a line, and answers with one line each:
"complains", or "loads" and a digest of the pixels. If a picture kills it, the parent counts that and starts another.

usage: loader.py {pillow-verify|pillow-load|opencv}"""
import hashlib
import os
import resource
import signal
import sys
import warnings


def pillow_verify(path):
    with Image.open(path) as picture:
        picture.verify()
    return "-"


def pillow_load(path):
    with Image.open(path) as picture:
        picture.load()
        return hashlib.sha1(picture.mode.encode() + repr(picture.size).encode() + picture.tobytes()).hexdigest()


def opencv(path):
    picture = cv2.imread(path)
    if picture is None:
        raise ValueError("imread returned None")
    return "-"


LOADERS = {"pillow-verify": pillow_verify, "pillow-load": pillow_load, "opencv": opencv}

if __name__ == "__main__":
    name = sys.argv[1]
    if name == "opencv":
        import cv2

        cv2.setNumThreads(1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libpng inside OpenCV writes there; nobody who calls imread sees it
    else:
        from PIL import Image

        # A warning of Pillow's is counted as detection too.
        warnings.simplefilter("error", UserWarning)
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    for line in sys.stdin:
        signal.alarm(20)  # kills: a hang is counted like a crash
        try:
            answer = "loads " + LOADERS[name](line.rstrip("\n"))
        except Exception:
            answer = "complains"
        print(answer, flush=True)
