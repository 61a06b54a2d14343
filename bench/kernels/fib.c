// Fibonacci numbers by double recursion: nothing but calls and returns.
#include "kernel.h"

static NOINLINE int32_t fib(int32_t n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

int32_t run(int32_t n) { return fib(n); }
