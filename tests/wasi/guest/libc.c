// A program for WASI, compiled with wasi-libc: `libc MODE`, as libc.c runs it.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  if (strcmp(argv[1], "echo") == 0) {
    char line[100];
    while (fgets(line, sizeof line, stdin)) printf("%s: %s", getenv("NAME"), line);
    fprintf(stderr, "%d arguments\n", argc);
    return 3;
  }
  if (strcmp(argv[1], "sleep") == 0) {
    struct timespec begin, end, pause = {0, 5000000};
    clock_gettime(CLOCK_MONOTONIC, &begin);
    if (nanosleep(&pause, NULL)) return 4;
    clock_gettime(CLOCK_MONOTONIC, &end);
    return end.tv_sec == begin.tv_sec && end.tv_nsec - begin.tv_nsec < 5000000;
  }
  if (strcmp(argv[1], "random") == 0) {
    char bytes[64] = {0};
    return getentropy(bytes, sizeof bytes) || !memcmp(bytes, bytes + 32, 32);
  }
  if (strcmp(argv[1], "files") == 0) return !fopen("/etc/passwd", "r") && errno ? 5 : 6;
  if (strcmp(argv[1], "abort") == 0) abort();
  exit(7);
}
