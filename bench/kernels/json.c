// A JSON reader over generated text: byte-wise scanning, a switch on the next
// character, recursion for arrays and objects. It counts what it sees and hashes
// strings; the text is generated once per run.
#include "kernel.h"

static char text[65536];
static size_t length;
static const char *cursor;
static uint32_t sum;

static void put(const char *s) {
  while (*s) text[length++] = *s++;
}

static void put_number(uint32_t value) {
  char digits[12];
  int count = 0;
  do digits[count++] = (char)('0' + value % 10);
  while (value /= 10);
  while (count) text[length++] = digits[--count];
}

static void generate(void) {
  static const char *const words[] = {"alpha", "be\\\"ta", "gamma ray", "delta\\n", "", "epsilon\\u00e9"};
  uint32_t seed = 10;
  length = 0;
  put("[");
  for (int i = 0; i < 500; i++) {
    if (i) put(",\n  ");
    put("{\"id\": ");
    put_number(next_random(&seed) & 0xfffff);
    put(", \"name\": \"");
    put(words[next_random(&seed) % 6]);
    put("\", \"tags\": [true, false, null, -");
    put_number(next_random(&seed) & 0xfff);
    put(".5e2], \"nested\": {\"a\": [], \"b\": {}}}");
  }
  put("]");
  text[length] = 0;
}

static void skip_space(void) {
  while (*cursor == ' ' || *cursor == '\n' || *cursor == '\t' || *cursor == '\r') cursor++;
}

static int read_string(void) {
  uint32_t hash = 0;
  cursor++;
  for (;;) {
    char c = *cursor++;
    if (c == '"') break;
    if (!c) return 0;
    if (c == '\\') {
      c = *cursor++;
      if (c == 'u') cursor += 4;
    }
    hash = hash * 31 + (uint8_t)c;
  }
  sum = fold(sum, hash);
  return 1;
}

static int read_number(void) {
  uint32_t value = 0;
  if (*cursor == '-') cursor++;
  for (;; cursor++) {
    if (*cursor >= '0' && *cursor <= '9') value = value * 10 + (uint32_t)(*cursor - '0');
    else if (*cursor == '.' || *cursor == 'e') value ^= 0x5555;
    else break;
  }
  sum = fold(sum, value);
  return 1;
}

static int read_word(const char *word) {
  for (; *word; word++, cursor++)
    if (*cursor != *word) return 0;
  sum = fold(sum, 1);
  return 1;
}

static int read_value(void);

static int read_sequence(char close, int keys) {
  cursor++;
  skip_space();
  if (*cursor == close) {
    cursor++;
    return 1;
  }
  for (;;) {
    skip_space();
    if (keys) {
      if (*cursor != '"' || !read_string()) return 0;
      skip_space();
      if (*cursor++ != ':') return 0;
    }
    if (!read_value()) return 0;
    skip_space();
    char c = *cursor++;
    if (c == close) return 1;
    if (c != ',') return 0;
  }
}

static int read_value(void) {
  skip_space();
  switch (*cursor) {
    case '{': return read_sequence('}', 1);
    case '[': return read_sequence(']', 0);
    case '"': return read_string();
    case 't': return read_word("true");
    case 'f': return read_word("false");
    case 'n': return read_word("null");
    case '-': case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9': return read_number();
    default: return 0;
  }
}

int32_t run(int32_t n) {
  generate();
  sum = (uint32_t)length;
  for (int32_t round = 0; round < n; round++) {
    cursor = text;
    if (!read_value() || *cursor) return 0;
  }
  return (int32_t)sum;
}
