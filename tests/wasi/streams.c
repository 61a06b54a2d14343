// Standard input, output and error: buffers, functions, files, descriptors.

#define _GNU_SOURCE
#include "wasi.h"

#include <fcntl.h>
#include <unistd.h>

static uint32_t write_text(const guest_t* g, uint32_t fd, const char* text) {
  memcpy(at(g, 1024), text, strlen(text));
  put_vector(g, 0, 1024, (uint32_t)strlen(text));
  uint32_t result = WASI(g, "fd_write", fd, 0, 1, 8);
  return result ? 1000 + result : get32(g, 8);
}

static uint32_t read_text(const guest_t* g, uint32_t size) {
  memset(at(g, 1024), 0, 1024);
  put_vector(g, 0, 1024, size);
  uint32_t result = WASI(g, "fd_read", 0, 0, 1, 8);
  return result ? 1000 + result : get32(g, 8);
}

static bool took(const guest_t* g, uint32_t stream, const char* text) {
  own wasm_byte_vec_t output;
  CHECK(wasmrt_wasi_take_output(g->wasi, stream, &output));
  bool same = output.size == strlen(text) && (!output.size || memcmp(output.data, text, output.size) == 0);
  wasm_byte_vec_delete(&output);
  return same;
}

TEST(streams_lead_nowhere_without_settings) {
  guest_t g = open_guest(wasmrt_wasi_new(), "calls");
  CHECK(write_text(&g, 1, "lost") == 4 && write_text(&g, 2, "lost") == 4);
  CHECK(read_text(&g, 10) == 0);
  CHECK(WASI(&g, "fd_write", 3, 0, 1, 8) == E_BADF && WASI(&g, "fd_write", UINT32_MAX, 0, 1, 8) == E_BADF);
  close_guest(&g);
}

TEST(input_comes_from_bytes_and_output_goes_into_buffers) {
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  own wasm_byte_vec_t input;
  wasm_byte_vec_new(&input, 7, "abcdefg");
  CHECK(wasmrt_wasi_set_input(wasi, &input));
  wasm_byte_vec_delete(&input);
  CHECK(wasmrt_wasi_capture(wasi, WASMRT_WASI_STDOUT, 8) && wasmrt_wasi_capture(wasi, WASMRT_WASI_STDERR, 100));
  CHECK(!wasmrt_wasi_capture(wasi, WASMRT_WASI_STDIN, 8) && !wasmrt_wasi_capture(wasi, 3, 8));
  guest_t g = open_guest(wasi, "calls");
  CHECK(read_text(&g, 4) == 4 && strcmp(at(&g, 1024), "abcd") == 0);
  put_vector(&g, 0, 1024, 1);
  put_vector(&g, 8, 1030, 5);
  CHECK(WASI(&g, "fd_read", 0, 0, 2, 16) == OK && get32(&g, 16) == 3);
  CHECK(*at(&g, 1024) == 'e' && memcmp(at(&g, 1030), "fg", 3) == 0);
  CHECK(read_text(&g, 4) == 0);
  CHECK(write_text(&g, 1, "12345") == 5 && write_text(&g, 1, "67890") == 3 && write_text(&g, 1, "0") == 1000 + E_NOSPC);
  CHECK(write_text(&g, 2, "error") == 5);
  CHECK(took(&g, WASMRT_WASI_STDOUT, "12345678") && took(&g, WASMRT_WASI_STDERR, "error"));
  CHECK(write_text(&g, 1, "again") == 5 && took(&g, WASMRT_WASI_STDOUT, "again"));
  close_guest(&g);
}

typedef struct {
  char text[64];
  size_t size;
  int finalized;
  const guest_t* guest;
} sink_t;

static ptrdiff_t keep(void* env, const uint8_t* data, size_t size) {
  sink_t* sink = env;
  if (size > 20) return -1;
  memcpy(sink->text + sink->size, data, size);
  sink->size += size;
  // A host function may make the guest's memory grow.
  if (sink->guest) CHECK(wasm_memory_grow(wasm_extern_as_memory(export_of(&sink->guest->w, "memory")), 1));
  return (ptrdiff_t)size;
}

static ptrdiff_t supply(void* env, uint8_t* data, size_t size) {
  sink_t* sink = env;
  if (sink->guest) CHECK(wasm_memory_grow(wasm_extern_as_memory(export_of(&sink->guest->w, "memory")), 1));
  if (sink->size == 0) return 0;
  if (sink->size > 20) return (ptrdiff_t)size + 1;
  size_t n = size < sink->size ? size : sink->size;
  memcpy(data, sink->text, n);
  sink->size -= n;
  return (ptrdiff_t)n;
}

static void finish(void* env) { ++((sink_t*)env)->finalized; }

