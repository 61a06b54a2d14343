
#ifdef __cplusplus
extern "C" {
#endif

// The maximum in `wasm_limits_t` that means none.
static const uint32_t wasm_limits_max_default = 0xffffffff;

// Bytes in a page of a memory.
static const size_t MEMORY_PAGE_SIZE = 0x10000;

// Names are vectors of bytes.
#define wasm_name wasm_byte_vec
#define wasm_name_new wasm_byte_vec_new
#define wasm_name_new_empty wasm_byte_vec_new_empty
#define wasm_name_new_uninitialized wasm_byte_vec_new_uninitialized
#define wasm_name_copy wasm_byte_vec_copy
#define wasm_name_delete wasm_byte_vec_delete

// Initialisers of vectors: without elements, and of all elements of an array, which is not copied.
#define WASM_EMPTY_VEC {0, NULL}
#define WASM_ARRAY_VEC(array) {sizeof(array) / sizeof((array)[0]), array}

// Initialisers of values. A reference of either kind is written as an external one; the parameter,
// table or global that it goes to decides.
#define WASM_I32_VAL(i) {.kind = WASM_I32, .of = {.i32 = (i)}}
#define WASM_I64_VAL(i) {.kind = WASM_I64, .of = {.i64 = (i)}}
#define WASM_F32_VAL(z) {.kind = WASM_F32, .of = {.f32 = (z)}}
#define WASM_F64_VAL(z) {.kind = WASM_F64, .of = {.f64 = (z)}}
#define WASM_REF_VAL(r) {.kind = WASM_EXTERNREF, .of = {.ref = (r)}}
#define WASM_INIT_VAL {.kind = WASM_EXTERNREF, .of = {.ref = NULL}}

// Makes `out` a name with the characters of a C string, without its NUL.
static inline void wasm_name_new_from_string(own wasm_name_t *out, const char *s) {
  wasm_byte_vec_new(out, strlen(s), s);
}

// The same, with its NUL.
static inline void wasm_name_new_from_string_nt(own wasm_name_t *out, const char *s) {
  wasm_byte_vec_new(out, strlen(s) + 1, s);
}

// Whether a kind is one of numbers, or of references.
static inline bool wasm_valkind_is_num(wasm_valkind_t k) {
  return k < WASM_EXTERNREF;
}

static inline bool wasm_valkind_is_ref(wasm_valkind_t k) {
  return k >= WASM_EXTERNREF;
}

static inline bool wasm_valtype_is_num(const wasm_valtype_t *t) {
  return wasm_valkind_is_num(wasm_valtype_kind(t));
}

static inline bool wasm_valtype_is_ref(const wasm_valtype_t *t) {
  return wasm_valkind_is_ref(wasm_valtype_kind(t));
}

// The value types, by name.
static inline own wasm_valtype_t *wasm_valtype_new_i32(void) {
  return wasm_valtype_new(WASM_I32);
}

static inline own wasm_valtype_t *wasm_valtype_new_i64(void) {
  return wasm_valtype_new(WASM_I64);
}

static inline own wasm_valtype_t *wasm_valtype_new_f32(void) {
  return wasm_valtype_new(WASM_F32);
}

static inline own wasm_valtype_t *wasm_valtype_new_f64(void) {
  return wasm_valtype_new(WASM_F64);
}

static inline own wasm_valtype_t *wasm_valtype_new_externref(void) {
  return wasm_valtype_new(WASM_EXTERNREF);
}

static inline own wasm_valtype_t *wasm_valtype_new_funcref(void) {
  return wasm_valtype_new(WASM_FUNCREF);
}

// A function type of the types in two arrays, all owned; NULL when memory is short.
static inline own wasm_functype_t *wasm_functype_new_of_arrays_(
    size_t param_count, wasm_valtype_t *const param_types[],
    size_t result_count, wasm_valtype_t *const result_types[]) {
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new(&params, param_count, param_types);
  wasm_valtype_vec_new(&results, result_count, result_types);
  if (params.size == param_count && results.size == result_count) {
    return wasm_functype_new(&params, &results);
  }
  wasm_valtype_vec_delete(&params);
  wasm_valtype_vec_delete(&results);
  return NULL;
}

// Function types with up to three parameters and two results: wasm_functype_new_P_R takes P
// parameter types, then R result types, and owns them all.
static inline own wasm_functype_t *wasm_functype_new_0_0(void) {
  return wasm_functype_new_of_arrays_(0, NULL, 0, NULL);
}

static inline own wasm_functype_t *wasm_functype_new_1_0(own wasm_valtype_t *p) {
  wasm_valtype_t *params[] = {p};
  return wasm_functype_new_of_arrays_(1, params, 0, NULL);
}

static inline own wasm_functype_t *wasm_functype_new_2_0(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2) {
  wasm_valtype_t *params[] = {p1, p2};
  return wasm_functype_new_of_arrays_(2, params, 0, NULL);
}

static inline own wasm_functype_t *wasm_functype_new_3_0(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *p3) {
  wasm_valtype_t *params[] = {p1, p2, p3};
  return wasm_functype_new_of_arrays_(3, params, 0, NULL);
}

static inline own wasm_functype_t *wasm_functype_new_0_1(own wasm_valtype_t *r) {
  wasm_valtype_t *results[] = {r};
  return wasm_functype_new_of_arrays_(0, NULL, 1, results);
}

static inline own wasm_functype_t *wasm_functype_new_1_1(
    own wasm_valtype_t *p, own wasm_valtype_t *r) {
  wasm_valtype_t *params[] = {p};
  wasm_valtype_t *results[] = {r};
  return wasm_functype_new_of_arrays_(1, params, 1, results);
}

static inline own wasm_functype_t *wasm_functype_new_2_1(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *r) {
  wasm_valtype_t *params[] = {p1, p2};
  wasm_valtype_t *results[] = {r};
  return wasm_functype_new_of_arrays_(2, params, 1, results);
}

static inline own wasm_functype_t *wasm_functype_new_3_1(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *p3, own wasm_valtype_t *r) {
  wasm_valtype_t *params[] = {p1, p2, p3};
  wasm_valtype_t *results[] = {r};
  return wasm_functype_new_of_arrays_(3, params, 1, results);
}

static inline own wasm_functype_t *wasm_functype_new_0_2(
    own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_t *results[] = {r1, r2};
  return wasm_functype_new_of_arrays_(0, NULL, 2, results);
}

static inline own wasm_functype_t *wasm_functype_new_1_2(
    own wasm_valtype_t *p, own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_t *params[] = {p};
  wasm_valtype_t *results[] = {r1, r2};
  return wasm_functype_new_of_arrays_(1, params, 2, results);
}

static inline own wasm_functype_t *wasm_functype_new_2_2(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2,
    own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_t *params[] = {p1, p2};
  wasm_valtype_t *results[] = {r1, r2};
  return wasm_functype_new_of_arrays_(2, params, 2, results);
}

static inline own wasm_functype_t *wasm_functype_new_3_2(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *p3,
    own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_t *params[] = {p1, p2, p3};
  wasm_valtype_t *results[] = {r1, r2};
  return wasm_functype_new_of_arrays_(3, params, 2, results);
}

// A pointer of the host as a number: an i64, or an i32 where pointers are that short.
static inline void wasm_val_init_ptr(own wasm_val_t *out, void *p) {
#if UINTPTR_MAX > UINT32_MAX
  out->kind = WASM_I64;
  out->of.i64 = (int64_t)(intptr_t)p;
#else
  out->kind = WASM_I32;
  out->of.i32 = (int32_t)(intptr_t)p;
#endif
}

// The pointer that wasm_val_init_ptr stored.
static inline void *wasm_val_ptr(const wasm_val_t *val) {
#if UINTPTR_MAX > UINT32_MAX
  return (void *)(intptr_t)val->of.i64;
#else
  return (void *)(intptr_t)val->of.i32;
#endif
}

// Names that older programs use.
#define WASM_ANYREF WASM_EXTERNREF
#define wasm_valtype_new_anyref wasm_valtype_new_externref
#define wasm_name_new_new_uninitialized wasm_byte_vec_new_uninitialized

#ifdef __cplusplus
}  // extern "C"
#endif

#undef own

#endif  // WASM_H