#!/bin/sh
# lldb.sh PROGRAM [PROGRAM_WITH_LINES]: backtraces of LLDB go from the host through guest code to the host, with lines if
# the module has them, and breakpoints stop in it.
set -eu
program=$1 with_lines=${2:-}
command -v lldb >/dev/null || { echo "skipped: lldb is not installed"; exit 77; }
export WASMRT_TEST_CONFIG=debugger=1

run_lldb() {
  output=$(timeout 100 lldb --no-lldbinit --batch -o 'settings set plugin.jit-loader.gdb.enable on' "$@" 2>&1 </dev/null) || true
}

# Whether the functions follow each other in the backtrace, from the inside out.
backtrace_has() {
  functions=$(echo "$output" | sed -n 's/^ *\**  *frame #[0-9]*: 0x[0-9a-f]* [^`]*`\(.*\)/\1/p' | sed 's/([^[]*$//; s/ at .*//; s/ + [0-9]*$//' | tr '\n' '|')
  case "$functions" in
    *"$1"*) ;;
    *) echo "$output"; echo "WAY=$WAY: no $1 in $functions"; exit 1 ;;
  esac
}

tiers='optimized baseline baseline baseline optimized baseline optimized'
WAY=0
for tier in $tiers; do
  export WAY
  run_lldb -o 'breakpoint set -n look_here' -o run -o bt "$program"
  backtrace_has "look_here|look_now|wasm import stub|inner [$tier]|middle [$tier]|outer [$tier]|wasm entry stub|"
  backtrace_has "|run|main|"
  WAY=$((WAY + 1))
done

WAY=1
run_lldb -o 'breakpoint set -n look_here' -o run -o 'breakpoint set -r ^middle' -o continue -o bt "$program"
backtrace_has "middle [baseline]|outer [baseline]|wasm entry stub|"

[ -n "$with_lines" ] || exit 0
for WAY in 0 1 3 4; do
  run_lldb -o 'breakpoint set -n look_here' -o run -o bt "$with_lines"
  for line in 'inner.* at observed.c:6' 'middle.* at observed.c:11' 'outer.* at observed.c:16'; do
    echo "$output" | grep -q "$line" || { echo "$output"; echo "WAY=$WAY: no $line"; exit 1; }
  done
done
