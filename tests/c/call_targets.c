// Indirect calls that call several functions, which optimized code compares before it calls them: nobody notices.

#include "host.h"

enum { FUNCTIONS = 12, CALLS = 12000 };

static world_t open_hot(uint64_t workers, uint64_t percent) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, WASMRT_COMPILE_TIERED));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, workers));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_TIER_UP, percent));
  return open_world_with(config, "call_targets");
}

// How targets follow each other.
typedef struct {
  int length, first, count;
} order_t;

static const order_t orders[] = {{1, 3, 1},   {1, 0, 2},   {1, 4, 2},  {50, 1, 3},        {1, 0, 3},
                                 {50, 2, 4},  {1, 8, 4},   {50, 0, 6}, {50, 0, FUNCTIONS}, {1, 0, FUNCTIONS},
                                 {1000, 3, 9}};
enum { ORDERS = sizeof orders / sizeof *orders };

// The sum of the numbers of the functions that are called, and of what their instance owns.
static int32_t expected(int n, order_t order, int mine) {
  int32_t sum = 0;
  for (int i = 0; i < n; ++i) sum += order.first + i / order.length % order.count + mine;
  return sum;
}

static int32_t calls(const world_t* w, const char* name, int n, order_t order) {
  return call_i32(w, name, VALS(I32(n), I32(order.length), I32(order.first), I32(order.count)));
}

// Calls targets in an order until the code knows them.
static void heat_up(const world_t* w, const char* name, order_t order) {
  for (int i = 0; i < 4; ++i) CHECK(calls(w, name, CALLS, order) == expected(CALLS, order, 0));
}

static void set_global(const world_t* w, const char* name, int32_t value) {
  wasm_val_t val = I32(value);
  wasm_global_set(wasm_extern_as_global(export_of(w, name)), &val);
}

static own wasm_trap_t* trap_of(const world_t* w, order_t order) {
  return call_trap(func_of(w, "calls"), VALS(I32(CALLS), I32(order.length), I32(order.first), I32(order.count)));
}

TEST(calls_reach_their_functions_in_any_order) {
  static const char* const names[] = {"calls", "calls_references"};
  for (int at = 0; at < 2 * ORDERS; ++at) {
    for (uint64_t percent = 1; percent <= 100; percent += 33) {
      world_t w = open_hot(0, percent);
      heat_up(&w, names[at % 2], orders[at / 2]);
      // What was rare, or not there at all.
      for (int other = 0; other < ORDERS; ++other)
        CHECK(calls(&w, names[at % 2], 500, orders[other]) == expected(500, orders[other], 0));
      close_world(&w);
    }
  }
}

TEST(functions_with_the_same_numbers_in_another_instance_are_other_functions) {
  for (int at = 0; at < ORDERS; ++at) {
    world_t w = open_hot(0, 20);
    heat_up(&w, "calls", orders[at]);
    world_t other = {.engine = w.engine, .store = w.store, .module = w.module};
    instantiate(&other, NO_IMPORTS);
    set_global(&other, "own", 1000);
    for (uint32_t i = 0; i < FUNCTIONS; ++i) {
      own wasm_ref_t* function = wasm_table_get(wasm_extern_as_table(export_of(&other, "table")), i);
      CHECK(wasm_table_set(wasm_extern_as_table(export_of(&w, "table")), i, function));
      wasm_ref_delete(function);
    }
    CHECK(calls(&w, "calls", CALLS, orders[at]) == expected(CALLS, orders[at], 1000));
    wasm_extern_vec_delete(&other.exports);
    wasm_instance_delete(other.instance);
    close_world(&w);
  }
}

TEST(elements_that_cannot_be_called_trap) {
  for (int at = 0; at < ORDERS; ++at) {
    world_t w = open_hot(0, 20);
    heat_up(&w, "calls", orders[at]);
    int last = orders[at].first + orders[at].count - 1;
    call(func_of(&w, "mistake"), VALS(I32(last)));
    CHECK(says(trap_of(&w, orders[at]), "expected (func (param i32) (result i32))"));
    call(func_of(&w, "forget"), VALS(I32(last)));
    CHECK(says(trap_of(&w, orders[at]), "is null"));
    CHECK(says(trap_of(&w, (order_t){1, 1 << 20, 1}), "undefined element"));
    close_world(&w);
  }
}

TEST(traps_show_the_function_that_was_called_and_its_caller) {
  for (int at = 0; at < ORDERS; ++at) {
    bool traps = orders[at].first <= 3 && orders[at].first + orders[at].count > 3;
    world_t w = open_hot(0, 20);
    heat_up(&w, "calls", orders[at]);
    set_global(&w, "divisor", 0);
    if (traps) {
      own wasm_trap_t* trap = trap_of(&w, orders[at]);
      own wasm_frame_vec_t frames;
      wasm_trap_trace(trap, &frames);
      CHECK(frames.size == 2);
      CHECK(wasm_frame_func_index(frames.data[0]) == 3 && wasm_frame_func_index(frames.data[1]) == 14);
      wasm_frame_vec_delete(&frames);
      CHECK(says(trap, "divide by zero"));
    }
    close_world(&w);
  }
}

TEST(targets_are_learnt_and_used_by_several_threads) {
  world_t w = open_hot(2, 20);
  for (int i = 0; i < (slow() ? 20 : 200); ++i) {
    order_t order = orders[i % ORDERS];
    CHECK(calls(&w, "calls", CALLS, order) == expected(CALLS, order, 0));
  }
  close_world(&w);
}
