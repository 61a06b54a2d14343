// Every single allocation refused in turn, and from each one on all of them: making an engine, compiling,
// instantiating, calling, trapping, serializing and loading succeed, or end in NULL or a trap with a message,
// and the process continues; a call that failed succeeds as soon as there is memory again. Each attempt is a process of
// its own.

#define _GNU_SOURCE
#include "host.h"
#include "process.h"
#include "refuse.h"

// --- A life in steps, each of which may be refused ---

// Whether there is a reason for what was refused. From here on there is memory again.
static bool has_reason(own wasm_trap_t* trap) {
  feed();
  return trap ? has_message(trap) : has_error();
}

// Ends the process: 10 + step when the step was refused with a message, 1 without one.
static void end_with(int step, bool is_explained) {
  fflush(stdout);
  _exit(is_explained ? 10 + step : 1);
}

static void refused(int step, own wasm_trap_t* trap) { end_with(step, has_reason(trap)); }

static void check_call(world_t* w, int step) {
  wasm_val_t out[1] = {WASM_INIT_VAL};
  wasm_val_vec_t results = {1, out};
  wasm_func_t* nested = wasm_extern_as_func(w->exports.data[0]);
  wasm_val_vec_t one = VALS(I32(1)), zero = VALS(I32(0));
  starve();
  own wasm_trap_t* trap = wasm_func_call(nested, &one, &results);
  if (trap) {
    bool is_explained = has_reason(trap);
    if (wasm_func_call(nested, &one, &results) || out[0].of.i32 != 3) _exit(7);
    end_with(step, is_explained);
  }
  feed();
  if (out[0].of.i32 != 3) _exit(2);
  starve();
  trap = wasm_func_call(nested, &zero, &results);
  if (!trap) _exit(3);
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  feed();
  own wasm_message_t message;
  wasm_trap_message(trap, &message);
  if (!message_has(&message, "divide by zero") && !message_has(&message, "out of memory")) _exit(4);
  wasm_name_delete(&message);
  wasm_frame_vec_delete(&frames);
  wasm_trap_delete(trap);
}

static void live(const wasm_byte_vec_t* binary, unsigned workers) {
  own wasm_config_t* config = test_config();
  wasmrt_config_set(config, WASMRT_OPTION_WORKERS, workers);
  starve();
  world_t w = {.engine = wasm_engine_new_with_config(config)};
  if (!w.engine) refused(0, NULL);
  w.store = wasm_store_new(w.engine);
  if (!w.store) refused(1, NULL);
  w.module = wasm_module_new(w.store, binary);
  if (!w.module) refused(2, NULL);
  own wasm_trap_t* trap = NULL;
  w.instance = wasm_instance_new(w.store, w.module, &NO_IMPORTS, &trap);
  if (!w.instance) refused(3, trap);
  wasm_instance_exports(w.instance, &w.exports);
  if (!w.exports.size) refused(4, NULL);
  check_call(&w, 5);
  starve();
  own wasm_byte_vec_t bytes;
  wasm_module_serialize(w.module, &bytes);
  if (!bytes.size) {
    bool is_explained = has_reason(NULL);
    if (!wasmrt_module_compile(w.module, WASMRT_TIER_OPTIMIZED)) _exit(8);
    end_with(6, is_explained);
  }
  wasm_module_delete(w.module);
  w.module = wasm_module_deserialize(w.store, &bytes);
  if (!w.module) refused(7, NULL);
  wasm_byte_vec_delete(&bytes);
  // Bytes that are refused: the message needs memory too.
  wasm_byte_vec_t wrong = {binary->size - 1, binary->data};
  own wasm_module_t* none = wasm_module_new(w.store, &wrong);
  if (none) _exit(5);
  feed();
  if (!has_error()) _exit(6);
  close_world(&w);
  _exit(atomic_load(&refused_so_far) ? 20 : 0);
}

// Functions large enough for threads to share: each does nothing for long, then divides 3 by its parameter.
static void large_module(own wasm_byte_vec_t* out) {
  enum { FUNCTIONS = 5, NOPS = 2000, BODY = 1 + NOPS + 6, CODE = 1 + FUNCTIONS * (2 + BODY) };
  static const char head[] = "\0asm\1\0\0\0" "\1\6\1\x60\1\x7f\1\x7f" "\3\6\5\0\0\0\0\0" "\7\5\1\1f\0\0" "\x0a";
  wasm_byte_vec_new_uninitialized(out, sizeof head - 1 + 2 + CODE);
  char* at = out->data;
  memcpy(at, head, sizeof head - 1);
  at += sizeof head - 1;
  *at++ = (char)((CODE & 0x7f) | 0x80), *at++ = CODE >> 7;
  *at++ = FUNCTIONS;
  for (int i = 0; i < FUNCTIONS; ++i) {
    *at++ = (char)((BODY & 0x7f) | 0x80), *at++ = BODY >> 7;
    *at++ = 0;
    memset(at, 1, NOPS);
    memcpy(at + NOPS, "\x41\3\x20\0\x6d\x0b", 6);  // i32.const 3, local.get 0, i32.div_s, end
    at += NOPS + 6;
  }
  CHECK(at == out->data + out->size);
}

// How a life with these refusals ends; 128 + signal when it was killed.
static int try(const wasm_byte_vec_t* binary, unsigned workers, int kind, unsigned long from, unsigned long count,
               unsigned long step) {
  pid_t child = start_child();
  if (!child) {
    shortage = (shortage_t){kind, from, count, step};
    live(binary, workers);
  }
  return outcome_of(child);
}

