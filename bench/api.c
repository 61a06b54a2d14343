// Opening a library and finding its functions.
#define _GNU_SOURCE
#include "api.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
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
  const char *comma = strchr(path, ',');
  char file[4096];
  snprintf(file, sizeof file, "%.*s", (int)(comma ? (size_t)(comma - path) : strlen(path)), path);
  api->settings = comma ? comma + 1 : "";
  void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
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

wasm_engine_t *engine_as_set(const struct api *api) {
  if (!*api->settings) return api->engine_new();
  wasm_config_t *config = api->config_set ? api->config_new() : NULL;
  if (!config) return NULL;
  for (const char *at = api->settings; *at;) {
    char *end;
    unsigned long option = strtoul(at, &end, 10);
    unsigned long long value = *end == '=' ? strtoull(end + 1, &end, 10) : 0;
    // A configuration that is not used leaks, and the worker ends.
    if ((*end && *end != ',') || !api->config_set(config, (wasmrt_option_t)option, value)) return NULL;
    at = *end ? end + 1 : end;
  }
  return api->engine_new_with_config(config);
}
