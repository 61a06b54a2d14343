// What debuggers find out about guest code: a list of files in memory, which has the names of functions and their frames.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>

#include "process.h"
#include "symbols.h"

// --- The list, as debuggers read it ---

typedef struct entry_t {
  struct entry_t *next, *previous;
  const char* file;
  uint64_t size;
} entry_t;

typedef struct {
  uint32_t version, action;
  entry_t *changed, *first;
} descriptor_t;

static const descriptor_t* list(void) {
  const descriptor_t* descriptor = dlsym(RTLD_DEFAULT, "__jit_debug_descriptor");
  CHECK(descriptor && descriptor->version == 1 && descriptor->action == 0);
  CHECK(dlsym(RTLD_DEFAULT, "__jit_debug_register_code"));
  return descriptor;
}

static const Elf64_Shdr* section_of(const char* file, const char* name) {
  const Elf64_Ehdr* header = (const Elf64_Ehdr*)file;
  const Elf64_Shdr* sections = (const Elf64_Shdr*)(file + header->e_shoff);
  const char* names = file + sections[header->e_shstrndx].sh_offset;
  for (int i = 0; i < header->e_shnum; ++i) {
    if (!strcmp(names + sections[i].sh_name, name)) return &sections[i];
  }
  CHECK(!"a section");
  return NULL;
}

static void add_symbols(map_t* map, const entry_t* entry) {
  const Elf64_Ehdr* header = (const Elf64_Ehdr*)entry->file;
  CHECK(entry->size > sizeof *header && !memcmp(header->e_ident, ELFMAG, SELFMAG));
  CHECK(header->e_shoff + header->e_shnum * sizeof(Elf64_Shdr) == entry->size);
  const Elf64_Shdr* text = section_of(entry->file, ".text");
  const Elf64_Shdr* table = section_of(entry->file, ".symtab");
  const char* names = entry->file + section_of(entry->file, ".strtab")->sh_offset;
  CHECK(section_of(entry->file, ".eh_frame")->sh_size > 0);
  const Elf64_Sym* symbols = (const Elf64_Sym*)(entry->file + table->sh_offset);
  for (size_t i = 1; i < table->sh_size / sizeof *symbols; ++i) {
    CHECK(symbols[i].st_value >= text->sh_addr);
    CHECK(symbols[i].st_value + symbols[i].st_size <= text->sh_addr + text->sh_size);
    add_symbol(map, symbols[i].st_value, symbols[i].st_size, names + symbols[i].st_name);
  }
}

static own map_t read_list(void) {
  map_t map = {NULL, 0};
  const entry_t* previous = NULL;
  for (const entry_t* entry = list()->first; entry; previous = entry, entry = entry->next) {
    CHECK(entry->previous == previous);
    add_symbols(&map, entry);
  }
  return map;
}

// --- What is in it ---

TEST(debugger_has_the_names_of_functions_on_the_stack_in_every_mode) {
  for (int i = 0; i < WAY_COUNT; ++i) {
    trace_t trace;
    observer_t observer = {walk, &trace, 0};
    world_t w = open_observed(observed_config(&WAYS[i], WASMRT_OPTION_DEBUGGER, 1), &observer);
    look_in(&w, &WAYS[i], &observer);
    own map_t map = read_list();
    CHECK(names_stack(&map, &trace, &WAYS[i]));
    free(map.symbols);
    close_world(&w);
    CHECK(!list()->first);
  }
}

TEST(engines_share_the_list_and_take_only_their_own_off_it) {
  trace_t trace;
  observer_t observer = {walk, &trace, 0};
  world_t first = open_observed(observed_config(&WAYS[0], WASMRT_OPTION_DEBUGGER, 1), &observer);
  world_t second = open_observed(observed_config(&WAYS[1], WASMRT_OPTION_DEBUGGER, 1), &observer);
  close_world(&first);
  own map_t map = read_list();
  CHECK(!has_name(&map, "outer [optimized]") && has_name(&map, "outer [baseline]"));
  free(map.symbols);
  pid_t child = start_child();
  if (!child) {
    close_world(&second);
    CHECK(!list()->first);
    _exit(0);
  }
  CHECK(outcome_of(child) == 0);
  close_world(&second);
  CHECK(!list()->first);
}

TEST(debugger_is_told_nothing_unless_asked_for) {
  trace_t trace;
  observer_t observer = {walk, &trace, 0};
  world_t w = open_observed(observed_config(&WAYS[3], WASMRT_OPTION_DEBUGGER, 0), &observer);
  look_in(&w, &WAYS[3], &observer);
  CHECK(!list()->first);
  close_world(&w);
}
