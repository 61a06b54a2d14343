// Largest singular value of an infinite matrix cut to a square, by power
// iteration: integer index arithmetic feeding one division per element.
#include "kernel.h"

enum { SIZE = 160 };
static double u[SIZE], v[SIZE], w[SIZE];

static inline double element(int i, int j) {
  int diagonal = i + j;
  return 1.0 / (diagonal * (diagonal + 1) / 2 + i + 1);
}

static void multiply(double *out, const double *in) {
  for (int i = 0; i < SIZE; i++) {
    double total = 0;
    for (int j = 0; j < SIZE; j++) total += element(i, j) * in[j];
    out[i] = total;
  }
}

static void multiply_transposed(double *out, const double *in) {
  for (int i = 0; i < SIZE; i++) {
    double total = 0;
    for (int j = 0; j < SIZE; j++) total += element(j, i) * in[j];
    out[i] = total;
  }
}

int32_t run(int32_t n) {
  for (int i = 0; i < SIZE; i++) u[i] = 1;
  for (int32_t round = 0; round < n; round++) {
    multiply(w, u);
    multiply_transposed(v, w);
    multiply(w, v);
    multiply_transposed(u, w);
  }
  double uv = 0, vv = 0;
  for (int i = 0; i < SIZE; i++) {
    uv += u[i] * v[i];
    vv += v[i] * v[i];
  }
  return (int32_t)fold_f64(0, __builtin_sqrt(uv / vv));
}
