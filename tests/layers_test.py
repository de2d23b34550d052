#!/usr/bin/env python3
"""Who may include whom: the layers of ARCHITECTURE.md, held by looking at every #include.

usage: layers_test.py SOURCE_DIRECTORY
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#include\s+["<]([^">]+)[">]', re.M)
CODECS = re.compile(r"^(jpeglib|jerror|png|tiff\w*|hdf5|H5\w+|webp/|opencv2/)")
TBB = re.compile(r"^(oneapi/)?tbb/")

# A folder includes itself and what stands here; nothing else of ours.
MAY_INCLUDE = {
    "scanner/include": ["datavet/"],
    "formats": ["datavet/", "formats/"],
    "pipeline": ["datavet/", "formats/", "pipeline/"],
    "scanner": ["datavet/", "formats/", "pipeline/", "scanner/"],
}
# Any format may use these folders; no format uses another's.
SHARED_FORMAT_FOLDERS = {"any", "bytes", "checksum", "deflate"}
KNOW_ALL_FORMATS = {"formats/registry.cpp", "formats/images_decoders.cpp", "formats/opencv_decoders.cpp", "formats/hdf5_decoders.cpp"}


def layer_of(path):
    for layer in ("scanner/include", "formats", "pipeline", "scanner"):
        if path.startswith(layer + "/"):
            return layer
    return None


def problems_of(path, text):
    layer = layer_of(path)
    parts = path.split("/")
    for include in INCLUDE.findall(text):
        ours = re.match(r"^(datavet|formats|pipeline|scanner|tests|bench)/", include)
        if layer == "scanner/include":
            if "/" in include and not include.startswith("datavet/") or include.endswith(".h") and not ours:
                yield f"{path}: includes {include}; the public headers include the standard library only"
        elif ours and not any(include.startswith(allowed) for allowed in MAY_INCLUDE[layer]):
            yield f"{path}: includes {include}, which lies above {layer}"
        if layer == "formats" and len(parts) > 2 and include.startswith("formats/"):
            other = include.split("/")
            if len(other) > 2 and other[1] != parts[1] and other[1] not in SHARED_FORMAT_FOLDERS:
                yield f"{path}: a format includes another format's {include}"
        if layer == "formats" and len(parts) == 2 and path not in KNOW_ALL_FORMATS and include.startswith("formats/"):
            other = include.split("/")
            if len(other) > 2 and other[1] not in SHARED_FORMAT_FOLDERS:
                yield f"{path}: only the registry knows all formats, this includes {include}"
        if TBB.match(include) and path not in ("pipeline/scan_graph.cpp", "scanner/scan.cpp", "scanner/cli/scan_command.cpp", "scanner/cli/formats_command.cpp"):
            yield f"{path}: includes {include}; only scan_graph.cpp knows the flow graph"
        if "flow_graph" in include and path != "pipeline/scan_graph.cpp":
            yield f"{path}: includes {include}; only scan_graph.cpp knows the flow graph"
        if CODECS.match(include) and layer and not may_use_codec(path):
            yield f"{path}: includes {include}; only a format's decoder knows a codec library"


def may_use_codec(path):
    if path.startswith("scanner/demo/"):  # the generator encodes with the real libraries
        return True
    return path in CODEC_FILES


# The decoder of each format, with the pieces it is made of.
CODEC_FILES = set()


def codec_files(root):
    """The sources that CMake puts into datavet_decoders_*, and the headers beside them of the same name."""
    for cmake in root.glob("formats/*/CMakeLists.txt"):
        for target, sources in re.findall(r"target_sources\(\s*(datavet_decoders_\w+)\s+PRIVATE([^)]*)\)", cmake.read_text()):
            for source in sources.split():
                path = cmake.parent / source
                for file in (path, path.with_suffix(".h")):
                    CODEC_FILES.add(str(file.resolve().relative_to(root)))


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    codec_files(root)
    problems, seen = [], 0
    for folder in ("scanner", "formats", "pipeline"):
        for file in sorted(root.glob(f"{folder}/**/*")):
            if file.suffix in (".h", ".cpp"):
                seen += 1
                problems += problems_of(str(file.relative_to(root)), file.read_text())
    print("\n".join(problems) or f"{seen} files keep to their layers")
    sys.exit(1 if problems or seen < 50 else 0)


main()
