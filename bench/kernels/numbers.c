// Reading and printing decimal numbers: digit loops with 64-bit multiplication
// and division by ten, and decimal fractions scaled into doubles.
#include "kernel.h"

static char text[32768];

static size_t print(char *out, uint64_t value, unsigned decimals) {
  char digits[24];
  size_t count = 0, written = 0;
  do {
    digits[count++] = (char)('0' + value % 10);
    value /= 10;
    if (count == decimals) digits[count++] = '.';
  } while (value || count <= decimals);
  while (count) out[written++] = digits[--count];
  return written;
}

static double read(const char **at) {
  const char *p = *at;
  uint64_t mantissa = 0;
  int scale = 0, after_point = 0;
  for (; *p != ' '; p++) {
    if (*p == '.') {
      after_point = 1;
      continue;
    }
    mantissa = mantissa * 10 + (uint64_t)(*p - '0');
    scale += after_point;
  }
  double value = (double)mantissa;
  while (scale-- > 0) value /= 10;
  *at = p + 1;
  return value;
}

int32_t run(int32_t n) {
  uint32_t sum = 0, seed = 11;
  for (int32_t round = 0; round < n; round++) {
    size_t length = 0;
    int count = 0;
    while (length + 32 < sizeof text) {
      uint64_t value = (uint64_t)next_random(&seed) << (next_random(&seed) & 15);
      length += print(text + length, value, (unsigned)count % 5 + 1);
      text[length++] = ' ';
      count++;
    }
    double total = 0;
    const char *at = text;
    for (int i = 0; i < count; i++) total += read(&at);
    sum = fold_f64(sum, total);
  }
  return (int32_t)sum;
}
