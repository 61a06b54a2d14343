// Runs any module: `run FILE.wasm` prints its imports and exports, `run FILE.wasm EXPORT ARGS...` calls
// one export and prints its results, or the trap with its backtrace; that of an uncaught exception shows its
// tag and its values. Missing imports are replaced: memories, tables, globals and tags of the required types,
// functions that trap with their name when called. Options in front of the file: `--stats` prints at the end what was
// compiled, `--timeline FILE` writes when that was, and `--profile FILE` where the time went; `--cache FOLDER` keeps code
// for the next start.
//
// Written as a tool rather than a demonstration: it frees everything on every path.

#include "print_type.h"

// --- Replacements for imports ---------------------------------------------------------------------------

typedef struct {
  wasm_store_t* store;
  own wasm_message_t message;
} missing_t;

static own wasm_trap_t* missing_call(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  (void)results;
  const missing_t* missing = env;
  return wasm_trap_new(missing->store, &missing->message);
}

static void missing_delete(void* env) {
  missing_t* missing = env;
  wasm_name_delete(&missing->message);
  free(missing);
}

// The text is "missing import MODULE.NAME was called", with a final NUL as messages have.
static own missing_t* missing_new(wasm_store_t* store, const wasm_importtype_t* import) {
  const wasm_name_t* module = wasm_importtype_module(import);
  const wasm_name_t* name = wasm_importtype_name(import);
  missing_t* missing = malloc(sizeof *missing);
  size_t room = module->size + name->size + sizeof "missing import . was called";
  char* text = malloc(room);
  if (missing && text) {
    int size = snprintf(text, room, "missing import %.*s.%.*s was called", (int)module->size, module->data,
                        (int)name->size, name->data);
    missing->store = store;
    wasm_name_new(&missing->message, (size_t)size + 1, text);
  } else {
    free(missing);
    missing = NULL;
  }
  free(text);
  return missing;
}

static own wasm_extern_t* make_func(wasm_store_t* store, const wasm_importtype_t* import) {
  missing_t* missing = missing_new(store, import);
  if (!missing) return NULL;
  const wasm_functype_t* type = wasm_externtype_as_functype_const(wasm_importtype_type(import));
  return wasm_func_as_extern(wasm_func_new_with_env(store, type, missing_call, missing, missing_delete));
}

// A zero of the global's type: all bits clear is a number's zero and a reference's null.
static own wasm_extern_t* make_global(wasm_store_t* store, const wasm_globaltype_t* type) {
  wasm_val_t zero = {.kind = wasm_valtype_kind(wasm_globaltype_content(type)), .of = {.i64 = 0}};
  return wasm_global_as_extern(wasm_global_new(store, type, &zero));
}

static own wasm_extern_t* make_import(wasm_store_t* store, const wasm_importtype_t* import) {
  const wasm_externtype_t* type = wasm_importtype_type(import);
  switch (wasm_externtype_kind(type)) {
    case WASM_EXTERN_FUNC: return make_func(store, import);
    case WASM_EXTERN_GLOBAL: return make_global(store, wasm_externtype_as_globaltype_const(type));
    case WASM_EXTERN_TABLE:
      return wasm_table_as_extern(wasm_table_new(store, wasm_externtype_as_tabletype_const(type), NULL));
    case WASM_EXTERN_MEMORY:
      return wasm_memory_as_extern(wasm_memory_new(store, wasm_externtype_as_memorytype_const(type)));
    case WASM_EXTERN_TAG: return wasmrt_tag_new(store, wasm_externtype_as_tagtype_const(type));
    default: return NULL;
  }
}

static bool make_imports(wasm_store_t* store, const wasm_module_t* module, own wasm_extern_vec_t* out) {
  own wasm_importtype_vec_t types;
  wasm_module_imports(module, &types);
  wasm_extern_vec_new_uninitialized(out, types.size);
  bool good = out->size == types.size;
  for (size_t i = 0; good && i < types.size; ++i) {
    out->data[i] = make_import(store, types.data[i]);
    good = out->data[i] != NULL;
  }
  wasm_importtype_vec_delete(&types);
  if (!good) wasm_extern_vec_delete(out);
  return good;
}

