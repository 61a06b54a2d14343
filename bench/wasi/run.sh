#!/bin/sh
# bench/wasi/run.sh PEER LIBRARY WASI_LIBRARY: what calls of WASI cost, with the peer's library and with ours by turns, six times;
# the best of each in nanoseconds, and how many times faster ours is. Needs wat2wasm (cargo build --package wat2wasm).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${WASMRT_BENCH_DIR:-$here/../../build/bench}
mkdir -p "$build"
"${WASMRT_WAT2WASM:-$here/../../target/debug/wat2wasm}" "$here/calls.wat" "$build/wasi.wasm"
"${CC:-cc}" -O2 -I "$here/../../include" "$here/calls.c" -ldl -o "$build/wasi"
for _ in 1 2 3 4 5 6; do
  "$build/wasi" "$build/wasi.wasm" "$1" | sed 's/^/peer /'
  "$build/wasi" "$build/wasi.wasm" "$2" "$3" | sed 's/^/ours /'
done | awk '
  !(($1, $2) in best) || $3 < best[$1, $2] { best[$1, $2] = $3; names[$2] }
  END { for (name in names) printf "%-8s peer %7.1f ns, ours %7.1f ns: %.2f times\n", name, best["peer", name],
    best["ours", name], best["peer", name] / best["ours", name] }'
