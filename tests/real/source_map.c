// A module that nobody here wrote does its work: the decoder of the npm package source-map reads a real source
// map, handing every mapping to the host through its one import. A decoder of the same format in C says what must
// come out.
//
//   source_map mappings.wasm FILE.map

#include "../../examples-c/common.h"

// What a set of mappings adds up to, in whatever order they come.
typedef struct {
  unsigned count;
  uint64_t sum;
} tally_t;

static void add(tally_t* tally, const uint32_t fields[8]) {
  uint64_t hash = 1469598103934665603u;
  for (int i = 0; i < 8; ++i) hash = (hash ^ fields[i]) * 1099511628211u;
  tally->sum += hash;
  ++tally->count;
}

// (line, column, hasLast, last, hasOriginal, source, originalLine, originalColumn, hasName, name) -> ()
static own wasm_trap_t* on_mapping(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)results;
  const wasm_val_t* a = args->data;
  bool original = a[4].of.i32 != 0, name = a[8].of.i32 != 0;
  const uint32_t fields[8] = {
      (uint32_t)a[0].of.i32, (uint32_t)a[1].of.i32, original,
      original ? (uint32_t)a[5].of.i32 : 0, original ? (uint32_t)a[6].of.i32 : 0,
      original ? (uint32_t)a[7].of.i32 : 0, name, name ? (uint32_t)a[9].of.i32 : 0,
  };
  add(env, fields);
  return NULL;
}

static int digit(char c) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const char* place = c ? strchr(digits, c) : NULL;
  return place ? (int)(place - digits) : -1;
}

// A base 64 VLQ number: five bits a digit, lowest first, the lowest bit of all is the sign.
static int32_t number(const char** at) {
  uint32_t value = 0;
  for (int shift = 0;; shift += 5) {
    int d = digit(*(*at)++);
    value |= (uint32_t)(d & 31) << shift;
    if (!(d & 32)) break;
  }
  int32_t size = (int32_t)(value >> 1);
  return value & 1 ? -size : size;
}

static tally_t decode(const char* at, const char* end) {
  tally_t tally = {0, 0};
  uint32_t line = 0, column = 0, source = 0, original_line = 0, original_column = 0, name = 0;
  while (at < end) {
    if (*at == ';') { ++line; column = 0; ++at; continue; }
    if (*at == ',') { ++at; continue; }
    column += (uint32_t)number(&at);
    bool original = at < end && digit(*at) >= 0, named = false;
    if (original) {
      source += (uint32_t)number(&at);
      original_line += (uint32_t)number(&at);
      original_column += (uint32_t)number(&at);
      named = at < end && digit(*at) >= 0;
      if (named) name += (uint32_t)number(&at);
    }
    const uint32_t fields[8] = {line, column, original, original ? source : 0, original ? original_line : 0,
                                original ? original_column : 0, named, named ? name : 0};
    add(&tally, fields);
  }
  return tally;
}

static int32_t call(const wasm_func_t* func, int32_t arg) {
  wasm_val_t values[] = {WASM_I32_VAL(arg)}, result[] = {WASM_I32_VAL(0)};
  wasm_val_vec_t args = WASM_ARRAY_VEC(values), results = WASM_ARRAY_VEC(result);
  results.size = wasm_func_result_arity(func);
  no_trap(wasm_func_call(func, &args, &results), "call the decoder");
  return result[0].of.i32;
}

int main(int argc, char** argv) {
  if (argc != 3) { fprintf(stderr, "usage: source_map mappings.wasm FILE.map\n"); return 2; }
  own wasm_byte_vec_t map;
  if (!read_file(argv[2], &map)) die("read the source map");
  const char* text = map.data;
  const char key[] = "\"mappings\":\"";
  const char* start = NULL;
  for (size_t i = 0; !start && i + sizeof key < map.size; ++i)
    if (memcmp(text + i, key, sizeof key - 1) == 0) start = text + i + sizeof key - 1;
  const char* end = start ? memchr(start, '"', (size_t)(text + map.size - start)) : NULL;
  if (!end) { fprintf(stderr, "%s has no mappings\n", argv[2]); return 1; }

  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = load_module(store, argv[1]);
  own wasm_importtype_vec_t imports;
  wasm_module_imports(module, &imports);
  tally_t seen = {0, 0};
  const wasm_functype_t* type =
      wasm_externtype_as_functype_const(wasm_importtype_type(imports.data[0]));
  own wasm_func_t* callback = need(wasm_func_new_with_env(store, type, on_mapping, &seen, NULL), "make a function");
  wasm_extern_t* given[] = {wasm_func_as_extern(callback)};
  wasm_extern_vec_t provided = WASM_ARRAY_VEC(given);
  own wasm_instance_t* instance = instantiate(store, module, &provided);
  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);

  int32_t size = (int32_t)(end - start);
  int32_t input = call(find_func(module, &exports, "allocate_mappings"), size);
  memcpy(wasm_memory_data(find_memory(module, &exports, "memory")) + input, start, (size_t)size);
  int32_t mappings = call(find_func(module, &exports, "parse_mappings"), input);
  if (!mappings) { fprintf(stderr, "the decoder refused the mappings\n"); return 1; }
  call(find_func(module, &exports, "by_generated_location"), mappings);
  call(find_func(module, &exports, "free_mappings"), mappings);

  tally_t expected = decode(start, end);
  printf("%u mappings, %u expected\n", seen.count, expected.count);
  bool same = seen.count == expected.count && seen.sum == expected.sum && seen.count != 0;

  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_func_delete(callback);
  wasm_importtype_vec_delete(&imports);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  wasm_byte_vec_delete(&map);
  return same ? 0 : 1;
}
