// Compiling, linking and looking up: see host.h. Every function that can fail says
// why in words, because the table prints them.
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool read_binary(const char *path, wasm_byte_vec_t *out, char *why) {
  FILE *file = fopen(path, "rb");
  long size = -1;
  if (file && fseek(file, 0, SEEK_END) == 0) size = ftell(file);
  char *bytes = size > 0 ? malloc((size_t)size) : NULL;
  bool ok = bytes && fseek(file, 0, SEEK_SET) == 0 && fread(bytes, 1, (size_t)size, file) == (size_t)size;
  if (file) fclose(file);
  if (!ok) {
    free(bytes);
    snprintf(why, WHY_SIZE, "cannot read %s", path);
    return false;
  }
  out->size = (size_t)size;
  out->data = bytes;
  return true;
}

bool program_open(struct program *p, const struct api *api, const char *path, char *why) {
  *p = (struct program){.api = api};
  if (!read_binary(path, &p->binary, why)) return false;
  p->engine = engine_as_set(api);
  p->store = p->engine ? api->store_new(p->engine) : NULL;
  p->module = p->store ? api->module_new(p->store, &p->binary) : NULL;
  if (p->module) return true;
  snprintf(why, WHY_SIZE, "%s returned NULL",
           !p->engine ? "wasm_engine_new" : !p->store ? "wasm_store_new" : "wasm_module_new");
  program_close(p);
  return false;
}

void program_close(struct program *p) {
  if (p->module) p->api->module_delete(p->module);
  if (p->store) p->api->store_delete(p->store);
  if (p->engine) p->api->engine_delete(p->engine);
  free(p->binary.data);
  p->binary.data = NULL;
}

// ---- the host functions -------------------------------------------------------

static wasm_trap_t *host_tick(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  (void)args, (void)results;
  ((struct host_counts *)env)->calls++;
  return NULL;
}

static wasm_trap_t *host_add(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  ((struct host_counts *)env)->calls++;
  results->data[0].kind = WASM_I32;
  results->data[0].of.i32 = (int32_t)((uint32_t)args->data[0].of.i32 + (uint32_t)args->data[1].of.i32);
  return NULL;
}

static wasm_trap_t *host_mix(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  ((struct host_counts *)env)->calls++;
  const wasm_val_t *a = args->data;
  results->data[0].kind = WASM_F64;
  results->data[0].of.f64 = (double)a[0].of.i64 + a[1].of.f64 + a[2].of.i32 + (double)a[3].of.f32;
  return NULL;
}

static wasm_trap_t *host_fail(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  (void)args, (void)results;
  struct host_counts *counts = env;
  static char text[] = "the host says no";
  wasm_message_t message = {sizeof text, text};
  counts->calls++;
  return counts->api->trap_new(counts->store, &message);
}

static wasm_trap_t *host_zeros(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  (void)env, (void)args;
  for (size_t i = 0; i < results->size; i++) results->data[i].of.i64 = 0;
  return NULL;
}

static bool named(const wasm_name_t *name, const char *text) {
  return name->size == strlen(text) && memcmp(name->data, text, name->size) == 0;
}

static wasm_func_callback_with_env_t callback_named(const wasm_name_t *name) {
  return named(name, "tick") ? host_tick
         : named(name, "add") ? host_add
         : named(name, "mix") ? host_mix
         : named(name, "fail") ? host_fail
                               : host_zeros;
}

// ---- imports and exports ------------------------------------------------------

static wasm_extern_t *make_global(const struct api *api, wasm_store_t *store, const wasm_globaltype_t *type,
                                  bool base) {
  wasm_val_t value;
  memset(&value, 0, sizeof value);
  value.kind = api->valtype_kind(api->globaltype_content(type));
  if (base) value.of.i32 = 7;
  wasm_global_t *global = api->global_new(store, type, &value);
  return global ? api->global_as_extern(global) : NULL;
}

static wasm_extern_t *make_import(const struct api *api, wasm_store_t *store, const wasm_importtype_t *import,
                                  struct host_counts *counts) {
  const wasm_externtype_t *type = api->importtype_type(import);
  const wasm_name_t *name = api->importtype_name(import);
  switch (api->externtype_kind(type)) {
    case WASM_EXTERN_FUNC: {
      wasm_func_t *func = api->func_new_with_env(store, api->externtype_as_functype_const(type),
                                                 callback_named(name), counts, NULL);
      return func ? api->func_as_extern(func) : NULL;
    }
    case WASM_EXTERN_GLOBAL:
      return make_global(api, store, api->externtype_as_globaltype_const(type), named(name, "base"));
    case WASM_EXTERN_TABLE: {
      wasm_table_t *table = api->table_new(store, api->externtype_as_tabletype_const(type), NULL);
      return table ? api->table_as_extern(table) : NULL;
    }
    case WASM_EXTERN_MEMORY: {
      wasm_memory_t *memory = api->memory_new(store, api->externtype_as_memorytype_const(type));
      return memory ? api->memory_as_extern(memory) : NULL;
    }
    default:
      return NULL;
  }
}

