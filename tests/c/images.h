// Instances of images.wat, whose memory begins with data near its start and near its end.

#ifndef IMAGES_H
#define IMAGES_H

#include "host.h"

enum { PAGE = 65536, SIZE = 6 * PAGE, LAST = 300000 };

static inline wasm_memory_t* memory_of(const world_t* w) {
  wasm_memory_t* memory = wasm_extern_as_memory(w->exports.data[0]);
  CHECK(memory);
  return memory;
}

// Whether the memory is as new.
static inline bool is_fresh(const world_t* w) {
  static char expected[SIZE];
  memcpy(expected + 16, "first", 5);
  memcpy(expected + LAST, "last", 4);
  return wasm_memory_data_size(memory_of(w)) == SIZE && memcmp(wasm_memory_data(memory_of(w)), expected, SIZE) == 0;
}

static inline world_t instance_of(const world_t* first) {
  world_t w = *first;
  instantiate(&w, NO_IMPORTS);
  CHECK(is_fresh(&w));
  return w;
}

static inline void end_instance(world_t* w) {
  wasm_extern_vec_delete(&w->exports);
  wasm_instance_delete(w->instance);
}

#endif
