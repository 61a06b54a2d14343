// Profiles: which functions of the guest ran, as text that flame graphs and the Firefox Profiler read. The shortest
// interval is used, with which each check of the guest's code takes a sample, so the results do not depend on time.

#define _GNU_SOURCE
#include <time.h>

#include "host.h"

enum { WORK = 1000000 };

static own wasm_byte_vec_t written(const wasmrt_profile_t* profile, wasmrt_profile_format_t format) {
  own wasm_byte_vec_t bytes;
  CHECK(wasmrt_profile_write(profile, format, &bytes));
  CHECK(bytes.size > 0 && bytes.data[bytes.size] == '\0');
  return bytes;
}

// The number of samples in folded stacks, of lines that contain some text.
static uint64_t samples_with(const wasm_byte_vec_t* folded, const char* text) {
  uint64_t all = 0;
  for (const char* line = folded->data; *line;) {
    const char* end = strchr(line, '\n');
    CHECK(end);
    const char* space = end;
    while (space > line && *space != ' ') --space;
    CHECK(space > line);
    const char* found = strstr(line, text);
    if (found && found < end) all += strtoull(space, NULL, 10);
    line = end + 1;
  }
  return all;
}

// Whether brackets outside of strings match.
static bool is_balanced(const wasm_byte_vec_t* json) {
  char open[64];
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < json->size; ++i) {
    char c = json->data[i];
    if (in_string && c == '\\') ++i;
    else if (c == '"') in_string = !in_string;
    else if (!in_string && (c == '{' || c == '[')) open[depth++ % 64] = c;
    else if (!in_string && (c == '}' || c == ']')) {
      if (depth-- == 0 || open[depth % 64] != (c == '}' ? '{' : '[')) return false;
    }
  }
  return depth == 0 && !in_string;
}

static wasm_func_t* inner;

static own wasm_trap_t* call_inner(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env, (void)results;
  wasm_val_vec_t none = {0, NULL};
  return inner ? wasm_func_call(inner, args, &none) : NULL;
}

typedef struct {
  world_t w;
  own wasmrt_profile_t* profile;
  own wasm_func_t* host;
} profiled_t;

static void open_profiled_with(profiled_t* p, own wasm_config_t* config) {
  p->w = (world_t){.engine = wasm_engine_new_with_config(config)};
  p->w.store = wasm_store_new(p->w.engine);
  CHECK(p->w.store);
  p->profile = wasmrt_profile_new(p->w.store, 1);
  CHECK(p->profile && wasmrt_profile_samples(p->profile) == 0);
  p->w.module = load(p->w.store, "profile");
  p->host = host_func(p->w.store, "i", "", call_inner, NULL, NULL);
  instantiate(&p->w, IMPORTS(wasm_func_as_extern(p->host)));
  inner = func_of(&p->w, "work");
}

static void open_profiled(profiled_t* p) { open_profiled_with(p, test_config()); }

static void close_profiled(profiled_t* p) {
  inner = NULL;
  wasmrt_profile_delete(p->profile);
  wasm_func_delete(p->host);
  close_world(&p->w);
}

TEST(folded_stacks_name_functions_and_tiers) {
  profiled_t p;
  open_profiled(&p);
  call(func_of(&p.w, "work"), VALS(I32(WORK)));
  own wasm_byte_vec_t folded = written(p.profile, WASMRT_PROFILE_FOLDED);
  uint64_t all = wasmrt_profile_samples(p.profile);
  CHECK(all > 10 && samples_with(&folded, "work [") == all && samples_with(&folded, ";") == 0);
  CHECK(samples_with(&folded, "work [baseline]") + samples_with(&folded, "work [optimized]") == all);
  wasm_byte_vec_delete(&folded);
  close_profiled(&p);
}

TEST(loop_that_was_optimized_while_it_ran_is_shown_as_optimized) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, WASMRT_COMPILE_TIERED));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, 0));
  profiled_t p;
  open_profiled_with(&p, config);
  call(func_of(&p.w, "work"), VALS(I32(WORK)));
  own wasm_byte_vec_t folded = written(p.profile, WASMRT_PROFILE_FOLDED);
  CHECK(samples_with(&folded, "work [optimized]") > samples_with(&folded, "work [baseline]"));
  wasm_byte_vec_delete(&folded);
  close_profiled(&p);
}

