//! Round trips, and damaged bytes: those are refused with a message and do nothing else.

use super::seal::{SEAL_LEN, seal};
use super::*;
use crate::abi::call_targets::LikelyTarget;
use crate::abi::function_code::{Handler, Inlined};
use crate::abi::{Bounds, CodeMode, FunctionCode, Metering, Site, SiteDetails, Tier, Traps};
use crate::compile::linker::Linker;
use crate::compile::module::NOTHING_ELSE;
use crate::compile::states::State;
use crate::compile::{CodeSet, CompileConfig, CompileContext, CompileSetting, CompiledModule};
use crate::error::ErrorKind;
use crate::types::{DefinedFuncIndex, TypeRegistry};
use std::collections::BTreeMap;
use std::sync::Arc;

const MODES: [CodeMode; 2] = [
    CodeMode { bounds: Bounds::Guard, traps: Traps::Signals, metering: Metering::Off },
    CodeMode { bounds: Bounds::Explicit, traps: Traps::Calls, metering: Metering::On },
];

const MODULE: &str = r#"(module $named
    (type $t (func (param i32) (result i32)))
    (import "host" "f" (func $f (type $t)))
    (memory 1) (table 4 funcref) (global (mut i64) (i64.const 7))
    (func $load (export "load") (type $t) (i32.load (local.get 0)))
    (func $calls (type $t) (call $load (call $f (i32.div_u (local.get 0) (i32.const 0)))))
    (func $indirect (call_indirect (i32.const 1)) unreachable)
    (tag $error (param i32))
    (func $catches (type $t)
        (block $h (result i32)
            (try_table (catch $error $h) (call $calls (local.get 0)) drop (call $indirect))
            (throw $error (i32.const 1))))
    (data (i32.const 0) "data") (elem (i32.const 0) $load $calls))"#;

fn context(key: Option<&str>) -> Arc<CompileContext> {
    let serialize_key = key.map(|key| SerializeKey::new(key.as_bytes()));
    let setting = CompileSetting::Optimized;
    let config = CompileConfig { serialize_key, setting, ..CompileConfig::default() };
    Arc::new(CompileContext::new(config))
}

fn written(module: &CompiledModule) -> Vec<u8> {
    written_with(module, Some(Tier::Optimized))
}

/// With the code of a tier, or what exists.
fn written_with(module: &CompiledModule, tier: Option<Tier>) -> Vec<u8> {
    let serialized = module.serialize(tier).unwrap();
    let mut out = vec![0; serialized.len().unwrap()];
    serialized.write(&mut out).unwrap();
    out
}

/// A module with the code of both [`MODES`].
fn compiled(context: &Arc<CompileContext>, text: &str) -> CompiledModule {
    let binary = wat::parse_str(text).unwrap();
    let types = TypeRegistry::default();
    let module = CompiledModule::new(context, &binary, &types, MODES[0], NOTHING_ELSE).unwrap();
    module.code_set(MODES[1]).unwrap();
    module
}

fn blob(key: Option<&str>) -> Vec<u8> {
    written(&compiled(&context(key), MODULE))
}

/// Baseline code of all functions, and optimized code of one.
fn mixed_blob() -> Vec<u8> {
    let config = CompileConfig { setting: CompileSetting::Tiered, ..CompileConfig::default() };
    let module = compiled(&Arc::new(CompileContext::new(config)), MODULE);
    module.compile_all(Tier::Baseline).unwrap();
    let set = module.code_set(MODES[0]).unwrap();
    set.compile_function(DefinedFuncIndex(2), Tier::Optimized).unwrap();
    written_with(&module, None)
}

#[test]
fn records_of_indirect_calls_come_back_with_code_that_may_get_better() {
    let config = CompileConfig { setting: CompileSetting::Tiered, ..CompileConfig::default() };
    let context = Arc::new(CompileContext::new(config));
    let module = compiled(&context, MODULE);
    module.compile_all(Tier::Baseline).unwrap();
    let targets = [(1, 70), (0, 60)].map(|(function, calls)| LikelyTarget { function, calls });
    for mode in MODES {
        let set = module.code_set(mode).unwrap();
        let (known, slots) = (&set.growth().unwrap().0.call_targets, set.all_slots());
        targets.into_iter().for_each(|target| known.remember(slots, 3, target));
    }
    let copy = read(&context, &written_with(&module, None)).unwrap();
    for mode in MODES {
        let set = copy.code_set(mode).unwrap();
        let (known, slots) = (&set.growth().unwrap().0.call_targets, set.all_slots());
        assert_eq!(known.likely(slots, 3).targets[..], targets);
        assert_eq!(known.all(slots).unwrap().len(), 2);
    }
}

fn read(context: &Arc<CompileContext>, bytes: &[u8]) -> Result<CompiledModule, Error> {
    CompiledModule::deserialize(context, bytes, &TypeRegistry::default())
}