TEST(functions_of_the_host_read_and_write) {
  sink_t out = {.size = 0}, in = {.text = "input", .size = 5};
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_set_writer(wasi, WASMRT_WASI_STDOUT, keep, &out, finish));
  CHECK(wasmrt_wasi_set_reader(wasi, supply, &in, finish));
  CHECK(!wasmrt_wasi_set_writer(wasi, WASMRT_WASI_STDIN, keep, &out, finish) && out.finalized == 1);
  CHECK(!wasmrt_wasi_set_reader(wasi, NULL, &in, finish) && in.finalized == 1);
  guest_t g = open_guest(wasi, "calls");
  CHECK(write_text(&g, 1, "hello") == 5 && out.size == 5);
  CHECK(read_text(&g, 100) == 5 && strcmp(at(&g, 1024), "input") == 0);
  out.guest = in.guest = &g;
  CHECK(write_text(&g, 1, " there") == 6 && out.size == 11 && memcmp(out.text, "hello there", 11) == 0);
  CHECK(write_text(&g, 1, "this is much too long for it") == 1000 + E_IO);
  CHECK(read_text(&g, 100) == 0);
  in.size = 21;
  CHECK(read_text(&g, 100) == 1000 + E_IO);
  CHECK(out.finalized == 1 && in.finalized == 1);
  close_guest(&g);
  CHECK(out.finalized == 2 && in.finalized == 2);
}

TEST(streams_are_files_and_descriptors) {
  char path[] = "/tmp/wasmrt_streams_XXXXXX";
  int fd = mkstemp(path);
  CHECK(fd >= 0 && write(fd, "former contents", 15) == 15);
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_set_stream_file(wasi, WASMRT_WASI_STDIN, path));
  guest_t g = open_guest(wasi, "calls");
  CHECK(read_text(&g, 6) == 6 && strcmp(at(&g, 1024), "former") == 0);
  close_guest(&g);

  wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_set_stream_file(wasi, WASMRT_WASI_STDOUT, path));
  CHECK(!wasmrt_wasi_set_stream_file(wasi, WASMRT_WASI_STDIN, "/no/such/file") && wasi_error_says("/no/such/file"));
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(wasmrt_wasi_set_stream_fd(wasi, WASMRT_WASI_STDERR, ends[1]));
  CHECK(!wasmrt_wasi_set_stream_fd(wasi, WASMRT_WASI_STDIN, -1) && !wasmrt_wasi_set_stream_fd(wasi, 7, ends[0]));
  CHECK(!wasmrt_wasi_set_stream_fd(wasi, WASMRT_WASI_STDIN, 100000));
  close(ends[1]);
  g = open_guest(wasi, "calls");
  CHECK(write_text(&g, 1, "new") == 3 && write_text(&g, 2, "piped") == 5);
  close_guest(&g);
  char text[16];
  CHECK(pread(fd, text, sizeof text, 0) == 3 && memcmp(text, "new", 3) == 0);
  // The guest's copy of the other end is closed.
  CHECK(read(ends[0], text, sizeof text) == 5 && read(ends[0], text, sizeof text) == 0);
  close(ends[0]);
  close(fd);
  unlink(path);
}

TEST(writing_to_a_pipe_that_nobody_reads_is_an_error) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_set_stream_fd(wasi, WASMRT_WASI_STDOUT, ends[1]));
  close(ends[0]);
  close(ends[1]);
  guest_t g = open_guest(wasi, "calls");
  CHECK(write_text(&g, 1, "text") == 1000 + 64);
  close_guest(&g);
}

TEST(one_stream_of_the_process_is_inherited) {
  int ends[2], standard = dup(STDOUT_FILENO);
  CHECK(standard >= 0 && pipe(ends) == 0 && dup2(ends[1], STDOUT_FILENO) >= 0);
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  bool inherited = wasmrt_wasi_inherit_stream(wasi, WASMRT_WASI_STDOUT);
  bool refused = !wasmrt_wasi_inherit_stream(wasi, 3) && wasi_error_says("no stream") && !wasmrt_wasi_inherit_stream(NULL, 1);
  guest_t g = open_guest(wasi, "calls");
  uint32_t to_output = write_text(&g, 1, "text"), to_error = write_text(&g, 2, "lost");
  CHECK(dup2(standard, STDOUT_FILENO) >= 0);
  close(standard);
  close(ends[1]);
  close_guest(&g);
  char text[16];
  CHECK(inherited && refused && to_output == 4 && to_error == 4);
  CHECK(read(ends[0], text, sizeof text) == 4 && memcmp(text, "text", 4) == 0 && read(ends[0], text, sizeof text) == 0);
  close(ends[0]);
}
