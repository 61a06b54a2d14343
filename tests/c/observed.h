// A module whose functions call the host while tools of the system look at the stack: host, `outer`, `middle`, `inner`,
// host. The ways in which its code can be made.

#ifndef OBSERVED_H
#define OBSERVED_H

#include "host.h"

typedef struct {
  const char* tier;  // of the functions on the stack, as tools show it
  int compile;
  int percent;  // for WASMRT_OPTION_TIER_UP
  bool spins;   // long enough in a loop that it is left for optimized code
} way_t;

// With a percentage of zero, whatever is called is optimized at once.
static const way_t WAYS[] = {
    {"optimized", WASMRT_COMPILE_OPTIMIZED, 100, false}, {"baseline", WASMRT_COMPILE_BASELINE, 100, false},
    {"baseline", WASMRT_COMPILE_LAZY_BASELINE, 100, false}, {"baseline", WASMRT_COMPILE_TIERED, 100, false},
    {"optimized", WASMRT_COMPILE_TIERED, 0, false}, {"baseline", WASMRT_COMPILE_BOTH, 100, false},
    {"optimized", WASMRT_COMPILE_BOTH, 0, false}, {"optimized loop", WASMRT_COMPILE_TIERED, 100, true},
    {"optimized loop", WASMRT_COMPILE_BOTH, 100, true},
};
enum { WAY_COUNT = sizeof WAYS / sizeof *WAYS };

// One compile thread less, so that code is optimized at a known moment.
static inline own wasm_config_t* observed_config(const way_t* way, wasmrt_option_t option, uint64_t value) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, 0));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, (uint64_t)way->compile));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_TIER_UP, (uint64_t)way->percent));
  CHECK(wasmrt_config_set(config, option, value));
  return config;
}

// A look at the stack from within `inner`.
typedef void look_t(void* context);
typedef struct {
  look_t* look;
  void* context;
  int looks;
} observer_t;

static inline own wasm_trap_t* look_now(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  observer_t* observer = env;
  results->data[0] = args->data[0];
  observer->looks += 1;
  observer->look(observer->context);
  return NULL;
}

static inline world_t open_observed(own wasm_config_t* config, observer_t* observer) {
  world_t w = {.engine = wasm_engine_new_with_config(config)};
  w.store = wasm_store_new(w.engine);
  CHECK(w.store);
  w.module = load(w.store, "observed");
  CHECK(w.module);
  own wasm_func_t* func = host_func(w.store, "i", "i", look_now, observer, NULL);
  instantiate(&w, IMPORTS(wasm_func_as_extern(func)));
  wasm_func_delete(func);
  return w;
}

// Looks once, in code of the way's tier.
static inline void look_in(const world_t* w, const way_t* way, observer_t* observer) {
  int before = observer->looks;
  if (way->spins) {
    CHECK(call_i32(w, "spin", VALS(I32(1000000))) == 1);
  } else {
    CHECK(call_i32(w, "run", VALS(I32(7))) == 10);
  }
  CHECK(observer->looks == before + 1);
}

#endif
