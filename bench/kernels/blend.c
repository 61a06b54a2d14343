// Alpha blending of two images, sixteen bytes at a time. Written by hand with
// vector instructions; natively in plain C, which must give the same bytes.
#include "kernel.h"
#ifdef __wasm__
#include <wasm_simd128.h>
#endif

enum { BYTES = 65536 };
static uint8_t front[BYTES], back[BYTES], out[BYTES];

#ifdef __wasm__
// (x * alpha + y * (255 - alpha) + 128) >> 8 in each lane
static v128_t mix(v128_t x, v128_t y, v128_t alpha, v128_t rest) {
  v128_t low = wasm_i16x8_add(wasm_i16x8_mul(wasm_u16x8_extend_low_u8x16(x), alpha),
                              wasm_i16x8_mul(wasm_u16x8_extend_low_u8x16(y), rest));
  v128_t high = wasm_i16x8_add(wasm_i16x8_mul(wasm_u16x8_extend_high_u8x16(x), alpha),
                               wasm_i16x8_mul(wasm_u16x8_extend_high_u8x16(y), rest));
  v128_t half = wasm_i16x8_splat(128);
  low = wasm_u16x8_shr(wasm_i16x8_add(low, half), 8);
  high = wasm_u16x8_shr(wasm_i16x8_add(high, half), 8);
  return wasm_u8x16_narrow_i16x8(low, high);
}

static void blend(int alpha) {
  v128_t a = wasm_i16x8_splat((int16_t)alpha), r = wasm_i16x8_splat((int16_t)(255 - alpha));
  for (int i = 0; i < BYTES; i += 16)
    wasm_v128_store(out + i, mix(wasm_v128_load(front + i), wasm_v128_load(back + i), a, r));
}
#else
static void blend(int alpha) {
  for (int i = 0; i < BYTES; i++)
    out[i] = (uint8_t)((uint16_t)(front[i] * alpha + back[i] * (255 - alpha) + 128) >> 8);
}
#endif

int32_t run(int32_t n) {
  uint32_t seed = 13, sum = 0;
  for (int i = 0; i < BYTES; i++) {
    front[i] = (uint8_t)next_random(&seed);
    back[i] = (uint8_t)next_random(&seed);
  }
  for (int32_t round = 0; round < n; round++) {
    blend(round & 255);
    sum = fold(sum, out[(round * 997) & (BYTES - 1)]);
  }
  for (int i = 0; i < BYTES; i += 13) sum = fold(sum, out[i]);
  return (int32_t)sum;
}
