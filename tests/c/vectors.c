// Vectors: plain structs whose buffers the library allocates. What is true of one kind is true of all.

#include "host.h"

// The vectors of pointers, with a way to make one element and to recognise a copy of it.
static own wasm_name_t name_of(const char* text) {
  own wasm_name_t name;
  wasm_name_new_from_string(&name, text);
  return name;
}

static own wasm_valtype_t* a_valtype(void) { return wasm_valtype_new_i64(); }
static own wasm_functype_t* a_functype(void) { return functype_of("i", "I"); }
static own wasm_globaltype_t* a_globaltype(void) { return wasm_globaltype_new(wasm_valtype_new_i32(), WASM_VAR); }
static own wasm_memorytype_t* a_memorytype(void) { return wasm_memorytype_new(&(wasm_limits_t){1, 2}); }
static own wasm_tagtype_t* a_tagtype(void) { return wasm_tagtype_new(functype_of("i", "")); }
static own wasm_externtype_t* an_externtype(void) { return wasm_functype_as_externtype(a_functype()); }
static own wasm_tabletype_t* a_tabletype(void) {
  return wasm_tabletype_new(wasm_valtype_new_funcref(), &(wasm_limits_t){1, 2});
}
static own wasm_importtype_t* an_importtype(void) {
  own wasm_name_t module = name_of("m"), name = name_of("n");
  return wasm_importtype_new(&module, &name, an_externtype());
}
static own wasm_exporttype_t* an_exporttype(void) {
  own wasm_name_t name = name_of("n");
  return wasm_exporttype_new(&name, an_externtype());
}

#define FOR_EACH_TYPE(X)                                                                                  \
  X(valtype, a_valtype) X(functype, a_functype) X(globaltype, a_globaltype) X(tabletype, a_tabletype)     \
  X(memorytype, a_memorytype) X(tagtype, a_tagtype) X(externtype, an_externtype)                          \
  X(importtype, an_importtype) X(exporttype, an_exporttype)

// Out parameters are uninitialised memory: the old content is garbage that must not be read.
#define RUBBISH {(size_t)0x5a5a5a5a5a, (void*)0x5a5a5a5a5a58}
#define IS_EMPTY(v) ((v).size == 0 && (v).data == NULL)

#define EMPTY_AND_DELETED_TWICE(name, make)              \
  {                                                      \
    own wasm_##name##_vec_t v = RUBBISH;                 \
    wasm_##name##_vec_new_empty(&v);                     \
    CHECK(IS_EMPTY(v));                                  \
    wasm_##name##_vec_delete(&v);                        \
    wasm_##name##_vec_delete(&v);                        \
    CHECK(IS_EMPTY(v));                                  \
    wasm_##name##_vec_delete(NULL);                      \
    wasm_##name##_vec_new_empty(NULL);                   \
  }
TEST(empty_vector_can_be_deleted_twice) {
  FOR_EACH_TYPE(EMPTY_AND_DELETED_TWICE)
  EMPTY_AND_DELETED_TWICE(extern, )
  EMPTY_AND_DELETED_TWICE(frame, )
  EMPTY_AND_DELETED_TWICE(byte, )
  EMPTY_AND_DELETED_TWICE(val, )
}

#define FULL_OF_NULL(name, make)                              \
  {                                                           \
    own wasm_##name##_vec_t v = RUBBISH, copy = RUBBISH;      \
    wasm_##name##_vec_new_uninitialized(&v, 3);               \
    CHECK(v.size == 3 && !v.data[0] && !v.data[2]);           \
    wasm_##name##_vec_copy(&copy, &v);                        \
    CHECK(copy.size == 3 && !copy.data[1]);                   \
    wasm_##name##_vec_delete(&copy);                          \
    wasm_##name##_vec_delete(&v);                             \
    CHECK(IS_EMPTY(v) && IS_EMPTY(copy));                     \
  }
TEST(vector_that_nobody_filled_can_be_copied_and_deleted) {
  FOR_EACH_TYPE(FULL_OF_NULL)
  FULL_OF_NULL(extern, )
  FULL_OF_NULL(frame, )
}

#define OWNS_ELEMENTS(name, make)                             \
  {                                                           \
    own wasm_##name##_t* two[] = {make(), make()};            \
    own wasm_##name##_vec_t v = RUBBISH, copy = RUBBISH;      \
    wasm_##name##_vec_new(&v, 2, two);                        \
    CHECK(v.size == 2 && v.data != two && v.data[0] == two[0]); \
    wasm_##name##_vec_copy(&copy, &v);                        \
    CHECK(copy.size == 2 && copy.data[0] && copy.data[0] != v.data[0]); \
    wasm_##name##_vec_delete(&v);                             \
    own wasm_##name##_t* still = wasm_##name##_copy(copy.data[1]); \
    CHECK(still);                                             \
    wasm_##name##_delete(still);                              \
    wasm_##name##_vec_delete(&copy);                          \
  }
