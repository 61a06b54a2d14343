#!/bin/sh
# tsan_supp.sh FOLDER SOURCE: with the installed file, ThreadSanitizer finds nothing in a program that has no fault, and still
# finds a race of the program's own, in functions that guests call.
set -eu
mkdir -p "$1"
lib=$PREFIX/$LIBDIR file=$PREFIX/share/wasmrt/tsan.supp
echo 'int main(void) { return 0; }' >"$1/nothing.c"
if ! "$CC" -fsanitize=thread "$1/nothing.c" -o "$1/nothing" 2>/dev/null || ! "$1/nothing" 2>/dev/null; then
  echo "skipped: the compiler has no ThreadSanitizer that runs here"
  exit 77
fi
"$CC" -g -fsanitize=thread -Wall -Wextra -Werror "$2/tests/consumers/under_tools.c" -I "$PREFIX/include/wasmrt" -L "$lib" \
  -lwasmrt -Wl,-rpath,"$lib" -lpthread -o "$1/program"
export TSAN_OPTIONS="exitcode=66:suppressions=$file"
"$1/program"
if "$1/program" race 2>"$1/log"; then
  echo "a race of the program itself was not reported"
  exit 1
fi
grep -q "data race" "$1/log" && grep -q "on_call.*under_tools.c" "$1/log"
# What the file is for: the same program without it.
TSAN_OPTIONS=exitcode=66 "$1/program" >/dev/null 2>"$1/log" || exec grep -m 1 "SUMMARY: ThreadSanitizer: .*libwasmrt" "$1/log"
echo "nothing was suppressed"