TEST(stacks_go_through_host_functions) {
  profiled_t p;
  open_profiled(&p);
  call(func_of(&p.w, "through_host"), VALS(I32(WORK)));
  own wasm_byte_vec_t folded = written(p.profile, WASMRT_PROFILE_FOLDED);
  uint64_t all = wasmrt_profile_samples(p.profile);
  CHECK(all > 10 && samples_with(&folded, "through_host [") == all && samples_with(&folded, ";work [") > 10);
  wasm_byte_vec_delete(&folded);
  close_profiled(&p);
}

// --- Host functions ---

enum { SLEEP = 50 };

static void sleep_a_while(void) {
  struct timespec rest = {0, SLEEP * 1000000};
  while (nanosleep(&rest, &rest)) {
  }
}

static own wasm_trap_t* rest(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env, (void)args, (void)results;
  sleep_a_while();
  return NULL;
}

static void rest_natively(void* env, own wasm_trap_t** trap, int32_t x) {
  (void)env, (void)trap;
  CHECK(x == 12345678);
  sleep_a_while();
}

static own wasm_func_t* native_host(wasm_store_t* store, const char* params, const char* results, wasmrt_native_t code) {
  own wasm_functype_t* type = functype_of(params, results);
  own wasm_func_t* func = wasmrt_func_new_native(store, type, code, NULL, NULL);
  wasm_functype_delete(type);
  CHECK(func);
  return func;
}

TEST(time_in_host_functions_is_theirs) {
  for (int native = 0; native < 2; ++native) {
    own wasm_config_t* config = test_config();
    CHECK(wasmrt_config_set(config, WASMRT_OPTION_TIMELINE, 1));
    world_t w = {.engine = wasm_engine_new_with_config(config)};
    w.store = wasm_store_new(w.engine);
    own wasmrt_profile_t* profile = wasmrt_profile_new(w.store, 0);
    w.module = load(w.store, "profile");
    own wasm_func_t* host = native ? native_host(w.store, "i", "", (wasmrt_native_t)rest_natively)
                                   : host_func(w.store, "i", "", rest, NULL, NULL);
    instantiate(&w, IMPORTS(wasm_func_as_extern(host)));
    call(func_of(&w, "through_host"), VALS(I32(12345678)));
    own wasm_byte_vec_t text = written(profile, WASMRT_PROFILE_FOLDED);
    CHECK(samples_with(&text, ";host [host]") >= SLEEP - 1 && samples_with(&text, "through_host [") >= SLEEP - 1);
    CHECK(samples_with(&text, "") == wasmrt_profile_samples(profile));
    wasm_byte_vec_delete(&text);
    text = written(profile, WASMRT_PROFILE_FIREFOX);
    CHECK(is_balanced(&text) && strstr(text.data, "\"host\"") && strstr(text.data, "\"weight\":[1,"));
    wasm_byte_vec_delete(&text);
    text = written(profile, WASMRT_PROFILE_SVG);
    CHECK(strstr(text.data, "host [host]: ") && strstr(text.data, "class=\"h\""));
    wasm_byte_vec_delete(&text);
    CHECK(wasmrt_engine_timeline(w.engine, WASMRT_TIMELINE_SVG, &text));
    // Sleeping counts for no tier.
    CHECK(strstr(text.data, "host: 100 % of samples") || strstr(text.data, "host: 9"));
    wasm_byte_vec_delete(&text);
    CHECK(wasmrt_engine_timeline(w.engine, WASMRT_TIMELINE_TRACE_EVENTS, &text) && is_balanced(&text));
    CHECK(strstr(text.data, "\"baseline\":0,\"optimized\":0,\"host\":"));
    wasm_byte_vec_delete(&text);
    wasm_func_delete(host);
    wasmrt_profile_delete(profile);
    close_world(&w);
  }
}

static double many(void* env, own wasm_trap_t** trap, int32_t a, float b, int64_t c, double d, int32_t e, int64_t f, int32_t g,
                   double h, int64_t i, int32_t j, float k) {
  (void)env, (void)trap;
  return a + 2 * (double)b + 3 * (double)c + 4 * d + 5 * e + 6 * (double)f + 7 * g + 8 * h + 9 * (double)i + 10 * j + 11 * (double)k;
}

static float half(void* env, own wasm_trap_t** trap, float x) { return (void)env, (void)trap, x / 2; }
static int32_t negated(void* env, own wasm_trap_t** trap, int32_t x) { return (void)env, (void)trap, -x; }
static int64_t doubled(void* env, own wasm_trap_t** trap, int64_t x) { return (void)env, (void)trap, 2 * x; }

