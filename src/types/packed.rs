//! Value types in one word, for the operand stack of the validator: equal types are equal words.
//!
//! Besides the value types there are two for operands of code that is never reached: *any* type, and *any reference*.
//! The types of locals may be marked as not yet set. References to function types hold canonical ids, so a word is
//! only valid within its engine.

use super::{HeapType, RefType, SigId, ValType};
use std::fmt;

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct PackedType(u32);

const REF: u32 = 1 << 31;
const NON_NULL: u32 = 1 << 30;
const UNSET: u32 = 1 << 29;
const HEAP: u32 = UNSET - 1;

/// Heap types; those of functions are numbered from `CONCRETE`.
const FUNC: u32 = 0;
const EXTERN: u32 = 1;
const EXN: u32 = 2;
const NO_EXN: u32 = 3;
const ANY_HEAP: u32 = 4;
const CONCRETE: u32 = 5;

impl PackedType {
    pub const ANY: PackedType = PackedType(0);
    pub const I32: PackedType = PackedType(1);
    pub const I64: PackedType = PackedType(2);
    pub const F32: PackedType = PackedType(3);
    pub const F64: PackedType = PackedType(4);
    pub const V128: PackedType = PackedType(5);
    pub const ANY_REF: PackedType = PackedType(REF | NON_NULL | ANY_HEAP);
    pub const FUNCREF: PackedType = PackedType(REF | FUNC);
    pub const EXTERNREF: PackedType = PackedType(REF | EXTERN);
    pub const EXNREF: PackedType = PackedType(REF | EXN);
    pub const NULLEXNREF: PackedType = PackedType(REF | NO_EXN);
    pub const NON_NULL_EXNREF: PackedType = PackedType(REF | NON_NULL | EXN);

    /// Fails if the engine has more function types than a word can number.
    pub fn new(ty: ValType) -> Option<PackedType> {
        Some(match ty {
            ValType::I32 => PackedType::I32,
            ValType::I64 => PackedType::I64,
            ValType::F32 => PackedType::F32,
            ValType::F64 => PackedType::F64,
            ValType::V128 => PackedType::V128,
            ValType::Ref(ty) => return PackedType::reference(ty),
        })
    }

    pub fn reference(ty: RefType) -> Option<PackedType> {
        let heap = match ty.heap {
            HeapType::Func => FUNC,
            HeapType::Extern => EXTERN,
            HeapType::Exn => EXN,
            HeapType::NoExn => NO_EXN,
            HeapType::Concrete(id) => return PackedType::concrete(id, ty.nullable),
        };
        Some(PackedType(REF | if ty.nullable { 0 } else { NON_NULL } | heap))
    }

    fn concrete(id: SigId, nullable: bool) -> Option<PackedType> {
        let heap = id.as_u32().checked_add(CONCRETE).filter(|heap| *heap <= HEAP)?;
        Some(PackedType(REF | if nullable { 0 } else { NON_NULL } | heap))
    }

    pub const fn bits(self) -> u32 {
        self.0
    }

    #[inline]
    pub const fn is_ref(self) -> bool {
        self.0 & REF != 0
    }

    /// Whether there is a value that locals of this type begin with.
    pub fn has_default(self) -> bool {
        !self.is_ref() || self.0 & NON_NULL == 0
    }

    pub fn non_null(self) -> PackedType {
        PackedType(self.0 | NON_NULL)
    }

    pub fn nullable(self) -> PackedType {
        PackedType(self.0 & !NON_NULL)
    }

    /// The type of a local that has no value yet.
    pub fn unset(self) -> PackedType {
        PackedType(self.0 | UNSET)
    }

    pub fn set(self) -> PackedType {
        PackedType(self.0 & !UNSET)
    }

    #[inline]
    pub const fn is_unset(self) -> bool {
        self.0 & UNSET != 0
    }

    /// Whether a value of this type may stand where `expected` is (spec: matching).
    pub fn matches(self, expected: PackedType) -> bool {
        if self == expected || self == PackedType::ANY {
            return true;
        }
        if !self.is_ref() || !expected.is_ref() {
            return false;
        }
        let nulls = self.0 & NON_NULL != 0 || expected.0 & NON_NULL == 0;
        let (heap, wanted) = (self.0 & HEAP, expected.0 & HEAP);
        let heaps = heap == wanted
            || heap == ANY_HEAP
            || heap >= CONCRETE && wanted == FUNC
            || heap == NO_EXN && wanted == EXN;
        nulls && heaps
    }
}

/// As in the text format, but all function types have one name: modules do not know canonical ids.
impl fmt::Display for PackedType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            PackedType::ANY => "any type",
            PackedType::I32 => "i32",
            PackedType::I64 => "i64",
            PackedType::F32 => "f32",
            PackedType::F64 => "f64",
            PackedType::V128 => "v128",
            PackedType::ANY_REF => "heap type",
            PackedType(ty) => match (ty & NON_NULL == 0, ty & HEAP) {
                (true, FUNC) => "funcref",
                (true, EXTERN) => "externref",
                (true, EXN) => "exnref",
                (true, NO_EXN) => "nullexnref",
                (true, _) => "(ref null $type)",
                (false, FUNC) => "(ref func)",
                (false, EXTERN) => "(ref extern)",
                (false, EXN) => "(ref exn)",
                (false, NO_EXN) => "(ref noexn)",
                (false, _) => "(ref $type)",
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FuncType, TypeRegistry};
    use super::*;

    /// All kinds of types, with two function types.
    fn all() -> Vec<ValType> {
        let registry = TypeRegistry::default();
        let func = |params| FuncType { params, results: Box::default() };
        let empty = registry.intern(&func(Box::default())).unwrap().0;
        let other = registry.intern(&func([ValType::I32].into())).unwrap().0;
        let concrete = [HeapType::Concrete(empty), HeapType::Concrete(other)];
        let heaps = [HeapType::Func, HeapType::Extern, HeapType::Exn, HeapType::NoExn];
        let references = heaps.into_iter().chain(concrete).flat_map(|heap| {
            [true, false].map(|nullable| ValType::Ref(RefType { nullable, heap }))
        });
        let numbers = [ValType::I32, ValType::I64, ValType::F32, ValType::F64, ValType::V128];
        numbers.into_iter().chain(references).collect()
    }

    #[test]
    fn packed_types_match_as_the_types_do() {
        for a in all() {
            for b in all() {
                let (packed_a, packed_b) =
                    (PackedType::new(a).unwrap(), PackedType::new(b).unwrap());
                assert_eq!(packed_a == packed_b, a == b, "{a} {b}");
                assert_eq!(packed_a.matches(packed_b), a.matches(b), "{a} {b}");
            }
        }
    }

    #[test]
    fn operands_of_dead_code_match_what_they_may_be() {
        for ty in all() {
            let packed = PackedType::new(ty).unwrap();
            assert!(PackedType::ANY.matches(packed));
            assert_eq!(PackedType::ANY_REF.matches(packed), ty.is_ref(), "{ty}");
            assert_eq!(packed.has_default(), !matches!(ty, ValType::Ref(ty) if !ty.nullable));
        }
    }

    #[test]
    fn unset_types_differ_from_all_others() {
        for ty in all() {
            let packed = PackedType::new(ty).unwrap();
            assert!(!packed.is_unset() && packed.unset().is_unset());
            assert!(packed.unset().set() == packed);
        }
    }
}
