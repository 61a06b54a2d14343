// What the tools look at: program PROFILER DEBUGGER FOLDER. The host calls guest functions, which call the host's `look_here`, and spins in a
// guest loop. `observed.h` has the module.

#include "observed.h"

__attribute__((noinline)) void look_here(void* context) {
  *(volatile int*)context += 1;
}

TEST(run) {
  const char* compile = getenv("WAY");
  const way_t* way = &WAYS[compile ? atoi(compile) : 0];
  int looks = 0;
  observer_t observer = {look_here, &looks, 0};
  own wasm_config_t* config = observed_config(way, WASMRT_OPTION_DEBUGGER, asked("debugger=", 0));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_PROFILER, asked("profiler=", 0)));
  if (getenv("FOLDER")) CHECK(wasmrt_config_set_profiler_folder(config, getenv("FOLDER")));
  world_t w = open_observed(config, &observer);
  CHECK(call_i32(&w, "run", VALS(I32(7))) == 10);
  CHECK(call_i32(&w, "run", VALS(I32(7))) == 10);
  for (uint64_t i = asked("rounds=", 0); i > 0; --i) CHECK(call_i32(&w, "spin", VALS(I32(10000000))) == 1);
  close_world(&w);
}
