// A module with debug information, for the tests of places in the source. It is kept compiled, in two versions of
// DWARF, because line numbers must be known and compilers change:
//
//   for version in 4 5; do
//     clang --target=wasm32 -O1 -gdwarf-$version -fdebug-compilation-dir=/guest -ffreestanding -nostdlib \
//       -Wl,--no-entry -o lines_$version.wasm lines.c
//   done

#include "lines/half.h"

static inline __attribute__((always_inline)) int middle(int a, int b) {
  if (a > 100) a -= 3;
  return half(a, b) + 1;
}

__attribute__((noinline)) int sum(int a, int b) {
  int all = 0;
  for (int i = 0; i < a; ++i) {
    all += middle(i + 5, b);
  }
  return all;
}

__attribute__((noinline)) int removed(int a) { return a * 3; }

__attribute__((export_name("run"))) int run(int a, int b) {
  return sum(a, b) * 2;
}
