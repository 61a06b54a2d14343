// The last error: one per thread, set by failures, kept by successes, taken when read.

#include <pthread.h>

#include "host.h"

static void fail(const wasm_engine_t* unused) {
  (void)unused;
  CHECK(!wasm_store_new(NULL));
}

TEST(there_is_no_error_before_something_fails) {
  forget_error();
  CHECK(!wasmrt_last_error());
  wasmrt_error_delete(NULL);
}

TEST(taking_the_error_clears_it) {
  fail(NULL);
  own wasmrt_error_t* error = wasmrt_last_error();
  CHECK(error && !wasmrt_last_error());
  wasmrt_error_delete(error);
}

TEST(success_leaves_the_error_alone) {
  fail(NULL);
  world_t w = open_world("state");
  CHECK(call_i32(&w, "count", NO_VALS) == 1);
  close_world(&w);
  CHECK(has_error());
}

TEST(later_failure_replaces_the_earlier_one) {
  fail(NULL);
  CHECK(!wasm_valtype_new(99));
  own wasmrt_error_t* error = wasmrt_last_error();
  CHECK(error && !wasmrt_last_error());
  wasmrt_error_delete(error);
}

TEST(error_outlives_the_engine_it_speaks_of) {
  world_t w;
  open_store(&w, NULL);
  CHECK(!wasm_module_new(w.store, &(wasm_byte_vec_t){0, NULL}));
  close_world(&w);
  CHECK(has_error());
}

static void* another_thread(void* unused) {
  (void)unused;
  CHECK(!wasmrt_last_error());
  CHECK(!wasm_valtype_new(99));
  CHECK(has_error());
  CHECK(!wasm_valtype_new(99));  // left behind: it is freed with the thread
  return NULL;
}

TEST(each_thread_has_its_own_error) {
  fail(NULL);
  pthread_t thread;
  CHECK(!pthread_create(&thread, NULL, another_thread, NULL));
  CHECK(!pthread_join(thread, NULL));
  CHECK(has_error());
  CHECK(!wasmrt_last_error());
}

TEST(message_of_no_error_is_empty) {
  own wasm_message_t message = {99, (void*)99};
  wasmrt_error_message(NULL, &message);
  CHECK(message.size == 0 && !message.data);
  CHECK(wasmrt_error_imports(NULL, NULL, 0) == 0);
}

TEST(no_more_is_written_than_the_caller_has_room_for) {
  fail(NULL);
  own wasmrt_error_t* error = wasmrt_last_error();
  wasmrt_error_info_t info;
  memset(&info, 0x5a, sizeof info);
  info.struct_size = offsetof(wasmrt_error_info_t, phase);
  wasmrt_error_info(error, &info);
  CHECK(info.kind == WASMRT_ERROR_ARGUMENT && info.phase == 0x5a5a5a5a && info.function == 0x5a5a5a5a);
  info.struct_size = sizeof info;
  wasmrt_error_info(error, &info);
  CHECK(info.function == UINT32_MAX && info.offset == UINT64_MAX);
  wasmrt_error_info(error, NULL);
  wasmrt_error_info(NULL, &info);
  wasmrt_error_delete(error);
}
