// The lives of types, and of what all families of objects have in common: tables of functions, as in the fuzzer.

#ifndef SPACE_TYPES_H
#define SPACE_TYPES_H

#include "space.h"

// --- Making types: from parts that are made anew each time, because a failed call deletes them ---

static own wasm_functype_t* make_functype(void) {
  return wasm_functype_new_2_1(wasm_valtype_new_i32(), wasm_valtype_new_externref(), wasm_valtype_new_f64());
}
static own wasm_globaltype_t* make_globaltype(void) { return wasm_globaltype_new(wasm_valtype_new_i64(), WASM_VAR); }
static own wasm_tabletype_t* make_tabletype(void) {
  return wasm_tabletype_new(wasm_valtype_new_funcref(), &(wasm_limits_t){1, 20});
}
static own wasm_tabletype_t* make_wide_tabletype(void) {
  return wasmrt_tabletype_new(wasm_valtype_new_externref(), &(wasmrt_limits_t){1, 20, WASMRT_LIMITS_HAS_MAX});
}
static own wasm_memorytype_t* make_memorytype(void) { return wasm_memorytype_new(&(wasm_limits_t){1, 20}); }
static own wasm_memorytype_t* make_wide_memorytype(uint32_t flags) {
  return wasmrt_memorytype_new(&(wasmrt_limits_t){1, 20, WASMRT_LIMITS_HAS_MAX | flags});
}
static own wasm_tagtype_t* make_tagtype(void) { return wasm_tagtype_new(wasm_functype_new_1_0(wasm_valtype_new_i32())); }

static const char LONG_NAME[] = "a name that is too long for any place but memory of its own";

static own wasm_importtype_t* make_importtype(void) {
  own wasm_name_t module, name;
  wasm_name_new_from_string(&module, LONG_NAME);
  wasm_name_new_from_string(&name, "name");
  own wasm_externtype_t* type = module.size && name.size ? wasm_functype_as_externtype(make_functype()) : NULL;
  return wasm_importtype_new(&module, &name, type);
}
static own wasm_exporttype_t* make_exporttype(void) {
  own wasm_name_t name;
  wasm_name_new_from_string(&name, LONG_NAME);
  return wasm_exporttype_new(&name, name.size ? wasm_globaltype_as_externtype(make_globaltype()) : NULL);
}

static void read_types(const wasm_functype_t* func, const wasm_globaltype_t* global, const wasm_tabletype_t* table,
                       const wasm_memorytype_t* memory, const wasm_tagtype_t* tag) {
  wasmrt_limits_t limits;
  CHECK(wasm_functype_params(func)->size == 2 && wasm_functype_results(func)->size == 1);
  CHECK(wasm_valtype_kind(wasm_globaltype_content(global)) == WASM_I64 && wasm_globaltype_mutability(global) == WASM_VAR);
  CHECK(wasm_valtype_kind(wasm_tabletype_element(table)) == WASM_EXTERNREF && wasm_tabletype_limits(table)->max == 20);
  CHECK(wasm_memorytype_limits(memory)->min == 1);
  CHECK(wasm_functype_params(wasm_tagtype_functype(tag))->size == 1);
  JUST(wasmrt_tabletype_limits(table, &limits));
  CHECK(limits.max == 20);
  JUST(wasmrt_memorytype_limits(memory, &limits));
  CHECK(limits.min == 1);
}

static void live_types(void) {
  begin();
  JUST(CHECK(wasmrt_version_number() == WASMRT_VERSION_NUMBER && wasmrt_build_info()));
  own wasm_valtype_t* valtype;
  own wasm_functype_t* func;
  own wasm_globaltype_t* global;
  own wasm_tabletype_t *table, *wide_table;
  own wasm_memorytype_t *memory, *wide_memory;
  own wasm_tagtype_t* tag;
  own wasm_importtype_t* import;
  own wasm_exporttype_t* exported;
  TAKE(valtype, wasm_valtype_new(WASM_FUNCREF));
  TAKE(func, make_functype());
  TAKE(global, make_globaltype());
  TAKE(table, make_tabletype());
  TAKE(wide_table, make_wide_tabletype());
  TAKE(memory, make_memorytype());
  TAKE(wide_memory, make_wide_memorytype(0));
  TAKE(tag, make_tagtype());
  TAKE(import, make_importtype());
  TAKE(exported, make_exporttype());
  read_types(func, global, wide_table, wide_memory, tag);
  CHECK(wasm_importtype_module(import)->size == strlen(LONG_NAME) && wasm_importtype_name(import)->size == 4);
  CHECK(wasm_externtype_kind(wasm_importtype_type(import)) == WASM_EXTERN_FUNC);
  CHECK(wasm_exporttype_name(exported)->size == strlen(LONG_NAME));
  CHECK(wasm_externtype_kind(wasm_exporttype_type(exported)) == WASM_EXTERN_GLOBAL);
  wasm_valtype_delete(valtype);
  wasm_functype_delete(func);
  wasm_globaltype_delete(global);
  wasm_tabletype_delete(table);
  wasm_tabletype_delete(wide_table);
  wasm_memorytype_delete(memory);
  wasm_memorytype_delete(wide_memory);
  wasm_tagtype_delete(tag);
  wasm_importtype_delete(import);
  wasm_exporttype_delete(exported);
}

// --- One object of each kind ---

static void* samples[KINDS];

