// Traps end a call, not the program: where they come from, what their messages say, what their
// backtraces show.

#include "common.h"

// A host function fails by returning a trap, with a message of its own. Its environment here is the store.
static own wasm_trap_t* refuse(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)results;
  char text[64];
  snprintf(text, sizeof text, "the host does not like %d", (int)args->data[0].of.i32);
  wasm_message_t message;
  wasm_name_new_from_string_nt(&message, text);
  own wasm_trap_t* trap = wasm_trap_new(env, &message);
  wasm_name_delete(&message);
  return trap;
}

static own wasm_func_t* make_refuse(wasm_store_t* store) {
  own wasm_functype_t* type = wasm_functype_new_1_0(wasm_valtype_new_i32());
  own wasm_func_t* func = wasm_func_new_with_env(store, type, refuse, store, NULL);
  wasm_functype_delete(type);
  return need(func, "make the function refuse");
}

// Deep recursion has a long backtrace; the innermost frame is enough.
static void print_innermost(const wasm_trap_t* trap) {
  own wasm_message_t message;
  wasm_trap_message(trap, &message);
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  printf("trap: %s\n", message.data);
  if (frames.size > 2) {
    print_frame(stdout, frames.data[0]);
    printf("    ... more frames ...\n");
  }
  wasm_frame_vec_delete(&frames);
  wasm_name_delete(&message);
}

static void try(const wasm_module_t* module, const wasm_extern_vec_t* exports, const char* name, int32_t value) {
  wasm_val_t values[] = {WASM_I32_VAL(value)};
  wasm_val_t out[] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(values);
  wasm_val_vec_t results = WASM_ARRAY_VEC(out);
  own wasm_trap_t* trap = wasm_func_call(find_func(module, exports, name), &args, &results);
  printf("%s(%d): ", name, (int)value);
  if (!trap) printf("%d\n", (int)out[0].of.i32);
  else if (strcmp(name, "recurse") == 0) print_innermost(trap);
  else print_trap(stdout, trap);
  wasm_trap_delete(trap);
}

// A module with missing imports is refused with a list of them.
static void try_without_imports(wasm_store_t* store, const wasm_module_t* module) {
  wasm_extern_vec_t none = WASM_EMPTY_VEC;
  own wasm_trap_t* trap = NULL;
  own wasm_instance_t* instance = wasm_instance_new(store, module, &none, &trap);
  printf("without imports: %s\n", instance ? "an instance" : "no instance");
  if (trap) print_trap(stdout, trap);
  wasm_trap_delete(trap);
  wasm_instance_delete(instance);
}

int main(void) {
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = load_module(store, "trap.wasm");

  own wasm_func_t* func = make_refuse(store);
  wasm_extern_t* externs[] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  own wasm_instance_t* instance = instantiate(store, module, &imports);
  wasm_func_delete(func);
  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);

  try(module, &exports, "divide", 5);
  try(module, &exports, "divide", 0);
  try(module, &exports, "refuse", 13);
  try(module, &exports, "recurse", 0);
  try(module, &exports, "divide", 4);
  try_without_imports(store, module);

  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
