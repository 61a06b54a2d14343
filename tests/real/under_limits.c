// A large module of other people under limits of address space: it compiles, is linked with stand-ins and its exports are
// called, or something is refused with a reason; the process never ends. Each limit is tried in a process of its own.
//
//   under_limits FILE.wasm
//
// WASMRT_UNDER_LIMITS_STEP=PERCENT is how much the limit grows from one attempt to the next (default 100), and
// WASMRT_UNDER_LIMITS_MODES=023 the values of WASMRT_OPTION_COMPILE.

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wasmrt.h>

#include "stand_ins.h"

#define own
#define CHECK(condition) \
  ((condition) ? (void)0 : (fprintf(stderr, "line %d: failed: %s\n", __LINE__, #condition), exit(1)))

enum { REFUSED = 21, MOST_CALLS = 60, MOST_VALUES = 16 };

static own wasm_byte_vec_t binary;

static void limit(rlim_t more) {
  unsigned long pages = 0;
  FILE* file = fopen("/proc/self/statm", "r");
  CHECK(file && fscanf(file, "%lu", &pages) == 1);
  fclose(file);
  struct rlimit now;
  CHECK(!getrlimit(RLIMIT_AS, &now));
  now.rlim_cur = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + more;
  CHECK(!setrlimit(RLIMIT_AS, &now));
}

// The reason is read with memory.
static void check_reason(own wasm_trap_t* trap) {
  struct rlimit now;
  CHECK(!getrlimit(RLIMIT_AS, &now));
  now.rlim_cur = now.rlim_max;
  CHECK(!setrlimit(RLIMIT_AS, &now));
  own wasm_message_t message;
  wasm_message_t* text = &message;
  own wasmrt_error_t* error = trap ? NULL : wasmrt_last_error();
  CHECK(trap || error);
  if (trap) wasm_trap_message(trap, text);
  else wasmrt_error_message(error, text);
  CHECK(text->size > 1);
  wasm_name_delete(text);
}

_Noreturn static void refused(const char* step, own wasm_trap_t* trap) {
  check_reason(trap);
  printf("%s refused\n", step);
  fflush(stdout);
  _exit(REFUSED);
}

static own wasm_engine_t* engine_of(uint64_t mode) {
  own wasm_config_t* config = wasm_config_new();
  if (!config) return NULL;
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, mode));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_METERED, WASMRT_METERED_ONLY));
  return wasm_engine_new_with_config(config);
}

// With zeros, for a while. A trap is an answer as well.
static void call_export(wasm_store_t* store, const wasm_func_t* func) {
  wasm_val_t values[MOST_VALUES], out[MOST_VALUES];
  size_t n_args = wasm_func_param_arity(func), n_results = wasm_func_result_arity(func);
  if (n_args > MOST_VALUES || n_results > MOST_VALUES) return;
  own wasm_functype_t* type = wasm_func_type(func);
  if (!type) return;
  memset(values, 0, sizeof values);
  for (size_t i = 0; i < n_args; ++i) values[i].kind = wasm_valtype_kind(wasm_functype_params(type)->data[i]);
  wasm_functype_delete(type);
  CHECK(wasmrt_store_set_fuel(store, 200000));
  wasm_val_vec_t args = {n_args, values}, results = {n_results, out};
  own wasm_trap_t* trap = wasm_func_call(func, &args, &results);
  if (!trap) return;
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  wasm_frame_vec_delete(&frames);
  wasm_trap_delete(trap);
}

static void call_exports(wasm_store_t* store, const wasm_instance_t* instance) {
  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  int calls = 0;
  for (size_t i = 0; i < exports.size && calls < MOST_CALLS; ++i) {
    const wasm_func_t* func = wasm_extern_as_func(exports.data[i]);
    if (func) call_export(store, func), ++calls;
  }
  wasm_extern_vec_delete(&exports);
}

static void live(uint64_t mode) {
  own wasm_engine_t* engine = engine_of(mode);
  if (!engine) refused("engine", NULL);
  own wasm_store_t* store = wasm_store_new(engine);
  if (!store || !wasmrt_store_set_fuel(store, 100000000)) refused("store", NULL);
  own wasm_module_t* module = wasm_module_new(store, &binary);
  if (!module) refused("module", NULL);
  own wasm_importtype_vec_t types;
  own wasm_extern_vec_t imports;
  wasm_module_imports(module, &types);
  if (!stand_ins(store, &types, &imports)) refused("imports", NULL);
  own wasm_trap_t* trap = NULL;
  own wasm_instance_t* instance = wasm_instance_new(store, module, &imports, &trap);
  if (!instance) refused("instance", trap);
  call_exports(store, instance);
  wasm_instance_delete(instance);
  wasm_extern_vec_delete(&imports);
  wasm_importtype_vec_delete(&types);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}

static int try(uint64_t mode, rlim_t more) {
  fflush(stdout);
  pid_t child = fork();
  CHECK(child >= 0);
  if (!child) {
    alarm(300);
    limit(more);
    live(mode);
    fflush(stdout);
    _exit(0);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void read_binary(const char* path) {
  FILE* file = fopen(path, "rb");
  CHECK(file && fseek(file, 0, SEEK_END) == 0);
  wasm_byte_vec_new_uninitialized(&binary, (size_t)ftell(file));
  rewind(file);
  CHECK(fread(binary.data, 1, binary.size, file) == binary.size);
  fclose(file);
}

static void sweep(uint64_t mode, rlim_t percent) {
  int bad = 0, refusals = 0, whole = 0;
  for (rlim_t more = 1 << 20; more < (rlim_t)40 << 30 && whole < 2; more += more * percent / 100) {
    int outcome = try(mode, more);
    refusals += outcome == REFUSED;
    whole += outcome == 0;
    if (outcome == 0 || outcome == REFUSED) continue;
    fprintf(stderr, "compile mode %d, %lu KiB more: outcome %d\n", (int)mode, (unsigned long)(more >> 10), outcome);
    ++bad;
  }
  printf("compile mode %d: refused %d times, not refused %d times\n", (int)mode, refusals, whole);
  CHECK(bad == 0 && refusals > 0 && whole > 0);
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const char* percent = getenv("WASMRT_UNDER_LIMITS_STEP");
  const char* modes = getenv("WASMRT_UNDER_LIMITS_MODES");
  read_binary(argv[1]);
  for (modes = modes ? modes : "023"; *modes; ++modes) sweep((uint64_t)(*modes - '0'), percent ? strtoul(percent, NULL, 10) : 100);
  wasm_byte_vec_delete(&binary);
  return 0;
}
