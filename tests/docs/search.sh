#!/bin/sh
# search.sh SOURCE DOCS: the index has what readers look for, and the search finds it.
set -eu
index=$2/html/search/index.js
grep -q '^\["function","wasmrt_store_set_deadline",.*group__store.html#' "$index"
grep -q 'search/index.js' "$2/html/search.html"
# Functions name the examples that call them.
grep -q 'Examples</dt><dd>.*hello.c</a>' "$2/html/group__func.html"
command -v node >/dev/null || { echo "skipped: node is not installed"; exit 77; }
node "$1/tests/docs/search.js" "$1/docs/search.js" "$index"
