// The timeline of an engine: when functions were compiled, as trace events and as a picture.

#include "host.h"

static own wasm_config_t* with_timeline(uint64_t compile) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_TIMELINE, 1));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, compile));
  return config;
}

static own wasm_byte_vec_t written(const wasm_engine_t* engine, wasmrt_timeline_format_t format) {
  own wasm_byte_vec_t bytes;
  CHECK(wasmrt_engine_timeline(engine, format, &bytes));
  CHECK(bytes.size > 0 && bytes.data[bytes.size] == '\0');
  return bytes;
}

static size_t count(const wasm_byte_vec_t* text, const char* what) {
  size_t n = 0;
  for (const char* at = text->data; (at = strstr(at, what)); ++at) ++n;
  return n;
}

TEST(every_function_is_on_the_timeline_with_its_tier) {
  world_t w = open_world_with(with_timeline(WASMRT_COMPILE_OPTIMIZED), "lines_4");
  own wasm_byte_vec_t json = written(w.engine, WASMRT_TIMELINE_TRACE_EVENTS);
  wasmrt_stats_t stats = {.struct_size = sizeof stats};
  wasmrt_engine_stats(w.engine, &stats);
  CHECK(stats.functions == 2 && count(&json, "\"cat\":\"optimized\"") == 2);
  CHECK(count(&json, "\"name\":\"sum\"") == 1 && count(&json, "\"name\":\"run\"") == 1);
  own wasm_byte_vec_t svg = written(w.engine, WASMRT_TIMELINE_SVG);
  CHECK(strncmp(svg.data, "<svg ", 5) == 0 && strstr(svg.data, "optimized: 2 in ") && strstr(svg.data, "</svg>\n"));
  wasm_byte_vec_delete(&json);
  wasm_byte_vec_delete(&svg);
  close_world(&w);
}

TEST(functions_that_a_job_compiled_are_on_the_timeline) {
  own wasm_byte_vec_t binary;
  read_module("lines_4", &binary);
  for (uint64_t compile = WASMRT_COMPILE_TIERED; compile <= WASMRT_COMPILE_BOTH; ++compile) {
    own wasm_engine_t* engine = wasm_engine_new_with_config(with_timeline(compile));
    own wasmrt_job_t* job = wasmrt_job_new(engine, NULL);
    for (size_t i = 0; i < binary.size; ++i) {
      CHECK(wasmrt_job_feed(job, binary.data + i, 1));
      own wasm_byte_vec_t early = written(engine, WASMRT_TIMELINE_TRACE_EVENTS);
      CHECK(count(&early, "\"name\":\"sum\"") == 0);  // names come last in a module
      wasm_byte_vec_delete(&early);
    }
    CHECK(wasmrt_job_feed(job, NULL, 0) && wasmrt_job_wait(job, UINT64_MAX) == WASMRT_JOB_DONE);
    bool is_lazy = compile == WASMRT_COMPILE_TIERED || compile == WASMRT_COMPILE_LAZY_BASELINE;
    own wasm_byte_vec_t json = written(engine, WASMRT_TIMELINE_TRACE_EVENTS);
    CHECK(count(&json, "\"name\":\"sum\"") == !is_lazy);
    wasm_byte_vec_delete(&json);
    wasmrt_job_delete(job);

    // One that never becomes a module.
    job = wasmrt_job_new(engine, NULL);
    CHECK(wasmrt_job_feed(job, binary.data, binary.size - 1));
    wasmrt_job_delete(job);
    json = written(engine, WASMRT_TIMELINE_TRACE_EVENTS);
    CHECK(count(&json, "\"name\":\"sum\"") == !is_lazy);
    wasm_byte_vec_delete(&json);
    wasm_engine_delete(engine);
  }
  wasm_byte_vec_delete(&binary);
}

TEST(functions_appear_when_they_are_first_called) {
  world_t w = open_world_with(with_timeline(WASMRT_COMPILE_LAZY_BASELINE), "arithmetic");
  own wasm_byte_vec_t json = written(w.engine, WASMRT_TIMELINE_TRACE_EVENTS);
  CHECK(count(&json, "\"ph\":\"X\"") == 0);
  wasm_byte_vec_delete(&json);
  CHECK(call_i32(&w, "add", VALS(I32(40), I32(2))) == 42);
  json = written(w.engine, WASMRT_TIMELINE_TRACE_EVENTS);
  CHECK(count(&json, "\"ph\":\"X\"") == 1 && count(&json, "\"cat\":\"baseline\"") == 1);
  wasm_byte_vec_delete(&json);
  close_world(&w);
}

TEST(samples_of_a_profile_show_in_which_tier_code_ran) {
  world_t w = {.engine = wasm_engine_new_with_config(with_timeline(WASMRT_COMPILE_TIERED))};
  w.store = wasm_store_new(w.engine);
  own wasmrt_profile_t* profile = wasmrt_profile_new(w.store, 1);
  w.module = load(w.store, "lines_5");
  instantiate(&w, NO_IMPORTS);
  call(func_of(&w, "run"), VALS(I32(1000000), I32(3)));
  CHECK(wasmrt_profile_samples(profile) > 10);
  own wasm_byte_vec_t json = written(w.engine, WASMRT_TIMELINE_TRACE_EVENTS);
  CHECK(count(&json, "\"name\":\"samples\"") > 0);
  own wasm_byte_vec_t svg = written(w.engine, WASMRT_TIMELINE_SVG);
  CHECK(strstr(svg.data, "% of samples"));
  wasm_byte_vec_delete(&json);
  wasm_byte_vec_delete(&svg);
  wasmrt_profile_delete(profile);
  close_world(&w);
}

TEST(timeline_keeps_the_names_of_modules_that_are_gone) {
  world_t w = open_world_with(with_timeline(WASMRT_COMPILE_OPTIMIZED), "lines_4");
  close_but_engine(&w);
  own wasm_byte_vec_t json = written(w.engine, WASMRT_TIMELINE_TRACE_EVENTS);
  CHECK(count(&json, "\"name\":\"sum\"") == 1);
  wasm_byte_vec_delete(&json);
  wasm_engine_delete(w.engine);
}

TEST(engine_without_a_timeline_says_so) {
  world_t w = open_world("arithmetic");
  own wasm_byte_vec_t bytes;
  CHECK(!wasmrt_engine_timeline(w.engine, WASMRT_TIMELINE_SVG, &bytes) && bytes.size == 0);
  CHECK(error_says("without WASMRT_OPTION_TIMELINE"));
  close_world(&w);
}

TEST(unknown_formats_are_refused) {
  own wasm_engine_t* engine = wasm_engine_new_with_config(with_timeline(WASMRT_COMPILE_TIERED));
  own wasm_byte_vec_t bytes;
  CHECK(!wasmrt_engine_timeline(engine, 0, &bytes) && error_says("unknown format 0"));
  CHECK(!wasmrt_engine_timeline(engine, 3, NULL) && error_says("unknown format 3"));
  bytes = written(engine, WASMRT_TIMELINE_SVG);
  wasm_byte_vec_delete(&bytes);
  wasm_engine_delete(engine);
}
