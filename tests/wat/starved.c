// Memory refused while text is assembled: each single allocation, all from each one on, and all beyond a limit of address
// space. There is a binary, or a message; the process goes on. Each attempt is a process of its own.

#define _GNU_SOURCE
#include "host.h"
#include "process.h"
#include "refuse.h"

#include <wasmrt_wat.h>

// --- Texts that need much memory for each of their bytes ---

typedef struct {
  const char *begin, *part, *end;
} pattern_t;

static const pattern_t patterns[] = {
    {"(module ", "(func)", ")"},
    {"(module (func ", "nop ", "))"},
    {"(module (func ", "(nop)", "))"},
    {"(module (func ", "(block)", "))"},
    {"(module (func ", "block end ", "))"},
    {"(module (func (local ", "i32 ", ")))"},
    {"(module (func (param ", "i32 ", ")))"},
    {"(module (func block br_table ", "0 ", " end))"},
    {"(module (func $f) (table 1 funcref) (elem (i32.const 0) ", "0 ", "))"},
    {"(module (table 1 funcref) (elem (i32.const 0) funcref ", "(item ref.null func)", "))"},
    {"(module (memory 1) (data (i32.const 0) ", "\"\"", "))"},
    {"(module ", "(type(func))", ")"},
    {"(module (rec ", "(type(func))", "))"},
    {"(module ", "(memory 0)", ")"},
    {"(module ", "(global i32 i32.const 0)", ")"},
    {"(module ", "(import\"\"\"\"(func))", ")"},
    {"(module (func $f) ", "(export\"\"(func 0))", ")"},
    {"(module (func ", "i32.const 0 drop ", "))"},
    {"(module (func ", "v128.const i8x16 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 drop ", "))"},
    {"(module (func ", "call_indirect (type 0) ", "))"},
    {"(module (func ", "(select (result i32))", "))"},
    {"(module ", "(tag)", ")"},
    {"(module ", "(rec)", ")"},
    {"(module (memory 0) ", "(data)", ")"},
    {"(module (type (struct (field ", "i8 ", "))))"},
    {"(module (type (struct ", "(field)", ")))"},
    {"(module (func ", "(param)", "))"},
    {"(module (func ", "(local)", "))"},
    {"(module (func ", "(export\"\")", "))"},
    {"(module (func block (try_table ", "(catch_all 0)", ") end))"},
    {"(module (memory (data (i8 ", "0 ", "))))"},
    {"", "; ", ""},
    {"(module ", "$a ", ")"},
    {"(module ", "(@a)", ")"},
    {"", "(", ""},
};
enum { PATTERNS = sizeof patterns / sizeof *patterns };

// Owned by the caller.
static own char* text_of(const pattern_t* pattern, size_t size) {
  size_t begin = strlen(pattern->begin), part = strlen(pattern->part), end = strlen(pattern->end);
  size_t count = size / part;
  own char* text = malloc(begin + count * part + end + 1);
  CHECK(text);
  memcpy(text, pattern->begin, begin);
  for (size_t i = 0; i < count; ++i) memcpy(text + begin + i * part, pattern->part, part);
  memcpy(text + begin + count * part, pattern->end, end + 1);
  return text;
}

// --- Attempts ---

// Ends the process: 0 when no request was refused; otherwise 21 if there is a binary nevertheless, and 20 if not.
static void live(const char* text, size_t size, const char* path) {
  own wasm_byte_vec_t binary;
  own wasm_message_t error;
  starve();
  bool is_done = path ? wasmrt_wat2wasm_file(path, &binary, &error) : wasmrt_wat2wasm(text, size, &binary, &error);
  feed();
  if (is_done ? binary.size < 8 || error.size || memcmp(binary.data, "\0asm", 4)
              : binary.size || !(error.size ? message_has(&error, "") : has_error())) {
    _exit(1);
  }
  wasm_byte_vec_delete(&binary);
  wasm_name_delete(&error);
  // With memory, it works as if nothing had been.
  if (!wasmrt_wat2wasm("(module)", 8, &binary, &error) || binary.size != 8) _exit(2);
  wasm_byte_vec_delete(&binary);
  fflush(stdout);
  _exit(!(shortage.kinds & LIMIT) && !atomic_load(&refused_so_far) ? 0 : is_done ? 21 : 20);
}

