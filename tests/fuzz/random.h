// The source of decisions: a seeded generator, or bytes that a fuzzer chose. Both repeat the same sequence for
// the same seed or bytes, as long as the library behaves the same.

#ifndef FUZZ_RANDOM_H
#define FUZZ_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static _Thread_local uint64_t random_state;
static _Thread_local const uint8_t* chosen;  // NULL: the generator decides
static _Thread_local size_t chosen_left;

static void decide_by_seed(uint64_t seed) {
  chosen = NULL;
  random_state = seed * 0x9e3779b97f4a7c15u + 0x1234567;
}

static void decide_by_bytes(const uint8_t* bytes, size_t size) {
  chosen = bytes;
  chosen_left = size;
}

static uint32_t generated(void) {  // xorshift, multiplied
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return (uint32_t)((random_state * 0x2545f4914f6cdd1du) >> 32);
}

// A number below `n`, which is not 0. Without bytes left: 0.
static uint32_t below(uint32_t n) {
  if (!chosen) return generated() % n;
  uint32_t number = 0;
  for (uint32_t range = n - 1; range && chosen_left; range >>= 8, --chosen_left) number = number << 8 | *chosen++;
  return number % n;
}

static bool chance(unsigned percent) { return below(100) < percent; }

#define ONE_OF(array) ((array)[below(sizeof(array) / sizeof((array)[0]))])

#endif
