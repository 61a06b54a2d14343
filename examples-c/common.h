// Helpers that every example needs: reading a file, reporting a failure, finding an export. An example
// that fails ends its program; code inside a larger host would return an error instead.

#ifndef EXAMPLES_COMMON_H
#define EXAMPLES_COMMON_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wasm.h>
#include <wasmrt.h>

// The header marks what changes its owner with `own`, and undefines the macro at its end.
#define own

// Prints the reason that the library keeps for the last failed call on this thread.
static inline void print_last_error(void) {
  own wasmrt_error_t* error = wasmrt_last_error();
  if (!error) return;
  own wasm_message_t message;
  wasmrt_error_message(error, &message);
  fprintf(stderr, ": %s", message.data ? message.data : "out of memory");
  wasm_name_delete(&message);
  wasmrt_error_delete(error);
}

// Ends the program with a message that says what failed and why.
_Noreturn static inline void die(const char* what) {
  fflush(stdout);
  fprintf(stderr, "error: cannot %s", what);
  print_last_error();
  fprintf(stderr, "\n");
  exit(EXIT_FAILURE);
}

// Functions that make an object return NULL on failure: pass their result through this.
static inline void* need(void* object, const char* what) {
  if (!object) die(what);
  return object;
}

// Where the instruction of a frame is in the source, if the module has debug information; first the functions that
// its compiler inlined, then the frame's own.
static inline void print_source(FILE* to, const wasm_frame_t* frame) {
  own wasm_name_t func, file;
  uint32_t line, column;
  for (size_t depth = 0; wasmrt_frame_source(frame, depth, &func, &file, &line, &column); ++depth) {
    fprintf(to, "        %s (%s:%u:%u)\n", func.data ? func.data : "", file.data ? file.data : "", (unsigned)line,
            (unsigned)column);
    wasm_name_delete(&func);
    wasm_name_delete(&file);
  }
}

// One line per frame, innermost first: function index, name where the module has one, module offset; then its
// lines in the source.
static inline void print_frame(FILE* to, const wasm_frame_t* frame) {
  own wasm_name_t name;
  wasmrt_frame_func_display_name(frame, &name);
  fprintf(to, "    at function %u", (unsigned)wasm_frame_func_index(frame));
  if (name.size) fprintf(to, " <%.*s>", (int)name.size, name.data);
  fprintf(to, ", module offset 0x%zx\n", wasm_frame_module_offset(frame));
  wasm_name_delete(&name);
  print_source(to, frame);
}

// The message of a trap and its backtrace.
static inline void print_trap(FILE* to, const wasm_trap_t* trap) {
  own wasm_message_t message;
  wasm_trap_message(trap, &message);
  fprintf(to, "trap: %s\n", message.data ? message.data : "out of memory");
  wasm_name_delete(&message);

  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  for (size_t i = 0; i < frames.size; ++i) print_frame(to, frames.data[i]);
  wasm_frame_vec_delete(&frames);
}

// For calls that return a trap, where an example expects none.
static inline void no_trap(own wasm_trap_t* trap, const char* what) {
  if (!trap) return;
  fflush(stdout);
  fprintf(stderr, "error: cannot %s\n", what);
  print_trap(stderr, trap);
  wasm_trap_delete(trap);
  exit(EXIT_FAILURE);
}

// Reads a whole file. On failure `out` is empty, errno is set, and the result is false.
static inline bool read_file(const char* path, own wasm_byte_vec_t* out) {
  wasm_byte_vec_new_empty(out);
  FILE* file = fopen(path, "rb");
  if (!file) return false;
  long size = -1;
  if (fseek(file, 0, SEEK_END) == 0) size = ftell(file);
  bool good = size >= 0 && fseek(file, 0, SEEK_SET) == 0;
  if (good) {
    errno = ENOMEM;
    wasm_byte_vec_new_uninitialized(out, (size_t)size);
    good = out->size == (size_t)size;
  }
  if (good && fread(out->data, 1, out->size, file) != out->size) {
    errno = EIO;
    good = false;
  }
  int reason = errno;
  fclose(file);
  errno = reason;
  if (!good) wasm_byte_vec_delete(out);
  return good;
}

// Reads and compiles a module. The bytes are only needed for the call.
static inline own wasm_module_t* load_module(wasm_store_t* store, const char* path) {
  own wasm_byte_vec_t binary;
  if (!read_file(path, &binary)) {
    fprintf(stderr, "error: cannot read %s: %s\n", path, strerror(errno));
    exit(EXIT_FAILURE);
  }
  own wasm_module_t* module = wasm_module_new(store, &binary);
  wasm_byte_vec_delete(&binary);
  return need(module, "compile the module");
}

// An instance of the module. The trap lists missing imports.
static inline own wasm_instance_t* instantiate(wasm_store_t* store, const wasm_module_t* module,
                                               const wasm_extern_vec_t* imports) {
  own wasm_trap_t* trap = NULL;
  own wasm_instance_t* instance = wasm_instance_new(store, module, imports, &trap);
  no_trap(trap, "instantiate the module");
  return need(instance, "instantiate the module");
}

static inline bool name_is(const wasm_name_t* name, const char* text) {
  return name->size == strlen(text) && memcmp(name->data, text, name->size) == 0;
}

// The position of the export with that name, in both the module's and the instance's list of exports;
// the number of exports when there is none.
static inline size_t export_index(const wasm_module_t* module, const char* name) {
  own wasm_exporttype_vec_t types;
  wasm_module_exports(module, &types);
  size_t i = 0;
  while (i < types.size && !name_is(wasm_exporttype_name(types.data[i]), name)) ++i;
  wasm_exporttype_vec_delete(&types);
  return i;
}

// The export with that name, borrowed from `exports`.
static inline wasm_extern_t* find_export(const wasm_module_t* module, const wasm_extern_vec_t* exports,
                                         const char* name) {
  size_t i = export_index(module, name);
  if (i < exports->size) return exports->data[i];
  fprintf(stderr, "error: the module exports no '%s'\n", name);
  exit(EXIT_FAILURE);
}

static inline wasm_func_t* find_func(const wasm_module_t* module, const wasm_extern_vec_t* exports,
                                     const char* name) {
  return need(wasm_extern_as_func(find_export(module, exports, name)), "use the export as a function");
}

static inline wasm_memory_t* find_memory(const wasm_module_t* module, const wasm_extern_vec_t* exports,
                                         const char* name) {
  return need(wasm_extern_as_memory(find_export(module, exports, name)), "use the export as a memory");
}

#endif
