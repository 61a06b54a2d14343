#!/bin/sh
# Builds the benchmark, fetches the peer and the real modules, runs the groups and
# writes results.md. Usage:
#
#   bench/run.sh [options] [-- options of the driver]
#
#   --lib NAME=PATH[,OPTION=VALUE...]
#                     a library to measure, with options of the engine by their numbers in wasmrt.h; may be repeated,
#                     the first one's ratios are shown. Default: libwasmrt.so of target/dist, release or debug
#   --build FOLDER    where everything is built (default build/bench)
#   --groups A,B      only these groups
#   --quick           fewer and shorter batches: minutes become seconds, noise grows
#   --no-peer         do not fetch the peer
#   --no-modules      do not fetch real modules (compile is then empty, instance shorter)
#   --renew           rewrite the checksums in kernels/expected.txt natively, and stop
#
# Needs a C compiler, clang with wasm-ld, cargo or wat2wasm, and for what is fetched pip and npm.
# What cannot be fetched is reported as SKIPPED, and the rest goes on.
set -eu

PEER=wasmtime
PEER_VERSION=50.0.1

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
build=$root/build/bench
libs= groups= quick= peer=yes modules=yes renew=
while [ $# -gt 0 ]; do
    case $1 in
    --lib) libs="$libs $2"; shift 2 ;;
    --build) build=$2; shift 2 ;;
    --groups) groups=--groups=$2; shift 2 ;;
    --quick) quick="--rounds=3 --processes=1 --batch-ms=2 --budget=3"; shift ;;
    --no-peer) peer=; shift ;;
    --no-modules) modules=; shift ;;
    --renew) renew=yes; shift ;;
    --) shift; break ;;
    -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "run.sh: unknown option $1 (see --help)" >&2; exit 2 ;;
    esac
done

CC=${CC:-cc}
CLANG=${CLANG:-clang}
cargo_target=${CARGO_TARGET_DIR:-$root/target}
for tool in "$CC" "$CLANG" wasm-ld; do
    command -v "$tool" >/dev/null || { echo "run.sh: $tool is needed" >&2; exit 2; }
done
mkdir -p "$build/kernels" "$build/native" "$build/modules"
build=$(cd "$build" && pwd)
expected=$here/kernels/expected.txt
warnings="-std=c11 -Wall -Wextra -Werror"
# Both compilers must round alike: no fused multiply-add, no reassociation.
floats="-ffp-contract=off -fno-math-errno"

# $1 is up to date when it is newer than every other argument.
fresh() {
    made=$1
    shift
    [ -f "$made" ] || return 1
    for input; do [ "$made" -nt "$input" ] || return 1; done
}

build_kernels() {
    while read -r name _ features _; do
        case $name in '' | '#'*) continue ;; esac
        source=$here/kernels/$name.c
        simd=
        [ "$features" = - ] || simd=-m$features
        fresh "$build/native/$name.so" "$source" "$here/kernels/kernel.h" ||
            $CC $warnings $floats -O2 -fPIC -shared -o "$build/native/$name.so" "$source"
        fresh "$build/kernels/$name.wasm" "$source" "$here/kernels/kernel.h" "$expected" ||
            $CLANG --target=wasm32 $warnings $floats -O2 -mbulk-memory $simd -nostdlib \
                -Wl,--no-entry -Wl,--export=run -Wl,--strip-all -o "$build/kernels/$name.wasm" "$source"
    done <"$expected"
    fresh "$build/check" "$here/kernels/check.c" ||
        $CC $warnings -O2 -o "$build/check" "$here/kernels/check.c" -ldl
}