static void make_sample_types(void) {
  samples[VALTYPE] = wasm_valtype_new_i32();
  samples[FUNCTYPE] = make_functype();
  samples[GLOBALTYPE] = make_globaltype();
  samples[TABLETYPE] = make_tabletype();
  samples[MEMORYTYPE] = make_memorytype();
  samples[TAGTYPE] = make_tagtype();
  samples[IMPORTTYPE] = make_importtype();
  samples[EXPORTTYPE] = make_exporttype();
}

static void make_sample_objects(const world_t* w) {
  own wasm_trap_t* trap = call_trap(func_of(w, "run"), VALS(I32(3), I32(0)));
  samples[TRAP] = trap;
  samples[FRAME] = wasm_trap_origin(trap);
  samples[FOREIGN] = wasm_foreign_new(w->store);
  samples[MODULE] = wasm_module_copy(w->module);
  samples[INSTANCE] = wasm_instance_copy(w->instance);
  samples[FUNC] = wasm_func_copy(func_of(w, "run"));
  samples[GLOBAL] = wasm_global_new(w->store, samples[GLOBALTYPE], &I64(1));
  samples[TABLE] = wasm_table_new(w->store, samples[TABLETYPE], NULL);
  samples[MEMORY] = wasm_memory_new(w->store, samples[MEMORYTYPE]);
}

static void delete_samples(void) {
  for (int kind = 0; kind < KINDS; ++kind) {
    if (kind >= VALTYPE && kind <= FRAME) plain_families[kind - VALTYPE].delete(samples[kind]);
    else if (is_externtype((kind_t)kind)) externtype_families[kind - FUNCTYPE].delete(samples[kind]);
    else if (kind >= TRAP && kind <= INSTANCE) ref_families[kind - TRAP].delete(samples[kind]);
  }
}

static own void* copy_of(kind_t kind) {
  if (kind <= FRAME) return plain_families[kind - VALTYPE].copy(samples[kind]);
  if (is_externtype(kind)) return externtype_families[kind - FUNCTYPE].copy(samples[kind]);
  return ref_families[kind - TRAP].copy(samples[kind]);
}

// --- What families have in common ---

static void use_type_family(const type_family_t* family, const void* type) {
  own void* copy;
  TAKE(copy, family->copy(type));
  family->delete(copy);
}

static int infos, finalized;
static void count_end(void* info) { ++*(int*)info; }

static void use_ref_family(const ref_family_t* family, void* object) {
  own void* copy;
  TAKE(copy, family->copy(object));
  CHECK(family->same(object, copy));
  JUST(family->set_info(object, &infos));
  CHECK(family->get_info(copy) == &infos);
  finalized = 0;
  JUST(family->set_info_with(copy, &finalized, count_end));
  CHECK(family->get_info(object) == &finalized);
  JUST(family->set_info(copy, NULL));
  CHECK(finalized == 1);
  family->delete(copy);
}

static void use_casts(const casts_t* casts, void* object) {
  void* up;
  JUST(up = casts->up(object));
  CHECK(up && casts->up_const(object) == up && casts->down(up) == object && casts->down_const(up) == object);
}

static size_t make_vector(const vec_family_t* family, own any_vec_t* out) {
  void* elements[] = {copy_of(family->kind), NULL, copy_of(family->kind)};
  bool has_elements = elements[0] && elements[2];
  family->new(out, 3, elements);
  if (has_elements || !out->size) return out->size;
  family->delete(out);
  return 0;
}

static void use_vectors(const vec_family_t* family) {
  own any_vec_t vec, copy;
  JUST(family->new_empty(&vec));
  CHECK(vec.size == 0);
  MAY_FAIL((family->new_uninitialized(&vec, 50000), vec.size == 50000));
  family->delete(&vec);
  MAY_FAIL(make_vector(family, &vec) == 3);
  MAY_FAIL((family->copy(&copy, &vec), copy.size == 3));
  family->delete(&vec);
  family->delete(&copy);
}

#define EACH(i, table) for (size_t i = 0; i < sizeof(table) / sizeof *(table); ++i)

static void use_all_families(void) {
  EACH(i, plain_families) use_type_family(&plain_families[i], samples[(size_t)VALTYPE + i]);
  EACH(i, externtype_families) use_type_family(&externtype_families[i], samples[(size_t)FUNCTYPE + i]);
  use_type_family(&externtype_family, samples[TAGTYPE]);
  EACH(i, vec_families) use_vectors(&vec_families[i]);
  // The last two are for objects under a less specific name.
  EACH(i, ref_families) use_ref_family(&ref_families[i], samples[TRAP + i <= INSTANCE ? (size_t)TRAP + i : (size_t)FUNC]);
  EACH(i, ref_casts) use_casts(&ref_casts[i], samples[TRAP + i <= INSTANCE ? (size_t)TRAP + i : (size_t)FUNC]);
  EACH(i, extern_casts) use_casts(&extern_casts[i], samples[(size_t)FUNC + i]);
  EACH(i, externtype_casts) use_casts(&externtype_casts[i], samples[(size_t)FUNCTYPE + i]);
}

static void live_families(void) {
  world_t w = life_world("lines_5");
  instantiate(&w, NO_IMPORTS);
  make_sample_types();
  make_sample_objects(&w);
  begin();
  use_all_families();
  delete_samples();
  close_world(&w);
}

#endif
