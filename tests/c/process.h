// Processes and threads of a test's own.

#ifndef PROCESS_H
#define PROCESS_H

#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

// Forks. A child that hangs is ended by an alarm.
static inline pid_t start_child(void) {
  fflush(stdout);
  pid_t child = fork();
  CHECK(child >= 0);
  if (!child) alarm(100);
  return child;
}

// Waits for the end: the exit status, or 128 + the signal.
static inline int outcome_of(pid_t child) {
  int status = 0;
  CHECK(child > 0 && waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static inline size_t memory_now(bool is_resident) {
  unsigned long all = 0, resident = 0;
  FILE* file = fopen("/proc/self/statm", "r");
  CHECK(file && fscanf(file, "%lu %lu", &all, &resident) == 2);
  fclose(file);
  return (is_resident ? resident : all) * (size_t)sysconf(_SC_PAGESIZE);
}

// Bytes of address space that the process has, and bytes of memory that it holds.
static inline size_t address_space_now(void) { return memory_now(false); }
static inline size_t resident_now(void) { return memory_now(true); }

// May be raised again.
static inline void limit_address_space(rlim_t most) {
  struct rlimit limit;
  CHECK(!getrlimit(RLIMIT_AS, &limit));
  limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
  CHECK(!setrlimit(RLIMIT_AS, &limit));
}

// With that much stack; 0 means the system's default.
static inline pthread_t start_thread(size_t stack, void* (*run)(void*), void* argument) {
  pthread_attr_t attributes;
  pthread_t thread;
  CHECK(!pthread_attr_init(&attributes));
  if (stack) CHECK(!pthread_attr_setstacksize(&attributes, stack));
  CHECK(!pthread_create(&thread, &attributes, run, argument));
  pthread_attr_destroy(&attributes);
  return thread;
}

static inline void run_on_thread(size_t stack, void* (*run)(void*), void* argument) {
  CHECK(!pthread_join(start_thread(stack, run, argument), NULL));
}

#endif