bool make_imports(const struct api *api, wasm_store_t *store, const wasm_module_t *module,
                  struct host_counts *counts, wasm_extern_vec_t *out, char *why) {
  wasm_importtype_vec_t types = {0, NULL};
  api->module_imports(module, &types);
  // The array is ours, the objects in it the library's: drop_imports frees each its way.
  out->size = types.size;
  out->data = types.size ? calloc(types.size, sizeof *out->data) : NULL;
  counts->store = store;
  counts->api = api;
  bool ok = true;
  for (size_t i = 0; ok && i < types.size; i++) {
    out->data[i] = make_import(api, store, types.data[i], counts);
    if (!out->data[i]) {
      const wasm_name_t *name = api->importtype_name(types.data[i]);
      snprintf(why, WHY_SIZE, "import %zu (%.*s) could not be made", i, (int)name->size, name->data);
      out->size = i;
      ok = false;
    }
  }
  api->importtype_vec_delete(&types);
  if (!ok) drop_imports(api, out);
  return ok;
}

void drop_imports(const struct api *api, wasm_extern_vec_t *imports) {
  for (size_t i = 0; i < imports->size; i++) api->extern_delete(imports->data[i]);
  free(imports->data);
  *imports = (wasm_extern_vec_t){0, NULL};
}

void take_trap(const struct api *api, wasm_trap_t *trap, char *why) {
  wasm_message_t message = {0, NULL};
  api->trap_message(trap, &message);
  snprintf(why, WHY_SIZE, "trap: %.*s", (int)message.size, message.size ? message.data : "");
  for (char *c = why; *c; c++)
    if (*c == '\n' || *c == '|') *c = ' ';
  api->byte_vec_delete(&message);
  api->trap_delete(trap);
}

bool running_start(struct running *r, const struct program *p, char *why) {
  const struct api *api = p->api;
  *r = (struct running){.counts = calloc(1, sizeof *r->counts)};
  wasm_trap_t *trap = NULL;
  if (r->counts && make_imports(api, p->store, p->module, r->counts, &r->imports, why)) {
    r->instance = api->instance_new(p->store, p->module, &r->imports, &trap);
    if (r->instance) {
      api->instance_exports(r->instance, &r->exports);
      return true;
    }
    if (trap) take_trap(api, trap, why);
    else snprintf(why, WHY_SIZE, "wasm_instance_new returned NULL");
  }
  running_stop(r, p);
  return false;
}

void running_stop(struct running *r, const struct program *p) {
  if (r->exports.data) p->api->extern_vec_delete(&r->exports);
  if (r->instance) p->api->instance_delete(r->instance);
  drop_imports(p->api, &r->imports);
  free(r->counts);
  *r = (struct running){0};
}

int find_export(const struct api *api, const wasm_module_t *module, const char *name) {
  wasm_exporttype_vec_t types = {0, NULL};
  api->module_exports(module, &types);
  int found = -1;
  for (size_t i = 0; found < 0 && i < types.size; i++)
    if (named(api->exporttype_name(types.data[i]), name)) found = (int)i;
  api->exporttype_vec_delete(&types);
  return found;
}

static wasm_extern_t *find_extern(const struct program *p, const struct running *r, const char *name) {
  int at = find_export(p->api, p->module, name);
  return at >= 0 && (size_t)at < r->exports.size ? r->exports.data[at] : NULL;
}

wasm_func_t *find_func(const struct program *p, const struct running *r, const char *name) {
  wasm_extern_t *object = find_extern(p, r, name);
  return object ? p->api->extern_as_func(object) : NULL;
}

wasm_memory_t *find_memory(const struct program *p, const struct running *r, const char *name) {
  wasm_extern_t *object = find_extern(p, r, name);
  return object ? p->api->extern_as_memory(object) : NULL;
}

bool call_i32(const struct api *api, const wasm_func_t *func, int32_t *out, char *why) {
  wasm_val_t result = {.kind = WASM_I32, .of = {.i32 = 0}};
  wasm_val_vec_t args = {0, NULL}, results = {1, &result};
  wasm_trap_t *trap = api->func_call(func, &args, &results);
  if (trap) {
    take_trap(api, trap, why);
    return false;
  }
  *out = result.of.i32;
  return true;
}
