//! Bytes for the tests: a fixed module with every section, random valid modules, and damage, all from fixed seeds.

use super::random::Random;
use arbitrary::Unstructured;
use wasm_smith::{Config, Module};

pub fn module_with_every_section() -> Vec<u8> {
    wat::parse_str(EVERY_SECTION).expect("the text of a module")
}

const EVERY_SECTION: &str = r#"(module $every
  (type $binary (func (param i32 i32) (result i32)))
  (type $vector (func (param v128) (result v128 i64)))
  (table $functions 4 8 funcref)
  (table $externals i64 2 externref)
  (memory $first 1 3)
  (memory $second i64 0 1)
  (memory $third 3 900 (pagesize 1))
  (tag $error (param i32 i64))
  (global $counter (mut i32) (i32.const 3))
  (global $far i64 (i64.add (i64.const 5) (i64.const 6)))
  (global $chosen (ref $binary) (ref.func $add))
  (export "add" (func $add))
  (export "memory" (memory $first))
  (export "functions" (table $functions))
  (export "counter" (global $counter))
  (start $begin)
  (elem (table $functions) (i32.const 1) func $add $sum $switch)
  (elem $passive funcref (ref.func $add) (ref.null func))
  (elem declare func $begin)
  (data (memory $first) (i32.const 16) "some bytes of an active segment")
  (data $later "a passive segment")
  (func $begin
    (global.set $counter (i32.const 4))
    (table.init $functions $passive (i32.const 0) (i32.const 0) (i32.const 1))
    (memory.init $first $later (i32.const 64) (i32.const 2) (i32.const 7))
    (data.drop $later))
  (func $add (type $binary) (i32.add (local.get 0) (local.get 1)))
  (func $sum (param $n i32) (result i64) (local $total i64)
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $total (i64.add (local.get $total) (i64.extend_i32_u (local.get $n))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $again)))
    (local.get $total))
  (func $switch (param i32) (result f64)
    (block $two (block $one (block $zero
      (br_table $zero $one $two (local.get 0)))
      (return (f64.const 0.5)))
      (return (f64.promote_f32 (f32.const -1.25))))
    (f64.convert_i32_s (call_indirect $functions (type $binary) (i32.const 1) (local.get 0) (i32.const 1))))
  (func $lanes (type $vector)
    (v128.xor (i32x4.add (local.get 0) (v128.const i32x4 1 2 3 4)) (v128.load offset=4 (i32.const 0)))
    (i64.load $second offset=8 (i64.const 0)))
  (func $choose (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (return_call_ref $binary (i32.const 1) (i32.const 2) (global.get $chosen)))
      (else (i32.trunc_sat_f64_u (f64.sqrt (f64.load (i32.const 8)))))))
  (func $throw (param i32) (throw $error (local.get 0) (i64.const 2)))
  (func $catch (param i32) (result i64) (local $caught exnref)
    (block $handler (result i32 i64 exnref)
      (try_table (catch_ref $error $handler) (call $throw (local.get 0)))
      (return (i64.extend_i32_u (i32.load8_u $third (local.get 0)))))
    (local.set $caught)
    (drop)
    (i64.extend_i32_u))
  (func $catch_as_before (param i32) (result i32)
    try (result i32)
      try (result i32) (call $throw (local.get 0)) (i32.const 1) catch_all rethrow 0 end
    catch $error drop
    end)
  (func $atomics (param i32) (result i64)
    (drop (i32.atomic.rmw.add (local.get 0) (i32.const 1)))
    (i64.atomic.rmw.cmpxchg (local.get 0) (i64.const 1) (i64.const 2)))
)"#;

/// A valid module without the proposals that the engine refuses.
pub fn valid_module(seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let bytes: Vec<u8> = (0..2048 + random.below(4096)).map(|_| random.next() as u8).collect();
    let config = Config {
        gc_enabled: false,
        custom_page_sizes_enabled: true,
        shared_everything_threads_enabled: false,
        threads_enabled: true,
        allow_start_export: false,
        max_memories: 3,
        max_tables: 3,
        max_memory32_bytes: 1 << 24,
        max_memory64_bytes: 1 << 24,
        min_funcs: 1,
        max_instructions: 300,
        ..Config::default()
    };
    let module =
        Module::new(config, &mut Unstructured::new(&bytes)).expect("enough bytes for a module");
    module.to_bytes()
}

/// One to four changes: flipped bits, bytes overwritten, inserted, removed, a part repeated.
pub fn mutate(bytes: &mut Vec<u8>, seed: u64) {
    let mut random = Random::new(!seed);
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        match random.below(8) {
            0 => bytes[at] = random.next() as u8,
            1 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
            2 => bytes.insert(at, random.next() as u8),
            3 if bytes.len() > 1 => drop(bytes.remove(at)),
            4 => {
                let part = bytes[at..bytes.len().min(at + random.below(32))].to_vec();
                bytes.splice(at..at, part);
            }
            _ => bytes[at] ^= 1 << random.below(8),
        }
    }
}

pub fn noise_after_header(seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let mut bytes = b"\0asm\x01\0\0\0".to_vec();
    for _ in 0..1 + random.below(64) {
        // Small numbers are more often meaningful than large ones.
        let byte = random.next() as u8;
        bytes.push(if random.below(3) == 0 { byte } else { byte & 15 });
    }
    bytes
}
