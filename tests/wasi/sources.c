// Arguments, environment, clocks and random numbers.

#define _POSIX_C_SOURCE 200112L
#include "wasi.h"

static int finalized;
static void finalize(void* env) {
  CHECK(env == &finalized);
  ++finalized;
}

TEST(arguments_and_environment_arrive_in_order) {
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_add_args(wasi, (const char* const[]){"program", ""}, 2));
  CHECK(wasmrt_wasi_add_args(wasi, (const char* const[]){"last"}, 1));
  CHECK(wasmrt_wasi_set_env(wasi, "A", "1") && wasmrt_wasi_set_env(wasi, "AB", "2") && wasmrt_wasi_set_env(wasi, "A", "3=4"));
  CHECK(!wasmrt_wasi_set_env(wasi, "", "x") && !wasmrt_wasi_set_env(wasi, "a=b", "x") && wasi_error_says("="));
  guest_t g = open_guest(wasi, "calls");
  CHECK(WASI(&g, "args_sizes_get", 0, 4) == OK && get32(&g, 0) == 3 && get32(&g, 4) == 14);
  CHECK(WASI(&g, "args_get", 16, 100) == OK);
  CHECK(memcmp(at(&g, 100), "program\0\0last", 14) == 0);
  CHECK(get32(&g, 16) == 100 && get32(&g, 20) == 108 && get32(&g, 24) == 109 && get32(&g, 28) == 0);
  CHECK(WASI(&g, "environ_sizes_get", 0, 4) == OK && get32(&g, 0) == 2 && get32(&g, 4) == 11);
  CHECK(WASI(&g, "environ_get", 16, 200) == OK);
  CHECK(memcmp(at(&g, 200), "AB=2\0A=3=4", 11) == 0);
  CHECK(get32(&g, 16) == 200 && get32(&g, 20) == 205);
  close_guest(&g);
}

TEST(without_settings_there_are_none) {
  guest_t g = open_guest(wasmrt_wasi_new(), "calls");
  put32(&g, 0, 9), put32(&g, 4, 9);
  CHECK(WASI(&g, "args_sizes_get", 0, 4) == OK && get32(&g, 0) == 0 && get32(&g, 4) == 0);
  CHECK(WASI(&g, "environ_sizes_get", 0, 4) == OK && get32(&g, 0) == 0 && get32(&g, 4) == 0);
  CHECK(WASI(&g, "args_get", 65536, 65536) == OK);
  close_guest(&g);
}

TEST(arguments_and_environment_of_the_process_are_inherited) {
  CHECK(setenv("WASMRT_TEST_VARIABLE", "a value", 1) == 0);
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_set_env(wasi, "WASMRT_TEST_VARIABLE", "replaced"));
  CHECK(wasmrt_wasi_inherit_args(wasi) && wasmrt_wasi_inherit_env(wasi));
  guest_t g = open_guest(wasi, "calls");
  CHECK(WASI(&g, "args_sizes_get", 0, 4) == OK && get32(&g, 0) >= 1);
  CHECK(WASI(&g, "environ_sizes_get", 0, 4) == OK);
  uint32_t n = get32(&g, 0), size = get32(&g, 4);
  CHECK(n * 4 + size < 60000 && WASI(&g, "environ_get", 16, 16 + 4 * n) == OK);
  int found = 0;
  for (uint32_t i = 0; i < n; ++i) {
    const char* variable = at(&g, get32(&g, 16 + 4 * i));
    if (strncmp(variable, "WASMRT_TEST_VARIABLE=", 21) == 0) found += strcmp(variable + 21, "a value") == 0 ? 1 : 100;
  }
  CHECK(found == 1);
  close_guest(&g);
}

TEST(clocks_of_the_system_run) {
  guest_t g = open_guest(wasmrt_wasi_new(), "calls");
  for (uint32_t clock = 0; clock < 4; ++clock) {
    CHECK(WASI(&g, "clock_time_get", clock, 1, 8) == OK && WASI(&g, "clock_time_get", clock, 0, 16) == OK);
    CHECK(get64(&g, 16) >= get64(&g, 8));
    CHECK(WASI(&g, "clock_res_get", clock, 8) == OK && get64(&g, 8) >= 1 && get64(&g, 8) < 1000000000);
  }
  CHECK(WASI(&g, "clock_time_get", 4, 0, 8) == E_INVAL && WASI(&g, "clock_time_get", UINT32_MAX, 0, 8) == E_INVAL);
  CHECK(WASI(&g, "clock_res_get", 4, 8) == E_INVAL);
  guest_t old = open_guest(wasmrt_wasi_new(), "calls_unstable");
  CHECK(WASI(&old, "clock_time_get", 0, 0, 8) == OK && get64(&old, 8) > 1600000000000000000);
  close_guest(&old);
  close_guest(&g);
}

