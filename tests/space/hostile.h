// The lives of modules that want much memory for each of their bytes.

#ifndef SPACE_HOSTILE_H
#define SPACE_HOSTILE_H

#include "calls.h"

// --- Bytes ---

typedef struct {
  unsigned char* data;
  size_t size, room;
} writer_t;

static void put(writer_t* w, const void* bytes, size_t size) {
  if (w->size + size > w->room) {
    w->room = 2 * (w->size + size);
    CHECK(w->data = realloc(w->data, w->room));
  }
  memcpy(w->data + w->size, bytes, size);
  w->size += size;
}

static void put_number(writer_t* w, size_t number) {
  for (; number >= 128; number >>= 7) put(w, &(unsigned char){(unsigned char)(number | 128)}, 1);
  put(w, &(unsigned char){(unsigned char)number}, 1);
}

// A vector or a section in front of which stands its size.
static void put_sized(writer_t* w, own writer_t* content) {
  put_number(w, content->size);
  put(w, content->data, content->size);
  free(content->data);
}

static void put_section(writer_t* w, unsigned char id, own writer_t* content) {
  put(w, &id, 1);
  put_sized(w, content);
}

typedef struct {
  const char* data;
  size_t size;
} piece_t;
#define PIECE(text) {text, sizeof text - 1}
#define PUT(w, text) put(w, text, sizeof text - 1)

static void put_often(writer_t* w, size_t count, piece_t piece) {
  for (size_t i = 0; i < count; ++i) put(w, piece.data, piece.size);
}

// --- Bodies: something often, something once, something as often ---

typedef struct {
  const char* name;
  piece_t begin, first, middle, last, end;
  bool has_count;  // after `begin`
} body_t;

static const body_t bodies[] = {
    {"nops", PIECE("\0"), PIECE("\1"), PIECE(""), PIECE(""), PIECE(""), false},
    {"blocks in a row", PIECE("\0"), PIECE("\2\x40\x0b"), PIECE(""), PIECE(""), PIECE(""), false},
    {"blocks in each other", PIECE("\0"), PIECE("\2\x40"), PIECE(""), PIECE("\x0b"), PIECE(""), false},
    {"loops in each other", PIECE("\0"), PIECE("\3\x40"), PIECE(""), PIECE("\x0b"), PIECE(""), false},
    {"conditions in each other", PIECE("\0"), PIECE("\x41\0\4\x40"), PIECE(""), PIECE("\5\x0b"), PIECE(""), false},
    {"handlers in each other", PIECE("\0"), PIECE("\2\x40\x1f\x40\1\2\0"), PIECE(""), PIECE("\x0b\x0b"), PIECE(""), false},
    {"a deep stack", PIECE("\0"), PIECE("\x41\7"), PIECE(""), PIECE("\x1a"), PIECE(""), false},
    {"a deep stack of loads", PIECE("\0"), PIECE("\x41\7\x28\2\0"), PIECE(""), PIECE("\x1a"), PIECE(""), false},
    {"constants", PIECE("\0"), PIECE("\xfd\x0c\1\2\3\4\5\6\7\1\2\3\4\5\6\7\1\2\x1a"), PIECE(""), PIECE(""), PIECE(""), false},
    {"calls", PIECE("\0\x41\0\4\x40"), PIECE("\x10\0"), PIECE(""), PIECE(""), PIECE("\x0b"), false},
    {"indirect calls", PIECE("\0\x41\0\4\x40"), PIECE("\x41\0\x11\0\0"), PIECE(""), PIECE(""), PIECE("\x0b"), false},
    {"globals", PIECE("\0"), PIECE("\x23\0\x24\0"), PIECE(""), PIECE(""), PIECE(""), false},
    {"a table of branches", PIECE("\0\2\x40\x41\0\x0e"), PIECE("\0"), PIECE("\0\x0b"), PIECE(""), PIECE(""), true},
    {"locals", PIECE("\1"), PIECE(""), PIECE("\x7f"), PIECE(""), PIECE(""), true},
};
enum { BODIES = sizeof bodies / sizeof *bodies, OFTEN = 6000 };

static writer_t body_of(const body_t* b) {
  writer_t w = {NULL, 0, 0};
  put(&w, b->begin.data, b->begin.size);
  if (b->has_count) put_number(&w, OFTEN);
  put_often(&w, OFTEN, b->first);
  put(&w, b->middle.data, b->middle.size);
  put_often(&w, OFTEN, b->last);
  put(&w, b->end.data, b->end.size);
  PUT(&w, "\x0b");
  return w;
}

// A module with such a body, a memory, a table and a global.
static writer_t module_with_body(const body_t* b) {
  writer_t w = {NULL, 0, 0}, code = {NULL, 0, 0}, body = body_of(b);
  PUT(&w, "\0asm\1\0\0\0" "\1\4\1\x60\0\0" "\3\2\1\0" "\4\4\1\x70\0\1" "\5\3\1\0\1" "\6\6\1\x7f\1\x41\0\x0b" "\7\5\1\1f\0\0");
  PUT(&code, "\1");
  put_sized(&code, &body);
  put_section(&w, 10, &code);
  return w;
}

// --- Sections with many entries ---

typedef struct {
  const char* name;
  piece_t before;
  unsigned char id;
  piece_t entry;
} section_t;

