// Products and sums of 8192-bit numbers: 64-bit
// multiplication and carries.
#include "kernel.h"

enum { LIMBS = 256 };
static uint32_t x[LIMBS], y[LIMBS], z[2 * LIMBS];

static void add(uint32_t *into, const uint32_t *other) {
  uint64_t carry = 0;
  for (int i = 0; i < LIMBS; i++) {
    carry += (uint64_t)into[i] + other[i];
    into[i] = (uint32_t)carry;
    carry >>= 32;
  }
}

static void multiply(void) {
  for (int i = 0; i < 2 * LIMBS; i++) z[i] = 0;
  for (int i = 0; i < LIMBS; i++) {
    uint64_t carry = 0;
    for (int j = 0; j < LIMBS; j++) {
      carry += (uint64_t)x[i] * y[j] + z[i + j];
      z[i + j] = (uint32_t)carry;
      carry >>= 32;
    }
    z[i + LIMBS] = (uint32_t)carry;
  }
}

int32_t run(int32_t n) {
  uint32_t sum = 0, seed = 23;
  for (int i = 0; i < LIMBS; i++) {
    x[i] = next_random(&seed);
    y[i] = next_random(&seed);
  }
  for (int32_t round = 0; round < n; round++) {
    multiply();
    add(x, z);
    add(y, z + LIMBS);
    sum = fold(sum, fold(x[round % LIMBS], y[LIMBS - 1]));
  }
  return (int32_t)sum;
}
