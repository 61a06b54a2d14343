// Memory refused to every function of libwasmrt-wasi, for hosts and for guests: each single allocation, all from each one
// on, and all beyond a limit of address space. A function succeeds, or fails in words and has done nothing: as soon as
// there is memory again it does what it should. Each attempt is a process of its own.

#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "wasi.h"

#include "../c/process.h"
#include "../c/refuse.h"

// --- Functions for hosts ---

static unsigned long refusals;

// A function that fails has a reason; it is not asked for memory it does not need.
#define MAY_FAIL(call)                     \
  do {                                     \
    starve();                              \
    bool is_done = (call);                 \
    feed();                                \
    if (!is_done) {                        \
      ++refusals;                          \
      CHECK(wasi_error_says(""));          \
      CHECK(call);                         \
    }                                      \
  } while (0)

static int environments, finalized;
static void finalize(void* env) {
  (void)env;
  ++finalized;
}

static intptr_t read_nothing(void* env, uint8_t* data, size_t size) {
  (void)env, (void)data, (void)size;
  return 0;
}
static intptr_t write_all(void* env, const uint8_t* data, size_t size) {
  (void)env, (void)data;
  return (intptr_t)size;
}
static bool tell_time(void* env, uint32_t clock, uint64_t* nanoseconds) {
  (void)env, (void)clock;
  *nanoseconds = 7;
  return true;
}
static bool fill(void* env, uint8_t* data, size_t size) {
  (void)env;
  memset(data, 4, size);
  return true;
}
static unsigned long traced;
static void trace(void* env, const char* name, const uint64_t* args, size_t n_args, int32_t result) {
  (void)env, (void)name, (void)args, (void)n_args, (void)result;
  ++traced;
}

static char folder[256], path[300];

static own wasmrt_wasi_t* set_up(const int sockets[2]) {
  own wasmrt_wasi_t* wasi = NULL;
  MAY_FAIL((wasi = wasmrt_wasi_new()) != NULL);
  MAY_FAIL(wasmrt_wasi_add_args(wasi, (const char* const[]){"program", "first", "second"}, 3));
  MAY_FAIL(wasmrt_wasi_inherit_args(wasi));
  MAY_FAIL(wasmrt_wasi_inherit_env(wasi));
  MAY_FAIL(wasmrt_wasi_set_env(wasi, "NAME", "value"));
  MAY_FAIL(wasmrt_wasi_inherit_stdio(wasi));
  MAY_FAIL(wasmrt_wasi_inherit_stream(wasi, WASMRT_WASI_STDIN));
  MAY_FAIL(wasmrt_wasi_set_stream_file(wasi, WASMRT_WASI_STDERR, path));
  MAY_FAIL(wasmrt_wasi_set_stream_fd(wasi, WASMRT_WASI_STDERR, sockets[1]));
  MAY_FAIL((++environments, wasmrt_wasi_set_reader(wasi, read_nothing, NULL, finalize)));
  MAY_FAIL((++environments, wasmrt_wasi_set_writer(wasi, WASMRT_WASI_STDERR, write_all, NULL, finalize)));
  MAY_FAIL(wasmrt_wasi_set_input(wasi, &(wasm_byte_vec_t){5, (char[]){"input"}}));
  MAY_FAIL(wasmrt_wasi_capture(wasi, WASMRT_WASI_STDOUT, 1 << 20));
  MAY_FAIL((++environments, wasmrt_wasi_set_clock(wasi, tell_time, NULL, finalize)));
  MAY_FAIL((++environments, wasmrt_wasi_set_random(wasi, fill, NULL, finalize)));
  MAY_FAIL((++environments, wasmrt_wasi_set_trace(wasi, trace, NULL, finalize)));
  MAY_FAIL(wasmrt_wasi_preopen_dir(wasi, folder, "/", WASMRT_WASI_READ_WRITE));
  MAY_FAIL(wasmrt_wasi_preopen_socket(wasi, sockets[0]));
  return wasi;
}

static own wasm_func_t* func(wasmrt_wasi_t* wasi, wasm_store_t* store, const char* module, const char* name) {
  const wasm_name_t module_name = {strlen(module), (char*)(uintptr_t)module};
  const wasm_name_t func_name = {strlen(name), (char*)(uintptr_t)name};
  return wasmrt_wasi_func(wasi, store, &module_name, &func_name);
}

