#!/bin/sh
# Fetches WebAssembly modules that real people use, from npm packages named with their version,
# for the tests and the benchmark. Usage:
#
#   tests/fetch-modules.sh [FOLDER [NAME...]]
#
# FOLDER is the cache (default build/modules). NAMEs choose from the list below; none means all.
# Each module that is there at the end is printed as one line: its path. Everything else goes to
# stderr. What the registry does not give is reported as SKIPPED and left out; the exit status is
# then 3, so that a caller may go on with fewer modules but never without knowing.
set -u

# name        package                    file inside the package
MODULES='
source-map    source-map@0.7.4           lib/mappings.wasm
map           source-map@0.6.1           dist/source-map.min.js.map
sql.js        sql.js@1.16.0              dist/sql-wasm.wasm
resvg         @resvg/resvg-wasm@2.6.2    index_bg.wasm
canvaskit     canvaskit-wasm@0.42.0      bin/canvaskit.wasm
esbuild       esbuild-wasm@0.28.2        esbuild.wasm
ffmpeg        @ffmpeg/core@0.12.10       dist/umd/ffmpeg-core.wasm
duckdb        @duckdb/duckdb-wasm@1.32.0 dist/duckdb-mvp.wasm
pyodide       pyodide@314.0.7            pyodide.asm.wasm
'

folder=${1:-build/modules}
[ $# -gt 0 ] && shift
wanted=" $* "
mkdir -p "$folder" || exit 1
folder=$(cd "$folder" && pwd)
missing=0

say() { printf '%s\n' "$*" >&2; }

# Unpacks package $2 into $folder/$1; the folder appears only when it is complete.
fetch() {
    scratch=$folder/.$1.$$
    rm -rf "$scratch" && mkdir -p "$scratch" || return 1
    if (cd "$scratch" && npm pack --silent "$2" </dev/null >pack.log 2>&1 && tar -xzf ./*.tgz && rm -f ./*.tgz); then
        rm -rf "${folder:?}/$1" && mv "$scratch/package" "$folder/$1" && rm -rf "$scratch"
    else
        [ -s "$scratch/pack.log" ] && sed 's/^/    /' "$scratch/pack.log" | tail -n 5 >&2
        rm -rf "$scratch"
        return 1
    fi
}

while read -r name package file; do
    [ -n "$name" ] || continue
    case $wanted in *[!\ ]*) case $wanted in *" $name "*) ;; *) continue ;; esac ;; esac
    # The version is part of the folder's name: a new version is a new folder.
    home=$name-${package##*@}
    if [ ! -f "$folder/$home/$file" ]; then
        if ! command -v npm >/dev/null 2>&1; then
            say "SKIPPED $name: npm is not installed"
            missing=1
            continue
        fi
        say "fetching $package"
        if ! fetch "$home" "$package"; then
            say "SKIPPED $name: $package could not be fetched (is the npm registry reachable?)"
            missing=1
            continue
        fi
    fi
    if [ -f "$folder/$home/$file" ]; then
        printf '%s\n' "$folder/$home/$file"
    else
        say "SKIPPED $name: $package has no $file"
        missing=1
    fi
done <<EOF2
$MODULES
EOF2

[ "$missing" -eq 0 ] || exit 3
