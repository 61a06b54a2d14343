#!/bin/sh
# Writes the documentation: the guide, the reference, the examples with their source, and a search that works in files.
#
#   sh docs/build.sh DOXYGEN SOURCE OUTPUT        (OUTPUT holds the Doxyfile that CMake has filled in)
#
# Doxygen's own search matches the beginnings of names only. So it is asked for the data that it would give to an external
# search, docs/index.awk makes a script of that, and docs/search.js searches it in the browser.
set -eu
doxygen=$1 source=$2 out=$3
examples="$source/examples-c/*.c $source/examples-cpp/*.cc"

rm -rf "$out/html"
# shellcheck disable=SC2086
awk -f "$source/docs/examples.awk" $examples >"$out/examples.dox"
"$doxygen" "$out/Doxyfile"
# shellcheck disable=SC2086
awk -f "$source/docs/index.awk" "$out/searchdata.xml" "$source"/docs/*.md $examples >"$out/html/search/index.js"
cp "$source/docs/search.js" "$out/html/search/search.js"
sed -i 's|<script type="text/javascript" src="search/search.js"></script>|<script src="search/index.js"></script>\n&|' \
  "$out/html/search.html"
