#!/bin/sh
# members.sh NM ARCHIVE LIST: every member of the published wasm.hh that is not inline is in the archive.
set -eu
"$1" --defined-only "$2" | sed -n 's/^[0-9a-f]* [A-Z] //p' | sort >members.defined
sort "$3" | comm -23 - members.defined >members.missing
test ! -s members.missing || { cat members.missing; exit 1; }
