// What guests can do with files: structures as they see them, and ways out of a folder that guests try through the calls
// themselves. (Ways out by paths and links are tested in wasi/src/files/tests.)

#define _GNU_SOURCE
#include "wasi.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  E_ACCES = 2,
  E_NAMETOOLONG = 37,
  E_NOENT = 44,
  E_NOTDIR = 54,
  E_NOTSOCK = 57,
  E_SPIPE = 70,
  E_NOTCAPABLE = 76,
};

enum { CREATE = 1, DIRECTORY = 2, EXCLUSIVE = 4, TRUNCATE = 8, FOLLOW = 1, ALL_RIGHTS = 0x3fffffff, FILE_RIGHTS = 0x08e001ff };
enum { PATH = 1024, OTHER = 2048, OUT = 512 };

typedef struct {
  guest_t g;
  char dir[64];
} place_t;

static const char* host_path(const place_t* p, const char* name) {
  static char path[256];
  snprintf(path, sizeof path, "%s/%s", p->dir, name);
  return path;
}

static void write_file(const place_t* p, const char* name, const char* text) {
  FILE* file = fopen(host_path(p, name), "w");
  CHECK(file && fputs(text, file) >= 0);
  fclose(file);
}

// A folder of the host that the guest has as descriptor 3, named "/here".
static place_t open_place(wasmrt_wasi_access_t access, const char* module) {
  place_t p = {.dir = "/tmp/wasmrt-files-XXXXXX"};
  CHECK(mkdtemp(p.dir));
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_preopen_dir(wasi, p.dir, "/here", access));
  p.g = bind_guest(wasi, module);
  CHECK(wasmrt_store_set_deadline(p.g.w.store, UINT64_MAX));
  instantiate_guest(&p.g);
  return p;
}

static void close_place(place_t* p) {
  close_guest(&p->g);
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", p->dir);
  CHECK(system(command) == 0);
}

static uint32_t put_text(const guest_t* g, uint32_t address, const char* text) {
  memcpy(at(g, address), text, strlen(text));
  return (uint32_t)strlen(text);
}

static uint32_t open_file(const guest_t* g, uint32_t folder, const char* path, int flags, uint64_t rights) {
  uint32_t len = put_text(g, PATH, path);
  uint32_t error = WASI(g, "path_open", folder, FOLLOW, PATH, len, flags, rights, rights, 0, OUT);
  return error;
}

static uint32_t opened(const guest_t* g, uint32_t folder, const char* path, int flags, uint64_t rights) {
  CHECK(open_file(g, folder, path, flags, rights) == OK);
  return get32(g, OUT);
}

static uint32_t write_text(const guest_t* g, uint32_t fd, const char* text) {
  put_vector(g, 0, OTHER, put_text(g, OTHER, text));
  return WASI(g, "fd_write", fd, 0, 1, OUT);
}

TEST(a_guest_finds_its_folders) {
  place_t p = open_place(WASMRT_WASI_READ_WRITE, "calls");
  guest_t* g = &p.g;
  CHECK(WASI(g, "fd_prestat_get", 3, 8) == OK && *at(g, 8) == 0 && get32(g, 12) == 5);
  CHECK(WASI(g, "fd_prestat_dir_name", 3, 0, 5) == OK && memcmp(at(g, 0), "/here", 5) == 0);
  CHECK(WASI(g, "fd_prestat_dir_name", 3, 0, 4) == E_NAMETOOLONG);
  CHECK(WASI(g, "fd_prestat_get", 4, 8) == E_BADF && WASI(g, "fd_prestat_get", 1, 8) == E_BADF);
  CHECK(WASI(g, "fd_prestat_get", 3, 65532) == E_FAULT && WASI(g, "fd_prestat_get", 3, UINT32_MAX - 3) == E_FAULT);
  uint32_t fd = opened(g, 3, "file", CREATE, FILE_RIGHTS);
  CHECK(fd == 4 && WASI(g, "fd_prestat_get", 4, 8) == E_BADF);
  close_place(&p);
}

