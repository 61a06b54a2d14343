//! The decoder as users see it: what is kept, and what errors say.

use super::*;
use crate::body::{ValidationBuffers, validate_body};
use crate::error::ErrorKind;
use crate::module::hints::is_likely;
use crate::module::{ConstOp, ElementItems, Offset, SegmentMode};
use crate::types::{
    DataIndex, DefinedFuncIndex, ExternKind, FuncIndex, HeapType, MemoryIndex, ValType,
};

fn try_decode(wat: &str) -> Result<Decoded, Error> {
    let bytes = wat::parse_str(wat).expect("test text");
    decode(&bytes, &TypeRegistry::default(), &Limits::default())
}

/// Decodes and validates all bodies.
fn check(bytes: &[u8]) -> Result<(), Error> {
    let limits = Limits::default();
    let Decoded { module, validation } = decode(bytes, &TypeRegistry::default(), &limits)?;
    let buffers = &mut ValidationBuffers::default();
    (0..module.bodies.len() as u32).try_for_each(|f| {
        validate_body(&module, &validation, DefinedFuncIndex(f), &limits, buffers)
    })
}

fn refusal(wat: &str) -> Error {
    check(&wat::parse_str(wat).expect("test text")).expect_err("must be refused")
}

const EVERYTHING: &str = r#"
(module $m
  (type $f (func (param i32) (result i64)))
  (type $g (func (param (ref null $f))))
  (import "env" "f" (func $imported (type $f)))
  (import "env" "t" (table 1 2 funcref))
  (import "env" "m" (memory 1 65536))
  (import "env" "g" (global $base i32))
  (func $own (type $f) (i64.const 7))
  (func $start)
  (table $own_table i64 3 (ref null $f) (ref.null $f))
  (memory i64 1)
  (global $second i32 (i32.add (global.get $base) (i32.const 4)))
  (global (mut i32) (global.get $second))
  (export "own" (func $own))
  (export "memory" (memory 0))
  (start $start)
  (elem (i32.const 0) func $own $imported)
  (elem declare func $start)
  (elem funcref (ref.null func) (ref.func $own))
  (data (i32.const 8) "hello")
  (data "passive"))
"#;

#[test]
fn a_module_keeps_what_its_sections_say() {
    let module = try_decode(EVERYTHING).expect("valid").module;
    assert_eq!(module.imports.len(), 4);
    assert_eq!(**module.imports[0].module, *"env");
    let counts = (module.imported.functions, module.functions.len(), module.bodies.len());
    assert_eq!(counts, (1, 3, 2));
    let (id, _) = module.func_type(FuncIndex(0));
    let ValType::Ref(param) = module.types[1].1.params[0] else { panic!() };
    assert_eq!(param.heap, HeapType::Concrete(id));
    assert!(module.tables[1].ty.is_64 && module.tables[1].init.is_some());
    assert!(module.memories[1].is_64);
    assert_eq!(module.globals.len(), 3);
    assert_eq!(module.global_inits[0].ops.len(), 3);
    assert!(matches!(module.global_inits[1].ops[..], [ConstOp::GlobalGet(_)]));
    assert_eq!(module.exports[1].kind, ExternKind::Memory);
    assert_eq!(module.start, Some(FuncIndex(2)));
    let ElementItems::Functions(list) = &module.elements[0].items else { panic!() };
    assert_eq!(**list, [FuncIndex(1), FuncIndex(0)]);
    assert!(matches!(module.elements[1].mode, SegmentMode::Declared));
    assert_eq!(module.elements[2].items.len(), 2);
    assert_eq!(module.data_bytes(crate::types::DataIndex(0)), b"hello");
    assert_eq!(module.data_bytes(crate::types::DataIndex(1)), b"passive");
    assert_eq!(module.module_name().as_deref(), Some("m"));
    assert_eq!(module.function_name(FuncIndex(1)).as_deref(), Some("own"));
    assert_eq!(module.body(DefinedFuncIndex(0)), [0, 0x42, 7, 0x0b]);
}

#[test]
fn no_prefix_of_a_module_panics() {
    let bytes = wat::parse_str(EVERYTHING).expect("test text");
    check(&bytes).expect("the whole is valid");
    let refused = (0..bytes.len()).filter(|&end| check(&bytes[..end]).is_err()).count();
    // Where a section ends, the prefix may be a module.
    assert!(refused > bytes.len() - 12, "{refused} of {} prefixes", bytes.len());
}

#[test]
fn no_flipped_byte_panics() {
    let bytes = wat::parse_str(EVERYTHING).expect("test text");
    for i in 0..bytes.len() {
        for flip in [0x01, 0x40, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[i] ^= flip;
            let _ = check(&damaged);
        }
    }
}

