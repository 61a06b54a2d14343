//! Types in messages, in the notation of the text format.

use super::{ExternType, FuncType, GlobalType, HeapType, Limits, PageSize, RefType, ValType};
use std::fmt::{Display, Formatter, Result};

impl Display for ExternType {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            ExternType::Func(_, ty) => ty.fmt(f),
            ExternType::Global(ty) => ty.fmt(f),
            ExternType::Table(ty) => {
                f.write_str("(table ")?;
                write_limits(f, ty.is_64, &ty.limits)?;
                write!(f, " {})", ty.element)
            }
            ExternType::Memory(ty) => {
                f.write_str("(memory ")?;
                write_limits(f, ty.is_64, &ty.limits)?;
                f.write_str(if ty.shared { " shared" } else { "" })?;
                f.write_str(if ty.page == PageSize::Byte { " (pagesize 1))" } else { ")" })
            }
            ExternType::Tag(_, ty) => {
                f.write_str("(tag")?;
                write_list(f, "param", &ty.params)?;
                f.write_str(")")
            }
        }
    }
}

impl Display for FuncType {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str("(func")?;
        write_list(f, "param", &self.params)?;
        write_list(f, "result", &self.results)?;
        f.write_str(")")
    }
}

fn write_list(f: &mut Formatter<'_>, what: &str, types: &[ValType]) -> Result {
    if types.is_empty() {
        return Ok(());
    }
    write!(f, " ({what}")?;
    types.iter().try_for_each(|ty| write!(f, " {ty}"))?;
    f.write_str(")")
}

impl Display for GlobalType {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let content = self.content;
        if self.mutable {
            write!(f, "(global (mut {content}))")
        } else {
            write!(f, "(global {content})")
        }
    }
}

impl Display for ValType {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            ValType::I32 => f.write_str("i32"),
            ValType::I64 => f.write_str("i64"),
            ValType::F32 => f.write_str("f32"),
            ValType::F64 => f.write_str("f64"),
            ValType::V128 => f.write_str("v128"),
            ValType::Ref(ty) => ty.fmt(f),
        }
    }
}

/// A type defined by a module is shown with the engine's number; modules number it differently.
impl Display for RefType {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match (self.nullable, self.heap) {
            (true, HeapType::Func) => f.write_str("funcref"),
            (true, HeapType::Extern) => f.write_str("externref"),
            (false, HeapType::Func) => f.write_str("(ref func)"),
            (false, HeapType::Extern) => f.write_str("(ref extern)"),
            (true, HeapType::Exn) => f.write_str("exnref"),
            (false, HeapType::Exn) => f.write_str("(ref exn)"),
            (true, HeapType::NoExn) => f.write_str("nullexnref"),
            (false, HeapType::NoExn) => f.write_str("(ref noexn)"),
            (true, HeapType::Concrete(id)) => write!(f, "(ref null $type{})", id.as_u32()),
            (false, HeapType::Concrete(id)) => write!(f, "(ref $type{})", id.as_u32()),
        }
    }
}

fn write_limits(f: &mut Formatter<'_>, is_64: bool, limits: &Limits) -> Result {
    if is_64 {
        f.write_str("i64 ")?;
    }
    write!(f, "{}", limits.min)?;
    limits.max.map_or(Ok(()), |max| write!(f, " {max}"))
}

#[cfg(test)]
mod tests {
    use super::super::{MemoryType, TableType};
    use super::*;

    #[test]
    fn types_are_written_as_in_the_text_format() {
        let limits = Limits { min: 1, max: Some(2) };
        let ty = FuncType {
            params: [ValType::I32, ValType::EXTERNREF].into(),
            results: [ValType::F64].into(),
        };
        assert_eq!(ty.to_string(), "(func (param i32 externref) (result f64))");
        let global = GlobalType { content: ValType::V128, mutable: true };
        assert_eq!(ExternType::Global(global).to_string(), "(global (mut v128))");
        let table = TableType { element: RefType::FUNCREF, limits, is_64: false };
        assert_eq!(ExternType::Table(table).to_string(), "(table 1 2 funcref)");
        let open = Limits { min: 1, max: None };
        let page = PageSize::Usual;
        let memory = MemoryType { limits: open, is_64: true, shared: false, page };
        assert_eq!(ExternType::Memory(memory).to_string(), "(memory i64 1)");
        let memory = MemoryType { limits, is_64: false, shared: true, page };
        assert_eq!(ExternType::Memory(memory).to_string(), "(memory 1 2 shared)");
        let memory = MemoryType { page: PageSize::Byte, ..memory };
        assert_eq!(ExternType::Memory(memory).to_string(), "(memory 1 2 shared (pagesize 1))");
    }
}
