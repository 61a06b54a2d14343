// Dot products of 16-bit and of float vectors with vector types that both
// compilers know: four accumulators each, added up in a fixed order.
#include "kernel.h"

typedef float f32x4 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));

enum { COUNT = 1024 };
static f32x4 fa[COUNT], fb[COUNT];
static i32x4 ia[COUNT], ib[COUNT];

static float dot_f32(void) {
  f32x4 s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
  for (int i = 0; i < COUNT; i += 4) {
    s0 += fa[i] * fb[i];
    s1 += fa[i + 1] * fb[i + 1];
    s2 += fa[i + 2] * fb[i + 2];
    s3 += fa[i + 3] * fb[i + 3];
  }
  f32x4 s = (s0 + s1) + (s2 + s3);
  return (s[0] + s[1]) + (s[2] + s[3]);
}

static int32_t dot_i32(void) {
  i32x4 s0 = {0}, s1 = {0};
  for (int i = 0; i < COUNT; i += 2) {
    s0 += ia[i] * ib[i];
    s1 += ia[i + 1] * ib[i + 1];
  }
  i32x4 s = s0 + s1;
  return (s[0] + s[1]) + (s[2] + s[3]);
}

int32_t run(int32_t n) {
  uint32_t seed = 14, sum = 0;
  for (int i = 0; i < COUNT; i++)
    for (int lane = 0; lane < 4; lane++) {
      fa[i][lane] = (float)(next_random(&seed) & 4095) / 512;
      fb[i][lane] = (float)(next_random(&seed) & 4095) / 1024;
      ia[i][lane] = (int32_t)(next_random(&seed) & 255) - 128;
      ib[i][lane] = (int32_t)(next_random(&seed) & 255) - 128;
    }
  for (int32_t round = 0; round < n; round++) {
    fa[round & (COUNT - 1)][0] += 1;
    ia[round & (COUNT - 1)][1] ^= 1;
    sum = fold_f64(sum, dot_f32());
    sum = fold(sum, (uint32_t)dot_i32());
  }
  return (int32_t)sum;
}
