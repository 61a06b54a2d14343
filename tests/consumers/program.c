// A program in C. With EXPECTED_PREFIX it also makes sure that the library in use is the one installed there.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "program.h"
#include <dlfcn.h>

int main(void) {
  int sum = run_add(40, 2);
#if defined(EXPECTED_PREFIX) && !defined(LIBWASM_STATIC)
  Dl_info where;
  char name[] = "wasm_engine_new";
  if (!dladdr(dlsym(RTLD_DEFAULT, name), &where)) return 1;
  if (strncmp(where.dli_fname, EXPECTED_PREFIX, strlen(EXPECTED_PREFIX)) != 0) {
    printf("the library is %s\n", where.dli_fname);
    return 1;
  }
#endif
  printf("40 + 2 = %d\n", sum);
  return sum != 42;
}
