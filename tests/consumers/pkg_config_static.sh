#!/bin/sh
# pkg_config_static.sh FOLDER SOURCE: a program without any shared library, with what pkg-config says.
set -eu
command -v pkg-config >/dev/null || { echo "skipped: pkg-config is not installed"; exit 77; }
mkdir -p "$1"
export PKG_CONFIG_PATH="$PREFIX/$LIBDIR/pkgconfig"
# shellcheck disable=SC2046
"$CC" -static -Wall -Wextra -Werror "$2/tests/consumers/program.c" -DLIBWASM_STATIC -o "$1/program" \
  $(pkg-config --static --cflags --libs wasmrt)
"$1/program"
if readelf -d "$1/program" | grep NEEDED; then exit 1; fi
