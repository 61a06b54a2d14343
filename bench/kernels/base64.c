// Base64 there and back: bytes regrouped into six-bit units through two tables.
#include "kernel.h"

enum { BYTES = 12288 };
static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static uint8_t plain[BYTES], again[BYTES], values[256];
static char encoded[BYTES / 3 * 4];

static void encode(void) {
  char *out = encoded;
  for (int i = 0; i < BYTES; i += 3) {
    uint32_t group = (uint32_t)plain[i] << 16 | (uint32_t)plain[i + 1] << 8 | plain[i + 2];
    *out++ = letters[group >> 18];
    *out++ = letters[group >> 12 & 63];
    *out++ = letters[group >> 6 & 63];
    *out++ = letters[group & 63];
  }
}

static int decode(void) {
  uint8_t *out = again, bad = 0;
  for (int i = 0; i < BYTES / 3 * 4; i += 4) {
    uint8_t v[4];
    for (int k = 0; k < 4; k++) {
      v[k] = values[(uint8_t)encoded[i + k]];
      bad |= v[k];
    }
    uint32_t group = (uint32_t)v[0] << 18 | (uint32_t)v[1] << 12 | (uint32_t)v[2] << 6 | v[3];
    *out++ = (uint8_t)(group >> 16);
    *out++ = (uint8_t)(group >> 8);
    *out++ = (uint8_t)group;
  }
  return bad < 64;
}

int32_t run(int32_t n) {
  uint32_t seed = 19, sum = 0;
  for (int i = 0; i < 256; i++) values[i] = 255;
  for (int i = 0; i < 64; i++) values[(uint8_t)letters[i]] = (uint8_t)i;
  for (int i = 0; i < BYTES; i++) plain[i] = (uint8_t)next_random(&seed);
  for (int32_t round = 0; round < n; round++) {
    plain[round % BYTES] ^= 85;
    encode();
    if (!decode()) return 0;
    sum = fold(sum, fold((uint32_t)encoded[(round * 53) % BYTES], again[round % BYTES]));
  }
  for (int i = 0; i < BYTES; i++) sum = fold(sum, again[i] ^ plain[i]);
  return (int32_t)sum;
}
