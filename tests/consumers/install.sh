#!/bin/sh
# install.sh CMAKE BUILD FIRST MOVED FOLDER: installs the build in FIRST and moves the tree to MOVED.
set -eu
rm -rf "$3" "$4"
"$1" --install "$2" --prefix "$3"
mv "$3" "$4"
# Nothing in the files may remember where they were first, or where they were built.
if grep -rlF -e "$3" -e "$2" "$4/include" "$4/$LIBDIR/cmake" "$4/$LIBDIR/pkgconfig"; then
  echo "these files name a folder of the build"
  exit 1
fi
