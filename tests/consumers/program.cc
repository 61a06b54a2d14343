// A program in C++, with the C API and with the C++ one.
#include "program.h"
#include "run_add.hh"
#include <cstdio>

int main() {
  int sum = run_add(40, 2);
  std::printf("40 + 2 = %d\n", sum);
  return sum != 42 || run_add_in_cxx(40, 2) != 42;
}
