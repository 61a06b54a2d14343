// Limits of the host's process, and hosts that call back: guests and hosts get errors, and the process goes on.

#define _GNU_SOURCE
#include "wasi.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

// Sets the soft limit, and returns what it was.
static rlim_t limit(int resource, rlim_t soft) {
  struct rlimit limits;
  CHECK(getrlimit(resource, &limits) == 0);
  rlim_t before = limits.rlim_cur;
  limits.rlim_cur = soft;
  CHECK(setrlimit(resource, &limits) == 0);
  return before;
}

TEST(a_file_that_becomes_longer_than_the_host_may_write_is_an_error_and_no_signal) {
  enum { TOO_BIG = 22, MOST = 1000 };
  char folder[] = "/tmp/wasmrt-limits-XXXXXX", file[64];
  CHECK(mkdtemp(folder));
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_preopen_dir(wasi, folder, "/", WASMRT_WASI_READ_WRITE));
  guest_t g = open_guest(wasi, "calls");
  *at(&g, 100) = 'f';
  CHECK(WASI(&g, "path_open", 3, 0, 100, 1, 1, UINT64_MAX, UINT64_MAX, 0, 200) == OK);
  uint32_t fd = get32(&g, 200);
  put_vector(&g, 0, 0, MOST);
  rlim_t before = limit(RLIMIT_FSIZE, MOST);
  CHECK(WASI(&g, "fd_write", fd, 0, 1, 8) == OK && get32(&g, 8) == MOST);
  put_vector(&g, 0, 0, MOST);
  CHECK(WASI(&g, "fd_write", fd, 0, 1, 8) == TOO_BIG);
  CHECK(WASI(&g, "fd_pwrite", fd, 0, 1, 5000, 8) == TOO_BIG);
  CHECK(WASI(&g, "fd_filestat_set_size", fd, 5000) == TOO_BIG);
  CHECK(WASI(&g, "fd_allocate", fd, 0, 5000) != OK);
  limit(RLIMIT_FSIZE, before);
  CHECK(WASI(&g, "fd_write", fd, 0, 1, 8) == OK);
  close_guest(&g);
  snprintf(file, sizeof file, "%s/f", folder);
  CHECK(unlink(file) == 0 && rmdir(folder) == 0);
}

TEST(a_long_write_to_a_socket_that_nobody_reads_heeds_the_deadline) {
  int ends[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_set_stream_fd(wasi, WASMRT_WASI_STDOUT, ends[0]));
  guest_t g = bind_guest(wasi, "calls");
  CHECK(wasmrt_store_set_deadline(g.w.store, 50 * 1000000));
  instantiate_guest(&g);
  CHECK(wasm_memory_grow(wasm_extern_as_memory(export_of(&g.w, "memory")), 100));
  put_vector(&g, 0, 65536, 100 * 65536);
  own wasm_trap_t* trap = NULL;
  while (!trap) trap = WASI_TRAP(&g, "fd_write", 1, 0, 1, 8);
  CHECK(wasmrt_trap_code(trap) == WASMRT_TRAP_DEADLINE);
  CHECK(!(fcntl(ends[0], F_GETFL) & O_NONBLOCK));
  wasm_trap_delete(trap);
  close(ends[0]), close(ends[1]);
  close_guest(&g);
}

// Writes to an open file that blocks, until the deadline ends one.
static void write_until_the_deadline(int fd, uint32_t size) {
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_set_stream_fd(wasi, WASMRT_WASI_STDOUT, fd));
  guest_t g = bind_guest(wasi, "calls");
  CHECK(wasmrt_store_set_deadline(g.w.store, 50 * 1000000));
  instantiate_guest(&g);
  put_vector(&g, 0, 16, size);
  own wasm_trap_t* trap = NULL;
  while (!trap) trap = WASI_TRAP(&g, "fd_write", 1, 0, 1, 8);
  CHECK(wasmrt_trap_code(trap) == WASMRT_TRAP_DEADLINE);
  CHECK(!(fcntl(fd, F_GETFL) & O_NONBLOCK));
  wasm_trap_delete(trap);
  close_guest(&g);
}

