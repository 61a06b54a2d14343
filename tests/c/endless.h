// The exports of endless.wat that do not end by themselves, and a world in which they can be stopped.

#ifndef ENDLESS_H
#define ENDLESS_H

#include "host.h"

static const char* const endless[] = {
    "loop",          "loop_if",    "loop_if_block",         "loop_table",  "loop_nested", "loop_inner",
    "loop_behind_a_loop", "loop_value",    "loop_null",  "loop_calls",            "loop_calls_indirectly",      "loop_visits",
    "loop_fills",    "loop_grows", "loop_vector",           "tail",        "tail_mutual", "tail_indirect",
    "tail_ref",      "tail_wide",  "recursion",             "recursion_indirect",
    "loop_catches",  "loop_catches_references",  "tail_catches",  "loop_catches_as_before",
};
enum { ENDLESS = sizeof endless / sizeof *endless };

typedef struct {
  world_t w;
  own wasm_func_t* visit;
  // What the host function also does.
  own wasm_trap_t* (*visited)(void* env);
  void* env;
} endless_t;

static inline own wasm_trap_t* visit_endless(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args, (void)results;
  endless_t* e = env;
  return e->visited ? e->visited(e->env) : NULL;
}

// The store, the module and the host function; the caller asks for metering, then instantiates.
static inline void open_endless(endless_t* e) {
  memset(e, 0, sizeof *e);
  open_store(&e->w, "endless");
  e->visit = host_func(e->w.store, "", "", visit_endless, e, NULL);
}

static inline void start_endless(endless_t* e) { instantiate(&e->w, IMPORTS(wasm_func_as_extern(e->visit))); }

static inline void close_endless(endless_t* e) {
  wasm_func_delete(e->visit);
  close_world(&e->w);
}

#endif
