// Bodies that attract each other: square roots, divisions and long dependency
// chains over a small working set.
#include "kernel.h"

enum { BODIES = 6 };
struct body {
  double at[3], speed[3], mass;
};
static struct body bodies[BODIES];

static void start(void) {
  uint32_t seed = 77;
  for (int i = 0; i < BODIES; i++) {
    for (int d = 0; d < 3; d++) {
      bodies[i].at[d] = (double)(next_random(&seed) & 4095) / 256 - 8;
      bodies[i].speed[d] = (double)(next_random(&seed) & 4095) / 8192 - 0.25;
    }
    bodies[i].mass = 0.125 + (double)(next_random(&seed) & 255) / 256;
  }
}

static void attract(struct body *a, struct body *b, double dt) {
  double d[3], square = 0.01;
  for (int i = 0; i < 3; i++) {
    d[i] = a->at[i] - b->at[i];
    square += d[i] * d[i];
  }
  double pull = dt / (square * __builtin_sqrt(square));
  for (int i = 0; i < 3; i++) {
    a->speed[i] -= d[i] * b->mass * pull;
    b->speed[i] += d[i] * a->mass * pull;
  }
}

static void step(double dt) {
  for (int i = 0; i < BODIES; i++)
    for (int j = i + 1; j < BODIES; j++) attract(&bodies[i], &bodies[j], dt);
  for (int i = 0; i < BODIES; i++)
    for (int d = 0; d < 3; d++) bodies[i].at[d] += dt * bodies[i].speed[d];
}

int32_t run(int32_t n) {
  start();
  for (int32_t i = 0; i < n; i++) step(0.005);
  uint32_t sum = 0;
  for (int i = 0; i < BODIES; i++)
    for (int d = 0; d < 3; d++) sum = fold_f64(fold_f64(sum, bodies[i].at[d]), bodies[i].speed[d]);
  return (int32_t)sum;
}
