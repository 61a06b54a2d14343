//! The locals of a function, in order: its parameters, then what the body declares.

use crate::binary::malformed;
use crate::error::Error;
use crate::types::ValType;
use wasmparser::BinaryReader;

/// The locals of one function. A few bytes may declare many, so they are kept in runs of one type.
#[derive(Default)]
pub struct Locals {
    params: usize,
    runs: Vec<(u32, ValType)>,
}

impl Locals {
    /// Reads the declarations at the beginning of a body. `define` gets the offset, number and type of each, and
    /// may refuse it.
    pub fn read(
        &mut self,
        params: &[ValType],
        reader: &mut BinaryReader<'_>,
        mut define: impl FnMut(u64, u32, wasmparser::ValType) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.params = params.len();
        self.runs.clear();
        self.runs.try_reserve(params.len())?;
        self.runs.extend(params.iter().map(|&ty| (1, ty)));
        for _ in 0..reader.read_var_u32().map_err(malformed)? {
            let offset = reader.original_position();
            let count = reader.read_var_u32().map_err(malformed)?;
            let ty = reader.read().map_err(malformed)?;
            define(offset, count, ty)?;
            self.runs.try_reserve(1)?;
            self.runs.push((count, val_type(ty)));
        }
        Ok(())
    }

    /// The number of locals, parameters included.
    pub fn count(&self) -> usize {
        self.runs.iter().map(|&(n, _)| n as usize).sum()
    }

    /// The number of parameters.
    pub fn params(&self) -> usize {
        self.params
    }

    pub fn types(&self) -> impl Iterator<Item = ValType> + '_ {
        self.runs.iter().flat_map(|&(n, ty)| (0..n).map(move |_| ty))
    }
}

/// A type within a body. A reference only keeps whether it is a function or a host object: code makes no other
/// difference.
pub fn val_type(ty: wasmparser::ValType) -> ValType {
    match ty {
        wasmparser::ValType::I32 => ValType::I32,
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        wasmparser::ValType::V128 => ValType::V128,
        wasmparser::ValType::Ref(ty) if ty.is_extern_ref() => ValType::EXTERNREF,
        wasmparser::ValType::Ref(_) => ValType::FUNCREF,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary::bodies::function_body;
    use crate::types::DefinedFuncIndex;

    #[test]
    fn parameters_come_first_and_runs_are_spread() {
        let module = super::super::tests::module(
            "(module (func (param f32 i64) (local i32 i32 externref v128) (local f64)))",
        );
        let params = [ValType::F32, ValType::I64];
        let mut reader = function_body(&module, DefinedFuncIndex(0)).get_binary_reader();
        let (mut locals, mut defined) = (Locals::default(), 0);
        let define = |_, count, _| {
            defined += count;
            Ok(())
        };
        locals.read(&params, &mut reader, define).unwrap();
        assert_eq!((locals.params(), locals.count(), defined), (2, 7, 5));
        let types: Vec<_> = locals.types().collect();
        let declared =
            [ValType::I32, ValType::I32, ValType::EXTERNREF, ValType::V128, ValType::F64];
        assert_eq!(types, [&params[..], &declared].concat());
    }
}