TEST(a_long_write_to_a_terminal_that_has_stopped_heeds_the_deadline) {
  int outer = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  CHECK(outer >= 0 && grantpt(outer) == 0 && unlockpt(outer) == 0);
  int inner = open(ptsname(outer), O_RDWR | O_NOCTTY | O_CLOEXEC);
  CHECK(inner >= 0);
  write_until_the_deadline(inner, 3001);
  close(inner), close(outer);
}

TEST(a_long_write_to_a_pipe_that_nobody_reads_heeds_the_deadline) {
  int ends[2];
  CHECK(pipe2(ends, O_CLOEXEC) == 0);
  write_until_the_deadline(ends[1], 60000);
  close(ends[0]), close(ends[1]);
}

static ptrdiff_t read_nothing(void* env, uint8_t* data, size_t size) {
  (void)env, (void)data, (void)size;
  return 0;
}

static bool no_clock(void* env, uint32_t clock, uint64_t* nanoseconds) {
  (void)env, (void)clock, (void)nanoseconds;
  return false;
}

static void use_context(void* env) { CHECK(wasmrt_wasi_set_env(env, "FINALIZED", "1")); }

TEST(finalizers_may_use_the_context_that_replaces_their_functions) {
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_set_reader(wasi, read_nothing, wasi, use_context));
  CHECK(!wasmrt_wasi_set_reader(wasi, NULL, wasi, use_context));
  CHECK(!wasmrt_wasi_set_writer(wasi, 7, NULL, wasi, use_context));
  CHECK(wasmrt_wasi_inherit_stdio(wasi));
  CHECK(wasmrt_wasi_set_clock(wasi, no_clock, wasi, use_context));
  CHECK(wasmrt_wasi_set_clock(wasi, NULL, NULL, NULL));
  wasmrt_wasi_delete(wasi);
}

TEST(without_descriptors_for_the_streams_nothing_is_bound) {
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_inherit_stream(wasi, WASMRT_WASI_STDERR));
  guest_t g = bind_guest(wasi, "calls");
  rlim_t before = limit(RLIMIT_NOFILE, 3);
  own wasm_extern_vec_t imports;
  bool bound = wasmrt_wasi_imports(wasi, g.w.store, g.w.module, &imports);
  limit(RLIMIT_NOFILE, before);
  CHECK(!bound && imports.size == 0 && wasi_error_says("stream"));
  instantiate_guest(&g);
  put_vector(&g, 0, 0, 0);
  CHECK(WASI(&g, "fd_write", 2, 0, 1, 8) == OK);
  close_guest(&g);
}

TEST(a_descriptor_may_be_waited_for_more_often_than_the_process_has_descriptors) {
  enum { N = 600, EVENTS = N * 48 };
  int ends[2];
  CHECK(pipe2(ends, O_CLOEXEC) == 0 && write(ends[1], "abc", 3) == 3);
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_set_stream_fd(wasi, WASMRT_WASI_STDIN, ends[0]));
  CHECK(wasmrt_wasi_set_stream_fd(wasi, WASMRT_WASI_STDOUT, ends[1]));
  guest_t g = open_guest(wasi, "calls");
  for (uint32_t i = 0; i < N; ++i) {
    memset(at(&g, 48 * i), 0, 48);
    put64(&g, 48 * i, i);
    put32(&g, 48 * i + 8, i % 2 ? 2 : 1);
    put32(&g, 48 * i + 16, i % 2);
  }
  rlim_t before = limit(RLIMIT_NOFILE, 64);
  CHECK(WASI(&g, "poll_oneoff", 0, EVENTS, N, 65000) == OK && get32(&g, 65000) == N);
  limit(RLIMIT_NOFILE, before);
  for (uint32_t i = 0; i < N; ++i) {
    CHECK(get64(&g, EVENTS + 32 * i) == i && get64(&g, EVENTS + 32 * i + 16) == (i % 2 ? 1 : 3));
  }
  close_guest(&g);
  close(ends[0]), close(ends[1]);
}

