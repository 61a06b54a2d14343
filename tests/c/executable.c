// Systems that do not let a process execute what it has written: what does not need it still works, the rest is
// refused with a message. Each test is a child process, because such rules are permanent.

#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "host.h"
#include "process.h"

enum { UNSUPPORTED = 77, SET_MDWE = 65, REFUSE_EXEC_GAIN = 1 };

// No writable memory becomes executable.
static bool forbid_exec_gain(void) { return prctl(SET_MDWE, REFUSE_EXEC_GAIN, 0L, 0L, 0L) == 0; }

// No mapping becomes executable at all.
static bool forbid_execution(int with_error) {
#define REFUSE_IF_EXECUTABLE(number)                                                             \
  BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),                         \
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3),                                         \
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),                \
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1),                                     \
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ((uint32_t)with_error & SECCOMP_RET_DATA))
  struct sock_filter code[] = {REFUSE_IF_EXECUTABLE(SYS_mmap), REFUSE_IF_EXECUTABLE(SYS_mprotect),
                               BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  struct sock_fprog filter = {sizeof code / sizeof *code, code};
  return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

// So many functions that their code gets pages of its own.
enum { FUNCTIONS = 2000 };

static void put_u32(char** at, uint32_t value) {
  for (; value >= 128; value >>= 7) *(*at)++ = (char)(value | 128);
  *(*at)++ = (char)value;
}

static own wasm_module_t* large_module(wasm_store_t* store) {
  static char bytes[8 * FUNCTIONS];
  static const char head[] = "\0asm\1\0\0\0\1\4\1\x60\0\0\3";
  char* at = bytes + sizeof head - 1;
  memcpy(bytes, head, sizeof head - 1);
  put_u32(&at, FUNCTIONS + 2);
  put_u32(&at, FUNCTIONS);
  memset(at, 0, FUNCTIONS);
  at += FUNCTIONS;
  *at++ = 10;
  put_u32(&at, 3 * FUNCTIONS + 2);
  put_u32(&at, FUNCTIONS);
  for (int i = 0; i < FUNCTIONS; ++i, at += 3) memcpy(at, "\2\0\x0b", 3);
  return wasm_module_new(store, &(wasm_byte_vec_t){(size_t)(at - bytes), bytes});
}

static void everything_works(void) {
  world_t w = open_world("traps");
  CHECK(call_i32(&w, "nested", VALS(I32(1))) == 3);
  own wasm_module_t* module = large_module(w.store);
  CHECK(module);
  wasm_module_delete(module);
  close_world(&w);
}

static int in_child(void (*test)(void)) {
  pid_t child = start_child();
  if (child) return outcome_of(child);
  test();
  exit(0);
}

static void from_the_start(void) {
  if (!forbid_exec_gain()) exit(UNSUPPORTED);
  everything_works();
}

static void after_a_while(void) {
  everything_works();
  if (!forbid_exec_gain()) exit(UNSUPPORTED);
  everything_works();
}

TEST(memory_that_must_not_become_executable_is_not_needed) {
  int outcomes[] = {in_child(from_the_start), in_child(after_a_while)};
  if (outcomes[0] == UNSUPPORTED) SKIP("the kernel cannot forbid it");
  CHECK(outcomes[0] == 0 && outcomes[1] == 0);
}

static bool refused_by_system(void) {
  own wasmrt_error_t* error = wasmrt_last_error();
  wasmrt_error_info_t info = {.struct_size = sizeof info};
  own wasm_message_t message;
  wasmrt_error_info(error, &info);
  wasmrt_error_message(error, &message);
  bool good = info.kind == WASMRT_ERROR_SYSTEM && message_has(&message, "does not let memory be made executable");
  if (!good) fprintf(stderr, "the last error says: %s\n", message.data);
  wasm_name_delete(&message);
  wasmrt_error_delete(error);
  return good;
}

static void nothing_executable(int error) {
  world_t w;
  open_store(&w, NULL);
  own wasm_functype_t* type = functype_of("i", "i");
  if (!forbid_execution(error)) exit(UNSUPPORTED);
  CHECK(!load(w.store, "traps") && refused_by_system());
  CHECK(!large_module(w.store) && refused_by_system());
  CHECK(!wasm_func_new_with_env(w.store, type, ignore, NULL, NULL) && refused_by_system());
  wasm_functype_delete(type);
  close_world(&w);
}

static void with_eperm(void) { nothing_executable(EPERM); }
static void with_eacces(void) { nothing_executable(EACCES); }

// The function exists, but the stub that calls it was not made yet.
static void call_of_a_new_type(void) {
  enum { PARAMS = 200 };  // the stub is larger than others, for which there is no room any more
  char params[PARAMS + 1] = {0};
  wasm_val_t values[PARAMS];
  for (int i = 0; i < PARAMS; ++i) params[i] = 'i', values[i] = I32(i);
  world_t w;
  open_store(&w, NULL);
  own wasm_func_t* host = host_func(w.store, params, "", ignore, NULL, NULL);
  if (!forbid_execution(EPERM)) exit(UNSUPPORTED);
  // Fills the existing chunk, or the stub would still find room in it.
  for (int i = 0; i < 100000; ++i) {
    char letters[18] = {0};
    for (int bit = 0; bit < 17; ++bit) letters[bit] = i >> bit & 1 ? 'i' : 'F';
    own wasm_functype_t* another = functype_of(letters, "");
    own wasm_func_t* func = wasm_func_new_with_env(w.store, another, ignore, NULL, NULL);
    wasm_functype_delete(another);
    if (!func) break;  // kept, with its stub
  }
  CHECK(refused_by_system());
  wasm_val_vec_t args = {PARAMS, values};
  CHECK(says(call_trap(host, args), "does not let memory be made executable"));
  exit(0);
}

TEST(what_cannot_be_made_executable_is_refused_by_name) {
  int outcomes[] = {in_child(with_eperm), in_child(with_eacces), in_child(call_of_a_new_type)};
  if (outcomes[0] == UNSUPPORTED) SKIP("the kernel has no filters for system calls");
  CHECK(outcomes[0] == 0 && outcomes[1] == 0 && outcomes[2] == 0);
}
