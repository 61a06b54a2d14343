// The existing handles, each with what is known about it; which of them a running call has borrowed; and which
// finalizers still have to run.
//
// A handle is in `items` exactly as long as the program owns it. An operation that is lent a handle pins it, so
// that nothing that happens within the operation (host functions do anything) deletes it.

#ifndef FUZZ_POOLS_H
#define FUZZ_POOLS_H

#include "kinds.h"
#include "random.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// --- Failing ---

static bool threaded;

// Each thread plays on its own.
static _Thread_local const char* operation = "";
static _Thread_local uint64_t round_seed;
static _Thread_local long step;

#define CHECK(condition) ((condition) ? (void)0 : failed(__FILE__, __LINE__, #condition))

_Noreturn static void failed(const char* file, int line, const char* what) {
  fflush(stdout);
  fprintf(stderr, "%s:%d: failed: %s\n  seed %llu, step %ld, in %s\n", file, line, what,
          (unsigned long long)round_seed, step, operation);
  abort();
}

// --- Items ---

typedef struct {
  void* handle;
  kind_t kind;
  int store;      // number of the store, 0 for none
  bool tainted;   // a module of damaged bytes: it may loop for ever
} item_t;

enum { MOST_STORES = 1 << 16, MOST_ITEMS = 600, MOST_OF_A_KIND = 40, MOST_PINS = 4096 };

static _Thread_local item_t items[MOST_ITEMS];
static _Thread_local size_t n_items, n_of_kind[KINDS];
static _Thread_local const void* pins[MOST_PINS];
static _Thread_local size_t n_pins;
static _Thread_local int preferred;     // the store that the operation prefers
static _Thread_local int n_stores;      // numbers given to stores so far
static _Thread_local bool bounded[MOST_STORES];  // by fuel and limits: there, code of damaged modules may run
static _Atomic unsigned long n_made, n_refused, n_trapped, n_returned, n_of_instances;

static void pin(const void* handle) {
  CHECK(n_pins < MOST_PINS);
  if (handle) pins[n_pins++] = handle;
}

static bool is_pinned(const void* handle) {
  for (size_t i = 0; i < n_pins; ++i) {
    if (pins[i] == handle) return true;
  }
  return false;
}

static bool is_owned(const void* handle) {
  for (size_t i = 0; i < n_items; ++i) {
    if (items[i].handle == handle) return true;
  }
  return false;
}

// Handles of one object may be one pointer: as long as a pin holds it, so does an item.
static bool has_twin(const item_t* item) {
  for (size_t i = 0; i < n_items; ++i) {
    if (&items[i] != item && items[i].handle == item->handle) return true;
  }
  return false;
}

static bool may_go(const item_t* item) { return !is_pinned(item->handle) || has_twin(item); }

static item_t removed(size_t i) {
  item_t item = items[i];
  items[i] = items[--n_items];
  --n_of_kind[item.kind];
  return item;
}

// Some item that passes the test; NULL if there is none.
static item_t* find(bool (*passes)(const item_t*, int), int what) {
  if (n_items == 0) return NULL;
  size_t start = below((uint32_t)n_items);
  for (size_t i = 0; i < n_items; ++i) {
    item_t* item = &items[(start + i) % n_items];
    if (passes(item, what)) return item;
  }
  return NULL;
}

static bool has_kind(const item_t* item, int kind) { return item->kind == (kind_t)kind; }
static bool is_at_home(const item_t* item, int kind) {
  return item->kind == (kind_t)kind && (item->store == preferred || item->store == 0);
}
static bool has_family(const item_t* item, int kind) {
  return (is_ref((kind_t)kind) && is_ref(item->kind)) || (is_externtype((kind_t)kind) && is_externtype(item->kind));
}
static bool is_any_ref(const item_t* item, int unused) { (void)unused; return is_ref(item->kind); }
static bool is_any_extern(const item_t* item, int unused) { (void)unused; return is_extern(item->kind); }
static bool is_any_externtype(const item_t* item, int unused) { (void)unused; return is_externtype(item->kind); }
static bool is_free(const item_t* item, int kind) { return item->kind == (kind_t)kind && may_go(item); }
static bool has_number(const item_t* item, int store) { return item->kind == STORE && item->store == store; }
static bool is_any_free(const item_t* item, int unused) {
  (void)unused;
  return item->kind != STORE && item->kind != ENGINE && may_go(item);
}

// An item lent for this operation. Mostly of the kind and of the preferred store; seldom NULL or of another
// kind of the same family. The library must detect wrong kinds.
static item_t lent_item(kind_t kind) {
  item_t none = {NULL, kind, 0, false};
  if (chance(3)) return none;
  item_t* item = NULL;
  if (chance(4)) item = find(has_family, kind);
  if (!item && chance(90)) item = find(is_at_home, kind);
  if (!item) item = find(has_kind, kind);
  if (!item) return none;
  pin(item->handle);
  return *item;
}

static void* lent(kind_t kind) { return lent_item(kind).handle; }

static item_t lent_by(bool (*passes)(const item_t*, int), kind_t kind) {
  item_t none = {NULL, kind, 0, false};
  item_t* item = chance(97) ? find(passes, kind) : NULL;
  if (!item) return none;
  pin(item->handle);
  return *item;
}

// An item that changes hands; NULL if there is none.
static void* given(kind_t kind) {
  item_t* item = chance(97) ? find(is_free, kind) : NULL;
  return item ? removed((size_t)(item - items)).handle : NULL;
}

// A job with its module, of which it has got a part.
typedef struct {
  own wasmrt_job_t* job;
  own wasm_byte_vec_t bytes;
  size_t at;
} fed_job_t;

// --- Finalizers ---

typedef struct record {
  struct record* next;
  int runs, armed;
  bool busy;  // its limiter or callback is running
} record_t;

static _Thread_local record_t* records;

static record_t* new_record(void) {
  record_t* record = calloc(1, sizeof *record);
  CHECK(record);
  record->next = records;
  return records = record;
}

// --- What a refusal must leave behind ---

static void forget_error(void) { wasmrt_error_delete(wasmrt_last_error()); }

// Whether nothing else has happened within the running operation: no host function or finalizer has run.
static _Thread_local unsigned long n_plays, plays_before;
static bool alone(void) { return n_plays == plays_before; }

// Nothing that a host does is an internal error.
static void check_error(own wasmrt_error_t* error) {
  wasmrt_error_info_t info = {.struct_size = sizeof info};
  wasmrt_error_info(error, &info);
  CHECK(info.kind != WASMRT_ERROR_INTERNAL);
  wasmrt_error_delete(error);
}

static void expect_error(void) {
  if (!alone()) return;
  own wasmrt_error_t* error = wasmrt_last_error();
  CHECK(error);
  check_error(error);
}

#endif
