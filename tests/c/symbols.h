// Names of addresses, wherever they were read, and the addresses on the stack.

#ifndef SYMBOLS_H
#define SYMBOLS_H

#include "observed.h"

typedef struct {
  uintptr_t start, length;
  char name[256];
} symbol_t;

typedef struct {
  symbol_t* symbols;
  size_t count;
} map_t;

static inline void add_symbol(map_t* map, uintptr_t start, uintptr_t length, const char* name) {
  map->symbols = realloc(map->symbols, (map->count + 1) * sizeof *map->symbols);
  CHECK(map->symbols && start && length);
  symbol_t* symbol = &map->symbols[map->count++];
  *symbol = (symbol_t){start, length, ""};
  snprintf(symbol->name, sizeof symbol->name, "%s", name);
}

// The latest name of an address.
static inline const char* name_of(const map_t* map, uintptr_t address) {
  for (size_t i = map->count; i-- > 0;) {
    if (address - map->symbols[i].start < map->symbols[i].length) return map->symbols[i].name;
  }
  return "";
}

static inline bool has_name(const map_t* map, const char* name) {
  for (size_t i = 0; i < map->count; ++i) {
    if (!strcmp(map->symbols[i].name, name)) return true;
  }
  return false;
}

// --- Return addresses, by frame pointers ---

// From this file to the entry stub; the chain may be broken behind it.
enum { DEPTH = 5 };
typedef struct {
  uintptr_t addresses[DEPTH];
} trace_t;

// The frames of guest code are chained; an import stub keeps the guest's frame pointer.
__attribute__((noinline, unused, optimize("no-omit-frame-pointer"))) static void walk(void* context) {
  trace_t* trace = context;
  uintptr_t* frame = __builtin_frame_address(0);
  for (int i = 0; i < DEPTH; ++i, frame = (uintptr_t*)frame[0]) trace->addresses[i] = frame[1];
}

// The functions on the stack from the import stub outwards, as the map names them.
static inline bool shows(const map_t* map, const trace_t* trace, int count, const char* const* names) {
  for (int first = 0; first + count <= DEPTH; ++first) {
    int same = 0;
    while (same < count && !strcmp(name_of(map, trace->addresses[first + same]), names[same])) ++same;
    if (same == count) return true;
  }
  for (int i = 0; i < DEPTH; ++i) fprintf(stderr, "  %zx %s\n", trace->addresses[i], name_of(map, trace->addresses[i]));
  return false;
}


// Whether the map has the names of what is on the stack in a way of making code.
static inline bool names_stack(const map_t* map, const trace_t* trace, const way_t* way) {
  char middle[64], outer[64], spin[64];
  snprintf(middle, sizeof middle, "middle [%s]", way->tier);
  snprintf(outer, sizeof outer, "outer [%s]", way->tier);
  snprintf(spin, sizeof spin, "spin [%s]", way->tier);
  const char* run_names[] = {"wasm import stub", middle, outer, "wasm entry stub"};
  const char* spin_names[] = {"wasm import stub", spin};
  return way->spins ? shows(map, trace, 2, spin_names) : shows(map, trace, 4, run_names);
}

#endif