#[test]
fn code_and_sites_come_back_as_they_were() {
    let original = compiled(&context(None), MODULE);
    // Other types first, so that canonical ids differ.
    let (context, types) = (context(None), TypeRegistry::default());
    let other =
        wat::parse_str("(module (func (param f64 f64)) (func (result i64) unreachable))").unwrap();
    CompiledModule::new(&context, &other, &types, MODES[0], NOTHING_ELSE).unwrap();
    let bytes = written(&original);
    let copy = CompiledModule::deserialize(&context, &bytes, &types).unwrap();
    assert!(copy.module().types[0].0 != original.module().types[0].0);
    for mode in MODES {
        let (old, new) = (original.code_set(mode).unwrap(), copy.code_set(mode).unwrap());
        let (old, new) = (old.parts().unwrap(), new.parts().unwrap());
        assert!(old.0 == new.0);
        assert!(old.1.encoded().eq(new.1.encoded()));
    }
    assert!(written(&copy) == bytes);
}

#[test]
fn details_of_sites_come_back_as_they_were() {
    let (context, sites) = (context(None), [Site { code_offset: 2, wasm_offset: 9, trap: None }]);
    let binary = wat::parse_str("(module (func) (func))").unwrap();
    let original =
        CompiledModule::new(&context, &binary, &TypeRegistry::default(), MODES[0], NOTHING_ELSE)
            .unwrap();
    let chain = vec![Inlined { function: 1, call_offset: 7 }];
    let handler = Some(Handler { landing: 3, frame_size: 40 });
    let details = SiteDetails { inlined: chain, handler, target: Some(300), is_hidden: false };
    let code = |details| FunctionCode {
        bytes: vec![0xcc; 4],
        alignment: 16,
        in_line: None,
        calls: Vec::new(),
        sites: sites.into(),
        details,
    };
    let linker = Linker::new(context.code_memory(), 2, 100).unwrap();
    linker.add(DefinedFuncIndex(0), code(vec![(0, details)])).unwrap();
    linker.add(DefinedFuncIndex(1), code(Vec::new())).unwrap();
    let set = CodeSet::new(original.module(), MODES[0], linker.finish().unwrap(), Tier::Optimized)
        .unwrap();
    let sets = [SetParts::of(Arc::new(set)).unwrap()].into_iter().collect();
    let serialized = Serialized { sets, ..original.serialize(None).unwrap() };
    let mut bytes = vec![0; serialized.len().unwrap()];
    serialized.write(&mut bytes).unwrap();
    let set = read(&context, &bytes).unwrap().code_set(MODES[0]).unwrap();
    let start = set.parts().unwrap().0.as_ptr() as usize;
    assert_eq!(set.object().unwrap().handler_at(start + 2), Some((start + 3, 40)));
    let frames = set.object().unwrap().frames_at(start + 2, false);
    assert_eq!(
        frames.map(|frame| (frame.func.0, frame.wasm_offset)).collect::<Vec<_>>(),
        [(1, 9), (0, 7)]
    );
}

#[test]
fn sets_that_are_missing_are_compiled() {
    let first = context(None);
    let binary = wat::parse_str(MODULE).unwrap();
    let only =
        CompiledModule::new(&first, &binary, &TypeRegistry::default(), MODES[0], NOTHING_ELSE)
            .unwrap();
    let copy = read(&context(None), &written(&only)).unwrap();
    assert_eq!(copy.serialize(None).unwrap().sets.len(), 1);
    assert!(copy.code_set(MODES[1]).unwrap().parts().is_some());
    assert_eq!(copy.serialize(None).unwrap().sets.len(), 2);
}

#[test]
fn code_of_both_tiers_comes_back_as_it_was() {
    let bytes = mixed_blob();
    let copy = read(&context(None), &bytes).unwrap();
    let set = copy.code_set(MODES[0]).unwrap();
    let state = |func| set.code_now(DefinedFuncIndex(func)).unwrap().0;
    assert_eq!(state(2), State::Optimized);
    assert!([0, 1, 3].into_iter().all(|func| state(func) == State::Baseline));
    assert!(written_with(&copy, None) == bytes);
    copy.compile_all(Tier::Optimized).unwrap();
    assert!(set.has_all(Tier::Optimized));
}

/// Deterministic numbers (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }

    fn bytes(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| self.below(256) as u8).collect()
    }

    /// A wrong number that is likely to matter.
    fn word(&mut self) -> u32 {
        match self.below(4) {
            0 => self.below(300) as u32,
            1 => u32::MAX - self.below(300) as u32,
            2 => 1 << self.below(32),
            _ => self.below(1 << 32) as u32,
        }
    }
}