#define TYPES "\1\4\1\x60\0\0"
static const section_t sections[] = {
    {"types", PIECE(""), 1, PIECE("\x60\2\x7f\x7e\1\x7d")},
    {"imports", PIECE(TYPES), 2, PIECE("\1a\1b\0\0")},
    {"memories", PIECE(TYPES), 5, PIECE("\0\0")},
    {"globals", PIECE(TYPES), 6, PIECE("\x7f\1\x41\0\x0b")},
    {"tables", PIECE(TYPES), 4, PIECE("\x70\0\1")},
    {"tags", PIECE(TYPES), 13, PIECE("\0\0")},
    {"elements", PIECE(TYPES "\2\7\1\1a\1b\0\0" "\4\4\1\x70\0\1"), 9, PIECE("\0\x41\0\x0b\1\0")},
    {"data", PIECE("\5\3\1\0\1"), 11, PIECE("\0\x41\0\x0b\3abc")},
};
enum { SECTIONS = sizeof sections / sizeof *sections };

static writer_t module_with_section(const section_t* s) {
  writer_t w = {NULL, 0, 0}, content = {NULL, 0, 0};
  // The engine allows fewer of what takes space in each instance.
  size_t count = s->id == 5 || s->id == 4 ? 90 : OFTEN;
  PUT(&w, "\0asm\1\0\0\0");
  put(&w, s->before.data, s->before.size);
  put_number(&content, count);
  put_often(&content, count, s->entry);
  put_section(&w, s->id, &content);
  return w;
}

static writer_t module_with_functions(void) {
  writer_t w = {NULL, 0, 0}, funcs = {NULL, 0, 0}, exports = {NULL, 0, 0}, code = {NULL, 0, 0};
  PUT(&w, "\0asm\1\0\0\0" TYPES);
  put_number(&funcs, OFTEN);
  put_number(&exports, OFTEN);
  put_number(&code, OFTEN);
  put_often(&funcs, OFTEN, (piece_t)PIECE("\0"));
  put_often(&code, OFTEN, (piece_t)PIECE("\2\0\x0b"));
  for (size_t i = 0; i < OFTEN; ++i) {
    char name[8];
    snprintf(name, sizeof name, "%05zu", i);
    put_number(&exports, 5);
    put(&exports, name, 5);
    PUT(&exports, "\0");
    put_number(&exports, i);
  }
  put_section(&w, 3, &funcs);
  put_section(&w, 7, &exports);
  put_section(&w, 10, &code);
  return w;
}

// --- A life: all of them, compiled, linked with stand-ins, and one function called ---

static const writer_t* hostile;

// Whatever the guest does, an answer, or a trap with a message.
static void call_first(const world_t* w) {
  for (size_t i = 0; i < w->exports.size; ++i) {
    const wasm_func_t* func = wasm_extern_as_func(w->exports.data[i]);
    if (!func) continue;
    wasm_val_vec_t none = {0, NULL};
    own wasm_trap_t* trap;
    JUST(trap = wasm_func_call(func, &none, &none));
    if (trap) ++refusals, CHECK(has_message(trap));
    trap = wasm_func_call(func, &none, &none);
    if (trap) CHECK(has_message(trap));
    return;
  }
}

static void live_hostile(void) {
  world_t w = life_world(NULL);
  const wasm_byte_vec_t binary = {hostile->size, (char*)hostile->data};
  begin();
  TAKE(w.module, wasm_module_new(w.store, &binary));
  own wasm_importtype_vec_t imports;
  JUST(wasm_module_imports(w.module, &imports));
  wasm_importtype_vec_delete(&imports);
  own wasmrt_linker_t* linker = wasmrt_linker_new(w.store);
  MAY_FAIL(wasmrt_linker_define_traps(linker, w.module));
  TAKE_INSTANCE(w.instance, wasmrt_linker_instantiate(linker, w.module, &trap));
  JUST(wasm_instance_exports(w.instance, &w.exports));
  if (!w.exports.size) wasm_instance_exports(w.instance, &w.exports);
  call_first(&w);
  wasmrt_linker_delete(linker);
  close_world(&w);
}

// Few limits: there are many modules.
static void sweep_hostile(const char* name, own writer_t module) {
  static const rlim_t limits[] = {0, 64 << 10, 512 << 10, 1 << 20, 3 << 20, 6 << 20, 12 << 20, 24 << 20, 100 << 20, (rlim_t)9 << 30};
  int bad = 0;
  hostile = &module;
  for (compile_mode = WASMRT_COMPILE_TIERED; compile_mode <= WASMRT_COMPILE_OPTIMIZED; ++compile_mode) {
    if (compile_mode == WASMRT_COMPILE_LAZY_BASELINE) continue;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; ++i) {
      span = i % 2 ? FROM_THE_START : EACH_CALL;
      int outcome = try(live_hostile, limits[i]);
      if (outcome == 0 || outcome == 21) continue;
      fprintf(stderr, "%s, compile mode %d, %lu KiB more: outcome %d\n", name, (int)compile_mode,
              (unsigned long)(limits[i] >> 10), outcome);
      ++bad;
    }
  }
  free(module.data);
  CHECK(bad == 0);
}

#endif
