// A guest for the test `stress`: what programs with threads are made of, built on atomics as a C library does it.
// A lock, a bounded queue that is waited for from both ends, and a barrier. The instances of all threads have one stack,
// so nothing may lie on it: the compiler keeps all local variables out of memory.

#define WAIT(word, value) __builtin_wasm_memory_atomic_wait32((int*)(word), (int)(value), -1)
#define WAKE(word, count) __builtin_wasm_memory_atomic_notify((int*)(word), (count))
#define EXPORT(name) __attribute__((export_name(name)))
#define LOAD(word) __atomic_load_n(word, __ATOMIC_SEQ_CST)
#define ADD(word, n) __atomic_add_fetch(word, n, __ATOMIC_SEQ_CST)
#define SWAP(word, n) __atomic_exchange_n(word, n, __ATOMIC_SEQ_CST)

enum { ROOM = 16, THREADS = 16 };

static unsigned lock_word;  // 0 free, 1 held, 2 held and awaited
static unsigned items, spaces;  // change when there are more
static int ring[ROOM];
static unsigned head, tail;
static long long total;
static unsigned arrived, phase, bad;
static int rounds[THREADS];

static void lock(void) {
  if (!SWAP(&lock_word, 1)) return;
  while (SWAP(&lock_word, 2)) WAIT(&lock_word, 2);
}

static void unlock(void) {
  if (SWAP(&lock_word, 0) == 2) WAKE(&lock_word, 1);
}

static void put(int value) {
  for (;;) {
    lock();
    unsigned seen = LOAD(&spaces);
    int done = tail - head < ROOM;
    if (done) ring[tail++ % ROOM] = value;
    unlock();
    if (done) break;
    WAIT(&spaces, seen);
  }
  ADD(&items, 1);
  WAKE(&items, 1);
}

static int get(void) {
  int value = 0;
  for (;;) {
    lock();
    unsigned seen = LOAD(&items);
    int done = tail != head;
    if (done) value = ring[head++ % ROOM];
    unlock();
    if (done) break;
    WAIT(&items, seen);
  }
  ADD(&spaces, 1);
  WAKE(&spaces, 1);
  return value;
}

static void barrier(unsigned threads) {
  unsigned now = LOAD(&phase);
  if (ADD(&arrived, 1) == threads) {
    SWAP(&arrived, 0);
    ADD(&phase, 1);
    WAKE(&phase, -1);
  } else {
    while (LOAD(&phase) == now) WAIT(&phase, now);
  }
}

// Half of the threads pass numbers to the other half, which adds them up.
EXPORT("pass") void pass(int number, int threads, int times) {
  for (int i = 1; i <= times; ++i) {
    if (number % 2) {
      put(i);
    } else {
      int value = get();
      lock();
      total += value;
      unlock();
    }
  }
}

// All go through the rounds together; counts where one was ahead or behind.
EXPORT("march") void march(int number, int threads, int times) {
  for (int round = 0; round < times; ++round) {
    rounds[number] = round;
    barrier((unsigned)threads);
    for (int i = 0; i < threads; ++i) {
      if (rounds[i] != round) ADD(&bad, 1);
    }
    barrier((unsigned)threads);
  }
}

EXPORT("total") long long get_total(void) { return total; }
EXPORT("bad") int get_bad(void) { return (int)bad; }
