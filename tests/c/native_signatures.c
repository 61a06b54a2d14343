// Native signatures: values of all parameter lists are passed correctly, in both directions and by every kind
// of call.

#include "forwarder.h"

// --- Values of any signature, as bits ---

typedef int32_t type_i;
typedef int64_t type_I;
typedef float type_f;
typedef double type_F;
typedef void type_v;

typedef union {
  uint64_t bits;
  int32_t i;
  int64_t I;
  float f;
  double F;
} word_t;

static uint64_t seed = 88172645463325252u;

static uint64_t random_bits(char kind) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  word_t word = {.bits = 0};
  // Numbers that are equal to themselves, so that nothing turns one NaN into another.
  if (kind == 'i') word.i = (int32_t)(seed >> 32);
  if (kind == 'I') word.I = (int64_t)seed;
  if (kind == 'f') word.f = (float)(seed >> 40) - 1e5f;
  if (kind == 'F') word.F = (double)(seed >> 11) - 1e12;
  return word.bits;
}

enum { MOST = 20 };
static uint64_t given[MOST], seen[MOST], answer;
static int arrivals, host_env;

// The host function of each signature, and the call of a C function of it.
#define PARAMETER(t, n) , type_##t a##n
#define KEEP(t, n) seen[n] = ((word_t){.t = a##n}).bits;
#define GIVE(t, n) , ((word_t){.bits = given[n]}).t
#define TYPE(t, n) , type_##t
#define RETURN_i return ((word_t){.bits = answer}).i;
#define RETURN_I return ((word_t){.bits = answer}).I;
#define RETURN_f return ((word_t){.bits = answer}).f;
#define RETURN_F return ((word_t){.bits = answer}).F;
#define RETURN_v
#define RESULT_i(call) return ((word_t){.i = call}).bits;
#define RESULT_I(call) return ((word_t){.I = call}).bits;
#define RESULT_f(call) return ((word_t){.f = call}).bits;
#define RESULT_F(call) return ((word_t){.F = call}).bits;
#define RESULT_v(call) call; return 0;
#define SIGNATURE(number, params, result, t)                                                              \
  static type_##t host_##number(void* env, own wasm_trap_t** trap LIST_##number(PARAMETER)) {             \
    CHECK(env == &host_env && trap && !*trap);                                                            \
    ++arrivals;                                                                                           \
    LIST_##number(KEEP)                                                                                   \
    RETURN_##t                                                                                            \
  }                                                                                                       \
  static uint64_t call_##number(wasmrt_native_t code, void* context, own wasm_trap_t** trap) {            \
    RESULT_##t(((type_##t(*)(void*, wasm_trap_t** LIST_##number(TYPE)))code)(context, trap LIST_##number(GIVE))) \
  }
#include "native_signatures.h"
#undef SIGNATURE

typedef struct {
  const char *params, *result;
  wasmrt_native_t host;
  uint64_t (*call)(wasmrt_native_t, void* context, own wasm_trap_t**);
} signature_t;

static const signature_t signatures[] = {
#define SIGNATURE(number, params, result, t) {params, result, (wasmrt_native_t)host_##number, call_##number},
#include "native_signatures.h"
#undef SIGNATURE
};
enum { SIGNATURES = sizeof signatures / sizeof *signatures };

// --- Every way to call it ---

static void prepare(const signature_t* s) {
  for (size_t i = 0; s->params[i]; ++i) given[i] = random_bits(s->params[i]);
  memset(seen, 0x5a, sizeof seen);
  answer = random_bits(*s->result);
  arrivals = 0;
}

static void check_arrival(const signature_t* s) {
  CHECK(arrivals == 1);
  for (size_t i = 0; s->params[i]; ++i) CHECK(seen[i] == given[i]);
}

static wasm_val_t value_of(char kind, uint64_t bits) {
  word_t word = {.bits = bits};
  return kind == 'i' ? I32(word.i) : kind == 'I' ? I64(word.I) : kind == 'f' ? F32(word.f) : F64(word.F);
}

static uint64_t bits_of(const wasm_val_t* value) {
  word_t word = {.bits = 0};
  if (value->kind == WASM_I32) word.i = value->of.i32;
  if (value->kind == WASM_I64) word.I = value->of.i64;
  if (value->kind == WASM_F32) word.f = value->of.f32;
  if (value->kind == WASM_F64) word.F = value->of.f64;
  return word.bits;
}