static bool step(void* env, uint32_t clock, uint64_t* nanoseconds) {
  CHECK(env == &finalized);
  static uint64_t now = 1000;
  *nanoseconds = now++;
  return clock < 2;
}

static bool count(void* env, uint8_t* data, size_t size) {
  CHECK(env == &finalized);
  static uint8_t next;
  for (size_t i = 0; i < size; ++i) data[i] = next++;
  return next != 7;
}

TEST(host_decides_time_and_chance) {
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  finalized = 0;
  CHECK(wasmrt_wasi_set_clock(wasi, step, &finalized, finalize));
  CHECK(wasmrt_wasi_set_random(wasi, count, &finalized, finalize));
  guest_t g = open_guest(wasi, "calls");
  CHECK(WASI(&g, "clock_time_get", 0, 0, 8) == OK && get64(&g, 8) == 1000);
  CHECK(WASI(&g, "clock_time_get", 1, 0, 8) == OK && get64(&g, 8) == 1001);
  CHECK(WASI(&g, "clock_time_get", 2, 0, 8) == E_NOTSUP);
  CHECK(WASI(&g, "random_get", 100, 5000) == OK);
  const char* memory = at(&g, 0);
  for (uint32_t i = 0; i < 5000; ++i) CHECK((uint8_t)memory[100 + i] == (uint8_t)i);
  CHECK(memory[99] == 0 && memory[5100] == 0);
  uint8_t left = (uint8_t)(7 - (uint8_t)5000);
  CHECK(WASI(&g, "random_get", 100, left) == E_IO);
  CHECK(finalized == 0);
  close_guest(&g);
  CHECK(finalized == 2);
}

TEST(finalizers_run_once_also_for_what_is_replaced_or_refused) {
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  finalized = 0;
  CHECK(wasmrt_wasi_set_clock(wasi, step, &finalized, finalize) && finalized == 0);
  CHECK(wasmrt_wasi_set_clock(wasi, NULL, &finalized, finalize) && finalized == 2);
  CHECK(!wasmrt_wasi_set_clock(NULL, step, &finalized, finalize) && finalized == 3);
  CHECK(wasmrt_wasi_set_random(wasi, count, &finalized, finalize) && finalized == 3);
  wasmrt_wasi_delete(wasi);
  CHECK(finalized == 4);
  CHECK(!wasmrt_wasi_set_random(NULL, count, &finalized, finalize) && finalized == 5);
}

TEST(random_numbers_of_the_system_fill_what_is_asked_for) {
  guest_t g = open_guest(wasmrt_wasi_new(), "calls");
  CHECK(WASI(&g, "random_get", 1, 65535) == OK);
  const char* memory = at(&g, 0);
  CHECK(memory[0] == 0);
  int differing = 0;
  for (uint32_t i = 1; i < 65535; ++i) differing += memory[i] != memory[i + 1];
  CHECK(differing > 60000);
  CHECK(WASI(&g, "random_get", 65536, 0) == OK);
  close_guest(&g);
}

typedef struct {
  int calls;
  char name[32];
  uint64_t first;
  size_t n_args;
  int32_t result;
} watched_t;

static void watch(void* env, const char* name, const uint64_t* args, size_t n_args, int32_t result) {
  watched_t* watched = env;
  watched->calls++;
  snprintf(watched->name, sizeof watched->name, "%s", name);
  watched->first = n_args ? args[0] : 0;
  watched->n_args = n_args;
  watched->result = result;
}

static void count_end(void* env) { ((watched_t*)env)->calls += 100; }

TEST(host_watches_calls_with_arguments_and_results) {
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  watched_t watched = {0};
  CHECK(wasmrt_wasi_set_trace(wasi, watch, &watched, count_end));
  guest_t g = open_guest(wasi, "calls");
  CHECK(!wasmrt_wasi_set_trace(wasi, NULL, NULL, NULL));
  CHECK(WASI(&g, "random_get", 100, 8) == OK);
  CHECK(watched.calls == 1 && strcmp(watched.name, "random_get") == 0);
  CHECK(watched.first == 100 && watched.n_args == 2 && watched.result == OK);
  CHECK(WASI(&g, "fd_seek", 77, 0, 0, 8) == E_BADF);
  CHECK(watched.calls == 2 && watched.first == 77 && watched.n_args == 4 && watched.result == E_BADF);
  close_guest(&g);
  CHECK(watched.calls == 102);
}

TEST(host_stops_watching_before_modules_are_bound) {
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  watched_t watched = {0};
  CHECK(wasmrt_wasi_set_trace(wasi, watch, &watched, count_end));
  CHECK(wasmrt_wasi_set_trace(wasi, NULL, &watched, count_end) && watched.calls == 200);
  CHECK(!wasmrt_wasi_set_trace(NULL, watch, &watched, count_end) && watched.calls == 300);
  guest_t g = open_guest(wasi, "calls");
  CHECK(WASI(&g, "fd_close", 77) == E_BADF && watched.calls == 300);
  close_guest(&g);
}
