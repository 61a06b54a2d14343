// Memory that is refused on request: single allocations (malloc, mmap and their family are replaced here, so one file of
// a program includes this), or all beyond a limit of address space. The former also with AddressSanitizer, whose malloc
// does the work then.

#ifndef REFUSE_H
#define REFUSE_H

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process.h"

#ifdef __SANITIZE_ADDRESS__
#define REAL(name) __interceptor_##name
#else
#define REAL(name) __libc_##name
#endif
// What runs before the sanitizer is ready.
#define EARLY __attribute__((no_sanitize_address))
extern void* REAL(malloc)(size_t size);
extern void* REAL(calloc)(size_t count, size_t size);
extern void* REAL(realloc)(void* old, size_t size);
extern void* REAL(memalign)(size_t alignment, size_t size);

// Of `width` requests of a kind from number `first` on, the first of each `every` is refused. Or the system gives no more
// than `first` bytes.
enum { HEAP = 1, PAGES = 2, LIMIT = 4 };
typedef struct {
  int kinds;
  unsigned long first, width, every;
} shortage_t;
static shortage_t shortage;
static atomic_bool is_short;  // not while the test itself works
static atomic_ulong asked_so_far, refused_so_far;

// What malloc has left, taken so that it has to ask the system.
static void** hoard;

static inline void starve_by_limit(void) {
  rlim_t now = address_space_now();
  limit_address_space(now);
  for (size_t size = 1 << 20; size >= 16;) {
    void** piece = malloc(size);
    if (piece) *piece = hoard, hoard = piece;
    else size /= 2;
  }
  limit_address_space(now + shortage.first);
}

static inline void starve(void) {
  if (shortage.kinds & LIMIT) starve_by_limit();
  atomic_store(&is_short, true);
}

static inline void feed(void) {
  atomic_store(&is_short, false);
  if (!(shortage.kinds & LIMIT)) return;
  limit_address_space(RLIM_INFINITY);
  while (hoard) {
    void** next = *hoard;
    free(hoard);
    hoard = next;
  }
}

EARLY static bool is_refused(int kind) {
  if (!atomic_load(&is_short) || !(shortage.kinds & kind)) return false;
  unsigned long number = atomic_fetch_add(&asked_so_far, 1);
  if (number < shortage.first || number - shortage.first >= shortage.width ||
      (number - shortage.first) % shortage.every) {
    return false;
  }
  atomic_fetch_add(&refused_so_far, 1);
  errno = ENOMEM;
  return true;
}

EARLY void* malloc(size_t size) { return is_refused(HEAP) ? NULL : REAL(malloc)(size); }
EARLY void* calloc(size_t count, size_t size) { return is_refused(HEAP) ? NULL : REAL(calloc)(count, size); }
EARLY void* realloc(void* old, size_t size) { return is_refused(HEAP) ? NULL : REAL(realloc)(old, size); }
EARLY void* aligned_alloc(size_t alignment, size_t size) { return is_refused(HEAP) ? NULL : REAL(memalign)(alignment, size); }
EARLY int posix_memalign(void** out, size_t alignment, size_t size) {
  void* memory = is_refused(HEAP) ? NULL : REAL(memalign)(alignment, size);
  if (memory) *out = memory;
  return memory ? 0 : ENOMEM;
}

EARLY static void* map(void* at, size_t size, int protection, int flags, int file, int64_t offset) {
  if (is_refused(PAGES)) return MAP_FAILED;
  return (void*)syscall(SYS_mmap, at, size, protection, flags, file, offset);
}
EARLY void* mmap(void* at, size_t size, int protection, int flags, int file, off_t offset) {
  return map(at, size, protection, flags, file, offset);
}
EARLY void* mmap64(void* at, size_t size, int protection, int flags, int file, off64_t offset) {
  return map(at, size, protection, flags, file, offset);
}

#endif
