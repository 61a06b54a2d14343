// Virtual calls: a list of shapes, each with a table of function pointers.
#include "kernel.h"

struct shape;
struct methods {
  int32_t (*area)(const struct shape *);
  int32_t (*edge)(const struct shape *);
  void (*grow)(struct shape *, int32_t);
};
struct shape {
  const struct methods *methods;
  int32_t a, b;
};

static int32_t square_area(const struct shape *s) { return s->a * s->a; }
static int32_t square_edge(const struct shape *s) { return 4 * s->a; }
static void square_grow(struct shape *s, int32_t by) { s->a = (s->a + by) & 1023; }
static int32_t rectangle_area(const struct shape *s) { return s->a * s->b; }
static int32_t rectangle_edge(const struct shape *s) { return 2 * (s->a + s->b); }
static void rectangle_grow(struct shape *s, int32_t by) { s->b = (s->b + by) & 511; }
static int32_t triangle_area(const struct shape *s) { return s->a * s->b / 2; }
static int32_t triangle_edge(const struct shape *s) { return s->a + s->b + (s->a > s->b ? s->a : s->b); }
static void triangle_grow(struct shape *s, int32_t by) { s->a = (s->a ^ by) & 1023; }
static int32_t empty_area(const struct shape *s) { return s->a & 1; }
static int32_t empty_edge(const struct shape *s) { return s->b & 1; }
static void empty_grow(struct shape *s, int32_t by) { s->a += by & 3; s->a &= 1023; }

static const struct methods kinds[] = {
    {square_area, square_edge, square_grow},
    {rectangle_area, rectangle_edge, rectangle_grow},
    {triangle_area, triangle_edge, triangle_grow},
    {empty_area, empty_edge, empty_grow},
};

enum { SHAPES = 512 };
static struct shape shapes[SHAPES];

int32_t run(int32_t n) {
  uint32_t seed = 12, sum = 0;
  for (int i = 0; i < SHAPES; i++) {
    shapes[i].methods = &kinds[(i * 7 + i / 5) % 4];
    shapes[i].a = (int32_t)(next_random(&seed) & 1023);
    shapes[i].b = (int32_t)(next_random(&seed) & 511);
  }
  for (int32_t round = 0; round < n; round++) {
    uint32_t total = 0;
    for (int i = 0; i < SHAPES; i++) {
      struct shape *s = &shapes[i];
      total += (uint32_t)s->methods->area(s);
      total ^= (uint32_t)s->methods->edge(s);
      s->methods->grow(s, (int32_t)(total & 15));
    }
    sum = fold(sum, total);
  }
  return (int32_t)sum;
}
