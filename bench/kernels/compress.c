// A compressor in the LZ77 family and its inverse: hashing of three bytes, match
// search, byte copies that overlap.
#include "kernel.h"

enum { BYTES = 32768, HASH = 4096, LONGEST = 130 };
static uint8_t input[BYTES], packed[BYTES * 2], output[BYTES];
static int32_t last[HASH];

static uint32_t hash_at(const uint8_t *p) {
  return ((uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2]) * 2654435761u >> 20;
}

// A match is 0x80 | (length - 3), then the distance in two bytes; a literal run
// is its length (1..127), then the bytes.
static int pack(void) {
  int at = 0, out = 0, literal = 0;
  for (int i = 0; i < HASH; i++) last[i] = -65536;
  while (at < BYTES) {
    int length = 0, distance = 0;
    if (at + 3 <= BYTES) {
      uint32_t h = hash_at(input + at);
      distance = at - last[h];
      last[h] = at;
      if (distance < 65536)
        while (length < LONGEST && at + length < BYTES && input[at - distance + length] == input[at + length])
          length++;
    }
    if (length >= 3) {
      packed[out++] = (uint8_t)(0x80 | (length - 3));
      packed[out++] = (uint8_t)distance;
      packed[out++] = (uint8_t)(distance >> 8);
      at += length;
      literal = 0;
    } else {
      if (!literal || packed[out - literal - 1] == 127) {
        packed[out++] = 0;
        literal = 0;
      }
      packed[out++] = input[at++];
      literal++;
      packed[out - literal - 1] = (uint8_t)literal;
    }
  }
  return out;
}

static int unpack(int size) {
  int out = 0;
  for (int at = 0; at < size;) {
    int tag = packed[at++];
    if (tag & 0x80) {
      int length = (tag & 0x7f) + 3, distance = packed[at] | packed[at + 1] << 8;
      at += 2;
      for (int i = 0; i < length; i++, out++) output[out] = output[out - distance];
    } else {
      for (int i = 0; i < tag; i++) output[out++] = packed[at++];
    }
  }
  return out;
}

static void write_text(uint32_t seed) {
  static const char *const words[] = {"memory ", "table ", "function ", "of the ", "module ", "a ", "trap, ", "and "};
  int at = 0;
  while (at < BYTES) {
    const char *word = words[next_random(&seed) & 7];
    while (*word && at < BYTES) input[at++] = (uint8_t)*word++;
    if ((next_random(&seed) & 15) == 0 && at < BYTES) input[at++] = (uint8_t)next_random(&seed);
  }
}

int32_t run(int32_t n) {
  uint32_t sum = 0;
  for (int32_t round = 0; round < n; round++) {
    write_text((uint32_t)round % 8 + 20);
    int size = pack();
    if (unpack(size) != BYTES) return 0;
    for (int i = 0; i < BYTES; i++)
      if (input[i] != output[i]) return 0;
    sum = fold(sum, (uint32_t)size);
  }
  return (int32_t)sum;
}
