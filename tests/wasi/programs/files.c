// What programs do with folders and files: lists, makes, renames, links, removes, and the errors that they meet.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int by_name(const void* a, const void* b) { return strcmp(*(char* const*)a, *(char* const*)b); }

static void list(const char* path) {
  char* names[100];
  size_t n = 0;
  DIR* dir = opendir(path);
  if (!dir) return;
  // Not all engines show `.` and `..`.
  for (struct dirent* entry; (entry = readdir(dir));)
    if (entry->d_name[0] != '.') names[n++] = strdup(entry->d_name);
  closedir(dir);
  qsort(names, n, sizeof *names, by_name);
  for (size_t i = 0; i < n; ++i) {
    struct stat stat;
    int failed = fstatat(AT_FDCWD, names[i], &stat, AT_SYMLINK_NOFOLLOW);
    printf("%s %s %d\n", path, names[i], failed ? 0 : S_ISLNK(stat.st_mode));
  }
}

static void result(const char* what, int failed) {
  printf("%s: %s\n", what, failed ? "failed" : "done");
  errno = 0;
}

int main(int argc, char** argv) {
  if (argc < 2 || chdir(argv[1])) return 1;
  result("mkdir", mkdir("folder", 0777));
  result("mkdir again", mkdir("folder", 0777));
  result("mkdir below nothing", mkdir("none/folder", 0777));
  result("rename", rename("one", "folder/first"));
  result("link", link("folder/first", "second"));
  result("symlink", symlink("folder/first", "third"));
  result("absolute symlink", symlink("/etc/passwd", "fourth"));
  result("unlink folder", unlink("folder"));
  result("rmdir full", rmdir("folder"));
  result("open outside", open("../outside", O_RDONLY) < 0);
  result("open as folder", open("two", O_RDONLY | O_DIRECTORY) < 0);
  result("open nothing", open("nothing", O_RDONLY) < 0);
  result("create once", close(open("new", O_CREAT | O_EXCL | O_RDWR, 0666)));
  result("create twice", open("new", O_CREAT | O_EXCL | O_RDWR, 0666) < 0);
  int fd = open("new", O_RDWR | O_APPEND);
  printf("%zd ", write(fd, "0123456789", 10));
  printf("%lld ", (long long)lseek(fd, 2, SEEK_SET));
  char buffer[4] = "";
  printf("%zd %.4s ", read(fd, buffer, 4), buffer);
  printf("%zd %lld\n", write(fd, "ab", 2), (long long)lseek(fd, 0, SEEK_CUR));
  result("truncate", ftruncate(fd, 5));
  struct stat stat_of_file;
  result("fstat", fstat(fd, &stat_of_file));
  printf("%lld %d\n", (long long)stat_of_file.st_size, S_ISREG(stat_of_file.st_mode));
  struct timespec times[2] = {{1000, 0}, {2000, 0}};
  result("futimens", futimens(fd, times));
  result("stat", stat("third", &stat_of_file));
  printf("%lld %d\n", (long long)stat_of_file.st_size, (int)stat_of_file.st_nlink);
  char target[100] = "";
  printf("%zd %s\n", readlink("third", target, sizeof target), target);
  result("unlink", unlink("two"));
  result("unlink again", unlink("two"));
  result("close", close(fd));
  result("close again", close(fd));
  list(".");
  list("folder");
  return 42;
}
