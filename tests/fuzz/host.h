// The host's side: finalizers that count, host functions and limiters that do anything, values of any kind.

#ifndef FUZZ_HOST_H
#define FUZZ_HOST_H

#include "keeping.h"

static _Thread_local int depth;       // of host functions and finalizers within each other
static _Thread_local bool finalizing;
static _Thread_local long budget;     // operations left in this round

static void do_something(void);

// --- Playing ---

// Does a few things while a call waits for the host.
static void play(void) {
  ++n_plays;
  if (depth >= 3 || budget <= 0) return;
  ++depth;
  int here = preferred;
  const char* outer = operation;
  for (uint32_t n = below(3); n && budget > 0; --n) do_something();
  preferred = here;
  operation = outer;
  --depth;
}

// --- Finalizers: they may delete handles, and use stores that are not being deleted ---

static void finalize(void* data) {
  record_t* record = data;
  ++record->runs;
  CHECK(record->runs == 1);
  CHECK(!record->busy);
  if (finalizing || !chance(20)) return;
  finalizing = true;
  ++n_plays;
  item_t* item = find(is_any_free, 0);
  if (item) delete_item(removed((size_t)(item - items)));
  if (chance(50)) play();
  finalizing = false;
}

// --- Values ---

static const wasm_valkind_t kinds[] = {WASM_I32, WASM_I64, WASM_F32, WASM_F64, WASM_EXTERNREF, WASM_FUNCREF};

static wasm_valkind_t some_kind(void) {
  static const wasm_valkind_t odd[] = {WASMRT_V128, 5, 127, 130, 255};
  return chance(92) ? ONE_OF(kinds) : ONE_OF(odd);
}

// A reference for a position of that kind, borrowed; often null.
static wasm_ref_t* some_ref(wasm_valkind_t kind) {
  if (chance(30)) return NULL;
  if (kind == WASM_FUNCREF && chance(90)) return lent(FUNC);
  return lent_by(is_any_ref, TRAP).handle;
}

// A value of that kind, its reference lent.
static wasm_val_t some_val(wasm_valkind_t kind) {
  wasm_val_t val;
  memset(&val, 0, sizeof val);
  val.kind = kind;
  if (kind >= WASM_EXTERNREF) {
    if (kind <= WASM_FUNCREF) val.of.ref = some_ref(kind);
    if (chance(20)) val.kind = kinds[below(6)];
    if (val.kind < WASM_EXTERNREF) val.of.i64 = 0;
  } else {
    val.of.i64 = chance(70) ? (int64_t)below(12) : (int64_t)((uint64_t)below(UINT32_MAX) << 20);
  }
  return val;
}

static wasmrt_val_t some_wide_val(wasm_valkind_t kind) {
  wasmrt_val_t val;
  memset(&val, 0, sizeof val);
  val.kind = kind;
  if (kind == WASM_EXTERNREF || kind == WASM_FUNCREF) val.of.ref = some_ref(kind);
  if (kind < WASM_EXTERNREF) memset(&val.of, (int)below(256), sizeof val.of);
  return val;
}

// The result of a call is owned by the program now. What nothing can be cast to is a reference to an exception,
// or the store was deleted meanwhile.
static void keep_ref(wasm_ref_t* ref) {
  if (!ref) return;
  for (int i = 0; i <= TAG - TRAP; ++i) {
    if (ref_casts[i].down(ref)) {
      keep((kind_t)(TRAP + i), ref, preferred);
      return;
    }
  }
  keep(EXCEPTION, ref, preferred);
}

static void keep_val(wasm_val_t* val) {
  CHECK(val->kind <= WASMRT_V128 || val->kind == WASM_EXTERNREF || val->kind == WASM_FUNCREF);
  if (val->kind < WASM_EXTERNREF) return;
  if (chance(50)) keep_ref(val->of.ref);
  else wasm_val_delete(val);
}

static void keep_wide_val(wasmrt_val_t* val) {
  if (val->kind < WASM_EXTERNREF) return;
  if (chance(50)) keep_ref(val->of.ref);
  else wasmrt_val_delete(val);
}

// --- Traps ---

// A trap that a call gave: whatever it is, its message ends in one NUL.
static void keep_trap(own wasm_trap_t* trap) {
  if (!trap) return;
  ++n_trapped;
  own wasm_message_t message;
  wasm_trap_message(trap, &message);
  CHECK(message.size == 0 || (message.data && message.data[message.size - 1] == '\0'));
  wasm_byte_vec_delete(&message);
  keep(TRAP, trap, preferred);
}

// --- Host functions ---

enum { MOST_VALUES = 8 };

// An exception with a tag, and with values that mostly fit; NULL if something does not.
static own wasm_trap_t* some_exception(wasm_store_t* store, const wasm_extern_t* tag) {
  own wasm_tagtype_t* type = wasmrt_tag_type(tag);
  const wasm_valtype_vec_t* params = type ? wasm_functype_params(wasm_tagtype_functype(type)) : NULL;
  wasmrt_val_t values[MOST_VALUES];
  size_t n = params && params->size <= MOST_VALUES ? params->size : 0;
  for (size_t i = 0; i < n; ++i) values[i] = some_wide_val(chance(97) ? wasm_valtype_kind(params->data[i]) : some_kind());
  wasm_tagtype_delete(type);
  return wasmrt_exception_new(store, tag, values, chance(97) ? n : n ? below((uint32_t)n) : 0);
}

