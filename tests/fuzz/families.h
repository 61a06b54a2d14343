// What the families of wasm.h have in common, one table each: how to delete, copy, compare; vectors of them.

#ifndef FUZZ_FAMILIES_H
#define FUZZ_FAMILIES_H

#include "kinds.h"

// --- Reference types ---

typedef struct {
  void (*delete)(void*);
  void* (*copy)(const void*);
  bool (*same)(const void*, const void*);
  void* (*get_info)(const void*);
  void (*set_info)(void*, void*);
  void (*set_info_with)(void*, void*, void (*)(void*));
} ref_family_t;

#define REF_FAMILY(x)                                                                                            \
  static void delete_##x(void* a) { wasm_##x##_delete(a); }                                                      \
  static void* copy_##x(const void* a) { return wasm_##x##_copy(a); }                                            \
  static bool same_##x(const void* a, const void* b) { return wasm_##x##_same(a, b); }                           \
  static void* get_##x(const void* a) { return wasm_##x##_get_host_info(a); }                                    \
  static void set_##x(void* a, void* p) { wasm_##x##_set_host_info(a, p); }                                      \
  static void set_with_##x(void* a, void* p, void (*f)(void*)) { wasm_##x##_set_host_info_with_finalizer(a, p, f); }

REF_FAMILY(ref) REF_FAMILY(extern) REF_FAMILY(trap) REF_FAMILY(foreign) REF_FAMILY(module)
REF_FAMILY(func) REF_FAMILY(global) REF_FAMILY(table) REF_FAMILY(memory) REF_FAMILY(instance)

#define ROW(x) {delete_##x, copy_##x, same_##x, get_##x, set_##x, set_with_##x}
static const ref_family_t ref_family = ROW(ref), extern_family = ROW(extern);
static const ref_family_t ref_families[] = {ROW(trap), ROW(foreign), ROW(module), ROW(func),
                                            ROW(global), ROW(table), ROW(memory), ROW(instance),
                                            ROW(extern), ROW(ref)};  // tags and exceptions have none of their own
#undef ROW

// --- Casts ---

typedef struct {
  void* (*up)(void*);
  const void* (*up_const)(const void*);
  void* (*down)(void*);
  const void* (*down_const)(const void*);
} casts_t;

#define REF_CASTS(x)                                                                          \
  static void* to_ref_##x(void* a) { return wasm_##x##_as_ref(a); }                           \
  static const void* to_ref_const_##x(const void* a) { return wasm_##x##_as_ref_const(a); }   \
  static void* from_ref_##x(void* a) { return wasm_ref_as_##x(a); }                           \
  static const void* from_ref_const_##x(const void* a) { return wasm_ref_as_##x##_const(a); }

REF_CASTS(trap) REF_CASTS(foreign) REF_CASTS(module) REF_CASTS(func) REF_CASTS(global)
REF_CASTS(table) REF_CASTS(memory) REF_CASTS(instance) REF_CASTS(extern)

#define ROW(x) {to_ref_##x, to_ref_const_##x, from_ref_##x, from_ref_const_##x}
static const casts_t ref_casts[] = {ROW(trap), ROW(foreign), ROW(module), ROW(func), ROW(global),
                                        ROW(table), ROW(memory), ROW(instance), ROW(extern)};
#undef ROW

#define UP_AND_DOWN(x, base)                                                                          \
  static void* up_##x(void* a) { return wasm_##x##_as_##base(a); }                                    \
  static const void* up_const_##x(const void* a) { return wasm_##x##_as_##base##_const(a); }          \
  static void* down_##x(void* a) { return wasm_##base##_as_##x(a); }                                  \
  static const void* down_const_##x(const void* a) { return wasm_##base##_as_##x##_const(a); }

UP_AND_DOWN(func, extern) UP_AND_DOWN(global, extern) UP_AND_DOWN(table, extern) UP_AND_DOWN(memory, extern)
UP_AND_DOWN(functype, externtype) UP_AND_DOWN(globaltype, externtype) UP_AND_DOWN(tabletype, externtype)
UP_AND_DOWN(memorytype, externtype) UP_AND_DOWN(tagtype, externtype)

