#!/bin/sh
# pkg_config.sh FOLDER SOURCE: a program built with what pkg-config says.
set -eu
command -v pkg-config >/dev/null || { echo "skipped: pkg-config is not installed"; exit 77; }
mkdir -p "$1"
export PKG_CONFIG_PATH="$PREFIX/$LIBDIR/pkgconfig"
pkg-config --print-errors --exists 'wasmrt >= 0.1'
# shellcheck disable=SC2046
"$CC" -Wall -Wextra -Werror -DEXPECTED_PREFIX="\"$PREFIX/\"" "$2/tests/consumers/program.c" -o "$1/program" \
  $(pkg-config --cflags --libs wasmrt) -Wl,-rpath,"$(pkg-config --variable=libdir wasmrt)" -ldl
"$1/program"
