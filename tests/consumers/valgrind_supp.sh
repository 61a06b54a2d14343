#!/bin/sh
# valgrind_supp.sh FOLDER SOURCE: with the installed file, valgrind finds nothing in a program that has no fault, and still
# finds a fault of the program's own.
set -eu
command -v valgrind >/dev/null || { echo "skipped: valgrind is not installed"; exit 77; }
mkdir -p "$1"
lib=$PREFIX/$LIBDIR file=$PREFIX/share/wasmrt/valgrind.supp
"$CC" -g -Wall -Wextra -Werror "$2/tests/consumers/under_tools.c" -I "$PREFIX/include/wasmrt" -L "$lib" -lwasmrt \
  -Wl,-rpath,"$lib" -lpthread -o "$1/program"
check() { valgrind --smc-check=all --error-exitcode=9 --log-file="$1/log" "--suppressions=$file" "$1/program" careful $2; }
check "$1" "" || { cat "$1/log"; exit 1; }
if check "$1" uninitialized; then
  echo "a fault of the program itself was not reported"
  exit 1
fi
grep -q "depends on uninitialised value" "$1/log" && grep -q "on_call (under_tools.c" "$1/log"
# The file must not outlive its reason: what it names has to occur, if anything does.
valgrind --smc-check=all --error-exitcode=9 --log-file="$1/log" "$1/program" careful && { echo "nothing to suppress in this build"; exit; }
valgrind -v --smc-check=all --log-file="$1/log" "--suppressions=$file" "$1/program" careful
grep "used_suppression: .*wasmrt" "$1/log"
