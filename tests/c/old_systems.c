// Systems that know less than this one: kernels without a list of written pages, without files in memory or without their
// newer flags, containers without /proc. Instances begin with what their module says all the same, also in memory that
// others have written to, and traps stay traps. Each system is a child process whose system calls are refused as the old
// ones would have done it.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "images.h"
#include "process.h"

enum { UNSUPPORTED = 77, GROWN = 20 * PAGE };

// --- What a system lacks ---

enum {
  NO_REQUESTS = 1,     // no list of pages, no queries of mappings: ENOTTY
  NO_NEW_FLAG = 2,     // files in memory cannot be told that nobody executes them: EINVAL
  NO_MEMORY_FILES = 4,
  NO_FILES = 8,        // nothing can be opened, /proc above all
  NO_WIPING = 16,      // no pages that are zeros in children
  NOTHING = 31
};
enum { NOEXEC_SEAL = 8, WIPE_ON_FORK = 18 };

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define REFUSE(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define ALWAYS(number, error) LOAD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), REFUSE(error)
#define IF_FLAG(number, argument, flag, error)                                                   \
  LOAD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3), LOAD(args[argument]),             \
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flag, 0, 1), REFUSE(error)
#define IF_EQUAL(number, argument, value, error)                                                 \
  LOAD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3), LOAD(args[argument]),             \
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1), REFUSE(error)

static const struct sock_filter no_requests[] = {ALWAYS(SYS_ioctl, ENOTTY)};
static const struct sock_filter no_new_flag[] = {IF_FLAG(SYS_memfd_create, 1, NOEXEC_SEAL, EINVAL)};
static const struct sock_filter no_memory_files[] = {ALWAYS(SYS_memfd_create, EPERM)};
static const struct sock_filter no_files[] = {ALWAYS(SYS_open, ENOENT), ALWAYS(SYS_openat, ENOENT)};
static const struct sock_filter no_wiping[] = {IF_EQUAL(SYS_madvise, 2, WIPE_ON_FORK, EINVAL)};
static const struct sock_filter the_rest[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};

static struct sock_filter rules[64];
static unsigned short n_rules;

static void add(const struct sock_filter* from, size_t size) {
  memcpy(rules + n_rules, from, size);
  n_rules += (unsigned short)(size / sizeof *from);
}

static void take_away(int what) {
  if (what & NO_REQUESTS) add(no_requests, sizeof no_requests);
  if (what & NO_NEW_FLAG) add(no_new_flag, sizeof no_new_flag);
  if (what & NO_MEMORY_FILES) add(no_memory_files, sizeof no_memory_files);
  if (what & NO_FILES) add(no_files, sizeof no_files);
  if (what & NO_WIPING) add(no_wiping, sizeof no_wiping);
  add(the_rest, sizeof the_rest);
  struct sock_fprog filter = {n_rules, rules};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)) _exit(UNSUPPORTED);
}

// That the filter does what it should.
static void check_that_it_is_gone(int what) {
  int pipe_ends[2], unused = 0;
  CHECK(!pipe(pipe_ends));
  if (what & NO_REQUESTS) CHECK(ioctl(pipe_ends[0], FIONREAD, &unused) == -1 && errno == ENOTTY);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  if (what & NO_NEW_FLAG) CHECK(memfd_create("a", NOEXEC_SEAL) == -1 && (errno == EINVAL || what & NO_MEMORY_FILES));
  if (what & NO_MEMORY_FILES) CHECK(memfd_create("a", 0) == -1 && errno == EPERM);
  if (what & NO_FILES) CHECK(open("/proc/self/maps", O_RDONLY) == -1 && errno == ENOENT);
  if (!(what & NO_WIPING)) return;
  void* page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(page != MAP_FAILED && madvise(page, 4096, WIPE_ON_FORK) == -1 && errno == EINVAL);
}

// --- What works nevertheless ---

// Read while files can be opened.
static own wasm_byte_vec_t images, traps;

static own wasm_module_t* module_from(wasm_store_t* store, const wasm_byte_vec_t* binary) {
  own wasm_module_t* module = wasm_module_new(store, binary);
  CHECK(module);
  return module;
}

