// A test is `TEST(what_a_user_would_notice) { ... }`, a claim in it is `CHECK(condition)`. The program runs
// all of its tests, or those that its command line names. One that cannot be made here says SKIP("why").

#ifndef TEST_H
#define TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct test_t {
  const char* name;
  void (*run)(void);
  struct test_t* next;
} test_t;
static test_t* tests;
static test_t** last_test = &tests;
static bool skipped;

#define TEST(name)                                                                                       \
  static void name(void);                                                                                \
  static test_t test_##name = {#name, name, NULL};                                                       \
  __attribute__((constructor)) static void add_##name(void) {                                            \
    *last_test = &test_##name;                                                                           \
    last_test = &test_##name.next;                                                                       \
  }                                                                                                      \
  static void name(void)

#define CHECK(condition) ((condition) ? (void)0 : test_failed(__FILE__, __LINE__, #condition))
#define SKIP(why) do { printf("skipped: %s\n", why); skipped = true; return; } while (0)

_Noreturn static void test_failed(const char* file, int line, const char* what) {
  fflush(stdout);
  fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
  exit(1);
}

int main(int argc, char** argv) {
  int run = 0;
  for (const test_t* test = tests; test; test = test->next) {
    bool wanted = argc == 1;
    for (int i = 1; i < argc; ++i) wanted = wanted || strcmp(argv[i], test->name) == 0;
    if (!wanted) continue;
    printf("%s\n", test->name);
    fflush(stdout);
    test->run();
    ++run;
  }
  if (!run) fprintf(stderr, "no such test\n");
  return !run ? 2 : skipped && argc == 2 ? 77 : 0;
}

#endif