TEST(structures_are_where_guests_expect_them) {
  place_t p = open_place(WASMRT_WASI_READ_WRITE, "calls");
  guest_t* g = &p.g;
  write_file(&p, "file", "contents");
  struct stat stat_of_host;
  CHECK(stat(host_path(&p, "file"), &stat_of_host) == 0);
  uint32_t len = put_text(g, PATH, "file");
  CHECK(WASI(g, "path_filestat_get", 3, 0, PATH, len, 64) == OK);
  CHECK(get64(g, 64) == stat_of_host.st_dev && get64(g, 72) == stat_of_host.st_ino && get64(g, 80) == 4);
  CHECK(get64(g, 88) == 1 && get64(g, 96) == 8);
  CHECK(get64(g, 112) == (uint64_t)stat_of_host.st_mtim.tv_sec * 1000000000 + (uint64_t)stat_of_host.st_mtim.tv_nsec);
  CHECK(WASI(g, "path_filestat_get", 3, 0, PATH, len, 68) == E_FAULT && WASI(g, "path_filestat_get", 3, 0, PATH, len, 65480) == E_FAULT);

  put_text(g, PATH, "file");
  CHECK(WASI(g, "path_open", 3, 0, PATH, 4, 0, FILE_RIGHTS, 0, 1, OUT) == OK);
  uint32_t fd = get32(g, OUT);
  CHECK(WASI(g, "fd_fdstat_get", fd, 64) == OK);
  CHECK(*at(g, 64) == 4 && *at(g, 66) == 1 && get64(g, 72) == FILE_RIGHTS && get64(g, 80) == 0);
  CHECK(WASI(g, "fd_filestat_get", fd, 64) == OK && get64(g, 96) == 8);
  close_place(&p);
}

TEST(old_modules_have_their_layout_and_numbers) {
  place_t p = open_place(WASMRT_WASI_READ_WRITE, "calls_unstable");
  guest_t* g = &p.g;
  write_file(&p, "file", "contents");
  uint32_t len = put_text(g, PATH, "file");
  CHECK(WASI(g, "path_filestat_get", 3, 0, PATH, len, 64) == OK);
  CHECK(*at(g, 80) == 4 && get32(g, 84) == 1 && get64(g, 88) == 8);
  uint32_t fd = opened(g, 3, "file", 0, FILE_RIGHTS);
  CHECK(WASI(g, "fd_seek", fd, 5, 2, OUT) == OK && get64(g, OUT) == 5);
  CHECK(WASI(g, "fd_seek", fd, -1, 0, OUT) == OK && get64(g, OUT) == 4);
  CHECK(WASI(g, "fd_seek", fd, 0, 1, OUT) == OK && get64(g, OUT) == 8);
  close_place(&p);
}

TEST(entries_of_a_folder_may_be_cut) {
  place_t p = open_place(WASMRT_WASI_READ_ONLY, "calls");
  guest_t* g = &p.g;
  write_file(&p, "a-name-of-some-length", "");
  CHECK(WASI(g, "fd_readdir", 3, 4096, 4096, 0, OUT) == OK);
  uint32_t whole = get32(g, OUT);
  CHECK(whole == 3 * 24 + 1 + 2 + 21);
  // Whatever the size of the buffer: full if there is more, and a cookie leads on from each entry.
  for (uint32_t size = 0; size < whole; ++size) {
    memset(at(g, 4096), 0x55, whole);
    CHECK(WASI(g, "fd_readdir", 3, 4096, size, 0, OUT) == OK && get32(g, OUT) == size);
    CHECK(*at(g, 4096 + size) == 0x55);
  }
  uint64_t cookie = get64(g, 4096);
  CHECK(WASI(g, "fd_readdir", 3, 4096, 4096, cookie, OUT) == OK && get32(g, OUT) < whole);
  CHECK(WASI(g, "fd_readdir", 3, 4096, 4096, UINT64_MAX, OUT) == E_INVAL);
  CHECK(WASI(g, "fd_readdir", 3, 4096, 4096, INT64_MAX, OUT) != E_FAULT);
  CHECK(WASI(g, "fd_readdir", 3, 4096, UINT32_MAX, 0, OUT) == E_FAULT);
  CHECK(WASI(g, "fd_readdir", 3, 65535, 1, 0, OUT) == OK && WASI(g, "fd_readdir", 3, 65535, 2, 0, OUT) == E_FAULT);
  close_place(&p);
}

