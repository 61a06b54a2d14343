// Lives with little address space: in each, functions of the library are called one after the other while the system gives no
// more than so many bytes. A call that is refused has a reason, has done nothing, and succeeds as soon as there is
// memory again. Each life under each limit is a process of its own, which must end by itself.

#ifndef SPACE_H
#define SPACE_H

#include "../fuzz/families.h"
#include "../c/host.h"
#include "../c/process.h"
#include "../c/refuse.h"

// Either so much more than there is at the call, with nothing left in malloc's hands, or so much in all from the
// beginning on.
typedef enum { EACH_CALL, FROM_THE_START } span_t;
static span_t span;
static rlim_t most;
static unsigned long refusals;

// The setting of the engines of this life.
static uint64_t compile_mode = WASMRT_COMPILE_TIERED;

static void tighten(void) {
  if (span == EACH_CALL) starve();
  else limit_address_space(most);
}

static void loosen(void) {
  if (span == EACH_CALL) feed();
  else limit_address_space(RLIM_INFINITY);
}

// What was made before is not limited.
static void begin(void) {
  if (span == EACH_CALL) return;
  starve();
  struct rlimit now;
  CHECK(!getrlimit(RLIMIT_AS, &now));
  most = now.rlim_cur;
  limit_address_space(RLIM_INFINITY);
}

static void check(bool holds, const char* file, int line, const char* what, const char* call) {
  if (!holds) fprintf(stderr, "%s:%d: %s: %s\n", file, line, what, call);
  CHECK(holds);
}

#define HOLDS(condition, what, call) check(condition, __FILE__, __LINE__, what, call)

// Something that succeeds, or has a reason and then succeeds with memory.
#define MAY_FAIL(call)                              \
  do {                                              \
    forget_error();                                 \
    tighten();                                      \
    bool is_done = (call);                          \
    loosen();                                       \
    if (!is_done) {                                 \
      ++refusals;                                   \
      HOLDS(has_error(), "no reason", #call);       \
      HOLDS(call, "refused with memory", #call);    \
    }                                               \
  } while (0)

#define TAKE(handle, call) MAY_FAIL((handle = (call)) != NULL)

// The same for what fails without a reason, or may not do anything, as its documentation says.
#define MAY_DO_NOTHING(call)                        \
  do {                                              \
    tighten();                                      \
    bool is_done = (call);                          \
    loosen();                                       \
    if (!is_done) {                                 \
      ++refusals;                                   \
      HOLDS(call, "refused with memory", #call);    \
    }                                               \
  } while (0)

// Something that does not fail.
#define JUST(call) \
  do {             \
    tighten();     \
    call;          \
    loosen();      \
  } while (0)

// A call of a guest, which ends without a trap, or in one for lack of memory.
#define MAY_TRAP(call)                                            \
  do {                                                            \
    tighten();                                                    \
    own wasm_trap_t* trap_now = (call);                           \
    loosen();                                                     \
    if (trap_now) {                                               \
      ++refusals;                                                 \
      HOLDS(says(trap_now, "memory"), "another trap", #call);     \
      HOLDS(!(call), "trap with memory", #call);                  \
    }                                                             \
  } while (0)

// --- Modules, and engines of the life's setting ---

// Read once, before anything is limited.
static own wasm_byte_vec_t bytes_of(const char* name) {
  own wasm_byte_vec_t bytes;
  read_module(name, &bytes);
  return bytes;
}

static void hear(void* env, wasmrt_level_t level, const char* text) { (void)env, (void)level, (void)text; }

static own wasm_config_t* life_config(void) {
  own wasm_config_t* config = wasm_config_new();
  if (!config) return NULL;
  wasmrt_config_set_log(config, WASMRT_LEVEL_DEBUG, hear, NULL, NULL);
  wasmrt_config_set(config, WASMRT_OPTION_COMPILE, compile_mode);
  wasmrt_config_set(config, WASMRT_OPTION_WORKERS, 2);
  wasmrt_config_set(config, WASMRT_OPTION_TIER_UP, 0);
  wasmrt_config_set(config, WASMRT_OPTION_TIMELINE, 1);
  wasmrt_config_set(config, WASMRT_OPTION_DEBUGGER, 1);
  wasmrt_config_set(config, WASMRT_OPTION_UNWINDER, 1);
  return config;
}

static own wasm_engine_t* life_engine(void) {
  own wasm_config_t* config = life_config();
  return config ? wasm_engine_new_with_config(config) : NULL;
}

// Not limited.
static world_t life_world(const char* name) {
  world_t w = {.engine = life_engine()};
  w.store = wasm_store_new(w.engine);
  CHECK(w.store);
  if (name) CHECK(w.module = load(w.store, name));
  return w;
}

// --- Lives ---

// Ends the process: 21 when something was refused, 0 if not.
static int try(void (*live)(void), rlim_t more) {
  pid_t child = start_child();
  if (!child) {
    shortage = (shortage_t){.kinds = LIMIT, .first = more};
    live();
    fflush(stdout);
    _exit(refusals ? 21 : 0);
  }
  return outcome_of(child);
}

// Some 30 limits, from nothing to more than anybody needs.
static rlim_t next_limit(rlim_t more) {
  if (more < 64 << 10) return more + (16 << 10);
  if (more < 1 << 20) return more + (128 << 10);
  return more < 16 << 20 ? more + (2 << 20) : 2 * more;
}

static void sweep_in_mode(void (*live)(void), uint64_t mode) {
  static const char* const spans[] = {"at each call", "from the start on"};
  compile_mode = mode;
  int refused = 0, whole = 0, bad = 0;
  for (span = EACH_CALL; span <= FROM_THE_START; ++span) {
    for (rlim_t more = 0; more <= (rlim_t)40 << 30; more = next_limit(more)) {
      int outcome = try(live, more);
      refused += outcome == 21;
      whole += outcome == 0;
      if (outcome == 0 || outcome == 21) continue;
      fprintf(stderr, "compile mode %d, %lu KiB more %s: outcome %d\n", (int)mode, (unsigned long)(more >> 10), spans[span],
              outcome);
      ++bad;
    }
  }
  printf("compile mode %d: something was refused in %d lives, nothing in %d\n", (int)mode, refused, whole);
  CHECK(bad == 0 && refused > 0 && whole > 0);
}

static void sweep(void (*live)(void)) { sweep_in_mode(live, WASMRT_COMPILE_TIERED); }

static void sweep_in_all_modes(void (*live)(void)) {
  for (uint64_t mode = WASMRT_COMPILE_TIERED; mode <= WASMRT_COMPILE_BOTH; ++mode) sweep_in_mode(live, mode);
}

#endif
