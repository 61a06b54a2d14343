#!/bin/sh
# Runs a program on modules from the registry: with_module.sh CACHE PROGRAM NAME... Exit status 77 (skipped) when a
# module cannot be had.
set -u
here=$(dirname "$0")
cache=$1
program=$2
shift 2
files=
for name; do
  file=$(sh "$here/../fetch-modules.sh" "$cache" "$name") || { echo "skipped: $name could not be fetched"; exit 77; }
  files="$files $file"
done
# shellcheck disable=SC2086 # paths of the cache have no spaces unless its folder has
exec "$program" $files
