// Escape times of the Mandelbrot set: a tight floating-point loop with a
// data-dependent exit.
#include "kernel.h"

enum { WIDTH = 96, HEIGHT = 64, LIMIT = 200 };

static int escape_time(double cr, double ci) {
  double r = 0, i = 0, rr = 0, ii = 0;
  int steps = 0;
  while (steps < LIMIT && rr + ii <= 4) {
    i = 2 * r * i + ci;
    r = rr - ii + cr;
    rr = r * r;
    ii = i * i;
    steps++;
  }
  return steps;
}

int32_t run(int32_t n) {
  uint32_t sum = 0;
  for (int32_t frame = 0; frame < n; frame++) {
    double zoom = 1.0 / (1 + frame % 16);
    for (int y = 0; y < HEIGHT; y++)
      for (int x = 0; x < WIDTH; x++)
        sum = fold(sum, (uint32_t)escape_time(-0.7 + zoom * (x * (3.0 / WIDTH) - 1.5),
                                              zoom * (y * (2.0 / HEIGHT) - 1.0)));
  }
  return (int32_t)sum;
}
