#!/bin/sh
# debian.sh FOLDER BUILD CMAKE VERSION PROGRAM: the Debian packages, unpacked, serve a program, and the command runs.
set -eu
folder=$1 version=$4
command -v dpkg-deb >/dev/null || { echo "skipped: dpkg-deb is not installed"; exit 77; }
rm -rf "$folder"
mkdir -p "$folder/root"
# Compressing is not what is tested; and with a generator that CPack cannot run it builds nothing anew.
(cd "$2" && "$(dirname "$3")/cpack" -G DEB -B "$folder" -D CPACK_DEBIAN_COMPRESSION_TYPE=none \
  -D CPACK_CMAKE_GENERATOR=Ninja >"$folder/output" 2>&1) \
  || { cat "$folder/output"; exit 1; }
machine=$(dpkg --print-architecture)
runtime=$folder/libwasmrt0_${version}_$machine.deb dev=$folder/libwasmrt-dev_${version}_$machine.deb
if command -v dpkg-shlibdeps >/dev/null && command -v file >/dev/null; then
  dpkg-deb -f "$runtime" Depends | grep -q '^libc6 (>= '
fi
test "$(dpkg-deb -f "$dev" Depends)" = "libwasmrt0 (= $version)"
dpkg-deb -x "$runtime" "$folder/root"
lib=$folder/root/usr/$LIBDIR
test -f "$lib/libwasmrt.so.0"
test ! -e "$lib/libwasmrt.so"
dpkg-deb -x "$dev" "$folder/root"
test -f "$(find "$folder/root" -path '*/doc/*/examples-c/hello.c')"
"$CC" "$5" -I "$folder/root/usr/include/wasmrt" -L "$lib" -lwasmrt -Wl,-rpath,"$lib" -ldl -o "$folder/program"
dpkg-deb -x "$folder/wasmrt_${version}_$machine.deb" "$folder/command"
test "$("$folder/command/usr/bin/wasmrt" --version)" = "wasmrt $version"
test -f "$folder/command/usr/share/man/man1/wasmrt.1"
"$folder/program"