TEST(reading_and_writing_at_positions) {
  place_t p = open_place(WASMRT_WASI_READ_WRITE, "calls");
  guest_t* g = &p.g;
  uint32_t fd = opened(g, 3, "file", CREATE | EXCLUSIVE, FILE_RIGHTS);
  CHECK(open_file(g, 3, "file", CREATE | EXCLUSIVE, FILE_RIGHTS) == 20);
  CHECK(write_text(g, fd, "0123456789") == OK && get32(g, OUT) == 10);
  CHECK(WASI(g, "fd_tell", fd, OUT) == OK && get64(g, OUT) == 10);
  CHECK(WASI(g, "fd_seek", fd, -4, 1, OUT) == OK && get64(g, OUT) == 6);
  CHECK(WASI(g, "fd_seek", fd, 0, 3, OUT) == E_INVAL && WASI(g, "fd_seek", fd, -1, 0, OUT) == E_INVAL);
  // Two vectors, the first of them empty.
  put_vector(g, 0, 100, 0);
  put_vector(g, 8, 100, 3);
  CHECK(WASI(g, "fd_read", fd, 0, 2, OUT) == OK && get32(g, OUT) == 3 && memcmp(at(g, 100), "678", 3) == 0);
  CHECK(WASI(g, "fd_pread", fd, 0, 2, 1, OUT) == OK && memcmp(at(g, 100), "123", 3) == 0);
  CHECK(WASI(g, "fd_pwrite", fd, 0, 2, 8, OUT) == OK);
  CHECK(WASI(g, "fd_tell", fd, OUT) == OK && get64(g, OUT) == 9);
  CHECK(WASI(g, "fd_filestat_set_size", fd, 4) == OK && WASI(g, "fd_allocate", fd, 0, 20) == OK);
  CHECK(WASI(g, "fd_sync", fd) == OK && WASI(g, "fd_datasync", fd) == OK && WASI(g, "fd_advise", fd, 0, 0, 3) == OK);
  CHECK(WASI(g, "fd_advise", fd, 0, 0, 6) == E_INVAL);
  struct stat stat_of_host;
  CHECK(stat(host_path(&p, "file"), &stat_of_host) == 0 && stat_of_host.st_size == 20);
  // A result that does not fit: nothing was read.
  CHECK(WASI(g, "fd_seek", fd, 0, 0, OUT) == OK && WASI(g, "fd_read", fd, 0, 2, 65534) == E_FAULT);
  CHECK(WASI(g, "fd_tell", fd, OUT) == OK && get64(g, OUT) == 0);
  close_place(&p);
}

TEST(no_number_of_vectors_costs_time_or_memory) {
  place_t p = open_place(WASMRT_WASI_READ_WRITE, "calls");
  guest_t* g = &p.g;
  uint32_t fd = opened(g, 3, "file", CREATE, FILE_RIGHTS);
  const uint32_t many[] = {1025, 8192, 0x1fffffff, 0x20000000, 0x20000001, 0x80000000, 0xffffffff};
  for (size_t i = 0; i < sizeof many / sizeof *many; ++i) {
    CHECK(WASI(g, "fd_read", fd, 0, many[i], OUT) == E_INVAL && WASI(g, "fd_write", fd, 0, many[i], OUT) == E_INVAL);
    CHECK(WASI(g, "fd_pread", fd, 0, many[i], 0, OUT) == E_INVAL && WASI(g, "fd_pwrite", fd, 0, many[i], 0, OUT) == E_INVAL);
  }
  // As many as there can be, each over the whole memory.
  for (uint32_t i = 0; i < 1024; ++i) put_vector(g, 8 * i, 0, 65536);
  CHECK(WASI(g, "fd_write", fd, 0, 1024, 65532) == OK && get32(g, 65532) == 1 << 26);
  close_place(&p);
}

TEST(names_of_any_length_are_errors) {
  place_t p = open_place(WASMRT_WASI_READ_WRITE, "calls");
  guest_t* g = &p.g;
  memset(at(g, 0), 'x', 65536);
  CHECK(WASI(g, "path_open", 3, 0, 0, 256, CREATE, 0, 0, 0, OUT) == E_NAMETOOLONG);
  const uint32_t lengths[] = {4096, 4097, 65536, 0x7fffffff, 0xffffffff};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; ++i) {
    uint32_t len = lengths[i];
    CHECK(WASI(g, "path_open", 3, 0, 0, len, CREATE, 0, 0, 0, OUT) == E_NAMETOOLONG);
    CHECK(WASI(g, "path_symlink", 0, len, 3, 0, 1) == E_NAMETOOLONG);
    CHECK(WASI(g, "path_rename", 3, 0, len, 3, 0, 1) == E_NAMETOOLONG);
  }
  CHECK(WASI(g, "path_unlink_file", 3, 65535, 2) == E_FAULT && WASI(g, "path_unlink_file", 3, 0, 0) == E_NOENT);
  close_place(&p);
}