// A trap to be returned: a copy of one that exists, or a new one.
static own wasm_trap_t* some_trap(void) {
  if (!chance(25)) return NULL;
  own wasm_trap_t* exception = chance(50) ? some_exception(lent(STORE), lent(TAG)) : NULL;
  if (exception) return exception;
  own wasm_trap_t* trap = wasm_trap_copy(lent(TRAP));
  if (trap) return trap;
  char text[] = "why";
  wasm_byte_vec_t message = {sizeof text - 1, text};
  return wasm_trap_new(lent(STORE), &message);
}

// A reference that the engine will own: a copy.
static own wasm_ref_t* some_owned_ref(wasm_valkind_t kind) { return wasm_ref_copy(some_ref(kind)); }

// Replaces a lent vector by another one, often of the same size, or by none.
static void replace_vector(wasm_val_vec_t* vector) {
  wasm_val_vec_t lent = *vector;
  switch (below(5)) {
    case 0: wasm_val_vec_new(vector, lent.size, lent.data); break;  // the values move
    case 1: wasm_val_vec_copy(vector, &lent), wasm_val_vec_delete(&lent); break;
    case 2: wasm_val_vec_delete(vector); break;
    case 3: wasm_val_vec_delete(vector), wasm_val_vec_new_uninitialized(vector, chance(80) ? lent.size : below(4)); break;
    default: wasm_val_vec_new_uninitialized(vector, lent.size), wasm_val_vec_delete(&lent); break;
  }
}

static own wasm_trap_t* host_function(const wasm_val_vec_t* args, own wasm_val_vec_t* results) {
  size_t mark = n_pins;
  wasm_store_t* store = lent(STORE);
  if (chance(10)) {
    int32_t fd;
    own wasm_trap_t* pending = wasmrt_store_pending(store, &fd, NULL);
    CHECK(!pending || fd == -1);
    if (pending) return pending;
  }
  keep(INSTANCE, wasm_instance_copy(wasmrt_store_caller(store)), 0);
  byte_t* data;
  size_t size;
  if (!wasmrt_store_caller_memory(store, &data, &size)) CHECK(!data && !size);
  else if (size) (void)((volatile byte_t*)data)[size - 1];
  CHECK(!wasmrt_store_caller_bytes(store, below(100), UINT64_MAX - below(100)));
  for (size_t i = 0; i < args->size; ++i) {
    if (args->data[i].kind < WASM_EXTERNREF || !args->data[i].of.ref) continue;
    pin(args->data[i].of.ref);
    if (chance(30)) keep_ref(wasm_ref_copy(args->data[i].of.ref));
  }
  play();
  for (size_t i = 0; i < results->size; ++i) {
    CHECK(results->data[i].kind <= WASM_F64 || results->data[i].kind >= WASM_EXTERNREF);
    CHECK(results->data[i].of.i64 == 0);
    if (chance(20)) continue;
    wasm_valkind_t kind = chance(95) ? results->data[i].kind : some_kind();
    results->data[i] = some_val(kind);
    if (results->data[i].kind == WASM_EXTERNREF || results->data[i].kind == WASM_FUNCREF) {
      results->data[i].of.ref = wasm_ref_copy(results->data[i].of.ref);
    }
  }
  own wasm_trap_t* trap = some_trap();
  n_pins = mark;
  if (chance(20)) replace_vector(results);
  if (chance(5)) wasm_val_vec_delete(&(wasm_val_vec_t){args->size, args->data});
  return trap;
}

static own wasm_trap_t* host_function_with_env(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  record_t* record = env;
  CHECK(record->runs == 0);
  return host_function(args, results);
}

static own wasm_trap_t* wide_host_function(void* env, const wasmrt_val_t* args, size_t n_args, wasmrt_val_t* results,
                                           size_t n_results) {
  record_t* record = env;
  CHECK(record->runs == 0);
  size_t mark = n_pins;
  for (size_t i = 0; i < n_args; ++i) {
    if (args[i].kind >= WASM_EXTERNREF && args[i].of.ref) pin(args[i].of.ref);
  }
  play();
  for (size_t i = 0; i < n_results; ++i) {
    wasm_valkind_t kind = chance(95) ? results[i].kind : some_kind();
    results[i] = some_wide_val(kind);
    if (kind == WASM_EXTERNREF || kind == WASM_FUNCREF) results[i].of.ref = some_owned_ref(kind);
  }
  own wasm_trap_t* trap = some_trap();
  n_pins = mark;
  return trap;
}

static int32_t native_function(void* env, own wasm_trap_t** trap, int32_t argument) {
  record_t* record = env;
  CHECK(record->runs == 0);
  size_t mark = n_pins;
  play();
  if (trap) *trap = some_trap();
  n_pins = mark;
  return argument + 1;
}

// --- Limiters ---

static bool limiter(void* env, const wasmrt_growth_t* growth) {
  record_t* record = env;
  CHECK(record->runs == 0);
  CHECK(growth->struct_size >= sizeof *growth && growth->current <= growth->desired);
  CHECK(growth->kind == WASM_EXTERN_MEMORY || growth->kind == WASM_EXTERN_TABLE);
  CHECK(!growth->object || wasm_extern_kind(growth->object) == growth->kind);
  bool was_busy = record->busy;
  record->busy = true;
  size_t mark = n_pins;
  play();
  n_pins = mark;
  record->busy = was_busy;
  return chance(80);
}

#endif
