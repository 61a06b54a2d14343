// Deleting and keeping handles.

#ifndef FUZZ_KEEPING_H
#define FUZZ_KEEPING_H

#include "families.h"
#include "pools.h"

// The functions for an object: those of its own type, of `ref`, or of `extern`; seldom those of another type.
static const ref_family_t* functions_for(kind_t kind) {
  if (chance(20)) return &ref_family;
  if (is_extern(kind) && chance(30)) return &extern_family;
  if (chance(2)) return &ONE_OF(ref_families);
  return &ref_families[kind - TRAP];
}

static const type_family_t* type_functions_for(kind_t kind) {
  if (!is_externtype(kind)) return &plain_families[kind - VALTYPE];
  return chance(30) ? &externtype_family : &externtype_families[kind - FUNCTYPE];
}

static void delete_item(item_t item) {
  switch (item.kind) {
    case CONFIG: wasm_config_delete(item.handle); break;
    case ENGINE: wasm_engine_delete(item.handle); break;
    case STORE: wasm_store_delete(item.handle); break;
    case SHARED: wasm_shared_module_delete(item.handle); break;
    case SHARED_MEMORY: wasmrt_shared_memory_delete(item.handle); break;
    case INTERRUPT: wasmrt_interrupt_delete(item.handle); break;
    case LINKER: wasmrt_linker_delete(item.handle); break;
    case JOB:
      wasmrt_job_delete(((fed_job_t*)item.handle)->job);
      wasm_byte_vec_delete(&((fed_job_t*)item.handle)->bytes);
      free(item.handle);
      break;
    case PROFILE: wasmrt_profile_delete(item.handle); break;
    case ERROR_: wasmrt_error_delete(item.handle); break;
    case BLOB:
      wasm_byte_vec_delete(item.handle);
      free(item.handle);
      break;
    default:
      if (is_ref(item.kind)) functions_for(item.kind)->delete(item.handle);
      else type_functions_for(item.kind)->delete(item.handle);
  }
}

// Keeps a handle that the program now owns, or notes that there is none. When there are too many, another goes.
static void keep_tainted(kind_t kind, void* handle, int store, bool tainted) {
  if (!handle) {
    ++n_refused;
    return;
  }
  ++n_made;
  n_of_instances += kind == INSTANCE;
  item_t item = {handle, kind, store, tainted};
  if (n_of_kind[kind] >= MOST_OF_A_KIND || n_items == MOST_ITEMS) {
    item_t* other = n_of_kind[kind] >= MOST_OF_A_KIND ? find(is_free, kind) : find(is_any_free, 0);
    if (!other) {
      delete_item(item);
      return;
    }
    delete_item(removed((size_t)(other - items)));
  }
  if (n_items == MOST_ITEMS) {  // a finalizer made more
    delete_item(item);
    return;
  }
  items[n_items++] = item;
  ++n_of_kind[kind];
}

static void keep(kind_t kind, void* handle, int store) { keep_tainted(kind, handle, store, false); }

// What a constructor made: when it made nothing, the last error says why.
static void keep_made(kind_t kind, void* handle, int store) {
  if (!handle) expect_error();
  keep(kind, handle, store);
}

#endif