/// Bytes that differ from `good`, depending on the numbers drawn. `other` is a valid blob of another module.
fn damaged(random: &mut Random, good: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = good.to_vec();
    let at = random.below(good.len());
    match random.below(8) {
        0 => bytes[at] ^= 1 << random.below(8),
        1 => (0..1 + random.below(8)).for_each(|_| {
            let at = random.below(good.len());
            bytes[at] ^= 1 << random.below(8);
        }),
        2 => bytes.truncate(at),
        3 => bytes.extend(random.bytes(1 + at % 99)),
        4 => {
            let end = good.len().min(at + 1 + random.below(40));
            bytes.splice(at..end, random.bytes(end - at));
        }
        5 => drop(bytes.drain(at..good.len().min(at + 1 + random.below(40)))),
        // The beginning of one and the end of the other.
        6 => {
            bytes.truncate(at);
            bytes.extend_from_slice(&other[at.min(other.len())..]);
        }
        _ => {
            let at = at.min(good.len() - 4);
            bytes[at..at + 4].copy_from_slice(&random.word().to_le_bytes());
        }
    }
    if bytes == good || bytes == other {
        bytes = random.bytes(at);
    }
    bytes
}

#[test]
fn damaged_bytes_are_refused_with_a_reason_a_hundred_thousand_times() {
    for key in [None, Some("secret")] {
        let (context, good) = (context(key), blob(key));
        let other = written(&compiled(&context, "(module (func (export \"f\")))"));
        assert!(read(&context, &good).is_ok() && read(&context, &other).is_ok());
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for _ in 0..50_000 {
            let bytes = damaged(&mut random, &good, &other);
            let error = read(&context, &bytes).err().expect("damaged bytes are refused");
            assert_eq!(error.kind(), ErrorKind::Serialized);
            assert!(error.message().len() > 10);
        }
    }
}

/// Corrects length and seal, so that the checks after them are reached.
fn reseal(bytes: &mut [u8]) {
    let len = bytes.len() as u64;
    if let Some(place) = bytes.get_mut(16..24) {
        place.copy_from_slice(&len.to_le_bytes());
    }
    if let Some((body, place)) = bytes.split_last_chunk_mut::<SEAL_LEN>() {
        *place = seal(None, body);
    }
}

#[test]
fn forged_bytes_may_load_but_never_break_the_loader() {
    let (context, good) = (context(None), [blob(None), mixed_blob()]);
    let other = written(&compiled(&context, "(module (func (export \"f\")))"));
    let mut random = Random(42);
    let mut reasons = BTreeMap::<String, u32>::new();
    for round in 0..40_000 {
        let mut bytes = damaged(&mut random, &good[round % 2], &other);
        reseal(&mut bytes);
        match read(&context, &bytes) {
            Ok(module) => look_around(&module, random.below(1 << 20) as u32),
            Err(error) => {
                assert!(error.message().len() > 3);
                let words = error.message().chars().filter(|c| !c.is_ascii_digit());
                *reasons.entry(words.take(24).collect()).or_default() += 1;
            }
        }
    }
    for reason in [
        "a length reaches beyond",
        "a function outside",
        "functions overlap",
        "sites of no function",
        "code for another number",
        "unknown mode",
        "unknown form",
        "a function twice",
        "final code of several",
        "two code sets of one",
        "data behind the last",
        "written by",
        "its code uses extensions",
        "format ",
        "code sets",
    ] {
        assert!(reasons.keys().any(|seen| seen.contains(reason)), "{reason}: {reasons:#?}");
    }
}

/// Uses a loaded module in every way except running it.
fn look_around(module: &CompiledModule, from: u32) {
    for parts in &module.serialize(None).unwrap().sets {
        let set = &parts.set;
        let (Some(object), Some((code, _))) = (set.object(), set.parts()) else { continue };
        for offset in 0..64 {
            let pc = code.as_ptr() as usize + (from as usize + offset) % (code.len() + 2);
            let _ = (
                object.trap_at(pc),
                object.call_at(pc),
                object.is_hidden(pc),
                object.handler_at(pc),
            );
            object.frames_at(pc, true).for_each(drop);
        }
    }
    let _ = module.module().function_name(crate::types::FuncIndex(1));
}

#[test]
fn a_secret_decides_which_bytes_load() {
    let secrets = [None, Some("a"), Some("b")];
    for writer in secrets {
        for reader in secrets {
            let result = read(&context(reader), &blob(writer));
            assert_eq!(result.is_ok(), writer == reader, "{writer:?} {reader:?}");
        }
    }
}

#[test]
fn code_for_a_better_processor_is_refused_and_for_a_lesser_one_taken() {
    let good = blob(None);
    let at = 24 + 4 + IDENTITY.len();
    for (features, accepted) in [(0u32, true), (1 << 30, false), (u32::MAX, false)] {
        let mut bytes = good.clone();
        bytes[at..at + 4].copy_from_slice(&features.to_le_bytes());
        reseal(&mut bytes);
        assert_eq!(read(&context(None), &bytes).is_ok(), accepted);
    }
}