// What is new after growth is zeros; then `size` bytes are written from a place on.
static void grow_and_write(const world_t* w, int32_t at, int32_t size) {
  static char zeros[GROWN - SIZE];
  wasm_memory_t* memory = memory_of(w);
  CHECK(call_i32(w, "grow", VALS(I32(14))) == 6);
  CHECK(memcmp(wasm_memory_data(memory) + SIZE, zeros, sizeof zeros) == 0);
  CHECK(says(call_trap(func_of(w, "load"), VALS(I32(GROWN - 3))), "out of bounds memory access"));
  call(func_of(w, "fill"), VALS(I32(at), I32(size)));
}

// A few pages written, and more than the 256 that are cleaned one by one.
static void use_instances(wasm_store_t* store) {
  world_t first = {.store = store, .module = module_from(store, &images)};
  instantiate(&first, NO_IMPORTS);
  for (int round = 0; round < 6; ++round) {
    world_t a = instance_of(&first), b = instance_of(&first);
    grow_and_write(&a, 0, GROWN);
    if (round % 2) grow_and_write(&b, LAST - 5000, 6000);
    end_instance(&a);
    world_t c = instance_of(&first);
    grow_and_write(&c, 4096, GROWN - 4096);
    end_instance(&c);
    end_instance(&b);
  }
  CHECK(is_fresh(&first));
  end_instance(&first);
  wasm_module_delete(first.module);
}

// Memories without contents, of which those of different sizes use the same places.
static void use_memories(wasm_store_t* store) {
  static char zeros[GROWN];
  for (uint32_t round = 0; round < 12; ++round) {
    uint32_t pages = round % 3 ? 20 : 1;
    own wasm_memory_t* memory = new_memory(store, pages, 30);
    CHECK(memory && memcmp(wasm_memory_data(memory), zeros, pages * PAGE) == 0);
    CHECK(wasm_memory_grow(memory, 5));
    CHECK(memcmp(wasm_memory_data(memory) + pages * PAGE, zeros, 5 * PAGE) == 0);
    memset(wasm_memory_data(memory), 0x77, round % 2 ? wasm_memory_data_size(memory) : 5000);
    wasm_memory_delete(memory);
  }
}

static void use_everything(void) {
  world_t w;
  open_store(&w, NULL);
  use_instances(w.store);
  use_memories(w.store);
  w.module = module_from(w.store, &traps);
  instantiate(&w, NO_IMPORTS);
  use_traps(&w);
  close_world(&w);
}

static void* use_everything_on_a_thread(void* unused) {
  (void)unused;
  use_everything();
  return NULL;
}

// Does all of this on such a system, in a thread and in a child of its own. Before, if asked to, on the system of today: then
// some of what is gone was known to be there.
static int outcome_on_system_without(int what, bool has_begun_before) {
  pid_t child = start_child();
  if (child) return outcome_of(child);
  if (has_begun_before) use_everything();
  take_away(what);
  check_that_it_is_gone(what);
  use_everything();
  run_on_thread(0, use_everything_on_a_thread, NULL);
  pid_t grandchild = start_child();
  if (!grandchild) use_everything();
  else CHECK(outcome_of(grandchild) == 0);
  fflush(stdout);
  _exit(0);  // a sanitizer would look into /proc at the end
}

static bool works_without(int what) {
  read_module("images", &images);
  read_module("traps", &traps);
  int outcomes[] = {outcome_on_system_without(what, false), outcome_on_system_without(what, true)};
  wasm_byte_vec_delete(&images);
  wasm_byte_vec_delete(&traps);
  if (outcomes[0] == UNSUPPORTED) {
    printf("skipped: the kernel has no filters for system calls\n");
    skipped = true;
    return true;
  }
  return outcomes[0] == 0 && outcomes[1] == 0;
}

TEST(memories_begin_like_new_ones_without_a_list_of_written_pages) { CHECK(works_without(NO_REQUESTS)); }
TEST(memories_begin_like_new_ones_without_newer_flags_of_memory_files) { CHECK(works_without(NO_NEW_FLAG)); }
TEST(memories_begin_like_new_ones_without_files_in_memory) { CHECK(works_without(NO_MEMORY_FILES)); }
TEST(memories_begin_like_new_ones_without_proc) { CHECK(works_without(NO_FILES)); }
TEST(memories_begin_like_new_ones_without_pages_that_are_wiped_at_a_fork) { CHECK(works_without(NO_WIPING)); }
TEST(memories_begin_like_new_ones_without_any_of_these) { CHECK(works_without(NOTHING)); }