// --- Values ---------------------------------------------------------------------------------------------

// Integers are read as in C (0x too), including unsigned values up to the type's width.
static bool parse_integer(const char* text, int bits, int64_t* out) {
  char* end = NULL;
  errno = 0;
  if (text[0] == '-') *out = strtoll(text, &end, 0);
  else *out = (int64_t)strtoull(text, &end, 0);
  if (errno || end == text || *end) return false;
  return bits == 64 || (*out >= INT32_MIN && *out <= UINT32_MAX);
}

static bool parse_float(const char* text, double* out) {
  char* end = NULL;
  *out = strtod(text, &end);
  return end != text && *end == '\0';
}

static bool parse_value(const char* text, wasm_valkind_t kind, wasm_val_t* out) {
  int64_t integer = 0;
  double number = 0;
  out->kind = kind;
  switch (kind) {
    case WASM_I32:
      if (!parse_integer(text, 32, &integer)) return false;
      out->of.i32 = (int32_t)(uint32_t)integer;
      return true;
    case WASM_I64:
      if (!parse_integer(text, 64, &integer)) return false;
      out->of.i64 = integer;
      return true;
    case WASM_F32:
      if (!parse_float(text, &number)) return false;
      out->of.f32 = (float32_t)number;
      return true;
    case WASM_F64: return parse_float(text, &out->of.f64);
    default:
      out->of.ref = NULL;
      return strcmp(text, "null") == 0;
  }
}

static void print_value(const wasm_val_t* value) {
  switch (value->kind) {
    case WASM_I32: printf("%d : i32\n", (int)value->of.i32); break;
    case WASM_I64: printf("%lld : i64\n", (long long)value->of.i64); break;
    case WASM_F32: printf("%.9g : f32\n", (double)value->of.f32); break;
    case WASM_F64: printf("%.17g : f64\n", value->of.f64); break;
    case WASM_FUNCREF: printf("%s : funcref\n", value->of.ref ? "a function" : "null"); break;
    default: printf("%s : externref\n", value->of.ref ? "an object" : "null");
  }
}

static bool parse_args(const wasm_func_t* func, int count, char** texts, own wasm_val_vec_t* out) {
  own wasm_functype_t* type = wasm_func_type(func);
  const wasm_valtype_vec_t* params = wasm_functype_params(type);
  wasm_val_vec_new_uninitialized(out, params->size);
  bool good = params->size == (size_t)count && out->size == params->size;
  if (!good) fprintf(stderr, "error: expected %zu arguments, got %d\n", params->size, count);
  for (size_t i = 0; good && i < params->size; ++i) {
    good = parse_value(texts[i], wasm_valtype_kind(params->data[i]), &out->data[i]);
    if (!good) fprintf(stderr, "error: argument %zu: expected %s, got '%s'\n", i, valtype_text(params->data[i]), texts[i]);
  }
  wasm_functype_delete(type);
  if (!good) wasm_val_vec_delete(out);
  return good;
}

// --- Traps ----------------------------------------------------------------------------------------------

// The tag of an exception is named in the message, unless it is one that was made for an import.
static void print_imported_tag(const wasm_trap_t* trap, const wasm_module_t* module, const wasm_extern_vec_t* imports) {
  own wasm_extern_t* tag;
  if (!wasmrt_trap_exception(trap, &tag, NULL, 0)) return;
  own wasm_importtype_vec_t types;
  wasm_module_imports(module, &types);
  size_t i = 0;
  while (i < types.size && !wasm_extern_same(tag, imports->data[i])) ++i;
  if (i < types.size) {
    printf("    its tag is import %zu ", i);
    print_name(wasm_importtype_module(types.data[i]));
    printf(" ");
    print_name(wasm_importtype_name(types.data[i]));
    printf("\n");
  }
  wasm_importtype_vec_delete(&types);
  wasm_extern_delete(tag);
}

static void show_trap(own wasm_trap_t* trap, const wasm_module_t* module, const wasm_extern_vec_t* imports) {
  if (!trap) return;
  print_trap(stdout, trap);
  print_imported_tag(trap, module, imports);
  wasm_trap_delete(trap);
}

// --- Loading and calling --------------------------------------------------------------------------------

