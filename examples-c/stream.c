// A module that arrives in pieces, as from a network: a job compiles it in the background as its bytes come, and
// says so when they turn out to be no module.

#include "common.h"

// Stands for a connection: hands out a file in small pieces.
static size_t receive(FILE* file, char* piece, size_t size) { return fread(piece, 1, size, file); }

// Feeds a job until everything has arrived, or until it is clear that the bytes are not valid.
static void feed(wasmrt_job_t* job, const char* path) {
  FILE* file = need(fopen(path, "rb"), "open the file");
  char piece[16];
  size_t size;
  bool accepted = true;
  while (accepted && (size = receive(file, piece, sizeof piece)) > 0) accepted = wasmrt_job_feed(job, piece, size);
  if (accepted) wasmrt_job_feed(job, NULL, 0);
  fclose(file);
}

static void print_state(wasmrt_job_t* job) {
  // A program with something else to do would look at the job with wasmrt_job_poll now and then, or be called back.
  wasmrt_job_state_t state = wasmrt_job_wait(job, UINT64_MAX);
  if (state == WASMRT_JOB_DONE) {
    wasmrt_progress_t progress = {.struct_size = sizeof progress};
    wasmrt_job_poll(job, &progress);
    printf("  done: %d of %d functions\n", (int)progress.done, (int)progress.functions);
    return;
  }
  own wasmrt_error_t* error = wasmrt_job_error(job);
  own wasm_message_t message;
  wasmrt_error_message(error, &message);
  printf("  refused: %s\n", message.data ? message.data : "out of memory");
  wasm_name_delete(&message);
  wasmrt_error_delete(error);
}

static void use(wasmrt_job_t* job, wasm_engine_t* engine) {
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = need(wasmrt_job_module(job, store), "take the module");
  wasm_extern_vec_t imports = WASM_EMPTY_VEC;
  own wasm_instance_t* instance = instantiate(store, module, &imports);
  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  wasm_val_t in[] = {WASM_I32_VAL(3), WASM_I32_VAL(4)}, out[] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(in), results = WASM_ARRAY_VEC(out);
  no_trap(wasm_func_call(find_func(module, &exports, "sum_of_squares"), &args, &results), "call sum_of_squares");
  printf("  sum_of_squares(3, 4) = %d\n", (int)out[0].of.i32);
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
}

int main(int argc, const char* argv[]) {
  (void)argc;
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");

  printf("a module:\n");
  own wasmrt_job_t* job = need(wasmrt_job_new(engine, NULL), "make a job");
  feed(job, "stream.wasm");
  print_state(job);
  use(job, engine);
  wasmrt_job_delete(job);

  printf("something else:\n");
  job = need(wasmrt_job_new(engine, NULL), "make a job");
  feed(job, argv[0]);
  print_state(job);
  wasmrt_job_delete(job);

  wasm_engine_delete(engine);
  return 0;
}
