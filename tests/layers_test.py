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


def problems_of(path, text, decoders):
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
        if CODECS.match(include) and path not in decoders:
            yield f"{path}: includes {include}; only a format's decoder knows a codec library"


def decoder_files(root, texts):
    """The sources that CMake puts into datavet_decoders_*, and the headers that nobody else includes."""
    files = set()
    for cmake in [*root.glob("formats/*/CMakeLists.txt"), root / "formats/CMakeLists.txt"]:
        for sources in re.findall(r"target_sources\(\s*datavet_decoders_\w+\s+PRIVATE([^)]*)\)", cmake.read_text()):
            files |= {str((cmake.parent / source.replace("${PROJECT_SOURCE_DIR}", str(root))).resolve().relative_to(root)) for source in sources.split()}
    grown = True
    while grown:
        users = {}
        for path, text in texts.items():
            for include in INCLUDE.findall(text):
                users.setdefault(include, set()).add(path)
        headers = {h for h, by in users.items() if h in texts and h.startswith("formats/") and by <= files | KNOW_ALL_FORMATS}
        grown = not headers <= files
        files |= headers
    return files


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    files = [file for folder in ("scanner", "formats", "pipeline") for file in sorted(root.glob(f"{folder}/**/*")) if file.suffix in (".h", ".cpp")]
    texts = {str(file.relative_to(root)): file.read_text() for file in files}
    decoders = decoder_files(root, texts)
    problems = [problem for path, text in texts.items() for problem in problems_of(path, text, decoders)]
    print("\n".join(problems) or f"{len(texts)} files keep to their layers")
    sys.exit(1 if problems or len(texts) < 50 or not decoders else 0)


main()
