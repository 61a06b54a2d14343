// The same renderer as an ordinary program: the guest must print the same.

#include <stdio.h>
#include <stdlib.h>

#include "markdown.h"

room_t platform_room(size_t size) {
  size_t room = size > (1u << 26) ? size : (1u << 26);
  char* start = malloc(room);
  return start ? (room_t){start, start + room} : (room_t){0};
}

_Noreturn void platform_out_of_memory(void) {
  fprintf(stderr, "out of memory\n");
  exit(EXIT_FAILURE);
}

int main(int argc, char** argv) {
  FILE* file = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (!file || fseek(file, 0, SEEK_END)) {
    fprintf(stderr, "usage: %s FILE.md\n", argv[0]);
    return 2;
  }
  long size = ftell(file);
  rewind(file);
  char* text = arena_new(size > 0 ? (size_t)size : 1);
  size_t got = fread(text, 1, size > 0 ? (size_t)size : 0, file);
  fclose(file);
  slice_t page = markdown_render((slice_t){text, got});
  return fwrite(page.at, 1, page.size, stdout) == page.size ? 0 : 1;
}