TEST(more_folders_than_a_guest_can_see_are_refused) {
  struct rlimit limits;
  CHECK(getrlimit(RLIMIT_NOFILE, &limits) == 0);
  if (limits.rlim_max < 2000) SKIP("the process may not have that many descriptors");
  limit(RLIMIT_NOFILE, 2000);
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  int n = 0;
  while (n < 1100 && wasmrt_wasi_preopen_dir(wasi, "/", "/", WASMRT_WASI_READ_ONLY)) ++n;
  CHECK(n == 1021 && wasi_error_says("too many"));
  wasmrt_wasi_delete(wasi);
  limit(RLIMIT_NOFILE, limits.rlim_cur);
}

TEST(arguments_that_memory_is_short_for_are_refused) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("the sanitizer needs the address space");
#endif
  if (slow()) SKIP("valgrind needs the address space");
  enum { SIZE = 600 << 20 };
  char* text = malloc(SIZE);
  CHECK(text);
  memset(text, 'x', SIZE - 1);
  text[SIZE - 1] = '\0';
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  rlim_t before = limit(RLIMIT_AS, (rlim_t)SIZE + (256 << 20));
  CHECK(!wasmrt_wasi_add_args(wasi, (const char* const[]){"a", text}, 2) && wasi_error_says("memory"));
  CHECK(!wasmrt_wasi_set_env(wasi, "A", text) && wasi_error_says("memory"));
  limit(RLIMIT_AS, before);
  free(text);
  CHECK(!wasmrt_wasi_add_args(wasi, (const char* const[]){"a", NULL}, 2));
  guest_t g = open_guest(wasi, "calls");
  CHECK(WASI(&g, "args_sizes_get", 0, 4) == OK && get32(&g, 0) == 0);
  close_guest(&g);
}

// Takes all memory that the process may have; a list of what was taken.
static void* take_all(void) {
  void* taken = NULL;
  for (size_t size = 1 << 20; size >= sizeof taken; size /= 2) {
    for (void** piece; (piece = malloc(size)); taken = piece) *piece = taken;
  }
  return taken;
}

static void give_back(void* taken) {
  for (void* next; taken; taken = next) {
    next = *(void**)taken;
    free(taken);
  }
}

TEST(guest_that_opens_files_when_there_is_no_memory_gets_an_error) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("the sanitizer needs the address space");
#endif
  if (slow()) SKIP("valgrind needs the address space");
  enum { NO_MEMORY = 48 };
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_preopen_dir(wasi, "/", "/", WASMRT_WASI_READ_ONLY));
  guest_t g = open_guest(wasi, "calls");
  memcpy(at(&g, 100), "tmp", 3);
  CHECK(WASI(&g, "path_filestat_get", 3, 0, 100, 3, 200) == OK);
  CHECK(!wasmrt_wasi_set_env(wasi, "A", "b") && wasi_error_says("bound"));
  const wasm_func_t* stat = func_of(&g.w, "path_filestat_get");
  wasm_val_vec_t args = VALS(I32(3), I32(0), I32(100), I32(3), I32(200));
  wasm_val_t result = WASM_INIT_VAL;
  rlim_t before = limit(RLIMIT_AS, (rlim_t)16 << 20);
  void* taken = take_all();
  own wasm_trap_t* trap = wasm_func_call(stat, &args, &(wasm_val_vec_t){1, &result});
  bool is_new = wasmrt_wasi_new() || wasmrt_wasi_set_env(wasi, "A", "b");
  give_back(taken);
  limit(RLIMIT_AS, before);
  CHECK(!trap && result.of.i32 == NO_MEMORY && !is_new && wasi_error_says("memory is short"));
  CHECK(WASI(&g, "path_filestat_get", 3, 0, 100, 3, 200) == OK);
  close_guest(&g);
}

TEST(starting_no_instance_is_no_success) {
  uint32_t code = 77;
  own wasm_trap_t* trap = wasmrt_wasi_start(NULL, &code);
  CHECK(trap && code == 77);
  wasm_trap_delete(trap);
}
