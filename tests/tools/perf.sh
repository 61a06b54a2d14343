#!/bin/sh
# perf.sh PROGRAM [PROGRAM_WITH_LINES]: samples in guest code have the names of its functions.
set -eu
program=$1
command -v perf >/dev/null || { echo "skipped: perf is not installed"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export WAY=3
perf record -e cpu-clock -o "$folder/data" true >/dev/null 2>&1 || { echo "skipped: perf may not record here"; exit 77; }

# has FILE NAMES: some sample has these functions next to each other, from the inside out.
has() {
  perf script -i "$1" -F comm,ip,sym 2>/dev/null | sed 's/^[ \t]*[0-9a-f]* //' | tr '\n' '|' >"$folder/stacks"
  grep -qF "$2" "$folder/stacks" || { tr '|' '\n' <"$folder/stacks" | sort | uniq -c | sort -rn | head -20; echo "no $2"; exit 1; }
}

WASMRT_TEST_CONFIG='profiler=1 rounds=20' perf record -e cpu-clock -F 500 -g -o "$folder/data" "$program" >"$folder/out" 2>&1
has "$folder/data" 'spin [optimized]|wasm entry stub|'
rm -f /tmp/perf-"$(perf script -i "$folder/data" -F pid 2>/dev/null | head -1 | tr -d ' ')".map

# With the code itself: the clock of the file is the monotonic one.
WASMRT_TEST_CONFIG='profiler=2 rounds=20' FOLDER=$folder perf record -k mono -e cpu-clock -F 500 -g -o "$folder/data" "$program" \
  >"$folder/out" 2>&1
perf inject --jit -i "$folder/data" -o "$folder/injected" >"$folder/out" 2>&1 || { cat "$folder/out"; exit 1; }
has "$folder/injected" 'spin [optimized]|wasm entry stub|'
