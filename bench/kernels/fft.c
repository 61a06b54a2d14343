// Radix-2 fast Fourier transform there and back: strided doubles, bit reversal,
// and twiddle factors made by repeated rotation.
#include "kernel.h"

enum { LOG = 11, SIZE = 1 << LOG };
static double re[SIZE], im[SIZE], cosine[SIZE / 2], sine[SIZE / 2];

// cos and sin of 2*pi/SIZE by halving the angle pi/2 LOG-2 times.
static void make_twiddles(void) {
  double c = 0, s = 1;
  for (int i = 2; i < LOG; i++) {
    double half = __builtin_sqrt((1 + c) / 2);
    s = s / (2 * half);
    c = half;
  }
  cosine[0] = 1;
  sine[0] = 0;
  for (int i = 1; i < SIZE / 2; i++) {
    cosine[i] = cosine[i - 1] * c - sine[i - 1] * s;
    sine[i] = cosine[i - 1] * s + sine[i - 1] * c;
  }
}

static void reverse_bits(void) {
  for (int i = 1, j = 0; i < SIZE; i++) {
    int bit = SIZE >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      double t = re[i];
      re[i] = re[j];
      re[j] = t;
      t = im[i];
      im[i] = im[j];
      im[j] = t;
    }
  }
}

static void transform(double direction) {
  reverse_bits();
  for (int half = 1; half < SIZE; half <<= 1) {
    int stride = SIZE / 2 / half;
    for (int base = 0; base < SIZE; base += 2 * half)
      for (int k = 0; k < half; k++) {
        double c = cosine[k * stride], s = direction * sine[k * stride];
        int p = base + k, q = p + half;
        double xr = re[q] * c - im[q] * s, xi = re[q] * s + im[q] * c;
        re[q] = re[p] - xr;
        im[q] = im[p] - xi;
        re[p] += xr;
        im[p] += xi;
      }
  }
}

int32_t run(int32_t n) {
  uint32_t seed = 3, sum = 0;
  make_twiddles();
  for (int i = 0; i < SIZE; i++) {
    re[i] = (double)(next_random(&seed) & 0xffff) / 65536;
    im[i] = 0;
  }
  for (int32_t round = 0; round < n; round++) {
    transform(-1);
    sum = fold_f64(sum, re[round % SIZE]);
    transform(1);
    for (int i = 0; i < SIZE; i++) {
      re[i] *= 1.0 / SIZE;
      im[i] *= 1.0 / SIZE;
    }
  }
  for (int i = 0; i < SIZE; i += 17) sum = fold_f64(sum, re[i]);
  return (int32_t)sum;
}
