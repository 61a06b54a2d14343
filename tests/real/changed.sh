#!/bin/sh
# Changes bytes in the code of modules and compares what becomes of them, by tests that cargo runs: changed.sh FILE...
# CARGO and CARGO_ARGS of the environment are the program and more arguments.
set -eu
cd "$(dirname "$0")/../.."
modules=
for file; do modules="$modules:$file"; done
export WASMRT_VALIDATION_MODULES="$modules" WASMRT_TIERS_MODULES="$modules"
unset CC MAKEFLAGS
# shellcheck disable=SC2086 # several arguments
run() { "${CARGO:-cargo}" test --locked --workspace ${CARGO_ARGS:-} "$@"; }
run --lib bodies_are_judged_alike -- --nocapture
run --test tiers damaged_modules_of_others -- --ignored --nocapture
