// Runs the native build of each kernel and compares its checksum with
// expected.txt, so that the table never expects what only one compiler believes.
//
//   check EXPECTED FOLDER            compare; exit status 1 if any differs
//   check EXPECTED FOLDER --renew    print EXPECTED with the checksums replaced
//   check EXPECTED FOLDER --time     print milliseconds for each kernel
//
// FOLDER holds NAME.so for each kernel.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static double milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

// Runs the kernel twice: it must start from the same state each time.
static int run_kernel(const char *folder, const char *name, int32_t n, int32_t *sum, double *ms) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s.so", folder, name);
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    fprintf(stderr, "%s\n", dlerror());
    return 0;
  }
  int32_t (*run)(int32_t);
  *(void **)&run = dlsym(library, "run");
  if (!run) {
    fprintf(stderr, "%s exports no run\n", path);
    dlclose(library);
    return 0;
  }
  *sum = run(n);
  double start = milliseconds();
  int32_t again = run(n);
  *ms = milliseconds() - start;
  dlclose(library);
  if (again != *sum) fprintf(stderr, "%s: %" PRId32 " at first, then %" PRId32 "\n", name, *sum, again);
  return again == *sum;
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: check EXPECTED FOLDER [--renew | --time]\n");
    return 2;
  }
  int renew = argc > 3 && strcmp(argv[3], "--renew") == 0;
  int times = argc > 3 && strcmp(argv[3], "--time") == 0;
  FILE *file = fopen(argv[1], "r");
  if (!file) {
    perror(argv[1]);
    return 2;
  }
  int failures = 0, checked = 0;
  char line[256], name[64], features[64];
  int32_t n, expected, sum;
  double ms;
  while (fgets(line, sizeof line, file)) {
    if (sscanf(line, "%63s %" SCNd32 " %63s %" SCNd32, name, &n, features, &expected) != 4 || name[0] == '#') {
      if (renew) fputs(line, stdout);
      continue;
    }
    if (!run_kernel(argv[2], name, n, &sum, &ms)) {
      failures++;
      if (renew) fputs(line, stdout);
      continue;
    }
    checked++;
    if (renew) {
      printf("%s %" PRId32 " %s %" PRId32 "\n", name, n, features, sum);
    } else if (times) {
      printf("%-16s %8.2f ms\n", name, ms);
    } else if (sum != expected) {
      fprintf(stderr, "%s: native gives %" PRId32 ", expected.txt says %" PRId32 "\n", name, sum, expected);
      failures++;
    }
  }
  fclose(file);
  if (!renew && !times) printf("%d kernels agree with expected.txt natively, %d do not\n", checked - failures, failures);
  return failures ? 1 : 0;
}