static void bind_module(wasmrt_wasi_t* wasi, world_t* w) {
  own wasm_extern_vec_t imports;
  MAY_FAIL(wasmrt_wasi_imports(wasi, w->store, w->module, &imports));
  CHECK(imports.size == 46);
  instantiate(w, imports);
  wasm_extern_vec_delete(&imports);
  own wasm_func_t* exit_func = NULL;
  MAY_FAIL((exit_func = func(wasi, w->store, "wasi_snapshot_preview1", "proc_exit")) != NULL);
  wasm_func_delete(exit_func);
  // Defining goes on where it has stopped, so it is tried with a linker of its own each time.
  for (int i = 0; i < 2; ++i) {
    own wasmrt_linker_t* linker = wasmrt_linker_new(w->store);
    if (i == 0) starve();
    bool is_done = wasmrt_wasi_define(wasi, w->store, linker);
    feed();
    CHECK(is_done || (i == 0 && wasi_error_says("")));
    wasmrt_linker_delete(linker);
  }
}

// --- Functions for guests ---

static guest_t guest;

static void guest_call(int32_t expected, const char* name, int n, ...) {
  const wasm_func_t* called = func_of(&guest.w, name);
  own wasm_functype_t* type = wasm_func_type(called);
  const wasm_valtype_vec_t* params = wasm_functype_params(type);
  CHECK(params->size == (size_t)n);
  wasm_val_t args[9], result = WASM_INIT_VAL;
  va_list list;
  va_start(list, n);
  for (int i = 0; i < n; ++i) {
    int64_t arg = va_arg(list, int64_t);
    bool wide = wasm_valtype_kind(params->data[i]) == WASM_I64;
    args[i] = wide ? (wasm_val_t)WASM_I64_VAL(arg) : (wasm_val_t)WASM_I32_VAL((int32_t)arg);
  }
  va_end(list);
  wasm_val_vec_t given = {(size_t)n, args}, results = {1, &result};
  for (int i = 0;; ++i) {
    if (i == 0) starve();
    own wasm_trap_t* trap = wasm_func_call(called, &given, &results);
    feed();
    if (trap) {
      CHECK(i == 0 && says(trap, "out of memory"));  // the engine had none for the call
    } else if (i == 0 && result.of.i32 == 48) {
      ++refusals;  // ENOMEM
    } else {
      if (result.of.i32 != expected) fprintf(stderr, "%s: %d instead of %d\n", name, result.of.i32, expected);
      CHECK(result.of.i32 == expected);
      break;
    }
  }
  wasm_functype_delete(type);
}

#define CALL(name, ...) guest_call(OK, name, COUNT(__VA_ARGS__), JOIN(WIDE, COUNT(__VA_ARGS__))(__VA_ARGS__))

// Texts and results in the guest's memory.
enum { DIR_NAME = 16, FILE_NAME = 32, LINK_NAME = 48, OTHER_NAME = 64, VECTORS = 80, OUT = 256, BUFFER = 1024 };

static void use_strings_and_clocks(void) {
  CALL("args_sizes_get", OUT, OUT + 8);
  CHECK(get32(&guest, OUT) > 3);  // and those of this process
  CALL("args_get", OUT, BUFFER);
  CHECK(strcmp(at(&guest, get32(&guest, OUT + 8)), "second") == 0);
  CALL("environ_sizes_get", OUT, OUT + 8);
  CALL("environ_get", OUT, BUFFER);
  CALL("clock_res_get", 0, OUT);
  CALL("clock_time_get", 0, 0, OUT);
  CHECK(get64(&guest, OUT) == 7);
  CALL("random_get", OUT, 8);
  CHECK(get32(&guest, OUT) == 0x04040404);
}

