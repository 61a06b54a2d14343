// Opening a library and finding its functions.
#define _GNU_SOURCE
#include "api.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static bool find(void *library, const char *name, void *field, char *why, size_t why_size) {
  void *address = dlsym(library, name);
  if (!address) {
    snprintf(why, why_size, "the library exports no %s", name);
    return false;
  }
  memcpy(field, &address, sizeof address);
  return true;
}

bool api_open(struct api *api, const char *path, char *why, size_t why_size) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(why, why_size, "%s", dlerror());
    return false;
  }
#define FIND(name) \
  if (!find(library, "wasm_" #name, &api->name, why, why_size)) return false;
  BENCH_API(FIND)
#undef FIND
  char ignored[64];
#define FIND(name) \
  if (!find(library, "wasmrt_" #name, &api->name, ignored, sizeof ignored)) api->name = NULL;
  BENCH_MORE(FIND)
#undef FIND
  return true;
}
