"""Undamaged files: pictures, and the real encoders that write them."""
import ctypes
import os
import shutil
import subprocess

import numpy
from PIL import Image

try:
    import cv2
except ImportError:
    cv2 = None

CLASSES = {"jpeg": ".jpg", "progressive": ".jpg", "png": ".png"}


def synthetic_picture(random):
    """Noise at four scales, each finer one fainter, under a few sharp edges: near enough to a photograph for an entropy coder."""
    width, height = (int(side) for side in random.integers(160, 501, 2))
    picture = numpy.zeros((height, width, 3))
    for cells, strength in ((4, 80), (12, 40), (48, 20), (160, 10)):
        grid = Image.fromarray(random.integers(0, 256, (cells, cells, 3), dtype=numpy.uint8))
        smooth = numpy.asarray(grid.resize((width, height), Image.Resampling.BICUBIC), dtype=float)
        picture += (smooth - 128) / 128 * strength
    for _ in range(6):
        x, y = random.integers(0, width), random.integers(0, height)
        picture[y : y + height // 4, x : x + width // 4] += random.integers(-60, 61, 3)
    return Image.fromarray(numpy.clip(picture + 128, 0, 255).astype(numpy.uint8))


def photo_picture(path, random):
    """A photograph made small enough that thousands of its damaged copies are quickly judged."""
    picture = Image.open(path).convert("RGB")
    scale = int(random.integers(160, 501)) / max(picture.size)
    return picture.resize([max(16, round(side * scale)) for side in picture.size], Image.Resampling.LANCZOS)


def pillow(mode="RGB", **options):
    def save(picture, target):
        picture.convert(mode).save(target, **options)

    return save


def pillow_palette(picture, target):
    picture.quantize(64).save(target)


def opencv(*parameters):
    def save(picture, target):
        cv2.imwrite(target, numpy.asarray(picture)[:, :, ::-1], list(parameters))

    return save


def opencv_16_bit(picture, target):
    # A ramp in the low bytes: zeros there would make every second byte of the file's data trivial.
    deep = numpy.asarray(picture)[:, :, ::-1].astype(numpy.uint16) * 256
    cv2.imwrite(target, deep + numpy.arange(deep.shape[1], dtype=numpy.uint16)[None, :, None])


def through_program(command, make_input):
    """An encoder that is a program: command + [input], {} in it is the target."""

    def save(picture, target):
        source = target + make_input["suffix"]
        picture.save(source, **make_input["options"])
        subprocess.run([part.replace("{}", target) for part in command] + [source], check=True)
        os.remove(source)

    return save


def cjpeg(*options):
    return through_program(["cjpeg", *options, "-outfile", "{}"], {"suffix": ".ppm", "options": {}})


def jpegtran(*options, quality=88):
    return through_program(["jpegtran", *options, "-outfile", "{}"],
                           {"suffix": ".source.jpg", "options": {"quality": quality}})


def libpng():
    try:
        return ctypes.CDLL("libpng16.so.16")
    except OSError:
        return None


def interlaced(picture, target):
    """libpng itself: neither Pillow nor OpenCV writes Adam7."""
    png, libc = libpng(), ctypes.CDLL(None)
    for function in (png.png_get_libpng_ver, png.png_create_write_struct, png.png_create_info_struct, libc.fopen):
        function.restype = ctypes.c_void_p
    width, height = picture.size
    pixels, stride = picture.tobytes(), 3 * width
    rows = (ctypes.c_char_p * height)(*(pixels[at : at + stride] for at in range(0, height * stride, stride)))
    file = ctypes.c_void_p(libc.fopen(os.fsencode(target), b"wb"))
    writer = ctypes.c_void_p(png.png_create_write_struct(ctypes.c_void_p(png.png_get_libpng_ver(None)), None, None, None))
    info = ctypes.c_void_p(png.png_create_info_struct(writer))
    png.png_init_io(writer, file)
    eight_bits, rgb, adam7 = 8, 2, 1
    png.png_set_IHDR(writer, info, width, height, eight_bits, rgb, adam7, 0, 0)
    png.png_write_info(writer, info)
    png.png_write_image(writer, rows)
    png.png_write_end(writer, info)
    libc.fclose(file)


def encoders():
    """class -> name -> (program or module it needs, function that writes a picture)."""
    quality, restart, progressive = 1, 4, 2  # cv2.IMWRITE_JPEG_QUALITY, _RST_INTERVAL, _PROGRESSIVE
    return {
        "jpeg": {
            "Pillow q30 4:2:0": (None, pillow(quality=30, subsampling=2)),
            "Pillow q75 4:2:0": (None, pillow(quality=75)),
            "Pillow q85 4:2:2 optimised": (None, pillow(quality=85, subsampling=1, optimize=True)),
            "Pillow q95 4:4:4 optimised": (None, pillow(quality=95, subsampling=0, optimize=True)),
            "Pillow q80 grey": (None, pillow("L", quality=80)),
            "Pillow q85 CMYK": (None, pillow("CMYK", quality=85)),
            "cjpeg, restart each row": ("cjpeg", cjpeg("-quality", "80", "-restart", "1")),
            "cjpeg, restart each 4 MCUs": ("cjpeg", cjpeg("-quality", "90", "-sample", "1x1", "-optimize", "-restart", "4B")),
            "jpegtran -optimize": ("jpegtran", jpegtran("-optimize")),
            "OpenCV q95": ("cv2", opencv(quality, 95)),
            "OpenCV q60, restart each 16 MCUs": ("cv2", opencv(quality, 60, restart, 16)),
        },
        "progressive": {
            "Pillow q40 4:2:0": (None, pillow(quality=40, progressive=True)),
            "Pillow q75 4:2:0": (None, pillow(quality=75, progressive=True)),
            "Pillow q92 4:4:4": (None, pillow(quality=92, subsampling=0, progressive=True)),
            "Pillow q80 grey": (None, pillow("L", quality=80, progressive=True)),
            "cjpeg -progressive": ("cjpeg", cjpeg("-quality", "85", "-progressive")),
            "cjpeg -progressive, restart each row": ("cjpeg", cjpeg("-quality", "85", "-progressive", "-restart", "1")),
            "jpegtran -progressive": ("jpegtran", jpegtran("-progressive")),
            "OpenCV q90 progressive": ("cv2", opencv(quality, 90, progressive, 1)),
        },
        "png": {
            "Pillow RGB level 1": (None, pillow(compress_level=1)),
            "Pillow RGB level 6": (None, pillow(compress_level=6)),
            "Pillow RGB level 9": (None, pillow(optimize=True)),
            "Pillow RGBA": (None, pillow("RGBA")),
            "Pillow grey": (None, pillow("L")),
            "Pillow 1 bit": (None, pillow("1")),
            "Pillow palette": (None, pillow_palette),
            "OpenCV RGB": ("cv2", opencv()),
            "OpenCV 16 bit": ("cv2", opencv_16_bit),
            "libpng interlaced": ("libpng", interlaced),
        },
    }


def present(need):
    if need == "cv2":
        return cv2 is not None
    if need == "libpng":
        return libpng() is not None
    return need is None or shutil.which(need) is not None


def make_files(folder, photos, pictures, random, note):
    """Writes pictures x encoders; returns class -> encoder -> paths. Photographs join as their own writers made them."""
    if photos:
        chosen = [photos[at * len(photos) // pictures] for at in range(min(pictures, len(photos)))]
        images = [photo_picture(path, random) for path in chosen]
    else:
        chosen, images = [], [synthetic_picture(random) for _ in range(pictures)]
    made = {}
    for kind, writers in encoders().items():
        made[kind] = {}
        for encoder, (need, save) in writers.items():
            if not present(need):
                note(f"{need} is missing: no files of \"{encoder}\"")
                continue
            paths = made[kind][encoder] = []
            for number, image in enumerate(images):
                slug = "".join(c if c.isalnum() else "-" for c in encoder)
                target = os.path.join(folder, f"{kind}-{slug}-{number:03}{CLASSES[kind]}")
                save(image, target)
                paths.append(target)
    for path in chosen:
        with Image.open(path) as picture:
            kind = "progressive" if picture.info.get("progressive") else "jpeg"
        made[kind].setdefault("the photographs themselves", []).append(path)
    return made
