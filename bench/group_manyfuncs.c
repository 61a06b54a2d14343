// A module of 60,000 small functions, each of which escapes into a table, written
// here byte by byte. An engine that spends a trampoline, a page or an allocation on
// every function that may be called from outside shows it in time and in memory.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

enum { FUNCTIONS = 60000, CHOSEN = 31415 };

struct bytes {
  uint8_t *data;
  size_t size, capacity;
};

static void put(struct bytes *b, const void *data, size_t size) {
  if (b->size + size > b->capacity) {
    b->capacity = 2 * (b->size + size) + 64;
    b->data = realloc(b->data, b->capacity);
    if (!b->data) abort();
  }
  memcpy(b->data + b->size, data, size);
  b->size += size;
}

static void put_byte(struct bytes *b, uint8_t value) { put(b, &value, 1); }

static void put_u32(struct bytes *b, uint32_t value) {
  for (; value >= 128; value >>= 7) put_byte(b, (uint8_t)(value | 128));
  put_byte(b, (uint8_t)value);
}

static void put_i32_const(struct bytes *b, int32_t value) {
  put_byte(b, 0x41);
  for (; value < -64 || value > 63; value >>= 7) put_byte(b, (uint8_t)((value & 127) | 128));
  put_byte(b, (uint8_t)(value & 127));
}

static void put_sized(struct bytes *b, struct bytes *content) {
  put_u32(b, (uint32_t)content->size);
  put(b, content->data, content->size);
  content->size = 0;
}

static void put_section(struct bytes *b, uint8_t id, struct bytes *content) {
  put_byte(b, id);
  put_sized(b, content);
}

// Function i: (x * 2i+1 + i) ^ x, and every seventh calls the one before it.
static void put_body(struct bytes *code, uint32_t i) {
  static const uint8_t head[] = {0, 0x20, 0}, tail[] = {0x6c}, end[] = {0x6a, 0x20, 0, 0x73, 0x0b};
  struct bytes body = {0};
  put(&body, head, sizeof head);   // no locals; local.get 0
  if (i % 7 == 6) {
    put_byte(&body, 0x10);         // call i - 1
    put_u32(&body, i - 1);
  }
  put_i32_const(&body, (int32_t)(2 * i + 1));
  put(&body, tail, sizeof tail);   // i32.mul
  put_i32_const(&body, (int32_t)i);
  put(&body, end, sizeof end);     // i32.add; local.get 0; i32.xor; end
  put_sized(code, &body);
  free(body.data);
}

static uint32_t expected(uint32_t i, uint32_t x) {
  uint32_t argument = i % 7 == 6 ? expected(i - 1, x) : x;
  return (argument * (2 * i + 1) + i) ^ x;
}

static void write_module(struct bytes *out) {
  static const uint8_t magic[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  static const uint8_t types[] = {2, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 0, 1, 0x7f};
  struct bytes section = {0};
  put(out, magic, sizeof magic);
  put(&section, types, sizeof types);   // 0: (i32) -> i32, 1: () -> i32
  put_section(out, 1, &section);
  put_u32(&section, FUNCTIONS + 1);
  for (uint32_t i = 0; i <= FUNCTIONS; i++) put_byte(&section, i == FUNCTIONS);
  put_section(out, 3, &section);
  put_byte(&section, 1);                // one table of funcref with a minimum
  put_byte(&section, 0x70);
  put_byte(&section, 0);
  put_u32(&section, FUNCTIONS);
  put_section(out, 4, &section);
  put_byte(&section, 1);                // the last function is exported as "run"
  put_byte(&section, 3);
  put(&section, "run", 3);
  put_byte(&section, 0);
  put_u32(&section, FUNCTIONS);
  put_section(out, 7, &section);
  put_byte(&section, 1);                // one active segment with every function
  put_byte(&section, 0);
  put_i32_const(&section, 0);
  put_byte(&section, 0x0b);
  put_u32(&section, FUNCTIONS);
  for (uint32_t i = 0; i < FUNCTIONS; i++) put_u32(&section, i);
  put_section(out, 9, &section);
  put_u32(&section, FUNCTIONS + 1);
  for (uint32_t i = 0; i < FUNCTIONS; i++) put_body(&section, i);
  struct bytes body = {0};
  put_byte(&body, 0);
  put_i32_const(&body, 1000);           // the argument
  put_i32_const(&body, CHOSEN);         // the table index
  put_byte(&body, 0x11);                // call_indirect type 0, table 0; end
  put_byte(&body, 0);
  put_byte(&body, 0);
  put_byte(&body, 0x0b);
  put_sized(&section, &body);
  put_section(out, 10, &section);
  free(body.data);
  free(section.data);
}

static void *setup(const struct api *api, const struct bench_case *c, char *why) {
  (void)c;
  struct program *p = calloc(1, sizeof *p);
  if (!p) return NULL;
  struct bytes module = {0};
  write_module(&module);
  p->api = api;
  p->binary = (wasm_byte_vec_t){module.size, (char *)module.data};
  p->engine = engine_as_set(api);
  p->store = p->engine ? api->store_new(p->engine) : NULL;
  if (p->store) return p;
  snprintf(why, WHY_SIZE, "no engine or no store");
  program_close(p);
  free(p);
  return NULL;
}

static void teardown(void *state) {
  program_close(state);
  free(state);
}

static void run(void *state, uint64_t iterations, struct sample *sample) {
  struct program *p = state;
  struct running r;
  char why[WHY_SIZE] = "no export run";
  int32_t answer = 0;
  (void)iterations;
  uint64_t cpu = process_cpu_ns(), start = now_ns();
  p->module = p->api->module_new(p->store, &p->binary);
  uint64_t compiled = now_ns();
  sample->parts[0] = (double)(compiled - start) / 1e6;
  sample->parts[1] = (double)(process_cpu_ns() - cpu) / 1e6;
  sample->parts[2] = (double)peak_kib() / 1024;
  if (!p->module) {
    fail(sample, "wasm_module_new returned NULL");
    return;
  }
  start = now_ns();
  bool ok = running_start(&r, p, why);
  if (!ok) {
    fail(sample, "%s", why);
    return;
  }
  const wasm_func_t *func = find_func(p, &r, "run");
  if (!func || !call_i32(p->api, func, &answer, why)) fail(sample, "%s", why);
  else if ((uint32_t)answer != expected(CHOSEN, 1000)) fail(sample, "wrong answer: %" PRId32, answer);
  sample->parts[3] = (double)(now_ns() - start) / 1e6;
  running_stop(&r, p);
}

static const struct case_kind kind = {.setup = setup, .run = run, .teardown = teardown, .fresh = true};

void add_manyfuncs_cases(struct case_list *list, const struct options *options) {
  static const struct part parts[] = {
      {"compile", "ms", 1}, {"processor time", "ms", 0}, {"peak memory", "MiB", 0.7}, {"instance and first call", "ms", 0}};
  (void)options;
  struct bench_case c = {.group = "manyfuncs", .name = "60,000 functions", .kind = &kind, .parts = parts,
                         .part_count = 4};
  case_add(list, c);
}