static void through_values(const signature_t* s, const wasm_func_t* func) {
  prepare(s);
  wasm_val_t args[MOST], out[1];
  wasm_val_vec_t arguments = {strlen(s->params), args}, results = {strlen(s->result), out};
  for (size_t i = 0; i < arguments.size; ++i) args[i] = value_of(s->params[i], given[i]);
  CHECK(!wasm_func_call(func, &arguments, &results));
  check_arrival(s);
  CHECK(!*s->result || bits_of(&out[0]) == answer);
}

static void through_native(const signature_t* s, const wasm_func_t* func) {
  void* context = NULL;
  wasmrt_native_t code = wasmrt_func_native(func, &context);
  CHECK(code && context);
  // The first call in a store takes the slow path.
  for (int i = 0; i < 3; ++i) {
    prepare(s);
    own wasm_trap_t* trap = NULL;
    uint64_t result = s->call(code, context, &trap);
    CHECK(!trap);
    check_arrival(s);
    CHECK(!*s->result || result == answer);
  }
}

static own wasm_trap_t* record_values(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  CHECK(env == &host_env);
  ++arrivals;
  for (size_t i = 0; i < args->size; ++i) seen[i] = bits_of(&args->data[i]);
  if (results->size == 1) {
    char kind = "iIfF"[results->data[0].kind];
    results->data[0] = value_of(kind, answer);
  }
  return NULL;
}

static void every_way(world_t* w, const signature_t* s, own wasm_func_t* host) {
  through_values(s, host);
  through_native(s, host);
  w->module = forwarder(w->store, s->params, s->result);
  instantiate(w, IMPORTS(wasm_func_as_extern(host)));
  wasm_func_delete(host);
  const wasm_func_t* func = wasm_extern_as_func(w->exports.data[0]);
  through_values(s, func);
  through_native(s, func);
  through_values(s, func);
}

static void every_signature(bool native_host) {
  own wasm_engine_t* engine = test_engine();
  int step = slow() ? 7 : 1;
  for (int i = 0; i < SIGNATURES; i += step) {
    const signature_t* s = &signatures[i];
    world_t w = {.engine = NULL, .store = wasm_store_new(engine)};
    own wasm_functype_t* type = functype_of(s->params, s->result);
    own wasm_func_t* host = native_host ? wasmrt_func_new_native(w.store, type, s->host, &host_env, NULL)
                                        : wasm_func_new_with_env(w.store, type, record_values, &host_env, NULL);
    CHECK(host);
    wasm_functype_delete(type);
    every_way(&w, s, host);
    close_world(&w);
  }
  wasm_engine_delete(engine);
}

TEST(values_of_every_signature_arrive_at_native_host_functions) { every_signature(true); }
TEST(values_of_every_signature_arrive_at_other_host_functions) { every_signature(false); }

static own wasm_trap_t* sum_all(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env;
  int64_t sum = 0;
  for (size_t i = 0; i < args->size; ++i) sum += (int64_t)(i + 1) * args->data[i].of.i64;
  results->data[0] = I64(sum);
  return NULL;
}

#define TEN(x) x, x, x, x, x, x, x, x, x, x
#define LONGS TEN(TEN(int64_t))
#define NUMBERS(n) TEN(n), TEN(n + 1), TEN(n + 2), TEN(n + 3), TEN(n + 4), TEN(n + 5), TEN(n + 6), TEN(n + 7), TEN(n + 8), TEN(n + 9)

TEST(hundreds_of_parameters_arrive) {
  world_t w;
  open_store(&w, NULL);
  char params[201];
  memset(params, 'I', 200);
  params[200] = '\0';
  own wasm_func_t* func = host_func(w.store, params, "I", sum_all, NULL, NULL);
  void* context;
  int64_t (*code)(void*, wasm_trap_t**, LONGS, LONGS) =
      (int64_t(*)(void*, wasm_trap_t**, LONGS, LONGS))wasmrt_func_native(func, &context);
  CHECK(code);
  int64_t expected = 0;
  for (int64_t i = 0; i < 200; ++i) expected += (i + 1) * (i / 10 + (i >= 100 ? 90 : 0));
  own wasm_trap_t* trap = NULL;
  CHECK(code(context, &trap, NUMBERS(0), NUMBERS(100)) == expected && !trap);
  wasm_func_delete(func);
  close_world(&w);
}