static int try(const char* text, const char* path, shortage_t kind) {
  pid_t child = start_child();
  if (!child) {
    shortage = kind;
    live(text, text ? strlen(text) : 0, path);
  }
  return outcome_of(child);
}

static void sweep(const char* text, const char* path, int kinds, unsigned long width) {
  unsigned long from = 0;
  int refused = 0;
  for (;; ++from) {
    int outcome = try(text, path, (shortage_t){kinds, from, width, 1});
    if (outcome == 0) break;
    if (outcome < 20 || outcome > 21) fprintf(stderr, "from request %lu on: outcome %d\n", from, outcome);
    CHECK(outcome == 20 || outcome == 21);
    refused += outcome == 20;
  }
  printf("%lu requests; refused %d\n", from, refused);
  CHECK(from >= 10 && refused > 0);
}

static const char good[] =
    "(module (type $t (func (param i32) (result i32))) (import \"a\" \"b\" (func $i (type $t)))\n"
    "  (memory 1) (data (i32.const 0) \"text\") (table 2 funcref) (elem (i32.const 0) $f $i)\n"
    "  (func $f (export \"f\") (param $x i32) (result i32)\n"
    "    (if (result i32) (local.get $x) (then (call $i (i32.const 1))) (else (i32.add (local.get $x) (i32.const 2))))))";
static const char wrong[] = "(module (func\n  local.get $x))";

TEST(any_single_allocation_may_fail) {
  sweep(good, NULL, HEAP, 1);
  sweep(wrong, NULL, HEAP, 1);
  sweep(NULL, FOLDER "/fails.wat", HEAP, 1);
}
TEST(all_allocations_may_fail_from_any_point_on) {
  sweep(good, NULL, HEAP | PAGES, ~0ul);
  sweep(wrong, NULL, HEAP | PAGES, ~0ul);
  sweep(NULL, FOLDER "/fails.wat", HEAP | PAGES, ~0ul);
  sweep(NULL, FOLDER "/wrong.wat", HEAP | PAGES, ~0ul);
}

// The library claims what a text may need before it begins; it must not need more.
static void check_claim(const pattern_t* pattern, size_t size, const char* path) {
  own char* text = text_of(pattern, size);
  if (path) {
    FILE* file = fopen(path, "w");
    CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
  }
  int outcome = try(path ? NULL : text, path, (shortage_t){HEAP, 0, ~0ul, 1});
  if (outcome != 20 && outcome != 21) {
    fprintf(stderr, "%s%s...%s, %zu bytes%s: outcome %d\n", pattern->begin, pattern->part, pattern->end, size,
            path ? " in a file" : "", outcome);
  }
  CHECK(outcome == 20 || outcome == 21);
  free(text);
}

TEST(no_text_needs_more_than_is_claimed_for_it) {
  char path[] = "/tmp/wasmrt-starved-XXXXXX";
  int file = mkstemp(path);
  CHECK(file >= 0 && close(file) == 0);
  for (int i = 0; i < PATTERNS; ++i) {
    for (size_t size = 1000; size <= 1000000; size *= 10) check_claim(&patterns[i], size, NULL);
    check_claim(&patterns[i], 9000, path);  // longer lines get no places
  }
  CHECK(!unlink(path));
}

TEST(every_limit_of_address_space_does_no_harm) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("the sanitizer needs all of the address space");
#endif
  own char* large = text_of(&patterns[1], 20000);
  for (unsigned long more = 0; more <= 64 << 20; more += more < 65536 ? 4096 : 1 << 20) {
    int outcomes[] = {
        try(good, NULL, (shortage_t){.kinds = LIMIT, .first = more}),
        try(large, NULL, (shortage_t){.kinds = LIMIT, .first = more}),
        try(NULL, FOLDER "/wrong.wat", (shortage_t){.kinds = LIMIT, .first = more}),
    };
    for (int i = 0; i < 3; ++i) {
      if (outcomes[i] != 20 && outcomes[i] != 21) {
        fprintf(stderr, "text %d with %lu bytes more: outcome %d\n", i, more, outcomes[i]);
      }
      CHECK(outcomes[i] == 20 || outcomes[i] == 21);
    }
  }
  free(large);
}