static void use_file(uint32_t fd) {
  put_vector(&guest, VECTORS, FILE_NAME, 4);
  put_vector(&guest, VECTORS + 8, FILE_NAME, 4);
  CALL("fd_write", fd, VECTORS, 2, OUT);
  CALL("fd_pwrite", fd, VECTORS, 1, 8, OUT);
  CALL("fd_seek", fd, 0, 0, OUT);
  CALL("fd_tell", fd, OUT);
  put_vector(&guest, VECTORS, BUFFER, 4);
  CALL("fd_read", fd, VECTORS, 1, OUT);
  CHECK(memcmp(at(&guest, BUFFER), "file", 4) == 0);
  CALL("fd_pread", fd, VECTORS, 1, 8, OUT);
  CALL("fd_advise", fd, 0, 0, 0);
  CALL("fd_allocate", fd, 0, 100);
  CALL("fd_sync", fd);
  CALL("fd_datasync", fd);
  CALL("fd_fdstat_get", fd, OUT);
  CALL("fd_fdstat_set_flags", fd, 1);
  CALL("fd_fdstat_set_rights", fd, 0x1fffffff & get64(&guest, OUT + 8), 0);
  CALL("fd_filestat_get", fd, OUT);
  CHECK(get64(&guest, OUT + 32) == 100);
  CALL("fd_filestat_set_size", fd, 10);
  CALL("fd_filestat_set_times", fd, 1, 2, 5);
}

static void use_names(void) {
  CALL("path_filestat_get", 3, 1, FILE_NAME, 4, OUT);
  CHECK(get64(&guest, OUT + 32) == 10);
  CALL("path_filestat_set_times", 3, 0, FILE_NAME, 4, 1, 2, 5);
  CALL("path_link", 3, 0, FILE_NAME, 4, 3, OTHER_NAME, 5);
  CALL("path_symlink", FILE_NAME, 4, 3, LINK_NAME, 4);
  CALL("path_readlink", 3, LINK_NAME, 4, BUFFER, 100, OUT);
  CHECK(get32(&guest, OUT) == 4);
  CALL("path_unlink_file", 3, LINK_NAME, 4);
  CALL("path_rename", 3, OTHER_NAME, 5, 3, LINK_NAME, 4);
  CALL("path_unlink_file", 3, LINK_NAME, 4);
  CALL("path_unlink_file", 3, FILE_NAME, 4);
  CALL("path_remove_directory", 3, DIR_NAME, 3);
}

static void use_files(void) {
  memcpy(at(&guest, DIR_NAME), "dir", 3);
  memcpy(at(&guest, FILE_NAME), "file", 4);
  memcpy(at(&guest, LINK_NAME), "link", 4);
  memcpy(at(&guest, OTHER_NAME), "other", 5);
  CALL("fd_prestat_get", 3, OUT);
  CALL("fd_prestat_dir_name", 3, BUFFER, 100);
  CALL("path_create_directory", 3, DIR_NAME, 3);
  // Create, and fail if it exists: a failure must not have made it.
  CALL("path_open", 3, 0, FILE_NAME, 4, 5, 0x1fffffff, 0, 0, OUT);
  uint32_t fd = get32(&guest, OUT);
  CHECK(fd == 5);
  use_file(fd);
  CALL("path_open", 3, 0, FILE_NAME, 4, 0, 2, 0, 0, OUT);
  CHECK(get32(&guest, OUT) == 6);
  CALL("fd_renumber", 6, fd);
  CALL("fd_close", fd);
  CALL("fd_readdir", 3, BUFFER, 1000, 0, OUT);
  use_names();
}

static void use_the_rest(void) {
  put64(&guest, BUFFER, 1);      // userdata
  put32(&guest, BUFFER + 8, 0);  // a clock
  put32(&guest, BUFFER + 16, 1);
  put64(&guest, BUFFER + 24, 0);
  put32(&guest, BUFFER + 40, 0);
  put64(&guest, BUFFER + 48, 2);
  put32(&guest, BUFFER + 56, 2);  // a socket to write to
  put32(&guest, BUFFER + 64, 4);
  CALL("poll_oneoff", BUFFER, BUFFER + 1000, 2, OUT);
  put_vector(&guest, VECTORS, FILE_NAME, 4);
  CALL("sock_send", 4, VECTORS, 1, 0, OUT);
  put_vector(&guest, VECTORS, BUFFER, 4);
  CALL("sock_recv", 4, VECTORS, 1, 0, OUT, OUT + 8);
  CALL("sock_shutdown", 4, 3);
  guest_call(76, "sock_accept", 3, (int64_t)4, (int64_t)0, (int64_t)OUT);  // it does not listen
  guest_call(OK, "sched_yield", 0);
  guest_call(E_NOSYS, "proc_raise", 1, (int64_t)1);
  CALL("fd_read", 0, VECTORS, 1, OUT);
  CHECK(memcmp(at(&guest, BUFFER), "inpu", 4) == 0);
  put_vector(&guest, VECTORS, FILE_NAME, 4);
  CALL("fd_write", 1, VECTORS, 1, OUT);
  CALL("fd_write", 2, VECTORS, 1, OUT);
}