#[test]
fn an_error_in_a_body_says_offset_function_and_name() {
    let error =
        refusal(r#"(module (import "" "" (func)) (func $wrong (result i32) (i64.const 0)))"#);
    assert_eq!((error.kind(), error.phase()), (ErrorKind::Invalid, Phase::Validate));
    assert_eq!(error.function(), Some(FuncIndex(1)));
    assert_eq!(error.function_name(), Some("wrong"));
    assert!(error.message().contains("type mismatch"), "{error}");
    let bytes = wat::parse_str("(module (func $wrong (result i32) (i64.const 0)))").unwrap();
    let offset = check(&bytes).unwrap_err().byte_offset().unwrap() as usize;
    assert_eq!(bytes[offset], 0x0b, "the end of the body is where the type is missing");
}

#[test]
fn malformed_and_invalid_are_told_apart() {
    let kind = |bytes: &[u8]| check(bytes).unwrap_err().kind();
    assert_eq!(kind(b"\0wasm"), ErrorKind::Malformed);
    assert_eq!(kind(b"\0asm\x02\0\0\0"), ErrorKind::Malformed);
    // A type section with an unknown form.
    assert_eq!(kind(b"\0asm\x01\0\0\0\x01\x02\x01\x20"), ErrorKind::Malformed);
    // A function of an unknown type.
    assert_eq!(kind(b"\0asm\x01\0\0\0\x03\x02\x01\x05"), ErrorKind::Invalid);
    // An illegal instruction.
    let mut bytes = wat::parse_str("(module (func nop))").unwrap();
    let at = bytes.windows(2).rposition(|w| w == [0x01, 0x0b]).unwrap();
    bytes[at] = 0xff;
    assert_eq!(kind(&bytes), ErrorKind::Malformed);
}

#[test]
fn a_refusal_names_the_missing_proposal() {
    let cases = [
        ("(module (type (struct)))", "garbage collection"),
        ("(module (type (array i32)))", "garbage collection"),
        ("(module (type (sub (func))))", "garbage collection"),
        ("(module (rec (type (func)) (type (func))))", "garbage collection"),
        ("(module (type $t (func (param (ref $t)))))", "garbage collection"),
        ("(module (func (param anyref)))", "garbage collection"),
        ("(module (global i31ref (ref.i31 (i32.const 0))))", "garbage collection"),
        ("(module (global funcref (ref.null nofunc)))", "garbage collection"),
        ("(module (func (drop (ref.i31 (i32.const 0)))))", "garbage collection"),
        ("(module (table shared 0 (ref null (shared func))))", "shared-everything threads"),
        ("(component)", "component model"),
    ];
    for (wat, proposal) in cases {
        let error = refusal(wat);
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{wat}: {error}");
        let text = error.to_string();
        assert!(
            text.starts_with(&format!("unsupported proposal: {proposal}"))
                || text.contains(&format!(": {proposal}")),
            "{wat}: {text}"
        );
        assert!(error.byte_offset().is_some(), "{wat}: {text}");
    }
}

#[test]
fn supported_proposals_are_accepted() {
    let cases = [
        "(module (memory 1) (memory 1) (func (memory.copy 0 1 (i32.const 0) (i32.const 0) (i32.const 0))))",
        "(module (memory i64 1) (func (drop (i32.load (i64.const 0)))))",
        "(module (table i64 1 funcref) (func (call_indirect (i64.const 0))))",
        "(module (func $f return_call $f))",
        "(module (type $t (func)) (func (param (ref $t)) (call_ref $t (local.get 0))))",
        "(module (func (param i64 i64 i64 i64) (result i64 i64) (i64.add128 (local.get 0) (local.get 1) (local.get 2) (local.get 3))))",
        "(module (memory 1) (func (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))))",
        "(module (func (param v128) (drop (i32x4.relaxed_trunc_f32x4_s (local.get 0)))))",
        "(module (tag (param i32)) (func (try_table (catch_all 0) (throw 0 (i32.const 1)))))",
        "(module (func try try delegate 0 catch_all rethrow 0 end))",
        "(module (global $a i32 (i32.const 1)) (global i32 (i32.mul (global.get $a) (i32.const 2))))",
        "(module (memory 1 (pagesize 1)) (memory 1 (pagesize 65536)))",
        r#"(module (import "m" (item "f" (func)) (item "g" (global i32))) (import "m" (item "t" ) (item "u") (tag)))"#,
    ];
    for wat in cases {
        check(&wat::parse_str(wat).unwrap()).unwrap_or_else(|e| panic!("{wat}: {e}"));
    }
}

#[test]
fn imports_that_share_a_long_module_name_are_limited() {
    let module = |imports: usize| {
        let names = "(item \"\")".repeat(imports);
        let name = "m".repeat(99_999);
        wat::parse_str(format!("(module (import \"{name}\" {names} (global i32)))")).unwrap()
    };
    check(&module(600)).expect("60 MB of names");
    let error = check(&module(700)).expect_err("70 MB of names");
    assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
}

#[test]
fn padded_numbers_are_accepted() {
    // Section sizes and counts as linkers write them: five bytes wide.
    let bytes = b"\0asm\x01\0\0\0\x01\x88\x80\x80\x80\0\x81\x80\x80\x80\0\x60\0\0";
    check(bytes).expect("padded numbers are valid");
}

#[test]
fn sizes_beyond_the_engine_are_legal_types() {
    check(&wat::parse_str("(module (memory 65536) (table 0xffffffff funcref))").unwrap()).unwrap();
    check(&wat::parse_str("(module (memory i64 0x1000000000000))").unwrap()).unwrap();
    let error = refusal("(module (memory 65537))");
    assert!(error.message().contains("memory size"), "{error}");
}

#[test]
fn limits_are_settings() {
    let wat = "(module (func (param i32) (local i64 i64)))";
    let bytes = wat::parse_str(wat).unwrap();
    let strict = Limits { module_size: 20, ..Limits::default() };
    let error = decode(&bytes, &TypeRegistry::default(), &strict).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
}

#[test]
fn branch_hints_are_read_as_far_as_they_make_sense() {
    let likely = |hints: &str| {
        let custom = "(@custom \"metadata.code.branch_hint\" (before code)";
        let text = "(import \"\" \"\" (func)) (func (param i32) (local i64)
            (if (local.get 0) (then)) (block (br_if 0 (local.get 0))))";
        let module = try_decode(&format!("(module {text} {custom} {hints}))")).unwrap().module;
        let start = module.bodies.get(DefinedFuncIndex(0)).start;
        let hints = module.branch_hints().unwrap();
        [5, 12].map(|offset| is_likely(&hints, start + offset))
    };
    assert_eq!(likely(r#""\01\01\02\05\01\00\0c\01\01""#), [Some(false), Some(true)]);
    assert_eq!(likely(r#""\01\01\02\0c\01\00\05\01\01""#), [Some(true), Some(false)]);
    // An import, and a function that is not there.
    assert_eq!(
        likely(r#""\03\00\01\05\01\01\09\01\05\01\01\01\01\05\01\00""#),
        [Some(false), None]
    );
    assert_eq!(likely(r#""\01\01\02\05\01\00\0c\02\01""#), [None, None]);
    assert_eq!(likely(r#""""#), [None, None]);
    assert_eq!(try_decode("(module (func))").unwrap().module.branch_hints(), None);
}

/// A memory and an offset, if that is constant.
type Target = (u32, Option<u64>);

/// The segments of a module with this text: where they go, unless they are passive, and their bytes.
fn segments(text: &str) -> Vec<(Option<Target>, Vec<u8>)> {
    let module = try_decode(text).expect("valid").module;
    let describe = |mode: &SegmentMode<MemoryIndex>| match mode {
        SegmentMode::Active { target, offset: Offset::Constant(offset) } => {
            Some((target.0, Some(*offset)))
        }
        SegmentMode::Active { target, .. } => Some((target.0, None)),
        _ => None,
    };
    let bytes = |index| module.data_bytes(DataIndex(index as u32)).to_vec();
    let segments = module.data.iter().enumerate();
    segments.map(|(index, segment)| (describe(&segment.mode), bytes(index))).collect()
}

#[test]
fn segments_are_the_same_whether_others_are_plain_or_not() {
    let plain =
        r#"(data (i32.const 8) "a\00b") (data (i32.const -1) "") (data (i32.const 0x7ff) "c")"#;
    let read = segments(&format!("(module (memory 1) {plain})"));
    let own = |offset, bytes: &[u8]| (Some((0, Some(offset))), bytes.to_vec());
    assert_eq!(read, [own(8, b"a\0b"), own(0xffff_ffff, b""), own(0x7ff, b"c")]);
    for other in [
        r#"(data "p")"#,
        r#"(data (global.get 0) "p")"#,
        r#"(data (memory 1) (i64.const 5) "p")"#,
        r#"(data (i32.add (i32.const 1) (i32.const 2)) "p")"#,
    ] {
        let text = format!(
            r#"(module (import "" "" (global i32)) (memory 1) (memory i64 1) {plain} {other})"#
        );
        let all = segments(&text);
        assert_eq!(all[..3], read, "{other}");
        assert_eq!(all[3].1, b"p");
    }
}

#[test]
fn wrong_data_sections_are_refused_as_ever() {
    for (memory, reason) in [("", "unknown memory 0"), ("(memory i64 1)", "type mismatch")] {
        let error = refusal(&format!(r#"(module {memory} (data (i32.const 0) "a"))"#));
        assert!(error.message().contains(reason), "{error}");
    }
    // A memory, and a data section with what follows its number of segments.
    for (rest, reason) in [
        (&[0, 0x41, 0, 0x0b, 5, 1, 2][..], "unexpected end"),
        (&[0, 0x41, 0, 0x0b, 1, 1, 2], "section size mismatch"),
        (&[0, 0x41, 0x80, 0x80, 0x80, 0x80, 0x70, 0x0b, 0], "invalid var_i32"),
        (&[3, 0x41, 0, 0x0b, 1, 1], "invalid flags"),
        (&[0, 0x41, 0], "unexpected end"),
    ] {
        let mut bytes = b"\0asm\x01\0\0\0\x05\x03\x01\0\x01\x0b".to_vec();
        bytes.extend([rest.len() as u8 + 1, 1]);
        bytes.extend(rest);
        let error = check(&bytes).unwrap_err();
        assert!(error.message().contains(reason), "{rest:?}: {error}");
    }
}
