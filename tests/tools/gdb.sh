#!/bin/sh
# gdb.sh PROGRAM [PROGRAM_WITH_LINES]: backtraces of GDB go from the host through guest code to the host, with lines if
# the module has them, and breakpoints stop in it.
set -eu
program=$1 with_lines=${2:-}
command -v gdb >/dev/null || { echo "skipped: gdb is not installed"; exit 77; }
export WASMRT_TEST_CONFIG=debugger=1

# Whether the functions follow each other in the backtrace, from the inside out.
backtrace_has() {
  functions=$(echo "$output" | sed -n 's/^#[0-9]* *\(0x[0-9a-f]* in \)\{0,1\}\(.*[^ ]\) *(.*/\2/p' | tr '\n' '|')
  case "$functions" in
    *"$1"*) ;;
    *) echo "$output"; echo "WAY=$WAY: no $1 in $functions"; exit 1 ;;
  esac
}

run_gdb() {
  output=$(gdb -nx -batch -ex 'set debuginfod enabled off' -ex 'set breakpoint pending on' "$@" 2>&1) || true
}

tiers='optimized baseline baseline baseline optimized baseline optimized'
WAY=0
for tier in $tiers; do
  export WAY
  run_gdb -ex 'break look_here' -ex 'run' -ex 'bt' "$program"
  backtrace_has "look_here|look_now|wasm import stub|inner [$tier]|middle [$tier]|outer [$tier]|wasm entry stub|"
  backtrace_has "|run|main|"
  WAY=$((WAY + 1))
done

WAY=1
run_gdb -ex 'break look_here' -ex 'run' -ex 'rbreak ^middle' -ex 'continue' -ex 'bt' "$program"
backtrace_has "middle [baseline]|outer [baseline]|wasm entry stub|"

[ -n "$with_lines" ] || exit 0
for WAY in 0 1 3 4; do
  run_gdb -ex 'break look_here' -ex 'run' -ex 'bt' "$with_lines"
  for line in 'inner.*observed.c:6' 'middle.*observed.c:11' 'outer.*observed.c:16'; do
    echo "$output" | grep -q "$line\$" || { echo "$output"; echo "WAY=$WAY: no $line"; exit 1; }
  done
done
