// The kinds of handles.

#ifndef FUZZ_KINDS_H
#define FUZZ_KINDS_H

#include <stdbool.h>

#include <wasm.h>
#include <wasmrt.h>

#define own

typedef enum {
  CONFIG, ENGINE, STORE, VALTYPE, IMPORTTYPE, EXPORTTYPE, FRAME, SHARED, SHARED_MEMORY, ERROR_, BLOB, INTERRUPT, LINKER,
  JOB, PROFILE,
  // extern types
  FUNCTYPE, GLOBALTYPE, TABLETYPE, MEMORYTYPE, TAGTYPE,
  // objects of a store
  TRAP, FOREIGN, MODULE, FUNC, GLOBAL, TABLE, MEMORY, INSTANCE, TAG,
  EXCEPTION,  // a reference to one; a trap that carries one is a TRAP
  KINDS
} kind_t;

static bool is_externtype(kind_t kind) { return kind >= FUNCTYPE && kind <= TAGTYPE; }
static bool is_ref(kind_t kind) { return kind >= TRAP && kind <= EXCEPTION; }
static bool is_extern(kind_t kind) { return (kind >= FUNC && kind <= MEMORY) || kind == TAG; }

#endif