TEST(vector_owns_its_elements_and_its_copy_has_others) { FOR_EACH_TYPE(OWNS_ELEMENTS) }

#define NULL_DATA(name, make)                      \
  {                                                \
    own wasm_##name##_vec_t v = RUBBISH;           \
    wasm_##name##_vec_new(&v, 4, NULL);            \
    CHECK(IS_EMPTY(v));                            \
    CHECK(has_error());                            \
    wasm_##name##_vec_new(&v, 0, NULL);            \
    CHECK(v.size == 0);                            \
    wasm_##name##_vec_delete(&v);                  \
  }
TEST(size_without_data_is_refused) {
  FOR_EACH_TYPE(NULL_DATA)
  NULL_DATA(extern, )
  NULL_DATA(frame, )
  NULL_DATA(byte, )
  NULL_DATA(val, )
}

#define COPY_OF_NULL(name, make)                   \
  {                                                \
    own wasm_##name##_vec_t v = RUBBISH;           \
    wasm_##name##_vec_copy(&v, NULL);              \
    CHECK(IS_EMPTY(v));                            \
    wasm_##name##_vec_copy(NULL, &v);              \
  }
TEST(copy_of_no_vector_is_an_empty_one) {
  FOR_EACH_TYPE(COPY_OF_NULL)
  COPY_OF_NULL(extern, )
  COPY_OF_NULL(frame, )
  COPY_OF_NULL(byte, )
  COPY_OF_NULL(val, )
}

#define TOO_LARGE(name, make)                                            \
  {                                                                      \
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX / 8, SIZE_MAX / 16, ((size_t)1 << 60) + 1}; \
    for (size_t i = 0; i < 4; ++i) {                                     \
      own wasm_##name##_vec_t v = RUBBISH;                               \
      wasm_##name##_vec_new_uninitialized(&v, sizes[i]);                 \
      CHECK(IS_EMPTY(v));                                                \
      CHECK(has_error());                                                \
    }                                                                    \
  }
TEST(vector_larger_than_memory_is_refused_in_words) {
  if (slow()) SKIP("valgrind calls sizes like these an error of their own");
  FOR_EACH_TYPE(TOO_LARGE)
  TOO_LARGE(extern, )
  TOO_LARGE(frame, )
  TOO_LARGE(byte, )
  TOO_LARGE(val, )
}

TEST(bytes_are_copied_in_and_zero_when_uninitialised) {
  char text[] = "bytes";
  own wasm_byte_vec_t v = RUBBISH, copy = RUBBISH;
  wasm_byte_vec_new(&v, 5, text);
  text[0] = 'X';
  CHECK(v.size == 5 && memcmp(v.data, "bytes", 5) == 0);
  wasm_byte_vec_copy(&copy, &v);
  CHECK(copy.data != v.data && memcmp(copy.data, "bytes", 5) == 0);
  wasm_byte_vec_delete(&v);
  wasm_byte_vec_delete(&copy);
  wasm_byte_vec_new_uninitialized(&v, 100);
  for (size_t i = 0; i < 100; ++i) CHECK(v.data[i] == 0);
  wasm_byte_vec_delete(&v);
}

TEST(vector_may_be_shortened_before_it_is_deleted) {
  own wasm_byte_vec_t v;
  wasm_byte_vec_new_uninitialized(&v, 1000);
  v.size = 10;
  wasm_byte_vec_delete(&v);
  wasm_byte_vec_new_uninitialized(&v, 1000);
  v.size = 0;
  wasm_byte_vec_delete(&v);
  CHECK(IS_EMPTY(v));
}

TEST(names_come_from_strings_with_or_without_their_end) {
  own wasm_name_t with, without;
  wasm_name_new_from_string_nt(&with, "abc");
  wasm_name_new_from_string(&without, "abc");
  CHECK(with.size == 4 && without.size == 3 && memcmp(with.data, without.data, 3) == 0);
  wasm_name_delete(&with);
  wasm_name_delete(&without);
}

TEST(values_that_nobody_set_are_null_references) {
  own wasm_val_vec_t v = RUBBISH;
  wasm_val_vec_new_uninitialized(&v, 3);
  for (size_t i = 0; i < 3; ++i) CHECK(v.data[i].kind == WASM_EXTERNREF && v.data[i].of.ref == NULL);
  wasm_val_vec_delete(&v);
  CHECK(IS_EMPTY(v));
}