TEST(values_reach_host_functions_that_are_sampled) {
  world_t w;
  open_store(&w, NULL);
  own wasmrt_profile_t* profile = wasmrt_profile_new(w.store, 0);
  own wasm_func_t* func = native_host(w.store, "ifIFiIiFIif", "F", (wasmrt_native_t)many);
  wasm_val_t sum = call(func, VALS(I32(1), F32(2), I64(3), F64(4), I32(-5), I64(6), I32(7), F64(8), I64(1ll << 40), I32(10), F32(11)));
  CHECK(sum.of.f64 == 1 + 4 + 9 + 16 - 25 + 36 + 49 + 64 + 9.0 * (1ll << 40) + 100 + 121);
  wasm_func_delete(func);
  func = native_host(w.store, "f", "f", (wasmrt_native_t)half);
  CHECK(call(func, VALS(F32(-3))).of.f32 == -1.5f);
  wasm_func_delete(func);
  func = native_host(w.store, "i", "i", (wasmrt_native_t)negated);
  CHECK(call(func, VALS(I32(7))).of.i32 == -7);
  wasm_func_delete(func);
  func = native_host(w.store, "I", "I", (wasmrt_native_t)doubled);
  CHECK(call(func, VALS(I64(-(1ll << 40)))).of.i64 == -(1ll << 41));
  wasm_func_delete(func);
  wasmrt_profile_delete(profile);
  close_but_engine(&w);
  wasm_engine_delete(w.engine);
}

TEST(deep_stacks_are_cut_at_their_outer_end) {
  profiled_t p;
  open_profiled(&p);
  call(func_of(&p.w, "deep"), VALS(I32(3000), I32(WORK / 10)));
  own wasm_byte_vec_t folded = written(p.profile, WASMRT_PROFILE_FOLDED);
  CHECK(samples_with(&folded, ";deep [") > 0 && samples_with(&folded, ";work [") > 0);
  wasm_byte_vec_delete(&folded);
  close_profiled(&p);
}

TEST(firefox_profile_is_well_formed) {
  profiled_t p;
  open_profiled(&p);
  own wasm_byte_vec_t empty = written(p.profile, WASMRT_PROFILE_FIREFOX);
  CHECK(is_balanced(&empty) && strstr(empty.data, "\"stack\":[]"));
  call(func_of(&p.w, "deep"), VALS(I32(7), I32(WORK)));
  own wasm_byte_vec_t json = written(p.profile, WASMRT_PROFILE_FIREFOX);
  CHECK(is_balanced(&json));
  CHECK(strstr(json.data, "\"preprocessedProfileVersion\":55") && strstr(json.data, "\"deep\"") && strstr(json.data, "\"work\""));
  wasm_byte_vec_delete(&empty);
  wasm_byte_vec_delete(&json);
  close_profiled(&p);
}

TEST(flame_graph_has_the_functions_and_their_shares) {
  profiled_t p;
  open_profiled(&p);
  own wasm_byte_vec_t empty = written(p.profile, WASMRT_PROFILE_SVG);
  CHECK(strstr(empty.data, "<svg") == empty.data && strstr(empty.data, "0 samples"));
  call(func_of(&p.w, "deep"), VALS(I32(7), I32(WORK)));
  own wasm_byte_vec_t svg = written(p.profile, WASMRT_PROFILE_SVG);
  CHECK(strstr(svg.data, "<title>deep [") && strstr(svg.data, "<title>work ["));
  char all[64];
  snprintf(all, sizeof all, ": %llu samples, 100.0 %%", (unsigned long long)wasmrt_profile_samples(p.profile));
  CHECK(strstr(svg.data, all));
  wasm_byte_vec_delete(&empty);
  wasm_byte_vec_delete(&svg);
  close_profiled(&p);
}

