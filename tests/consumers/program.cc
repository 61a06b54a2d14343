// A program in C++.
#include "program.h"
#include <cstdio>

int main() {
  int sum = run_add(40, 2);
  std::printf("40 + 2 = %d\n", sum);
  return sum != 42;
}
