#!/bin/sh
# second_rust_library.sh FOLDER SOURCE: the static library and a second one from Rust in one program. Both contain a
# copy of the standard library; both catch their own panics.
set -eu
mkdir -p "$1"
cp "$2/tests/consumers/second.rs" "$2/tests/consumers/second.c" "$1"
# rustc is beside cargo when it is not on the path.
PATH="$PATH:$(dirname "$CARGO")"
rustc --crate-type staticlib -C opt-level=0 -o "$1/libsecond.a" "$1/second.rs"
for order in "$1/libsecond.a $PREFIX/$LIBDIR/libwasmrt.a" "$PREFIX/$LIBDIR/libwasmrt.a $1/libsecond.a"; do
  for mode in "" -static; do
    # shellcheck disable=SC2086
    "$CC" $mode "$1/second.c" -DLIBWASM_STATIC -I "$2/tests/consumers" -I "$PREFIX/include/wasmrt" $order \
      -lpthread -ldl -lm -o "$1/program"
    "$1/program" 2>/dev/null
  done
done