TEST(functions_inlined_by_the_compiler_of_the_module_are_shown_with_lines) {
  world_t w;
  open_store(&w, NULL);
  own wasmrt_profile_t* profile = wasmrt_profile_new(w.store, 1);
  w.module = load(w.store, "lines_5");
  instantiate(&w, NO_IMPORTS);
  call(func_of(&w, "run"), VALS(I32(WORK), I32(3)));
  own wasm_byte_vec_t folded = written(profile, WASMRT_PROFILE_FOLDED);
  CHECK(samples_with(&folded, "run [") == wasmrt_profile_samples(profile));
  CHECK(samples_with(&folded, ";sum [") > 10);
  own wasm_byte_vec_t json = written(profile, WASMRT_PROFILE_FIREFOX);
  CHECK(is_balanced(&json) && strstr(json.data, "\"/guest/lines.c\""));
  // Also where the loop begins, which has no line of its own.
  const char* lines = strstr(json.data, "\"line\":[") + strlen("\"line\":[");
  CHECK(strspn(lines, "0123456789,") == strcspn(lines, "]"));
  wasm_byte_vec_delete(&folded);
  wasm_byte_vec_delete(&json);
  wasmrt_profile_delete(profile);
  close_world(&w);
}

TEST(stopped_profile_keeps_what_it_has) {
  profiled_t p;
  open_profiled(&p);
  call(func_of(&p.w, "work"), VALS(I32(WORK)));
  wasmrt_profile_stop(p.profile);
  uint64_t all = wasmrt_profile_samples(p.profile);
  call(func_of(&p.w, "work"), VALS(I32(WORK)));
  CHECK(all > 10 && wasmrt_profile_samples(p.profile) == all);
  // Another one begins where this one ended.
  own wasmrt_profile_t* second = wasmrt_profile_new(p.w.store, 1);
  CHECK(second);
  call(func_of(&p.w, "work"), VALS(I32(WORK)));
  CHECK(wasmrt_profile_samples(second) > 10 && wasmrt_profile_samples(p.profile) == all);
  wasmrt_profile_delete(second);
  close_profiled(&p);
}

TEST(another_profile_stops_the_one_before) {
  profiled_t p;
  open_profiled(&p);
  own wasmrt_profile_t* second = wasmrt_profile_new(p.w.store, 1);
  call(func_of(&p.w, "work"), VALS(I32(WORK)));
  CHECK(wasmrt_profile_samples(p.profile) == 0 && wasmrt_profile_samples(second) > 10);
  wasmrt_profile_delete(p.profile);
  p.profile = second;
  call(func_of(&p.w, "work"), VALS(I32(WORK)));
  close_profiled(&p);
}

TEST(profile_outlives_module_and_store) {
  profiled_t p;
  open_profiled(&p);
  call(func_of(&p.w, "work"), VALS(I32(WORK)));
  own wasmrt_profile_t* profile = p.profile;
  p.profile = NULL;
  close_profiled(&p);
  own wasm_byte_vec_t folded = written(profile, WASMRT_PROFILE_FOLDED);
  CHECK(samples_with(&folded, "work [") == wasmrt_profile_samples(profile));
  wasm_byte_vec_delete(&folded);
  wasmrt_profile_delete(profile);
}

TEST(profile_may_be_deleted_first) {
  profiled_t p;
  open_profiled(&p);
  wasmrt_profile_delete(p.profile);
  p.profile = NULL;
  call(func_of(&p.w, "work"), VALS(I32(WORK)));
  close_profiled(&p);
}

TEST(first_profile_after_an_instance_is_refused) {
  world_t w = open_world("arithmetic");
  CHECK(!wasmrt_profile_new(w.store, 0) && error_says("has had an instance"));
  close_world(&w);
}

TEST(unknown_formats_are_refused) {
  profiled_t p;
  open_profiled(&p);
  own wasm_byte_vec_t bytes;
  CHECK(!wasmrt_profile_write(p.profile, 0, &bytes) && bytes.size == 0 && error_says("unknown format 0"));
  CHECK(!wasmrt_profile_write(p.profile, 77, NULL) && error_says("unknown format 77"));
  close_profiled(&p);
}

TEST(consumption_of_fuel_is_the_same_with_a_profile) {
  uint64_t left[2];
  for (int i = 0; i < 2; ++i) {
    profiled_t p;
    open_profiled(&p);
    if (i == 0) wasmrt_profile_stop(p.profile);
    CHECK(wasmrt_store_set_fuel(p.w.store, 100000000));
    call(func_of(&p.w, "work"), VALS(I32(WORK)));
    call(func_of(&p.w, "through_host"), VALS(I32(WORK)));
    CHECK(wasmrt_store_fuel(p.w.store, &left[i]));
    close_profiled(&p);
  }
  CHECK(left[0] == left[1] && left[0] < 100000000);
}