TEST(a_read_only_folder_stays_as_it_is) {
  place_t p = open_place(WASMRT_WASI_READ_ONLY, "calls");
  guest_t* g = &p.g;
  write_file(&p, "file", "contents");
  CHECK(open_file(g, 3, "file", TRUNCATE, 2) == E_NOTCAPABLE && open_file(g, 3, "new", CREATE, 2) == E_NOTCAPABLE);
  CHECK(open_file(g, 3, "file", 0, FILE_RIGHTS) == E_NOTCAPABLE);
  uint32_t fd = opened(g, 3, "file", 0, FILE_RIGHTS & ~(1u << 6));
  CHECK(write_text(g, fd, "x") == E_NOTCAPABLE && WASI(g, "fd_filestat_set_size", fd, 0) == E_NOTCAPABLE);
  CHECK(WASI(g, "fd_filestat_set_times", fd, 0, 0, 2 | 8) == E_NOTCAPABLE && WASI(g, "fd_allocate", fd, 0, 99) == E_NOTCAPABLE);
  CHECK(WASI(g, "fd_filestat_set_times", 3, 0, 0, 2) == E_NOTCAPABLE);
  uint32_t len = put_text(g, PATH, "file"), other = put_text(g, OTHER, "other");
  CHECK(WASI(g, "path_filestat_set_times", 3, 1, PATH, len, 0, 0, 2) == E_NOTCAPABLE);
  CHECK(WASI(g, "path_link", 3, 0, PATH, len, 3, OTHER, other) == E_NOTCAPABLE);
  CHECK(WASI(g, "path_rename", 3, PATH, len, 3, OTHER, other) == E_NOTCAPABLE);
  CHECK(WASI(g, "path_symlink", PATH, len, 3, OTHER, other) == E_NOTCAPABLE);
  CHECK(WASI(g, "path_unlink_file", 3, PATH, len) == E_NOTCAPABLE);
  CHECK(WASI(g, "path_create_directory", 3, OTHER, other) == E_NOTCAPABLE);
  CHECK(WASI(g, "fd_fdstat_set_rights", fd, ALL_RIGHTS, ALL_RIGHTS) == E_NOTCAPABLE);
  struct stat stat_of_host;
  CHECK(stat(host_path(&p, "file"), &stat_of_host) == 0 && stat_of_host.st_size == 8 && stat_of_host.st_nlink == 1);
  close_place(&p);
}

TEST(descriptors_are_moved_and_closed) {
  place_t p = open_place(WASMRT_WASI_READ_WRITE, "calls");
  guest_t* g = &p.g;
  uint32_t a = opened(g, 3, "a", CREATE, FILE_RIGHTS), b = opened(g, 3, "b", CREATE, FILE_RIGHTS);
  CHECK(WASI(g, "fd_renumber", a, b) == OK && WASI(g, "fd_close", a) == E_BADF);
  CHECK(write_text(g, b, "text") == OK);
  struct stat stat_of_host;
  CHECK(stat(host_path(&p, "a"), &stat_of_host) == 0 && stat_of_host.st_size == 4);
  // Onto the folder, which is then gone, and its name with it.
  CHECK(WASI(g, "fd_renumber", b, 3) == OK && WASI(g, "fd_prestat_get", 3, 8) == E_BADF);
  CHECK(open_file(g, 3, "a", 0, 2) == E_NOTDIR);
  const uint32_t bad[] = {4, 5, 1000, 1024, 0x7fffffff, 0xffffffff};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i)
    CHECK(WASI(g, "fd_renumber", 3, bad[i]) == E_BADF && WASI(g, "fd_renumber", bad[i], 3) == E_BADF);
  close_place(&p);
}

TEST(a_pipe_in_a_folder_does_not_hold_up_the_host) {
  place_t p = open_place(WASMRT_WASI_READ_WRITE, "calls");
  guest_t* g = &p.g;
  CHECK(mkfifo(host_path(&p, "pipe"), 0600) == 0);
  uint32_t fd = opened(g, 3, "pipe", 0, FILE_RIGHTS);
  put_vector(g, 0, OTHER, 10);
  CHECK(wasmrt_store_set_deadline(g->w.store, 5000000));
  own wasm_trap_t* trap = WASI_TRAP(g, "fd_read", fd, 0, 1, OUT);
  CHECK(trap && wasmrt_trap_code(trap) == WASMRT_TRAP_DEADLINE);
  wasm_trap_delete(trap);
  CHECK(wasmrt_store_set_deadline(g->w.store, 0) && write_text(g, fd, "text") == OK);
  CHECK(WASI(g, "fd_read", fd, 0, 1, OUT) == OK && get32(g, OUT) == 4);
  close_place(&p);
}

