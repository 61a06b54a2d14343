// Walking linked nodes in an order that no prefetcher knows: every load needs the
// one before it.
#include "kernel.h"

enum { NODES = 1 << 14 };
struct node {
  struct node *next;
  uint32_t value;
};
static struct node nodes[NODES];
static uint32_t order[NODES];

static void link_nodes(void) {
  uint32_t seed = 17;
  for (uint32_t i = 0; i < NODES; i++) order[i] = i;
  for (uint32_t i = NODES - 1; i > 0; i--) {
    uint32_t j = next_random(&seed) % (i + 1), t = order[i];
    order[i] = order[j];
    order[j] = t;
  }
  for (uint32_t i = 0; i < NODES; i++) {
    nodes[order[i]].next = &nodes[order[(i + 1) % NODES]];
    nodes[order[i]].value = next_random(&seed);
  }
}

int32_t run(int32_t n) {
  link_nodes();
  uint32_t sum = 0;
  struct node *at = &nodes[order[0]];
  for (int32_t round = 0; round < n; round++)
    for (int i = 0; i < NODES; i++) {
      sum = (sum ^ at->value) + 1;
      at = at->next;
    }
  return (int32_t)sum;
}
