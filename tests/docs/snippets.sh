#!/bin/sh
# snippets.sh SOURCE FOLDER CC CXX: compiles the code in the guide and in README.md, each block by itself. FOLDER is for files.
set -eu
source=$1 folder=$2 cc=$3 cxx=$4
here=$source/tests/docs
mkdir -p "$folder"
count=0 failed=0

# check PAGE LINE KIND PRELUDE COMPILER...: the block of a page that begins at a line
check() {
  page=$1 line=$2 kind=$3 prelude=$4
  shift 4
  { echo "#include \"$prelude\""; awk -v want="$line" -f "$here/snippets.awk" "$page"; } >"$folder/block.$kind"
  count=$((count + 1))
  if ! "$@" -fsyntax-only -Wall -Wextra -Werror -Wno-unused -Wno-unused-parameter -Wno-return-type \
      -Wno-cast-function-type -Wno-empty-body -I "$source/include" -I "$here" "$folder/block.$kind"; then
    echo "$page:$line: the block above does not compile"
    failed=$((failed + 1))
  fi
}

for page in "$source"/docs/*.md "$source/README.md"; do
  for found in $(grep -nE '^```(c|cpp)$' "$page"); do
    line=$((${found%%:*} + 1))
    case $found in
      *cpp) ! command -v "$cxx" >/dev/null || check "$page" $line cc snippets.hh "$cxx" -std=c++17 ;;
      *) check "$page" $line c snippets.h "$cc" -std=c11 ;;
    esac
  done
done
echo "$count blocks, of which $failed do not compile"
[ $count -ge 40 ] && [ $failed -eq 0 ]