// What the function returns: its results, or a trap.
static own wasm_trap_t* call(const wasm_func_t* func, const wasm_val_vec_t* args) {
  own wasm_val_vec_t results;
  wasm_val_vec_new_uninitialized(&results, wasm_func_result_arity(func));
  own wasm_trap_t* trap = wasm_func_call(func, args, &results);
  for (size_t i = 0; !trap && i < results.size; ++i) print_value(&results.data[i]);
  wasm_val_vec_delete(&results);
  return trap;
}

static bool call_export(const wasm_instance_t* instance, const wasm_module_t* module, const wasm_extern_vec_t* imports,
                        char** words, int count) {
  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  size_t i = export_index(module, words[0]);
  const wasm_func_t* func = i < exports.size ? wasm_extern_as_func(exports.data[i]) : NULL;
  own wasm_val_vec_t args;
  bool good = false;
  if (!func) {
    fprintf(stderr, "error: no exported function is called '%s'\n", words[0]);
  } else if (parse_args(func, count - 1, words + 1, &args)) {
    own wasm_trap_t* trap = call(func, &args);
    good = trap == NULL;
    show_trap(trap, module, imports);
    wasm_val_vec_delete(&args);
  }
  wasm_extern_vec_delete(&exports);
  return good;
}

static bool instantiate_and_call(wasm_store_t* store, const wasm_module_t* module, char** words, int count) {
  own wasm_extern_vec_t imports;
  if (!make_imports(store, module, &imports)) {
    fprintf(stderr, "error: cannot make an import");
    print_last_error();
    fprintf(stderr, "\n");
    return false;
  }
  own wasm_trap_t* trap = NULL;
  own wasm_instance_t* instance = wasm_instance_new(store, module, &imports, &trap);
  show_trap(trap, module, &imports);
  bool good = instance && call_export(instance, module, &imports, words, count);
  wasm_extern_vec_delete(&imports);
  wasm_instance_delete(instance);
  return good;
}

// --- Statistics -----------------------------------------------------------------------------------------

static void print_tier(const char* name, const wasmrt_tier_stats_t* tier) {
  fprintf(stderr, "%s: %llu functions, %llu bytes of code, %.3f ms\n", name, (unsigned long long)tier->functions,
          (unsigned long long)tier->code_bytes, (double)tier->nanoseconds / 1e6);
}

static void print_stats(const wasm_engine_t* engine) {
  wasmrt_stats_t stats = {.struct_size = sizeof stats};
  wasmrt_engine_stats(engine, &stats);
  fprintf(stderr, "%llu functions, validated in %.3f ms\n", (unsigned long long)stats.functions,
          (double)stats.validation_nanoseconds / 1e6);
  print_tier("baseline", &stats.baseline);
  print_tier("optimized", &stats.optimized);
  if (stats.oversized) {
    fprintf(stderr, "  of them too costly to optimize: %llu\n", (unsigned long long)stats.oversized);
  }
  fprintf(stderr, "hot, and waiting to be optimized: %llu functions\n", (unsigned long long)stats.waiting);
  fprintf(stderr, "memory held by modules: %llu bytes\n", (unsigned long long)stats.memory);
  if (stats.cache_hits || stats.cache_misses) {
    fprintf(stderr, "code from the cache folder: found %llu times, %llu bytes; not found %llu times\n",
            (unsigned long long)stats.cache_hits, (unsigned long long)stats.cache_bytes,
            (unsigned long long)stats.cache_misses);
  }
}

static bool run(wasm_store_t* store, int argc, char** argv) {
  own wasm_byte_vec_t binary;
  if (!read_file(argv[1], &binary)) {
    fprintf(stderr, "error: cannot read %s: %s\n", argv[1], strerror(errno));
    return false;
  }
  own wasm_module_t* module = wasm_module_new(store, &binary);
  wasm_byte_vec_delete(&binary);
  if (!module) {
    fprintf(stderr, "error: cannot compile %s", argv[1]);
    print_last_error();
    fprintf(stderr, "\n");
    return false;
  }
  bool good = true;
  if (argc == 2) print_module(module);
  else good = instantiate_and_call(store, module, argv + 2, argc - 2);
  wasm_module_delete(module);
  return good;
}

