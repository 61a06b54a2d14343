// Leaks one type object on purpose: the sanitizer and valgrind must notice, or their results for other tests are
// worthless.

#include <wasm.h>

static void leak(void) {
  wasm_valtype_t* volatile type = wasm_valtype_new(WASM_I32);
  type = NULL;
  (void)type;
}

int main(void) {
  leak();
  return 0;
}
