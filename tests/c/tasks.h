// Background work of an engine, as the host's executor gets it.

#ifndef TASKS_H
#define TASKS_H

#include "host.h"
#include "process.h"

typedef struct {
  wasmrt_run_t run;
  void* task;
} task_t;

static void* run_task(void* argument) {
  task_t task = *(task_t*)argument;
  free(argument);
  task.run(task.task);
  return NULL;
}

// Runs a task on a thread of its own.
static bool start_task(void* env, wasmrt_run_t run, void* task) {
  (void)env;
  task_t* copy = malloc(sizeof *copy);
  *copy = (task_t){run, task};
  CHECK(!pthread_detach(start_thread(0, run_task, copy)));
  return true;
}

#endif
