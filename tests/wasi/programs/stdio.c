// Standard streams and buffered files.
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char** argv) {
  long sum = 0, count = 0;
  for (int value; scanf("%d", &value) == 1; ++count) sum += value;
  printf("%ld numbers, %ld, end %d\n", count, sum, feof(stdin));
  FILE* file = fopen(argv[argc - 1], "w+");
  if (!file) return 1;
  for (int i = 0; i < 20000; ++i) fprintf(file, "%d\n", i * i % 1009);
  rewind(file);
  for (int value; fscanf(file, "%d", &value) == 1;) sum += value;
  fseek(file, -5, SEEK_END);
  char rest[6] = "";
  printf("%zu at %ld: %ld\n", fread(rest, 1, 5, file), ftell(file), sum);
  fclose(file);
  fputs("an error\n", stderr);
  exit(9);
}
