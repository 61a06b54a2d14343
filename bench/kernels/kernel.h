// What every kernel shares. A kernel is one freestanding C file that exports
// `run(n)`: it does an amount of work proportional to n, starts from the same
// state each time, and returns a checksum of everything it computed. The same
// file is compiled for wasm32 and natively; both must give the same checksum, so
// no kernel depends on the size of a pointer, on `long`, or on a C library.
#ifndef WASMRT_BENCH_KERNEL_H
#define WASMRT_BENCH_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#define EXPORTED __attribute__((visibility("default")))
#define NOINLINE __attribute__((noinline))

EXPORTED int32_t run(int32_t n);

// xorshift32: the state must not be zero.
static inline uint32_t next_random(uint32_t *state) {
  uint32_t x = *state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return *state = x;
}

static inline uint32_t rotl32(uint32_t x, unsigned by) {
  return x << (by & 31) | x >> (-by & 31);
}

static inline uint64_t rotl64(uint64_t x, unsigned by) {
  return x << (by & 63) | x >> (-by & 63);
}

// Folds one word into a checksum; the order of the words matters.
static inline uint32_t fold(uint32_t sum, uint32_t word) {
  return (rotl32(sum, 5) ^ word) * 0x9E3779B1u;
}

// Floating-point results count with all their bits: the compilers are told not to
// contract or reassociate, so that they agree exactly.
static inline uint32_t fold_f64(uint32_t sum, double value) {
  union {
    double value;
    uint64_t bits;
  } u = {value};
  return fold(fold(sum, (uint32_t)u.bits), (uint32_t)(u.bits >> 32));
}

#endif
