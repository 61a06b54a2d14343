// Building, walking and dropping binary trees from a pool with a free list.
#include "kernel.h"

struct tree {
  struct tree *left, *right;
  uint32_t key;
};
enum { POOL = 1 << 14 };
static struct tree pool[POOL], *unused;

static struct tree *make(int depth, uint32_t key) {
  struct tree *t = unused;
  unused = t->left;
  t->key = key;
  t->left = depth > 0 ? make(depth - 1, key * 2) : NULL;
  t->right = depth > 0 ? make(depth - 1, key * 2 + 1) : NULL;
  return t;
}

static uint32_t walk(const struct tree *t) {
  return t ? walk(t->left) * 3 + walk(t->right) + t->key : 1;
}

static void drop(struct tree *t) {
  if (!t) return;
  drop(t->right);
  struct tree *left = t->left;
  t->left = unused;
  unused = t;
  drop(left);
}

int32_t run(int32_t n) {
  uint32_t sum = 0;
  for (int i = 0; i < POOL - 1; i++) pool[i].left = &pool[i + 1];
  pool[POOL - 1].left = NULL;
  unused = pool;
  for (int32_t round = 0; round < n; round++) {
    struct tree *t = make(6 + round % 7, 1);
    sum = fold(sum, walk(t));
    drop(t);
  }
  return (int32_t)sum;
}
