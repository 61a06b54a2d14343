// What programs that were compiled with the published wasm.h rely on: sizes, offsets, numbers,
// macros, names of structs. The compiler checks it; nothing here is run.
#include "wasmrt.h"

#ifdef __clang__
#pragma clang diagnostic ignored "-Wunused-function"
#endif

#define IS(condition) static_assert(condition, #condition)
#define LAYOUT(type, size, align)        \
  struct align_of_##type {               \
    char first;                          \
    type second;                         \
  };                                     \
  IS(sizeof(type) == (size));            \
  IS(offsetof(struct align_of_##type, second) == (align))
#define NUMBER(name, value) IS(name == (value))
#define MEMBER(type, member, at) IS(offsetof(type, member) == (at))
// Pointers to the struct tag and to the typedef are the same type.
#define OPAQUE(name) \
  static inline name *same_##name(struct name *object) { return object; }

LAYOUT(byte_t, 1, 1);
LAYOUT(wasm_byte_t, 1, 1);
IS((byte_t)-1 == (char)-1 && (wasm_byte_t)-1 == (char)-1);
LAYOUT(float32_t, 4, 4);
LAYOUT(float64_t, 8, 8);
LAYOUT(wasm_mutability_t, 1, 1);
LAYOUT(wasm_valkind_t, 1, 1);
LAYOUT(wasm_externkind_t, 1, 1);
IS((wasm_mutability_t)-1 > 0 && (wasm_valkind_t)-1 > 0 && (wasm_externkind_t)-1 > 0);
LAYOUT(wasm_table_size_t, 4, 4);
LAYOUT(wasm_memory_pages_t, 4, 4);
IS((wasm_table_size_t)-1 > 0 && (wasm_memory_pages_t)-1 > 0);

IS(sizeof(enum wasm_mutability_enum) == 4);
IS(sizeof(enum wasm_valkind_enum) == 4);
IS(sizeof(enum wasm_externkind_enum) == 4);
NUMBER(WASM_CONST, 0);
NUMBER(WASM_VAR, 1);
NUMBER(WASM_I32, 0);
NUMBER(WASM_I64, 1);
NUMBER(WASM_F32, 2);
NUMBER(WASM_F64, 3);
NUMBER(WASM_EXTERNREF, 128);
NUMBER(WASM_ANYREF, 128);
NUMBER(WASM_FUNCREF, 129);
NUMBER(WASM_EXTERN_FUNC, 0);
NUMBER(WASM_EXTERN_GLOBAL, 1);
NUMBER(WASM_EXTERN_TABLE, 2);
NUMBER(WASM_EXTERN_MEMORY, 3);
NUMBER(WASM_EXTERN_TAG, 4);

LAYOUT(wasm_limits_t, 8, 4);
MEMBER(wasm_limits_t, min, 0);
MEMBER(wasm_limits_t, max, 4);
LAYOUT(wasm_val_t, 16, 8);
MEMBER(wasm_val_t, kind, 0);
MEMBER(wasm_val_t, of, 8);
MEMBER(wasm_val_t, of.i32, 8);
MEMBER(wasm_val_t, of.i64, 8);
MEMBER(wasm_val_t, of.f32, 8);
MEMBER(wasm_val_t, of.f64, 8);
MEMBER(wasm_val_t, of.ref, 8);

#define VECTOR(type, element)                                                \
  LAYOUT(type, 16, 8);                                                       \
  MEMBER(type, size, 0);                                                     \
  MEMBER(type, data, 8);                                                     \
  static inline element *elements_of_##type(struct type *v) { return v->data; } \
  static inline size_t *size_of_##type(type *v) { return &v->size; }
VECTOR(wasm_byte_vec_t, char)
VECTOR(wasm_val_vec_t, wasm_val_t)
VECTOR(wasm_valtype_vec_t, wasm_valtype_t *)
VECTOR(wasm_functype_vec_t, wasm_functype_t *)
VECTOR(wasm_globaltype_vec_t, wasm_globaltype_t *)
VECTOR(wasm_tabletype_vec_t, wasm_tabletype_t *)
VECTOR(wasm_memorytype_vec_t, wasm_memorytype_t *)
VECTOR(wasm_tagtype_vec_t, wasm_tagtype_t *)
VECTOR(wasm_externtype_vec_t, wasm_externtype_t *)
VECTOR(wasm_importtype_vec_t, wasm_importtype_t *)
VECTOR(wasm_exporttype_vec_t, wasm_exporttype_t *)
VECTOR(wasm_frame_vec_t, wasm_frame_t *)
VECTOR(wasm_extern_vec_t, wasm_extern_t *)

OPAQUE(wasm_config_t)
OPAQUE(wasm_engine_t)
OPAQUE(wasm_store_t)
OPAQUE(wasm_valtype_t)
OPAQUE(wasm_functype_t)
OPAQUE(wasm_globaltype_t)
OPAQUE(wasm_tabletype_t)
OPAQUE(wasm_memorytype_t)
OPAQUE(wasm_tagtype_t)
OPAQUE(wasm_externtype_t)
OPAQUE(wasm_importtype_t)
OPAQUE(wasm_exporttype_t)
OPAQUE(wasm_ref_t)
OPAQUE(wasm_frame_t)
OPAQUE(wasm_trap_t)
OPAQUE(wasm_foreign_t)
OPAQUE(wasm_module_t)
OPAQUE(wasm_shared_module_t)
OPAQUE(wasm_func_t)
OPAQUE(wasm_global_t)
OPAQUE(wasm_table_t)
OPAQUE(wasm_memory_t)
OPAQUE(wasm_extern_t)
OPAQUE(wasm_instance_t)
OPAQUE(wasmrt_error_t)

// The options, error kinds and phases keep their numbers for ever.
IS(sizeof(wasmrt_option_t) == 4);
NUMBER(WASMRT_OPTION_WORKERS, 1);
NUMBER(WASMRT_OPTION_BOUNDS, 2);
NUMBER(WASMRT_OPTION_SIGNALS, 3);
NUMBER(WASMRT_OPTION_MAX_WASM_STACK, 4);
NUMBER(WASMRT_OPTION_CPU_FEATURES, 5);
NUMBER(WASMRT_OPTION_COMPILE, 6);
NUMBER(WASMRT_COMPILE_TIERED, 0);
NUMBER(WASMRT_COMPILE_LAZY_BASELINE, 1);
NUMBER(WASMRT_COMPILE_BASELINE, 2);
NUMBER(WASMRT_COMPILE_OPTIMIZED, 3);
NUMBER(WASMRT_COMPILE_BOTH, 4);
NUMBER(WASMRT_OPTION_TIER_UP, 8);
NUMBER(WASMRT_TIER_BASELINE, 1);
NUMBER(WASMRT_TIER_OPTIMIZED, 2);
IS(sizeof(wasmrt_tier_t) == 4);
NUMBER(WASMRT_OPTION_METERED, 7);
NUMBER(WASMRT_OPTION_SPECTRE_MASKS, 9);
NUMBER(WASMRT_METERED_AS_NEEDED, 0);
NUMBER(WASMRT_METERED_ONLY, 1);
NUMBER(WASMRT_METERED_BOTH, 2);
NUMBER(WASMRT_OPTION_MAX_MEMORY_PAGES, 16);
NUMBER(WASMRT_OPTION_MAX_TABLE_ELEMENTS, 17);
NUMBER(WASMRT_OPTION_MAX_FUNCTION_SIZE, 18);
NUMBER(WASMRT_OPTION_MAX_LOCALS, 19);
NUMBER(WASMRT_OPTION_MAX_PARAMS, 20);
NUMBER(WASMRT_OPTION_MAX_MODULE_SIZE, 21);
NUMBER(WASMRT_OPTION_MAX_COMPILE_MEMORY, 22);
NUMBER(WASMRT_OPTION_PROFILER, 32);
NUMBER(WASMRT_OPTION_DEBUGGER, 33);
NUMBER(WASMRT_OPTION_UNWINDER, 34);
NUMBER(WASMRT_PROFILER_NONE, 0);
NUMBER(WASMRT_PROFILER_PERF_MAP, 1);
NUMBER(WASMRT_PROFILER_JITDUMP, 2);
NUMBER(WASMRT_BOUNDS_AUTO, 0);
NUMBER(WASMRT_BOUNDS_GUARD, 1);
NUMBER(WASMRT_BOUNDS_EXPLICIT, 2);
NUMBER(WASMRT_ERROR_MALFORMED, 1);
NUMBER(WASMRT_ERROR_INVALID, 2);
NUMBER(WASMRT_ERROR_UNSUPPORTED, 3);
NUMBER(WASMRT_ERROR_LIMIT, 4);
NUMBER(WASMRT_ERROR_OUT_OF_MEMORY, 5);
NUMBER(WASMRT_ERROR_LINK, 6);
NUMBER(WASMRT_ERROR_ARGUMENT, 7);
NUMBER(WASMRT_ERROR_INTERNAL, 8);
NUMBER(WASMRT_ERROR_SYSTEM, 9);
NUMBER(WASMRT_PHASE_OTHER, 0);
NUMBER(WASMRT_PHASE_DECODE, 1);
NUMBER(WASMRT_PHASE_VALIDATE, 2);
NUMBER(WASMRT_PHASE_COMPILE, 3);
NUMBER(WASMRT_PHASE_LINK, 4);
NUMBER(WASMRT_PHASE_INSTANTIATE, 5);
NUMBER(WASMRT_PHASE_CALL, 6);
NUMBER(WASMRT_LIMITS_HAS_MAX, 1);
NUMBER(WASMRT_LIMITS_INDEX64, 2);
NUMBER(WASMRT_LIMITS_SHARED, 4);
LAYOUT(wasmrt_limits_t, 24, 8);
MEMBER(wasmrt_limits_t, min, 0);
MEMBER(wasmrt_limits_t, max, 8);
MEMBER(wasmrt_limits_t, flags, 16);
NUMBER(WASMRT_LEVEL_ERROR, 1);
NUMBER(WASMRT_LEVEL_WARNING, 2);
NUMBER(WASMRT_LEVEL_INFO, 3);
NUMBER(WASMRT_LEVEL_DEBUG, 4);
NUMBER(WASMRT_V128, 4);
LAYOUT(wasmrt_val_t, 24, 8);
MEMBER(wasmrt_val_t, kind, 0);
MEMBER(wasmrt_val_t, of, 8);
MEMBER(wasmrt_val_t, of.i32, 8);
MEMBER(wasmrt_val_t, of.f64, 8);
MEMBER(wasmrt_val_t, of.ref, 8);
MEMBER(wasmrt_val_t, of.v128, 8);
NUMBER(WASMRT_TRAP_NONE, 0);
NUMBER(WASMRT_TRAP_UNREACHABLE, 1);
NUMBER(WASMRT_TRAP_MEMORY_OUT_OF_BOUNDS, 2);
NUMBER(WASMRT_TRAP_TABLE_OUT_OF_BOUNDS, 3);
NUMBER(WASMRT_TRAP_UNDEFINED_ELEMENT, 4);
NUMBER(WASMRT_TRAP_UNINITIALIZED_ELEMENT, 5);
NUMBER(WASMRT_TRAP_INDIRECT_CALL_TYPE_MISMATCH, 6);
NUMBER(WASMRT_TRAP_INTEGER_DIVIDE_BY_ZERO, 7);
NUMBER(WASMRT_TRAP_INTEGER_OVERFLOW, 8);
NUMBER(WASMRT_TRAP_INVALID_CONVERSION_TO_INTEGER, 9);
NUMBER(WASMRT_TRAP_STACK_OVERFLOW, 10);
NUMBER(WASMRT_TRAP_NULL_REFERENCE, 11);
NUMBER(WASMRT_TRAP_NULL_FUNCTION_REFERENCE, 12);
NUMBER(WASMRT_TRAP_UNALIGNED_ATOMIC, 13);
NUMBER(WASMRT_TRAP_EXPECTED_SHARED_MEMORY, 14);
NUMBER(WASMRT_TRAP_OUT_OF_MEMORY, 15);
NUMBER(WASMRT_TRAP_INTERNAL_ERROR, 16);
NUMBER(WASMRT_TRAP_BAD_HOST_RESULT, 17);
NUMBER(WASMRT_TRAP_INTERRUPTED, 18);
LAYOUT(wasmrt_error_info_t, 32, 8);
MEMBER(wasmrt_error_info_t, struct_size, 0);
MEMBER(wasmrt_error_info_t, kind, 8);
MEMBER(wasmrt_error_info_t, phase, 12);
MEMBER(wasmrt_error_info_t, offset, 16);
MEMBER(wasmrt_error_info_t, function, 24);
#if WASMRT_VERSION_NUMBER != VERSION_NUMBER
#error The header is of another version than the package.
#endif

// A program that uses every macro and constant.
#define own
#if !defined(__cplusplus) || __cplusplus >= 202002L
static inline size_t values(wasm_ref_t *r, wasm_val_t *out) {
  wasm_val_t all[] = {
      WASM_I32_VAL(-1), WASM_I64_VAL(2), WASM_F32_VAL(0.5f), WASM_F64_VAL(0.25), WASM_REF_VAL(r),
      WASM_INIT_VAL,
  };
  wasm_val_vec_t vec = WASM_ARRAY_VEC(all);
  wasm_val_copy(out, &vec.data[vec.size - 1]);
  return vec.size;
}

static inline void wide_values(wasm_ref_t *r) {
  wasmrt_val_t all[] = {
      WASMRT_I32_VAL(-1), WASMRT_I64_VAL(2), WASMRT_F32_VAL(0.5f), WASMRT_F64_VAL(0.25),
      WASMRT_REF_VAL(r), WASMRT_V128_VAL({1, 2, 3}), WASMRT_INIT_VAL,
  };
  wasmrt_val_delete(&all[6]);
}
#endif

static inline own wasm_importtype_t *names(const char *text) {
  own wasm_name_t module, name, copy, old = WASM_EMPTY_VEC;
  wasm_name_new(&module, strlen(text), text);
  wasm_name_new_empty(&name);
  wasm_name_copy(&copy, &module);
  wasm_name_delete(&copy);
  wasm_name_new_uninitialized(&copy, 3);
  wasm_name_delete(&copy);
  wasm_name_new_new_uninitialized(&copy, 3);
  wasm_name_delete(&copy);
  wasm_name_delete(&old);
  wasm_limits_t limits = {(uint32_t)MEMORY_PAGE_SIZE, wasm_limits_max_default};
  own wasm_valtype_t *element = wasm_valtype_new_anyref();
  own wasm_tabletype_t *type = wasm_tabletype_new(element, &limits);
  return wasm_importtype_new(&module, &name, wasm_tabletype_as_externtype(type));
}
