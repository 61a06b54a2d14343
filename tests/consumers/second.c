// Both libraries at work in one program, in turn.
#include "program.h"

size_t second_catches(size_t count);

int main(void) {
  for (int i = 0; i < 3; i++) {
    if (second_catches(3) != 3) return 1;
    if (run_add(40, i) != 40 + i) return 2;
  }
  puts("40 + 2 = 42");
  return 0;
}