// Goes through all requests of a kind until none is left to refuse.
static void sweep(unsigned workers, int kind, unsigned long count, unsigned long step) {
  own wasm_byte_vec_t binary;
  if (workers) large_module(&binary);
  else read_module("starved", &binary);
  int outcomes[21] = {0}, bad = 0;
  unsigned long from = 0;
  for (;; from += slow() ? 37 : 1) {
    int outcome = try(&binary, workers, kind, from, count, step);
    if (outcome == 0) break;
    if (outcome >= 10 && outcome <= 20) {
      ++outcomes[outcome];
    } else {
      fprintf(stderr, "from request %lu on: outcome %d\n", from, outcome);
      if (++bad > 20) break;
    }
  }
  printf("%lu requests; lived on %d; refused: engine %d store %d module %d instance %d exports %d call %d serialize %d "
         "deserialize %d\n", from, outcomes[20], outcomes[10], outcomes[11], outcomes[12], outcomes[13], outcomes[14],
         outcomes[15], outcomes[16], outcomes[17]);
  CHECK(bad == 0);
  CHECK(from >= (kind == PAGES ? 2 : 50));
  // There are two kinds of code memory, so a single refused mapping is never noticed.
  CHECK(outcomes[12] > 0 || (kind == PAGES && count == 1));
  wasm_byte_vec_delete(&binary);
}

TEST(any_single_allocation_may_fail) { sweep(0, HEAP, 1, 1); }
TEST(all_allocations_may_fail_from_any_point_on) { sweep(0, HEAP, ~0ul, 1); }
TEST(allocations_may_fail_for_a_while) { sweep(0, HEAP, 10, 1); }
TEST(every_other_allocation_may_fail_from_any_point_on) { sweep(0, HEAP, ~0ul, 2); }
TEST(any_single_allocation_may_fail_while_threads_compile) { sweep(3, HEAP, 1, 1); }
TEST(all_allocations_may_fail_while_threads_compile) { sweep(3, HEAP, ~0ul, 1); }
TEST(any_single_mapping_may_fail) { sweep(3, PAGES, 1, 1); }
TEST(all_mappings_may_fail_from_any_point_on) { sweep(3, PAGES, ~0ul, 1); }
TEST(nothing_at_all_may_be_had_from_any_point_on) { sweep(3, HEAP | PAGES, ~0ul, 1); }

// --- Optimizing a function that runs ---

static uint64_t optimized(const world_t* w) {
  wasmrt_stats_t stats = {.struct_size = sizeof stats};
  wasmrt_module_stats(w->module, &stats);
  return stats.optimized.functions;
}

// All functions have code, and two of them are optimized by the call, or not if memory is refused. The process ends with
// 0 if nothing was refused, 20 if nobody noticed, 10 if the caller was optimized later, perhaps with the other one in it.
// The compiler needs another stack than that of this thread.
static void* be_hot(void* unused) {
  (void)unused;
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, WASMRT_COMPILE_BOTH));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, 0));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_TIER_UP, 0));
  CHECK(wasmrt_config_set_cache(config, NULL, 0));
  world_t w = open_world_with(config, "first_calls");
  const wasm_func_t* func = func_of(&w, "repeat");
  wasm_val_t out[1] = {WASM_INIT_VAL};
  wasm_val_vec_t few = VALS(I32(10), I32(3)), many = VALS(I32(2000000), I32(3)), results = {1, out};
  starve();
  own wasm_trap_t* trap = wasm_func_call(func, &few, &results);
  feed();
  if (trap || out[0].of.i32 != 1030) _exit(2);
  bool is_late = optimized(&w) < 2;
  for (int i = 0; !optimized(&w); ++i) {
    if (i > 20 || wasm_func_call(func, &many, &results) || out[0].of.i32 != 206000000) _exit(3);
  }
  if (wasm_func_call(func, &few, &results) || out[0].of.i32 != 1030) _exit(4);
  close_world(&w);
  _exit(is_late ? 10 : atomic_load(&refused_so_far) ? 20 : 0);
}

static void sweep_hot(int kind, unsigned long count, unsigned long step) {
  int unnoticed = 0, late = 0;
  unsigned long from = 0;
  for (;; from += step) {
    pid_t child = start_child();
    if (!child) {
      shortage = (shortage_t){kind, from, count, 1};
      run_on_thread(64 << 10, be_hot, NULL);  // with LIMIT, `from` is how many bytes there are
    }
    int outcome = outcome_of(child);
    if (outcome == 0) break;
    if (outcome != 10 && outcome != 20) fprintf(stderr, "from request %lu on: outcome %d\n", from, outcome);
    CHECK(outcome == 10 || outcome == 20);
    if (outcome == 10) ++late;
    else ++unnoticed;
  }
  printf("%lu requests; not noticed %d, optimized later %d\n", from, unnoticed, late);
  CHECK(from >= (kind == PAGES ? 2 : 50));
  // The library has a reserve in place of malloc for functions of this size, and none in place of mappings.
  CHECK((late > 0) == (kind != HEAP));
}

TEST(a_call_goes_on_if_no_memory_can_be_had_to_optimize_it) {
  sweep_hot(HEAP, ~0ul, 3);
  sweep_hot(PAGES, ~0ul, 1);
  sweep_hot(HEAP | PAGES, ~0ul, 3);
}
TEST(a_call_goes_on_if_the_system_has_little_memory_to_optimize_it) { sweep_hot(LIMIT, 0, 128 << 10); }
TEST(a_call_goes_on_if_a_single_allocation_fails_to_optimize_it) { sweep_hot(HEAP, 1, 1); }
