// The guest's interface: three exports around linear memory. The host asks for space, writes the
// document there, has it rendered and reads the result. Everything stays valid until the next document.

#include <stdint.h>

#include "markdown.h"

#define EXPORT(name) __attribute__((export_name(name)))

enum { PAGE = 65536 };

// Memory grows only at its end, so space left over from one request is used for the next.
room_t platform_room(size_t size) {
  extern char __heap_base;
  static char* end;
  if (!end) end = &__heap_base;
  char* start = end;
  size_t have = __builtin_wasm_memory_size(0) * (size_t)PAGE - (uintptr_t)start;
  if (have < size) {
    size_t pages = (size - have + PAGE - 1) / PAGE;
    if (__builtin_wasm_memory_grow(0, pages) == SIZE_MAX) return (room_t){0};
  }
  end = (char*)(__builtin_wasm_memory_size(0) * (size_t)PAGE);
  return (room_t){start, end};
}

_Noreturn void platform_out_of_memory(void) { __builtin_trap(); }

static slice_t document, page;

EXPORT("document") char* guest_document(size_t size) {
  arena_reset();
  char* room = arena_new(size);
  document = (slice_t){room, size};
  return room;
}

// Returns the size of the HTML.
EXPORT("render") size_t guest_render(void) {
  page = markdown_render(document);
  return page.size;
}

EXPORT("page") const char* guest_page(void) { return page.at; }
