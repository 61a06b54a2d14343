#!/bin/sh
# unknown_component.sh FOLDER SOURCE: find_package refuses a component and a version that are not there, in words.
set -eu
rm -rf "$1"
mkdir -p "$1"
refused() {
  printf 'cmake_minimum_required(VERSION 3.16)\nproject(p LANGUAGES C)\nfind_package(wasmrt %s)\n' "$1" >"$2/CMakeLists.txt"
  if "$CMAKE" -S "$2" -B "$2/build" "-DCMAKE_PREFIX_PATH=$PREFIX" >"$2/output" 2>&1; then
    echo "find_package(wasmrt $1) was not refused"
    exit 1
  fi
  grep -q "$3" "$2/output" || { cat "$2/output"; exit 1; }
}
refused "0.1 CONFIG REQUIRED COMPONENTS shared nonsense" "$1" "no component nonsense"
refused "7.0 CONFIG REQUIRED" "$1" "version: 0.1.0"
