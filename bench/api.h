// The C functions of one library, found by name in a file that is opened at run
// time. Several libraries export the same names, so none is linked: every call of
// the benchmark goes through this struct. The prototypes come from wasm.h, so the
// struct cannot disagree with it.
#ifndef WASMRT_BENCH_API_H
#define WASMRT_BENCH_API_H

#include <wasm.h>
#include <wasmrt.h>

#define BENCH_API(F)                                                                   \
  F(engine_new)                                                                        \
  F(engine_new_with_config)                                                            \
  F(config_new)                                                                        \
  F(engine_delete)                                                                     \
  F(store_new)                                                                         \
  F(store_delete)                                                                      \
  F(module_new)                                                                        \
  F(module_delete)                                                                     \
  F(module_imports)                                                                    \
  F(module_exports)                                                                    \
  F(importtype_name)                                                                   \
  F(importtype_type)                                                                   \
  F(importtype_vec_delete)                                                             \
  F(exporttype_name)                                                                   \
  F(exporttype_vec_delete)                                                             \
  F(externtype_kind)                                                                   \
  F(externtype_as_functype_const)                                                      \
  F(externtype_as_globaltype_const)                                                    \
  F(externtype_as_tabletype_const)                                                     \
  F(externtype_as_memorytype_const)                                                    \
  F(globaltype_content)                                                                \
  F(valtype_kind)                                                                      \
  F(func_new_with_env)                                                                 \
  F(func_call)                                                                         \
  F(func_as_extern)                                                                    \
  F(global_new)                                                                        \
  F(global_as_extern)                                                                  \
  F(table_new)                                                                         \
  F(table_as_extern)                                                                   \
  F(memory_new)                                                                        \
  F(memory_as_extern)                                                                  \
  F(memory_size)                                                                       \
  F(memory_grow)                                                                       \
  F(memory_data)                                                                       \
  F(memory_data_size)                                                                  \
  F(instance_new)                                                                      \
  F(instance_delete)                                                                   \
  F(instance_exports)                                                                  \
  F(extern_delete)                                                                     \
  F(extern_kind)                                                                       \
  F(extern_as_func)                                                                    \
  F(extern_as_memory)                                                                  \
  F(extern_vec_delete)                                                                 \
  F(trap_new)                                                                          \
  F(trap_delete)                                                                       \
  F(trap_message)                                                                      \
  F(trap_trace)                                                                        \
  F(frame_vec_delete)                                                                  \
  F(byte_vec_delete)

// What only libwasmrt has; NULL in others.
#define BENCH_MORE(F) \
  F(config_set)       \
  F(func_new_native)  \
  F(func_native)      \
  F(store_set_fuel)   \
  F(store_fuel)       \
  F(store_set_deadline) \
  F(interrupt_new)    \
  F(interrupt_delete)

struct api {
#define FIELD(name) __typeof__(&wasm_##name) name;
  BENCH_API(FIELD)
#undef FIELD
#define FIELD(name) __typeof__(&wasmrt_##name) name;
  BENCH_MORE(FIELD)
#undef FIELD
  const char *settings;   // of the engine: "6=3,2=1", or ""
};

// Opens the library and fills every field; on failure `why` says what was missing. The path may be followed by settings
// for `wasmrt_config_set`, each a comma, the option's number, an equals sign and the value.
bool api_open(struct api *api, const char *path, char *why, size_t why_size);

// An engine with the library's settings; NULL if it cannot be made or does not know one of them.
wasm_engine_t *engine_as_set(const struct api *api);

#endif