TEST(a_guest_cannot_take_all_descriptors_of_the_host) {
  place_t p = open_place(WASMRT_WASI_READ_WRITE, "calls");
  guest_t* g = &p.g;
  uint32_t error = OK, count = 0;
  for (; count < 100000 && error == OK; ++count) error = open_file(g, 3, ".", DIRECTORY, 0);
  CHECK(error == 33 && count <= 1024);
  CHECK(open_file(g, 3, "left behind", CREATE, FILE_RIGHTS) == 33 && access(host_path(&p, "left behind"), F_OK) != 0);
  CHECK(WASI(g, "fd_close", 10) == OK && open_file(g, 3, ".", DIRECTORY, 0) == OK && get32(g, OUT) == 10);
  close_place(&p);
}

TEST(folders_that_cannot_be_had_are_errors) {
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(!wasmrt_wasi_preopen_dir(wasi, "/not/there", "/", WASMRT_WASI_READ_ONLY) && wasi_error_says("/not/there"));
  CHECK(!wasmrt_wasi_preopen_dir(wasi, "/dev/null", "/", WASMRT_WASI_READ_ONLY));
  CHECK(!wasmrt_wasi_preopen_dir(wasi, NULL, "/", WASMRT_WASI_READ_ONLY) && !wasmrt_wasi_preopen_dir(wasi, "/", NULL, WASMRT_WASI_READ_ONLY));
  CHECK(!wasmrt_wasi_preopen_dir(wasi, "/", "/", 2) && !wasmrt_wasi_preopen_dir(NULL, "/", "/", WASMRT_WASI_READ_ONLY));
  CHECK(!wasmrt_wasi_preopen_socket(wasi, -1) && !wasmrt_wasi_preopen_socket(wasi, 100000));
  CHECK(!wasmrt_wasi_preopen_socket(NULL, 0));
  wasmrt_wasi_delete(wasi);
}

TEST(a_guest_serves_connections) {
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  CHECK(bind(listener, (struct sockaddr*)&address, size) == 0 && listen(listener, 5) == 0);
  CHECK(getsockname(listener, (struct sockaddr*)&address, &size) == 0);
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_preopen_socket(wasi, listener));
  close(listener);
  guest_t g = open_guest(wasi, "calls");

  CHECK(WASI(&g, "sock_accept", 3, 1, OUT) == E_INVAL && WASI(&g, "sock_accept", 0, 0, OUT) == E_NOTSOCK);
  int peer = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(connect(peer, (struct sockaddr*)&address, size) == 0);
  CHECK(WASI(&g, "sock_accept", 3, 4, OUT) == OK);
  uint32_t fd = get32(&g, OUT);
  put_vector(&g, 0, 100, 3);
  put_vector(&g, 8, 200, 2);
  CHECK(WASI(&g, "sock_recv", fd, 0, 2, 0, OUT, OUT + 4) == E_AGAIN);
  CHECK(write(peer, "hello", 5) == 5 && WASI(&g, "fd_fdstat_set_flags", fd, 0) == OK);
  CHECK(WASI(&g, "sock_recv", fd, 0, 2, 1, OUT, OUT + 4) == OK && get32(&g, OUT) == 5);
  CHECK(WASI(&g, "sock_recv", fd, 0, 2, 2, OUT, OUT + 4) == OK && get32(&g, OUT) == 5);
  CHECK(memcmp(at(&g, 100), "hel", 3) == 0 && memcmp(at(&g, 200), "lo", 2) == 0);
  CHECK(WASI(&g, "sock_recv", fd, 0, 2, 4, OUT, OUT + 4) == E_INVAL && WASI(&g, "sock_send", fd, 0, 2, 1, OUT) == E_INVAL);
  CHECK(WASI(&g, "sock_send", fd, 0, 2, 0, OUT) == OK && get32(&g, OUT) == 5);
  CHECK(WASI(&g, "sock_shutdown", fd, 0) == E_INVAL && WASI(&g, "sock_shutdown", fd, 2) == OK);
  char answer[9];
  CHECK(read(peer, answer, 9) == 5 && memcmp(answer, "hello", 5) == 0 && read(peer, answer, 9) == 0);
  close(peer);
  CHECK(WASI(&g, "sock_recv", fd, 0, 2, 2, OUT, OUT + 4) == OK && get32(&g, OUT) == 0);
  close_guest(&g);
}
