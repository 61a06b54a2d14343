#!/bin/sh
# Builds the library and the named C tests for ThreadSanitizer. The dependencies that cargo has built for the plain
# library are linked (not copied) into a target folder of its own, so that only our own crate is compiled.
#
# build.sh CARGO PLAIN OUT RUNTIME CC MODULES PROGRAM... -- CARGO_ARGS...
#   PLAIN    cargo's folder of the plain build (target/debug)
#   OUT      where everything goes
#   RUNTIME  the sanitizer's runtime of the Rust compiler, for the C programs too
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cargo=$1 plain=$2 out=$3 runtime=$4 cc=$5 modules=$6
shift 6
programs=
while [ "$1" != -- ]; do programs="$programs $1"; shift; done
shift

profile=$(basename "$plain")
mkdir -p "$out/$profile"
for folder in deps .fingerprint build; do
  mkdir -p "$out/$profile/$folder"
  for file in "$plain/$folder"/*; do
    name=$(basename "$file")
    case $name in *wasmrt*|wat2wasm*) continue ;; esac
    [ -e "$out/$profile/$folder/$name" ] || cp -al "$file" "$out/$profile/$folder/" 2>/dev/null ||
      cp -a "$file" "$out/$profile/$folder/"
  done
done
cd "$here/../.."
unset CC  # as in the plain build: see cmake/cargo.cmake
RUSTC_WORKSPACE_WRAPPER="$here/rustc.sh" "$cargo" build --locked --lib --target-dir "$out" "$@"
ln -sf libwasmrt.so "$out/$profile/libwasmrt.so.0"

for source in $programs; do
  program=$(basename "$source")
  "$cc" -std=c11 -g -O1 -w -fsanitize=thread -I include -DMODULES="\"$modules\"" \
    -c "tests/c/$source.c" -o "$out/$program.o"
  # Not linked by the compiler's own -fsanitize=thread: library and program must share one runtime.
  "$cc" "$out/$program.o" -o "$out/$program" "$out/$profile/libwasmrt.so" -Wl,-rpath,"$out/$profile" \
    -Wl,--whole-archive "$runtime" -Wl,--no-whole-archive -rdynamic -lpthread -ldl -lm -lrt
done
