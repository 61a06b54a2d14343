// What blocks of code in the guide use without declaring it.

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <wasm.h>
#include <wasmrt.h>
#include <wasmrt_wasi.h>
#include <wasmrt_wat.h>

#define GUIDE_FUNCTION void *guide(void)

extern wasm_config_t *config;
extern wasm_engine_t *engine;
extern wasm_store_t *store, *my_store;
extern wasm_byte_vec_t binary, secret;
extern wasm_module_t *module;
extern wasm_instance_t *instance;
extern wasm_extern_vec_t imports, exports;
extern wasm_memory_t *memory;
extern wasm_func_t *func;
extern wasm_functype_t *type, *now_type;
extern wasm_val_vec_t args, results;
extern wasm_frame_t *frame;
extern wasm_trap_t *trap;
extern wasm_extern_t *not_found;
extern wasmrt_val_t result;
extern FILE *file;

// Functions and data of the reader's program.
extern char bytes[], *fiber_low;
extern size_t size, fiber_size;
extern int argc;
extern const char *argv[];
extern double factor;
extern struct queue *queue;
extern wasm_frame_vec_t frames;
extern wasmrt_wasi_t *wasi;
size_t next_piece(void *buffer);
bool queue_push(void *queue, wasmrt_run_t run, void *task);
int64_t now(void *env, wasm_trap_t **trap);
int32_t setting(void *store, wasm_trap_t **trap, int32_t name, int32_t size);
wasm_trap_t *out_of_bounds(wasm_store_t *store);
void report_and_delete(wasm_trap_t *trap);