// --- A life ---

static void take_output(void) {
  own wasm_byte_vec_t output;
  MAY_FAIL(wasmrt_wasi_take_output(guest.wasi, WASMRT_WASI_STDOUT, &output));
  CHECK(output.size == 4 && memcmp(output.data, "file", 4) == 0);
  wasm_byte_vec_delete(&output);
}

static void check_exit(void) {
  const wasm_func_t* exit_func = func_of(&guest.w, "proc_exit");
  wasm_val_vec_t code = VALS(I32(3)), none = NO_VALS;
  starve();
  own wasm_trap_t* trap = wasm_func_call(exit_func, &code, &none);
  uint32_t found = 0;
  bool has_code = wasmrt_wasi_exit_code(trap, &found);
  feed();
  CHECK(trap && (has_code ? found == 3 : says(trap, "out of memory")));
  if (has_code) wasm_trap_delete(trap);
}

// What it does not export is not mistaken for what could not be found.
static void start(const wasm_module_t* hello) {
  world_t w = {.store = wasm_store_new(guest.w.engine)};
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(w.store && wasi && wasmrt_wasi_capture(wasi, WASMRT_WASI_STDOUT, 100));
  w.module = wasm_module_copy(hello);
  own wasm_extern_vec_t imports;
  CHECK(wasmrt_wasi_imports(wasi, w.store, w.module, &imports));
  instantiate(&w, imports);
  wasm_extern_vec_delete(&imports);
  uint32_t code = 99;
  starve();
  own wasm_trap_t* trap = wasmrt_wasi_start(w.instance, &code);
  feed();
  if (trap) {
    ++refusals;
    CHECK(code == 99 && has_message(trap));
  } else {
    own wasm_byte_vec_t output;
    CHECK(code == 7 && wasmrt_wasi_take_output(wasi, WASMRT_WASI_STDOUT, &output) && output.size > 0);
    wasm_byte_vec_delete(&output);
  }
  wasmrt_wasi_delete(wasi);
  close_but_engine(&w);
}

static void live(const wasm_module_t* hello) {
  int sockets[2], peer[2];
  CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) && !socketpair(AF_UNIX, SOCK_STREAM, 0, peer));
  CHECK(write(sockets[1], "answer", 6) == 6);
  guest.wasi = set_up((const int[]){sockets[0], peer[0]});
  bind_module(guest.wasi, &guest.w);
  use_strings_and_clocks();
  use_files();
  use_the_rest();
  take_output();
  check_exit();
  start(hello);
  CHECK(traced > 50);
  starve();
  own wasm_message_t text;
  wasmrt_wasi_last_error(&text);
  wasm_name_delete(&text);
  wasmrt_wasi_delete(guest.wasi);
  feed();
  close_world(&guest.w);
  CHECK(finalized == environments);
  fflush(stdout);
  _exit(atomic_load(&refused_so_far) || shortage.kinds & LIMIT ? refusals ? 20 : 21 : 0);
}

static int try(const wasm_module_t* hello, shortage_t kind) {
  pid_t child = start_child();
  if (!child) {
    shortage = kind;
    live(hello);
  }
  return outcome_of(child);
}