// --- Options --------------------------------------------------------------------------------------------

typedef struct {
  bool stats;
  const char* cache;     // the folder where code is kept, or NULL
  const char* timeline;  // files to write, or NULL
  const char* profile;
} options_t;

// Takes the options from the front of the arguments; the number of arguments taken, or -1.
static int parse_options(int argc, char** argv, options_t* out) {
  int i = 1;
  for (; i < argc && strncmp(argv[i], "--", 2) == 0; ++i) {
    if (strcmp(argv[i], "--stats") == 0) out->stats = true;
    else if (strcmp(argv[i], "--cache") == 0 && i + 1 < argc) out->cache = argv[++i];
    else if (strcmp(argv[i], "--timeline") == 0 && i + 1 < argc) out->timeline = argv[++i];
    else if (strcmp(argv[i], "--profile") == 0 && i + 1 < argc) out->profile = argv[++i];
    else return -1;
  }
  return i < argc ? i - 1 : -1;
}

static bool ends_with(const char* path, const char* ending) {
  size_t size = strlen(path), end = strlen(ending);
  return size >= end && strcmp(path + size - end, ending) == 0;
}

// Writes the bytes to a file and deletes them; `made` says whether there are any.
static bool write_file(const char* path, bool made, own wasm_byte_vec_t* bytes) {
  FILE* file = made ? fopen(path, "wb") : NULL;
  bool good = file && fwrite(bytes->data, 1, bytes->size, file) == bytes->size;
  if (file && fclose(file) != 0) good = false;
  wasm_byte_vec_delete(bytes);
  if (!good) fprintf(stderr, "error: cannot write %s\n", path);
  return good;
}

// The formats follow from the names of the files.
static bool write_records(const options_t* options, const wasm_engine_t* engine, const wasmrt_profile_t* profile) {
  own wasm_byte_vec_t bytes;
  bool good = true;
  if (options->timeline) {
    bool svg = ends_with(options->timeline, ".svg");
    bool made = wasmrt_engine_timeline(engine, svg ? WASMRT_TIMELINE_SVG : WASMRT_TIMELINE_TRACE_EVENTS, &bytes);
    good = write_file(options->timeline, made, &bytes) && good;
  }
  if (options->profile) {
    wasmrt_profile_format_t format = WASMRT_PROFILE_FOLDED;
    if (ends_with(options->profile, ".json")) format = WASMRT_PROFILE_FIREFOX;
    if (ends_with(options->profile, ".svg")) format = WASMRT_PROFILE_SVG;
    bool made = wasmrt_profile_write(profile, format, &bytes);
    good = write_file(options->profile, made, &bytes) && good;
  }
  return good;
}

static own wasm_engine_t* make_engine(const options_t* options) {
  own wasm_config_t* config = need(wasm_config_new(), "make a configuration");
  if (options->timeline) wasmrt_config_set(config, WASMRT_OPTION_TIMELINE, 1);
  if (options->cache && !wasmrt_config_set_cache(config, options->cache, 64 << 20)) {
    fprintf(stderr, "warning: no cache folder");
    print_last_error();
    fprintf(stderr, "\n");
  }
  return need(wasm_engine_new_with_config(config), "make an engine");
}

int main(int argc, char** argv) {
  options_t options = {false, NULL, NULL, NULL};
  int taken = parse_options(argc, argv, &options);
  if (taken < 0) {
    fprintf(stderr,
            "usage: %s [--stats] [--cache FOLDER] [--timeline FILE.json|FILE.svg] [--profile FILE.json|FILE.svg|FILE] "
            "FILE.wasm [EXPORT [ARGUMENTS...]]\n",
            argv[0]);
    return 2;
  }
  own wasm_engine_t* engine = make_engine(&options);
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  // The timeline gets the profile's samples, too.
  own wasmrt_profile_t* profile = NULL;
  if (options.profile || options.timeline) profile = need(wasmrt_profile_new(store, 0), "begin a profile");
  bool good = run(store, argc - taken, argv + taken);
  good = write_records(&options, engine, profile) && good;
  if (options.stats) print_stats(engine);
  wasmrt_profile_delete(profile);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return good ? 0 : 1;
}
