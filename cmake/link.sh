#!/bin/sh
# Makes the libraries that programs link from what cargo leaves behind.
#
#   sh cmake/link.sh LIBRARY CARGO_FOLDER OUTPUT_FOLDER VERSION ABI PREFIX KEEP_DEBUG BASE HEADERS...
#
# LIBRARY is `wasmrt`, or a companion such as `wasmrt-wasi`, whose BASE is the library that it calls: `wasmrt`, made
# before into the same folder. HEADERS are those that declare its functions.
#
# Cargo's static archive clashes with every other Rust archive in a program (rust_eh_personality and its kin are
# global in both). So its objects are joined to one, which keeps only what the C names reach, and every other
# name in it becomes local. Grouped sections have to be merged on the way, or else the references to
# the personality routine of a second archive would be discarded together with ours. Sections with
# LLVM's bitcode would make the binutils ask for LLVM's plugin.
#
# The shared library is linked from that same object, because rustc passes a version script of its own, beside
# which no other can stand: only this way its symbols get versions. All of them are in the node
# WASMRT_<ABI> (WASMRT_WASI_<ABI> for a companion), as long as the ABI number of the SONAME stands. `-Bsymbolic` keeps another library with wasm.h in the same
# process from intercepting our own calls; `nodelete` keeps the code mapped after `dlclose`, so that
# signal handlers, fork hooks and worker threads never point into nothing. The unwinder is linked in: for a
# program in C, loading libgcc_s would take as long as loading this library, and not every system has it.
#
# With a prefix every exported name gets it, and the headers too, by macros; two such libraries live in one program.
# Programs: CC, LD (GNU ld), AR, NM, OBJCOPY of the environment.
set -eu

library=$1 cargo=$2 out=$3 version=$4 abi=$5 prefix=$6 debug=$7 base=$8
shift 8
name=$prefix$library
crate=$(echo "$library" | tr - _)
work=$out/work/$library
mkdir -p "$work"

# The C names are those that cargo's shared library exports.
"${NM:-nm}" -D --defined-only "$cargo/lib$crate.so" | awk '$2 == "T" { print $3 }' | sort >"$work/names"
[ -s "$work/names" ] || { echo "link.sh: $cargo/lib$crate.so exports nothing" >&2; exit 1; }
sed 's/^/-u /' "$work/names" >"$work/roots"
# Debuggers look these up by name in the library that runs guests; in an archive they stay local, since other archives may
# have them. A companion has none, and objcopy takes no empty list.
echo no_such_name >"$work/tools"
[ -n "$base" ] || printf '%s\n' __jit_debug_register_code __jit_debug_descriptor >"$work/tools"

# Cranelift can print the instructions that it makes. Nobody asks it to, but the compiler cannot know that, and it is a
# seventh of the library. One function leads to all of it; here it prints nothing (xor eax, eax; ret: success), and what
# only that function needs is dropped. Where there is no such function, the library is just larger.
drop_printer() {
  readelf -SW "$work/all.o" 2>/dev/null | sed -n 's/^ *\[ *[0-9]*\] //p' |
    awk '$1 ~ /^\.text\..*cranelift_assembler_x64.*inst.*Inst[^a-z].*Display.*fmt/ { print $1, $5 }' >"$work/printers"
  [ -s "$work/printers" ] || return 0
  while read -r section size; do
    { printf '\061\300\303'; head -c "$((0x$size - 3))" /dev/zero; } >"$work/nothing"
    "${OBJCOPY:-objcopy}" --update-section "$section=$work/nothing" --remove-relocations="$section" "$work/all.o"
  done <"$work/printers"
  "${LD:-ld}" -r --gc-sections "@$work/roots" "$work/all.o" -o "$work/less.o"
  mv "$work/less.o" "$work/all.o"
}

strip=--strip-debug shared=-s
if [ "$debug" = 1 ]; then strip='' shared=''; fi

"${LD:-ld}" -r --force-group-allocation --gc-sections "@$work/roots" \
  --whole-archive "$cargo/lib$crate.a" -o "$work/all.o"
if [ "$debug" = 0 ]; then drop_printer; fi
# Weak names that only dropped sections asked for stay behind as local undefined ones, which objcopy would
# make strong. It takes no empty list.
readelf -sW "$work/all.o" 2>/dev/null | awk 'BEGIN { print "no_such_name" } $5 == "LOCAL" && $7 == "UND" && NF == 8 { print $8 }' >"$work/dropped"
# shellcheck disable=SC2086
"${OBJCOPY:-objcopy}" --keep-global-symbols="$work/names" --keep-global-symbols="$work/tools" --strip-symbols="$work/dropped" $strip \
  --remove-section=.llvmbc --remove-section=.llvmcmd "$work/all.o" "$work/$name.o"
rm -f "$work/all.o"

cp "$work/names" "$work/plain_names"
if [ -n "$prefix" ]; then
  # The functions that it calls are those of the copy with the same prefix.
  cat "$work/names" ${base:+"$out/work/$base/plain_names"} | sed "s/.*/& $prefix&/" >"$work/renamed"
  "${OBJCOPY:-objcopy}" --redefine-syms="$work/renamed" "$work/$name.o"
  mkdir -p "$out/include"
  {
    echo "// Gives every function of this copy of lib$library the prefix $prefix; its headers include this one."
    sed "s/.*/#define & $prefix&/" "$work/names"
    [ -n "$base" ] || echo "#define WASM_HH_NAMESPACE $prefix"
  } >"$out/include/$prefix${crate}_prefix.h"
  for header; do
    sed "0,/^#include/s//#include \"$prefix${crate}_prefix.h\"\n&/" "$header" >"$out/include/${header##*/}"
  done
  sed -i "s/^/$prefix/" "$work/names"
fi

node=$(echo "$crate" | tr '[:lower:]' '[:upper:]')_$abi
{ echo "$node {"; echo "global:"; sed 's/$/;/' "$work/names" "$work/tools"; echo "local: *;"; echo "};"; } >"$work/versions"
# shellcheck disable=SC2086
"${CC:-cc}" -shared -static-libgcc -o "$work/lib$name.so" $shared -Wl,-soname,"lib$name.so.$abi" \
  -Wl,--version-script="$work/versions" -Wl,-Bsymbolic -Wl,-z,nodelete -Wl,-z,relro -Wl,-z,now -Wl,-z,defs \
  -Wl,-z,noexecstack -Wl,--build-id \
  "$work/$name.o" ${base:+-L "$out" "-l$prefix$base"} \
  -Wl,--as-needed -lpthread -ldl -lm
"${OBJCOPY:-objcopy}" --localize-symbols="$work/tools" "$work/$name.o"
rm -f "$work/lib$name.a"
"${AR:-ar}" crsD "$work/lib$name.a" "$work/$name.o"
rm -f "$work/$name.o"

# In place only when all of it has worked. The archive last: its age is what the build looks at.
mv "$work/lib$name.so" "$out/lib$name.so.$version"
ln -sf "lib$name.so.$version" "$out/lib$name.so.$abi"
ln -sf "lib$name.so.$abi" "$out/lib$name.so"
mv "$work/lib$name.a" "$out/lib$name.a"
