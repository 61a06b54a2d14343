//! Calling conventions: where the values of a call are passed.
//!
//! All guest functions use Cranelift's `Tail` convention with the callee's vmctx as first argument: integers and
//! references in rdi (vmctx), rsi, rdx, rcx, r8, r9, floats and vectors in xmm0-7, the rest on the stack in 8-byte
//! slots (16 and aligned for vectors), which the callee pops. Results go to rax, rcx, rdx, rsi, rdi, r8, r9, r10
//! and xmm0-7; there is no hidden return pointer. Further results go to the store's overflow buffer, 16 bytes each,
//! in order: the callee writes them just before it returns, and the caller reads them at once. Compilers and stubs
//! follow the same convention.

use crate::types::{FuncType, ValType};

/// Integer registers for arguments, the vmctx included.
pub const INT_ARGS: usize = 6;
pub const FLOAT_ARGS: usize = 8;
pub const INT_RESULTS: usize = 8;
pub const FLOAT_RESULTS: usize = 8;

/// Integer registers for arguments of the platform's C functions.
pub const C_INT_ARGS: usize = 6;

/// The most results a function may have; the size of the overflow buffer.
pub const MAX_RESULTS: usize = 1000;

/// The location of one result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResultPlace {
    /// The n-th integer result register.
    Int(u8),
    /// The n-th float result register.
    Float(u8),
    /// Slot n of the overflow buffer.
    Overflow(u32),
}

/// The location of one argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParamPlace {
    /// The n-th integer argument register; the vmctx has number 0.
    Int(u8),
    Float(u8),
    /// Byte offset in the stack argument area.
    Stack(u32),
}

/// The locations of all results, in order.
pub fn results(ty: &FuncType) -> impl Iterator<Item = (ValType, ResultPlace)> + Clone + '_ {
    let (mut ints, mut floats, mut overflow) = (0, 0, 0);
    ty.results.iter().map(move |&ty| {
        let (used, limit) = if ty.is_float_class() {
            (&mut floats, FLOAT_RESULTS)
        } else {
            (&mut ints, INT_RESULTS)
        };
        if *used < limit {
            let n = *used as u8;
            *used += 1;
            let place =
                if ty.is_float_class() { ResultPlace::Float(n) } else { ResultPlace::Int(n) };
            (ty, place)
        } else {
            overflow += 1;
            (ty, ResultPlace::Overflow(overflow - 1))
        }
    })
}

/// The locations of all parameters, in order.
pub fn params(ty: &FuncType) -> impl Iterator<Item = (ValType, ParamPlace)> + '_ {
    let mut places = PlaceCounter::default();
    ty.params.iter().map(move |&ty| (ty, places.next(ty)))
}

/// Whether a C function can have the type: only numbers, and at most one result.
pub fn is_native(ty: &FuncType) -> bool {
    let all = || ty.params.iter().chain(&ty.results);
    ty.results.len() <= 1 && !all().any(|ty| ty.is_ref() || *ty == ValType::V128)
}

/// The parameters of a C function and their locations.
pub type NativeParams = Vec<(ValType, ParamPlace)>;

/// Locations of the parameters in the C function `R f(void*, trap**, P...)`, and the bytes of its stack arguments,
/// rounded to 16. The caller pops them.
pub fn native_params(ty: &FuncType) -> (NativeParams, u32) {
    let mut places = PlaceCounter { ints: 2, ..PlaceCounter::default() };
    let params = ty.params.iter().map(|&ty| (ty, places.next(ty))).collect();
    (params, (places.stack + 15) & !15)
}

/// Bytes of stack arguments, rounded to 16: what the callee pops.
pub fn stack_args_size(ty: &FuncType) -> u32 {
    let mut places = PlaceCounter::default();
    ty.params.iter().for_each(|&ty| {
        places.next(ty);
    });
    (places.stack + 15) & !15
}

struct PlaceCounter {
    ints: usize,
    floats: usize,
    stack: u32,
}

impl Default for PlaceCounter {
    fn default() -> Self {
        // The vmctx takes the first integer register.
        PlaceCounter { ints: 1, floats: 0, stack: 0 }
    }
}

impl PlaceCounter {
    fn next(&mut self, ty: ValType) -> ParamPlace {
        if ty.is_float_class() {
            if self.floats < FLOAT_ARGS {
                self.floats += 1;
                return ParamPlace::Float(self.floats as u8 - 1);
            }
        } else if self.ints < INT_ARGS {
            self.ints += 1;
            return ParamPlace::Int(self.ints as u8 - 1);
        }
        let size = if ty == ValType::V128 { 16 } else { 8 };
        self.stack = (self.stack + size - 1) & !(size - 1);
        self.stack += size;
        ParamPlace::Stack(self.stack - size)
    }
}
