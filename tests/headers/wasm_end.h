
#ifdef __cplusplus
extern "C" {
#endif

/// @addtogroup types
/// @{

/// The value of `max` in `wasm_limits_t` that means no maximum.
static const uint32_t wasm_limits_max_default = 0xffffffff;

/// @}
/// @addtogroup memory
/// @{

/// Bytes in a page of a memory.
static const size_t MEMORY_PAGE_SIZE = 0x10000;

/// @}
/// @addtogroup bytes
/// @{

/// Names are byte vectors. This macro and the following ones give their functions names of their own.
#define wasm_name wasm_byte_vec
/// As `wasm_byte_vec_new`: makes `out` a copy of the bytes.
#define wasm_name_new wasm_byte_vec_new
/// As `wasm_byte_vec_new_empty`.
#define wasm_name_new_empty wasm_byte_vec_new_empty
/// As `wasm_byte_vec_new_uninitialized`.
#define wasm_name_new_uninitialized wasm_byte_vec_new_uninitialized
/// As `wasm_byte_vec_copy`.
#define wasm_name_copy wasm_byte_vec_copy
/// As `wasm_byte_vec_delete`.
#define wasm_name_delete wasm_byte_vec_delete
/// As `wasm_byte_vec_new_uninitialized`, for older programs.
#define wasm_name_new_new_uninitialized wasm_byte_vec_new_uninitialized

/// Initialises a vector without elements.
#define WASM_EMPTY_VEC {0, NULL}
/// Initialises a vector as a view of an array. The array is not copied; do not delete such a vector.
#define WASM_ARRAY_VEC(array) {sizeof(array) / sizeof((array)[0]), array}

/// @}
/// @addtogroup values
/// @{

/// Initialises a value of type i32.
#define WASM_I32_VAL(i) {.kind = WASM_I32, .of = {.i32 = (i)}}
/// Initialises a value of type i64.
#define WASM_I64_VAL(i) {.kind = WASM_I64, .of = {.i64 = (i)}}
/// Initialises a value of type f32.
#define WASM_F32_VAL(z) {.kind = WASM_F32, .of = {.f32 = (z)}}
/// Initialises a value of type f64.
#define WASM_F64_VAL(z) {.kind = WASM_F64, .of = {.f64 = (z)}}
/// Initialises a reference of either kind. The kind is WASM_EXTERNREF in both cases; the type of the
/// parameter, table or global that receives the value decides.
#define WASM_REF_VAL(r) {.kind = WASM_EXTERNREF, .of = {.ref = (r)}}
/// Initialises a value with the null reference.
#define WASM_INIT_VAL {.kind = WASM_EXTERNREF, .of = {.ref = NULL}}

/// @}
/// @addtogroup bytes
/// @{

/// Makes `out` a name with the characters of a C string, without its NUL. The string is copied;
/// the caller owns `out`. Empty when memory is short.
static inline void wasm_name_new_from_string(own wasm_name_t *out, const char *s) {
  wasm_byte_vec_new(out, strlen(s), s);
}

/// Makes `out` a name with the characters of a C string and its NUL, as in messages. The string is
/// copied; the caller owns `out`. Empty when memory is short.
static inline void wasm_name_new_from_string_nt(own wasm_name_t *out, const char *s) {
  wasm_byte_vec_new(out, strlen(s) + 1, s);
}

/// @}
/// @addtogroup values
/// @{

/// Returns whether values of the kind are numbers.
static inline bool wasm_valkind_is_num(wasm_valkind_t k) {
  return k < WASM_EXTERNREF;
}

/// Returns whether values of the kind are references.
static inline bool wasm_valkind_is_ref(wasm_valkind_t k) {
  return k >= WASM_EXTERNREF;
}

/// Returns whether values of the type (borrowed) are numbers.
static inline bool wasm_valtype_is_num(const wasm_valtype_t *t) {
  return wasm_valkind_is_num(wasm_valtype_kind(t));
}

/// Returns whether values of the type (borrowed) are references.
static inline bool wasm_valtype_is_ref(const wasm_valtype_t *t) {
  return wasm_valkind_is_ref(wasm_valtype_kind(t));
}

/// Makes the type i32, owned by the caller. NULL when memory is short.
static inline own wasm_valtype_t *wasm_valtype_new_i32(void) {
  return wasm_valtype_new(WASM_I32);
}

/// Makes the type i64, owned by the caller. NULL when memory is short.
static inline own wasm_valtype_t *wasm_valtype_new_i64(void) {
  return wasm_valtype_new(WASM_I64);
}

/// Makes the type f32, owned by the caller. NULL when memory is short.
static inline own wasm_valtype_t *wasm_valtype_new_f32(void) {
  return wasm_valtype_new(WASM_F32);
}

/// Makes the type f64, owned by the caller. NULL when memory is short.
static inline own wasm_valtype_t *wasm_valtype_new_f64(void) {
  return wasm_valtype_new(WASM_F64);
}

/// Makes the type externref, owned by the caller. NULL when memory is short.
static inline own wasm_valtype_t *wasm_valtype_new_externref(void) {
  return wasm_valtype_new(WASM_EXTERNREF);
}

/// Makes the type funcref, owned by the caller. NULL when memory is short.
static inline own wasm_valtype_t *wasm_valtype_new_funcref(void) {
  return wasm_valtype_new(WASM_FUNCREF);
}

/// @}
/// @addtogroup types
/// @{

/// Makes a function type from two arrays of types, which it takes ownership of. The caller owns the
/// result. NULL when memory is short or a type is NULL. For the functions that follow.
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

/// Makes the function type with no parameters and no results. The caller owns the result.
/// NULL when memory is short.
static inline own wasm_functype_t *wasm_functype_new_0_0(void) {
  return wasm_functype_new_of_arrays_(0, NULL, 0, NULL);
}

/// Makes the function type with one parameter and no results. Takes ownership of the type.
/// The caller owns the result. NULL when memory is short or the type is NULL.
static inline own wasm_functype_t *wasm_functype_new_1_0(own wasm_valtype_t *p) {
  wasm_valtype_t *params[] = {p};
  return wasm_functype_new_of_arrays_(1, params, 0, NULL);
}

/// Makes the function type with two parameters and no results. Takes ownership of the types.
/// The caller owns the result. NULL when memory is short or a type is NULL.
static inline own wasm_functype_t *wasm_functype_new_2_0(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2) {
  wasm_valtype_t *params[] = {p1, p2};
  return wasm_functype_new_of_arrays_(2, params, 0, NULL);
}

/// Makes the function type with three parameters and no results. Takes ownership of the types.
/// The caller owns the result. NULL when memory is short or a type is NULL.
static inline own wasm_functype_t *wasm_functype_new_3_0(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *p3) {
  wasm_valtype_t *params[] = {p1, p2, p3};
  return wasm_functype_new_of_arrays_(3, params, 0, NULL);
}

/// Makes the function type with no parameters and one result. Takes ownership of the type.
/// The caller owns the result. NULL when memory is short or the type is NULL.
static inline own wasm_functype_t *wasm_functype_new_0_1(own wasm_valtype_t *r) {
  wasm_valtype_t *results[] = {r};
  return wasm_functype_new_of_arrays_(0, NULL, 1, results);
}

/// Makes the function type with one parameter and one result. Takes ownership of the types.
/// The caller owns the result. NULL when memory is short or a type is NULL.
static inline own wasm_functype_t *wasm_functype_new_1_1(
    own wasm_valtype_t *p, own wasm_valtype_t *r) {
  wasm_valtype_t *params[] = {p};
  wasm_valtype_t *results[] = {r};
  return wasm_functype_new_of_arrays_(1, params, 1, results);
}

/// Makes the function type with two parameters and one result. Takes ownership of the types.
/// The caller owns the result. NULL when memory is short or a type is NULL.
static inline own wasm_functype_t *wasm_functype_new_2_1(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *r) {
  wasm_valtype_t *params[] = {p1, p2};
  wasm_valtype_t *results[] = {r};
  return wasm_functype_new_of_arrays_(2, params, 1, results);
}

/// Makes the function type with three parameters and one result. Takes ownership of the types.
/// The caller owns the result. NULL when memory is short or a type is NULL.
static inline own wasm_functype_t *wasm_functype_new_3_1(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *p3, own wasm_valtype_t *r) {
  wasm_valtype_t *params[] = {p1, p2, p3};
  wasm_valtype_t *results[] = {r};
  return wasm_functype_new_of_arrays_(3, params, 1, results);
}

/// Makes the function type with no parameters and two results. Takes ownership of the types.
/// The caller owns the result. NULL when memory is short or a type is NULL.
static inline own wasm_functype_t *wasm_functype_new_0_2(
    own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_t *results[] = {r1, r2};
  return wasm_functype_new_of_arrays_(0, NULL, 2, results);
}

/// Makes the function type with one parameter and two results. Takes ownership of the types.
/// The caller owns the result. NULL when memory is short or a type is NULL.
static inline own wasm_functype_t *wasm_functype_new_1_2(
    own wasm_valtype_t *p, own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_t *params[] = {p};
  wasm_valtype_t *results[] = {r1, r2};
  return wasm_functype_new_of_arrays_(1, params, 2, results);
}

/// Makes the function type with two parameters and two results. Takes ownership of the types.
/// The caller owns the result. NULL when memory is short or a type is NULL.
static inline own wasm_functype_t *wasm_functype_new_2_2(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2,
    own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_t *params[] = {p1, p2};
  wasm_valtype_t *results[] = {r1, r2};
  return wasm_functype_new_of_arrays_(2, params, 2, results);
}

/// Makes the function type with three parameters and two results. Takes ownership of the types.
/// The caller owns the result. NULL when memory is short or a type is NULL.
static inline own wasm_functype_t *wasm_functype_new_3_2(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *p3,
    own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_t *params[] = {p1, p2, p3};
  wasm_valtype_t *results[] = {r1, r2};
  return wasm_functype_new_of_arrays_(3, params, 2, results);
}

/// @}
/// @addtogroup values
/// @{

/// Makes `out` a host pointer as a number: an i64, or an i32 where pointers have 32 bits.
static inline void wasm_val_init_ptr(own wasm_val_t *out, void *p) {
#if UINTPTR_MAX > UINT32_MAX
  out->kind = WASM_I64;
  out->of.i64 = (int64_t)(intptr_t)p;
#else
  out->kind = WASM_I32;
  out->of.i32 = (int32_t)(intptr_t)p;
#endif
}

/// Returns the pointer that wasm_val_init_ptr stored in a value.
static inline void *wasm_val_ptr(const wasm_val_t *val) {
#if UINTPTR_MAX > UINT32_MAX
  return (void *)(intptr_t)val->of.i64;
#else
  return (void *)(intptr_t)val->of.i32;
#endif
}

/// As `WASM_EXTERNREF`, for older programs.
#define WASM_ANYREF WASM_EXTERNREF
/// As `wasm_valtype_new_externref`, for older programs.
#define wasm_valtype_new_anyref wasm_valtype_new_externref
/// @}

#ifdef __cplusplus
}  // extern "C"
#endif

#undef own

#endif  // WASM_H