// Everything that children share is made before.
static own wasm_module_t* prepare(void) {
  snprintf(folder, sizeof folder, "/tmp/wasmrt-starved-XXXXXX");
  CHECK(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/stream", folder);
  CHECK(!setenv("OF_THE_HOST", "1", 1));
  open_store(&guest.w, "calls");
  return load(guest.w.store, "hello");
}

static void clean_up(own wasm_module_t* hello) {
  wasm_module_delete(hello);
  close_world(&guest.w);
  char command[300];
  snprintf(command, sizeof command, "rm -r %s", folder);
  CHECK(!system(command));
}

#ifdef __SANITIZE_ADDRESS__
enum { STEP = 29 };
#else
enum { STEP = 7 };
#endif

// Goes through all requests until none is left to refuse.
static void sweep(int kinds, unsigned long width, unsigned long every) {
  own wasm_module_t* hello = prepare();
  unsigned long from = 0;
  int lived_on = 0, refused = 0, bad = 0;
  for (;; from += STEP) {
    int outcome = try(hello, (shortage_t){kinds, from, width, every});
    if (outcome == 0) break;
    lived_on += outcome == 21;
    refused += outcome == 20;
    if (outcome < 20 || outcome > 21) {
      fprintf(stderr, "from request %lu on: outcome %d\n", from, outcome);
      if (++bad > 10) break;
    }
  }
  printf("%lu requests; lived on %d, refused something %d\n", from, lived_on, refused);
  CHECK(bad == 0 && from >= 50 && refused > 0);
  clean_up(hello);
}

TEST(any_single_allocation_may_fail) { sweep(HEAP, 1, 1); }
TEST(allocations_may_fail_for_a_while) { sweep(HEAP, 20, 1); }
TEST(all_allocations_may_fail_from_any_point_on) { sweep(HEAP, ~0ul, 1); }
TEST(nothing_at_all_may_be_had_from_any_point_on) { sweep(HEAP | PAGES, ~0ul, 1); }

TEST(every_limit_of_address_space_does_no_harm) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("the sanitizer needs all of the address space");
#endif
  own wasm_module_t* hello = prepare();
  for (unsigned long more = 0; more <= 4 << 20; more += more < 65536 ? 4096 : 524288) {
    int outcome = try(hello, (shortage_t){.kinds = LIMIT, .first = more});
    if (outcome != 20 && outcome != 21) fprintf(stderr, "with %lu bytes more: outcome %d\n", more, outcome);
    CHECK(outcome == 20 || outcome == 21);
  }
  clean_up(hello);
}

TEST(what_hosts_and_guests_size_is_refused_and_nothing_is_lost) {
  enum { LARGE = 600000 };  // of these, the reserve could serve some
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  char* large = malloc(LARGE + 1);
  CHECK(wasi && large);
  memset(large, 'x', LARGE);
  large[LARGE] = '\0';
  shortage = (shortage_t){HEAP, 0, ~0ul, 1};
  for (int i = 0; i < 20; ++i) {
    starve();
    bool is_done = wasmrt_wasi_add_args(wasi, (const char* const[]){"small", large}, 2) ||
                   wasmrt_wasi_set_env(wasi, "LARGE", large) ||
                   wasmrt_wasi_set_input(wasi, &(wasm_byte_vec_t){LARGE, large});
    feed();
    CHECK(!is_done && wasi_error_says("memory"));
  }
  CHECK(wasmrt_wasi_add_args(wasi, (const char* const[]){large}, 1));
  CHECK(wasmrt_wasi_capture(wasi, WASMRT_WASI_STDOUT, LARGE));
  guest = open_guest(wasi, "calls");
  put_vector(&guest, VECTORS, 0, 60000);
  wasm_val_vec_t args = VALS(I32(1), I32(VECTORS), I32(1), I32(OUT));
  const wasm_func_t* write_func = func_of(&guest.w, "fd_write");
  CHECK(i32_of(call(write_func, args)) == OK);
  starve();
  int32_t errno_of_guest = i32_of(call(write_func, args));
  own wasm_byte_vec_t output;
  bool is_taken = wasmrt_wasi_take_output(wasi, WASMRT_WASI_STDOUT, &output);
  feed();
  CHECK(errno_of_guest == 48 && !is_taken && output.size == 0);
  CHECK(wasmrt_wasi_take_output(wasi, WASMRT_WASI_STDOUT, &output) && output.size == 60000);
  CHECK(WASI(&guest, "args_sizes_get", OUT, OUT + 4) == OK && get32(&guest, OUT) == 1);
  wasm_byte_vec_delete(&output);
  close_guest(&guest);
  free(large);
}

TEST(a_start_that_cannot_be_made_is_not_taken_for_a_guest_that_has_ended) {
  uint32_t code = 99;
  own wasm_trap_t* trap = wasmrt_wasi_start(NULL, &code);
  CHECK(trap && code == 99 && has_message(trap) && wasi_error_says("NULL"));
  guest_t g = open_guest(wasmrt_wasi_new(), "hello");
  own wasm_instance_t* instance = wasm_instance_copy(g.w.instance);
  close_guest(&g);
  trap = wasmrt_wasi_start(instance, &code);
  CHECK(trap && code == 99 && has_message(trap) && wasi_error_says("deleted"));
  wasm_instance_delete(instance);
}
