// An open-addressing hash table: insertions, look-ups that hit and miss, removals
// with backward shift.
#include "kernel.h"

enum { SLOTS = 1 << 13, MASK = SLOTS - 1 };
static struct {
  uint32_t key, value;
} slots[SLOTS];

static uint32_t home(uint32_t key) { return key * 2654435761u >> 19; }

static uint32_t find(uint32_t key) {
  uint32_t at = home(key);
  while (slots[at].key && slots[at].key != key) at = (at + 1) & MASK;
  return at;
}

static void remove_at(uint32_t hole) {
  uint32_t at = hole;
  for (;;) {
    slots[hole].key = 0;
    do {
      at = (at + 1) & MASK;
      if (!slots[at].key) return;
    } while (((at - home(slots[at].key)) & MASK) < ((at - hole) & MASK));
    slots[hole] = slots[at];
    hole = at;
  }
}

int32_t run(int32_t n) {
  uint32_t seed = 21, sum = 0, live = 0;
  for (int i = 0; i < SLOTS; i++) slots[i].key = slots[i].value = 0;
  for (int32_t i = 0; i < n; i++) {
    uint32_t key = (next_random(&seed) & 8191) + 1, at = find(key);
    if (!slots[at].key && live < SLOTS / 2) {
      slots[at].key = key;
      slots[at].value = seed;
      live++;
    } else if (slots[at].key && (seed >> 16 & 3) == 0) {
      sum = fold(sum, slots[at].value);
      remove_at(at);
      live--;
    } else {
      sum += slots[at].value++;
    }
  }
  return (int32_t)fold(sum, live);
}
