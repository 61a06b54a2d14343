// Takeuchi's function: deep recursion with three arguments.
#include "kernel.h"

static NOINLINE int32_t tak(int32_t x, int32_t y, int32_t z) {
  return y >= x ? z : tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y));
}

int32_t run(int32_t n) {
  uint32_t sum = 0;
  for (int32_t i = 0; i < n; i++) sum = fold(sum, (uint32_t)tak(14 + i % 3, 9, 4));
  return (int32_t)sum;
}