#define ROW(x) {up_##x, up_const_##x, down_##x, down_const_##x}
static const casts_t extern_casts[] = {ROW(func), ROW(global), ROW(table), ROW(memory)};
static const casts_t externtype_casts[] = {ROW(functype), ROW(globaltype), ROW(tabletype), ROW(memorytype),
                                               ROW(tagtype)};
#undef ROW

// --- Types ---

typedef struct {
  void (*delete)(void*);
  void* (*copy)(const void*);
} type_family_t;

#define TYPE_FAMILY(x)                                \
  static void delete_##x(void* a) { wasm_##x##_delete(a); } \
  static void* copy_##x(const void* a) { return wasm_##x##_copy(a); }

TYPE_FAMILY(valtype) TYPE_FAMILY(importtype) TYPE_FAMILY(exporttype) TYPE_FAMILY(frame) TYPE_FAMILY(externtype)
TYPE_FAMILY(functype) TYPE_FAMILY(globaltype) TYPE_FAMILY(tabletype) TYPE_FAMILY(memorytype) TYPE_FAMILY(tagtype)

#define ROW(x) {delete_##x, copy_##x}
static const type_family_t externtype_family = ROW(externtype);
static const type_family_t externtype_families[] = {ROW(functype), ROW(globaltype), ROW(tabletype), ROW(memorytype),
                                                    ROW(tagtype)};
static const type_family_t plain_families[] = {ROW(valtype), ROW(importtype), ROW(exporttype), ROW(frame)};
#undef ROW

// --- Vectors of handles ---

typedef struct {
  size_t size;
  void** data;
} any_vec_t;

typedef struct {
  kind_t kind;
  void (*new_empty)(any_vec_t*);
  void (*new_uninitialized)(any_vec_t*, size_t);
  void (*new)(any_vec_t*, size_t, void* const*);
  void (*copy)(any_vec_t*, const any_vec_t*);
  void (*delete)(any_vec_t*);
} vec_family_t;

#define VEC_FAMILY(x)                                                                                             \
  static void vec_new_empty_##x(any_vec_t* v) { wasm_##x##_vec_new_empty((wasm_##x##_vec_t*)v); }                 \
  static void vec_new_uninitialized_##x(any_vec_t* v, size_t n) {                                                 \
    wasm_##x##_vec_new_uninitialized((wasm_##x##_vec_t*)v, n);                                                    \
  }                                                                                                               \
  static void vec_new_##x(any_vec_t* v, size_t n, void* const* d) {                                               \
    wasm_##x##_vec_new((wasm_##x##_vec_t*)v, n, (wasm_##x##_t* const*)d);                                         \
  }                                                                                                               \
  static void vec_copy_##x(any_vec_t* v, const any_vec_t* from) {                                                 \
    wasm_##x##_vec_copy((wasm_##x##_vec_t*)v, (const wasm_##x##_vec_t*)from);                                     \
  }                                                                                                               \
  static void vec_delete_##x(any_vec_t* v) { wasm_##x##_vec_delete((wasm_##x##_vec_t*)v); }

VEC_FAMILY(valtype) VEC_FAMILY(functype) VEC_FAMILY(globaltype) VEC_FAMILY(tabletype) VEC_FAMILY(memorytype)
VEC_FAMILY(tagtype) VEC_FAMILY(externtype) VEC_FAMILY(importtype) VEC_FAMILY(exporttype) VEC_FAMILY(frame)
VEC_FAMILY(extern)

#define ROW(k, x) {k, vec_new_empty_##x, vec_new_uninitialized_##x, vec_new_##x, vec_copy_##x, vec_delete_##x}
static const vec_family_t vec_families[] = {
    ROW(VALTYPE, valtype), ROW(FUNCTYPE, functype), ROW(GLOBALTYPE, globaltype), ROW(TABLETYPE, tabletype),
    ROW(MEMORYTYPE, memorytype), ROW(TAGTYPE, tagtype), ROW(GLOBALTYPE, externtype), ROW(TAGTYPE, externtype),
    ROW(IMPORTTYPE, importtype), ROW(EXPORTTYPE, exporttype), ROW(FRAME, frame), ROW(MEMORY, extern),
    ROW(FUNC, extern)};
#undef ROW

#endif
