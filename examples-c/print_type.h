// Types as text: `func (i32 f64) -> (i64)`, `memory 1..3 shared`.

#ifndef EXAMPLES_PRINT_TYPE_H
#define EXAMPLES_PRINT_TYPE_H

#include "common.h"

static inline const char* valtype_text(const wasm_valtype_t* type) {
  switch (wasm_valtype_kind(type)) {
    case WASM_I32: return "i32";
    case WASM_I64: return "i64";
    case WASM_F32: return "f32";
    case WASM_F64: return "f64";
    case WASMRT_V128: return "v128";
    case WASM_EXTERNREF: return "externref";
    case WASM_FUNCREF: return "funcref";
    default: return "(an unknown type)";
  }
}

static inline void print_valtypes(const wasm_valtype_vec_t* types) {
  printf("(");
  for (size_t i = 0; i < types->size; ++i) printf("%s%s", i ? " " : "", valtype_text(types->data[i]));
  printf(")");
}

static inline void print_functype(const wasm_functype_t* type) {
  print_valtypes(wasm_functype_params(type));
  printf(" -> ");
  print_valtypes(wasm_functype_results(type));
}

static inline void print_limits(const wasm_limits_t* limits) {
  printf("%u", (unsigned)limits->min);
  if (limits->max != wasm_limits_max_default) printf("..%u", (unsigned)limits->max);
}

// The limits of wasmrt.h, which are wider, also tell whether threads may share a memory.
static inline void print_memorytype(const wasm_memorytype_t* type) {
  wasmrt_limits_t limits;
  wasmrt_memorytype_limits(type, &limits);
  printf("memory %s%llu", limits.flags & WASMRT_LIMITS_INDEX64 ? "i64 " : "", (unsigned long long)limits.min);
  if (limits.flags & WASMRT_LIMITS_HAS_MAX) printf("..%llu", (unsigned long long)limits.max);
  if (limits.flags & WASMRT_LIMITS_SHARED) printf(" shared");
  if (limits.flags & WASMRT_LIMITS_BYTE_PAGES) printf(" (pagesize 1)");
}

static inline void print_externtype(const wasm_externtype_t* type) {
  switch (wasm_externtype_kind(type)) {
    case WASM_EXTERN_FUNC:
      printf("func ");
      print_functype(wasm_externtype_as_functype_const(type));
      break;
    case WASM_EXTERN_GLOBAL: {
      const wasm_globaltype_t* global = wasm_externtype_as_globaltype_const(type);
      const char* mutability = wasm_globaltype_mutability(global) == WASM_VAR ? "var" : "const";
      printf("global %s %s", mutability, valtype_text(wasm_globaltype_content(global)));
      break;
    }
    case WASM_EXTERN_TABLE: {
      const wasm_tabletype_t* table = wasm_externtype_as_tabletype_const(type);
      printf("table ");
      print_limits(wasm_tabletype_limits(table));
      printf(" %s", valtype_text(wasm_tabletype_element(table)));
      break;
    }
    case WASM_EXTERN_MEMORY:
      print_memorytype(wasm_externtype_as_memorytype_const(type));
      break;
    case WASM_EXTERN_TAG:
      printf("tag ");
      print_valtypes(wasm_functype_params(wasm_tagtype_functype(wasm_externtype_as_tagtype_const(type))));
      break;
    default:
      printf("(an unknown type)");
  }
}

// Names are UTF-8 with a length, not C strings.
static inline void print_name(const wasm_name_t* name) {
  printf("\"");
  fwrite(name->data, 1, name->size, stdout);
  printf("\"");
}

static inline void print_import(size_t number, const wasm_importtype_t* type) {
  printf("import %zu ", number);
  print_name(wasm_importtype_module(type));
  printf(" ");
  print_name(wasm_importtype_name(type));
  printf(": ");
  print_externtype(wasm_importtype_type(type));
  printf("\n");
}

static inline void print_export(size_t number, const wasm_exporttype_t* type) {
  printf("export %zu ", number);
  print_name(wasm_exporttype_name(type));
  printf(": ");
  print_externtype(wasm_exporttype_type(type));
  printf("\n");
}

// The imports and exports of a module.
static inline void print_module(const wasm_module_t* module) {
  own wasm_importtype_vec_t imports;
  wasm_module_imports(module, &imports);
  for (size_t i = 0; i < imports.size; ++i) print_import(i, imports.data[i]);
  wasm_importtype_vec_delete(&imports);

  own wasm_exporttype_vec_t exports;
  wasm_module_exports(module, &exports);
  for (size_t i = 0; i < exports.size; ++i) print_export(i, exports.data[i]);
  wasm_exporttype_vec_delete(&exports);
}

#endif
