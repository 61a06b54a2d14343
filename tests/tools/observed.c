// The module of `observed.wat` from a language with lines.

__attribute__((import_module(""), import_name("look"))) int look(int);

__attribute__((noinline)) int inner(int n) {
  int seen = look(n);
  return seen + 1;
}

__attribute__((noinline)) int middle(int n) {
  n = inner(n);
  return n + 1;
}

__attribute__((export_name("run"))) int outer(int n) {
  int twice = middle(n);
  return twice + 1;
}

// Looks after so many rounds.
__attribute__((export_name("spin"))) int spin(int n) {
  int sum = 0;
  do {
    sum = sum * 31 + n;
    if (sum == 12345) look(1);
  } while (--n);
  return inner(sum) - sum;
}
