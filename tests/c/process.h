// Processes and threads of a test's own.

#ifndef PROCESS_H
#define PROCESS_H

#include <pthread.h>
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