# Assembles $1 into $2: with our own tool if it is built, with wabt's, or with the tool once built.
assemble() {
    for tool in "$cargo_target"/*/wat2wasm; do
        [ -x "$tool" ] && { "$tool" "$1" "$2"; return; }
    done
    if command -v wat2wasm >/dev/null; then
        wat2wasm "$1" -o "$2"
    else
        cargo run --quiet --locked --manifest-path "$root/Cargo.toml" --target-dir "$cargo_target" \
            --package wat2wasm -- "$1" "$2"
    fi
}

build_modules() {
    for source in "$here"/modules/*.wat; do
        target=$build/modules/$(basename "$source" .wat).wasm
        fresh "$target" "$source" || assemble "$source" "$target"
    done
}

build_driver() {
    include=$root/include
    fresh "$build/driver" "$here"/*.c "$here"/*.h "$include/wasm.h" ||
        $CC $warnings -Wno-missing-field-initializers -O2 -I"$include" -o "$build/driver" "$here"/*.c -lm -ldl
}

# Prints NAME=PATH of the peer's library, from the wheel of the Python package.
fetch_peer() {
    folder=$build/peer-$PEER_VERSION
    if [ ! -d "$folder" ]; then
        if ! command -v pip >/dev/null 2>&1; then
            echo "SKIPPED peer: pip is not installed" >&2
            return 0
        fi
        rm -rf "$folder.part"
        if ! pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
            --target "$folder.part" "$PEER==$PEER_VERSION" >"$build/pip.log" 2>&1; then
            sed 's/^/    /' "$build/pip.log" | tail -n 3 >&2
            echo "SKIPPED peer: $PEER $PEER_VERSION could not be fetched (is the package index reachable?)" >&2
            return 0
        fi
        mv "$folder.part" "$folder"
    fi
    library=$(find "$folder" -name '_lib*.so' | head -n 1)
    [ -n "$library" ] && echo "$PEER-$PEER_VERSION=$library"
}

build_kernels
if [ -n "$renew" ]; then
    "$build/check" "$expected" "$build/native" --renew >"$build/expected.new"
    cat "$build/expected.new" >"$expected"
    exit 0
fi
"$build/check" "$expected" "$build/native"
build_modules
build_driver

if [ -z "$libs" ]; then
    for profile in dist release debug; do
        library=$cargo_target/$profile/libwasmrt.so
        [ -f "$library" ] || continue
        libs=wasmrt=$library
        [ "$profile" != debug ] || echo "run.sh: measuring the debug build; compile times say little" >&2
        break
    done
    [ -n "$libs" ] || echo "run.sh: no target/*/libwasmrt.so; measuring the peer against itself" >&2
fi
if [ -n "$peer" ]; then
    found=$(fetch_peer)
    [ -n "$libs" ] || libs=$found
    libs="$libs $found"
fi
[ -n "${libs# }" ] || { echo "run.sh: no library to measure" >&2; exit 2; }

# One option per real module; the paths hold no blanks (see the script).
real=
case ${groups:-compile} in
*compile*) wanted= ;;
*instance*) wanted="sql.js resvg canvaskit esbuild" ;;
*) modules= ;;
esac
if [ -n "$modules" ]; then
    # shellcheck disable=SC2086 # names without blanks
    sh "$root/tests/fetch-modules.sh" "$root/build/modules" $wanted >"$build/modules.txt" || true
    while read -r path; do
        case $path in *.wasm) real="$real --real=$path" ;; esac
    done <"$build/modules.txt"
fi

status=0
"$build/driver" --modules="$build/modules" --kernels="$build/kernels" --expected="$expected" \
    --markdown="$build/results.md" $groups $quick $real "$@" $libs || status=$?

# What the library weighs without its symbols.
{
    printf '\n## size\n\n| library | stripped |\n| --- | ---: |\n'
    for lib in $libs; do
        file=${lib#*=}
        strip -o "$build/stripped.so" "${file%%,*}" 2>/dev/null || continue
        bytes=$(wc -c <"$build/stripped.so")
        printf '| %s | %s.%02d MB |\n' "${lib%%=*}" $((bytes / 1000000)) $((bytes % 1000000 / 10000))
    done
    rm -f "$build/stripped.so"
} >>"$build/results.md"
awk -f "$here/picture.awk" "$build/results.md" >"$build/results.svg"
echo "results: $build/results.md, $build/results.svg"
exit $status
