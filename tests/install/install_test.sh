#!/usr/bin/env bash
# Installs the build into a folder, and builds and runs a project that finds it with find_package.
#   install_test.sh BUILD_DIRECTORY SOURCE_DIRECTORY
set -euo pipefail
build=$1 source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/prefix" >/dev/null
"$work/prefix/bin/datavet" --version | grep -q "libjpeg" || { echo "the installed program does not find its workers" >&2; exit 1; }
"$work/prefix/libexec/datavet/datavet-demo-data" "$work/data" >/dev/null
cmake -S "$source/tests/install" -B "$work/consumer" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_BUILD_TYPE=Release \
      ${CMAKE_CXX_FLAGS:+-DCMAKE_CXX_FLAGS="$CMAKE_CXX_FLAGS"} >/dev/null
cmake --build "$work/consumer" >/dev/null
good=$(find "$work/data" -name 'good*.png' | sort | head -1)
"$work/consumer/consumer" "$good" "$work/data"
