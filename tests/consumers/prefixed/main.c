// Both copies compile and run in turn; they are really two.
#include <stdio.h>

int add_with_plain(int a, int b);
int add_with_other(int a, int b);
const void *plain_code(void);
const void *other_code(void);
int add_in_cxx_with_plain(int a, int b);
int add_in_cxx_with_other(int a, int b);
const void *plain_cxx_code(void);
const void *other_cxx_code(void);

int main(void) {
  if (plain_code() == other_code() || plain_cxx_code() == other_cxx_code()) return 1;
  for (int i = 0; i < 3; i++) {
    if (add_with_plain(40, i) != 40 + i || add_with_other(i, 2) != i + 2) return 1;
    if (add_in_cxx_with_plain(40, i) != 40 + i || add_in_cxx_with_other(i, 2) != i + 2) return 1;
  }
  puts("both copies add");
  return 0;
}
