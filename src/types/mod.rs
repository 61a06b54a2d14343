//! The types of WebAssembly values and of everything that a module imports or exports.
//!
//! Types are plain data. A reference to a function type holds its canonical id ([`SigId`]), which the engine's
//! [`registry`] assigns: two types are equal exactly when their ids are, whichever modules they came from. So link
//! checks and indirect calls are one comparison each. An id is only valid within its engine.

mod matching;
mod packed;
pub mod registry;
mod text;

pub use packed::PackedType;
pub use registry::{SigId, TypeRegistry};

use std::sync::Arc;

/// What a reference points to (spec: heap types; only those of the supported proposals).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HeapType {
    /// Any function.
    Func,
    /// Any host object.
    Extern,
    /// A function of exactly this type.
    Concrete(SigId),
    /// An exception.
    Exn,
    /// Nothing: only null is an exception of this type.
    NoExn,
}

/// A reference type: heap type and nullability.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RefType {
    pub nullable: bool,
    pub heap: HeapType,
}

impl RefType {
    pub const FUNCREF: RefType = RefType { nullable: true, heap: HeapType::Func };
    pub const EXTERNREF: RefType = RefType { nullable: true, heap: HeapType::Extern };

    /// Whether values of this type are functions (as opposed to host objects).
    pub fn is_func(self) -> bool {
        !matches!(self.heap, HeapType::Extern | HeapType::Exn | HeapType::NoExn)
    }
}

/// The type of a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ValType {
    I32,
    I64,
    F32,
    F64,
    V128,
    Ref(RefType),
}

impl ValType {
    pub const FUNCREF: ValType = ValType::Ref(RefType::FUNCREF);
    pub const EXTERNREF: ValType = ValType::Ref(RefType::EXTERNREF);

    pub fn is_ref(self) -> bool {
        matches!(self, ValType::Ref(_))
    }

    /// Passed in a vector register (floats and vectors) rather than an integer register.
    pub fn is_float_class(self) -> bool {
        matches!(self, ValType::F32 | ValType::F64 | ValType::V128)
    }
}

/// A function type.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct FuncType {
    pub params: Box<[ValType]>,
    pub results: Box<[ValType]>,
}

/// Size limits of a memory (in pages of its own size) or a table (in elements).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Limits {
    pub min: u64,
    pub max: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct MemoryType {
    pub limits: Limits,
    /// Addresses are 64 bits wide (memory64).
    pub is_64: bool,
    /// Several threads may use the memory, each through a store of its own. There is a maximum.
    pub shared: bool,
    pub page: PageSize,
}

/// The unit of a memory's size.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PageSize {
    Byte,
    /// 64 KiB.
    Usual,
}

impl PageSize {
    /// The logarithm of the number of bytes, to the base 2.
    pub fn log2(self) -> u32 {
        match self {
            PageSize::Byte => 0,
            PageSize::Usual => 16,
        }
    }
}

impl MemoryType {
    /// The size of some of its pages in bytes, saturated.
    pub fn bytes(&self, pages: u64) -> u64 {
        pages.saturating_mul(1 << self.page.log2())
    }

    /// The size in bytes that a memory of the type always has.
    pub fn minimum_bytes(&self) -> u64 {
        self.bytes(self.limits.min)
    }

    /// The number of its pages in some pages of 64 KiB, saturated.
    pub fn pages_in(&self, usual: u64) -> u64 {
        usual.saturating_mul(1 << (PageSize::Usual.log2() - self.page.log2()))
    }

    /// The most pages that a memory of this kind can ever have.
    pub fn index_space_pages(&self) -> u64 {
        match (self.page, self.is_64) {
            (PageSize::Byte, false) => u32::MAX.into(),
            (PageSize::Byte, true) => u64::MAX,
            (PageSize::Usual, false) => 1 << 16,
            (PageSize::Usual, true) => 1 << 48,
        }
    }

    /// Whether guard pages can stand for bounds checks: no address reaches beyond the reservation, and the memory
    /// ends where a page of the system ends.
    pub fn may_be_guarded(&self) -> bool {
        !self.is_64 && self.page == PageSize::Usual
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TableType {
    pub element: RefType,
    pub limits: Limits,
    /// Indices are 64 bits wide (table64).
    pub is_64: bool,
}

impl TableType {
    /// A table of this type can never change its size.
    pub fn is_fixed_size(&self) -> bool {
        self.limits.max == Some(self.limits.min)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct GlobalType {
    pub content: ValType,
    pub mutable: bool,
}

/// The type of an import or export.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ExternType {
    Func(SigId, Arc<FuncType>),
    Global(GlobalType),
    Table(TableType),
    Memory(MemoryType),
    /// A tag; exceptions with it carry the parameters of the function type.
    Tag(SigId, Arc<FuncType>),
}

/// What an import or export is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ExternKind {
    Func,
    Global,
    Table,
    Memory,
    Tag,
}

impl ExternType {
    pub fn kind(&self) -> ExternKind {
        match self {
            ExternType::Func(..) => ExternKind::Func,
            ExternType::Global(_) => ExternKind::Global,
            ExternType::Table(_) => ExternKind::Table,
            ExternType::Memory(_) => ExternKind::Memory,
            ExternType::Tag(..) => ExternKind::Tag,
        }
    }
}

/// Declares a newtype for one index space.
macro_rules! index {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(transparent)]
        pub struct $name(pub u32);
        impl $name {
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

index! {
    /// Index into a module's type section.
    TypeIndex,
    /// Index into a module's functions, imports first.
    FuncIndex,
    /// Index into a module's defined functions, imports not counted.
    DefinedFuncIndex,
    TableIndex,
    MemoryIndex,
    GlobalIndex,
    ElemIndex,
    DataIndex,
    /// Index into a module's exception tags, imports first.
    TagIndex,
}

/// Bytes in a page of linear memory, unless its type says otherwise ([`PageSize`]).
pub const PAGE_SIZE: u64 = 65536;
