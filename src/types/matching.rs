//! Which type matches where another is expected (spec: matching, "Import Matching").
//!
//! Functions, tags and mutable globals match exactly; references and constant globals covariantly;
//! limits by inclusion, where the provided minimum is the *current* size of the object.

use super::{ExternType, GlobalType, HeapType, Limits, MemoryType, RefType, TableType, ValType};

impl HeapType {
    pub fn matches(self, expected: HeapType) -> bool {
        self == expected
            || matches!(
                (self, expected),
                (HeapType::Concrete(_), HeapType::Func) | (HeapType::NoExn, HeapType::Exn)
            )
    }
}

impl RefType {
    pub fn matches(self, expected: RefType) -> bool {
        (!self.nullable || expected.nullable) && self.heap.matches(expected.heap)
    }
}

impl ValType {
    pub fn matches(self, expected: ValType) -> bool {
        match (self, expected) {
            (ValType::Ref(a), ValType::Ref(b)) => a.matches(b),
            (a, b) => a == b,
        }
    }
}

impl Limits {
    pub fn matches(self, expected: Limits) -> bool {
        self.min >= expected.min
            && match (self.max, expected.max) {
                (_, None) => true,
                (Some(a), Some(b)) => a <= b,
                (None, Some(_)) => false,
            }
    }
}

impl GlobalType {
    pub fn matches(self, expected: GlobalType) -> bool {
        self.mutable == expected.mutable
            && if self.mutable {
                self.content == expected.content
            } else {
                self.content.matches(expected.content)
            }
    }
}

impl ExternType {
    /// Whether an object of this type may be imported where `expected` is required.
    pub fn matches(&self, expected: &ExternType) -> bool {
        match (self, expected) {
            (ExternType::Func(a, _), ExternType::Func(b, _)) => a == b,
            (ExternType::Global(a), ExternType::Global(b)) => a.matches(*b),
            (ExternType::Table(a), ExternType::Table(b)) => tables_match(a, b),
            (ExternType::Memory(a), ExternType::Memory(b)) => memories_match(a, b),
            (ExternType::Tag(a, _), ExternType::Tag(b, _)) => a == b,
            _ => false,
        }
    }
}

fn tables_match(a: &TableType, b: &TableType) -> bool {
    a.element == b.element && a.is_64 == b.is_64 && a.limits.matches(b.limits)
}

fn memories_match(a: &MemoryType, b: &MemoryType) -> bool {
    let same_kind = a.is_64 == b.is_64 && a.shared == b.shared && a.page == b.page;
    same_kind && a.limits.matches(b.limits)
}
