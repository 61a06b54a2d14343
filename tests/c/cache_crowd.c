// Many processes on one cache folder, killed at random: every result is right, and no entry is lost but those that were
// being written. WASMRT_CACHE_SECONDS says how long; the default is short.

#define _GNU_SOURCE
#include <signal.h>
#include <time.h>

#include "cache.h"

enum { PROCESSES = 8, MODULES_USED = 6 };

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

// The same module with other settings is another entry.
static setup_t setup_of(uint64_t which, uint64_t workers) {
  return (setup_t){.compile = which % 2 ? WASMRT_COMPILE_TIERED : WASMRT_COMPILE_OPTIMIZED,
                   .workers = workers,
                   .option = WASMRT_OPTION_MAX_LOCALS,
                   .value = 1000 + which};
}

static int life(const folder_t* folder, unsigned seed) {
  for (;;) {
    world_t w = open_cached(folder, setup_of((unsigned)rand_r(&seed) % MODULES_USED, (unsigned)rand_r(&seed) % 3));
    use_all(&w);
    if (rand_r(&seed) % 2) CHECK(repeat(&w, 20000, 3) == 20000 * 103);
    if (rand_r(&seed) % 4 == 0) CHECK(wasmrt_module_keep(w.module));
    close_world(&w);
  }
}

TEST(processes_that_are_killed_at_random_lose_nothing_and_break_nothing) {
  const char* asked_for = getenv("WASMRT_CACHE_SECONDS");
  const double length = asked_for ? atof(asked_for) : 3;
  folder_t folder = new_folder();
  // These entries are there from the beginning, and must be there at the end.
  for (uint64_t which = 0; which < MODULES_USED; ++which) {
    world_t w = open_cached(&folder, setup_of(which, 0));
    use_all(&w);
    close_world(&w);
  }
  CHECK(entries_in(&folder) == MODULES_USED);
  pid_t children[PROCESSES] = {0};
  unsigned seed = 7, killed = 0;
  for (double end = seconds() + length; seconds() < end;) {
    int i = rand_r(&seed) % PROCESSES;
    if (children[i]) {
      CHECK(!kill(children[i], SIGKILL));
      int outcome = outcome_of(children[i]);
      // Any other end is a result that was wrong.
      CHECK(outcome == 128 + SIGKILL);
      ++killed;
    }
    children[i] = start_child();
    if (!children[i]) {
      alarm((unsigned)length + 100);
      _exit(life(&folder, killed * 8 + (unsigned)i));
    }
    usleep((useconds_t)(rand_r(&seed) % 30000));
    CHECK(entries_in(&folder) == MODULES_USED);
  }
  for (int i = 0; i < PROCESSES; ++i) {
    if (!children[i]) continue;
    CHECK(!kill(children[i], SIGKILL));
    CHECK(outcome_of(children[i]) == 128 + SIGKILL);
  }
  CHECK(killed > 10 || length < 1);
  for (uint64_t which = 0; which < MODULES_USED; ++which) {
    world_t w = open_cached(&folder, setup_of(which, 0));
    use_all(&w);
    CHECK(stats_of(&w).cache_hits == 1 && compiled_in(&w) == 0);
    close_world(&w);
  }
  CHECK(entries_in(&folder) == MODULES_USED);
  remove_folder(&folder);
}
