//! Values: from text, to text, and as the library passes them.

use std::fmt;
use wasmrt::abi::value::WideVal;
use wasmrt::capi::types::wasm_valkind_enum::*;
use wasmrt::capi::valtype::*;
use wasmrt::capi::wasmrt_val::wasmrt_val_t;

/// The type of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    I32,
    I64,
    F32,
    F64,
    V128,
    FuncRef,
    ExternRef,
}

/// A value; references are null, since nothing else can be written down.
pub struct Value {
    pub kind: Kind,
    bits: u128,
}

const V128: u8 = 4;

impl Kind {
    /// # Safety
    /// A valid handle.
    pub(super) unsafe fn of(ty: *const wasm_valtype_t) -> Kind {
        // SAFETY: as promised by the caller.
        Kind::numbered(unsafe { wasm_valtype_kind(ty) })
    }

    fn numbered(number: u8) -> Kind {
        let all = [
            Kind::I32,
            Kind::I64,
            Kind::F32,
            Kind::F64,
            Kind::V128,
            Kind::FuncRef,
            Kind::ExternRef,
        ];
        all.into_iter().find(|kind| kind.number() == number).unwrap_or(Kind::ExternRef)
    }

    fn number(self) -> u8 {
        match self {
            Kind::I32 => WASM_I32 as u8,
            Kind::I64 => WASM_I64 as u8,
            Kind::F32 => WASM_F32 as u8,
            Kind::F64 => WASM_F64 as u8,
            Kind::V128 => V128,
            Kind::FuncRef => WASM_FUNCREF as u8,
            Kind::ExternRef => WASM_EXTERNREF as u8,
        }
    }

    /// Owned by the caller.
    pub(super) fn valtype(self) -> *mut wasm_valtype_t {
        wasm_valtype_new(self.number())
    }

    pub(super) fn zero(self) -> wasmrt_val_t {
        Value { kind: self, bits: 0 }.raw()
    }

    /// How a value of this type is written on the command line.
    pub fn notation(self) -> &'static str {
        match self {
            Kind::I32 => "an integer of 32 bits, such as 7, -7 or 0xff",
            Kind::I64 => "an integer of 64 bits, such as 7, -7 or 0xff",
            Kind::F32 | Kind::F64 => "a number, such as 0.5, 1e-3, inf or nan",
            Kind::V128 => "the bits of a vector as an integer, such as 0x10",
            Kind::FuncRef | Kind::ExternRef => "\"null\", the only reference that can be written",
        }
    }

    /// A value from its text; `None` if the text is none of this type.
    pub fn parse(self, text: &str) -> Option<Value> {
        let bits = match self {
            Kind::I32 => integer(text, 32)?,
            Kind::I64 => integer(text, 64)?,
            Kind::V128 => integer(text, 128)?,
            Kind::F32 => text.parse::<f32>().ok()?.to_bits().into(),
            Kind::F64 => text.parse::<f64>().ok()?.to_bits().into(),
            Kind::FuncRef | Kind::ExternRef => (text == "null").then_some(0)?,
        };
        Some(Value { kind: self, bits })
    }
}

/// An integer, decimal or hexadecimal, signed or unsigned.
fn integer(text: &str, width: u32) -> Option<u128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = digits.replace('_', "");
    let hexadecimal = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    let (digits, radix) = hexadecimal.map_or((digits.as_str(), 10), |digits| (digits, 16));
    // Signs were dealt with.
    if !digits.starts_with(|first: char| first.is_digit(radix)) {
        return None;
    }
    let size = u128::from_str_radix(digits, radix).ok()?;
    let mask = u128::MAX >> (128 - width);
    let most = if negative { (mask >> 1) + 1 } else { mask };
    (size <= most).then_some(if negative { size.wrapping_neg() & mask } else { size })
}

impl Value {
    pub(super) fn raw(&self) -> wasmrt_val_t {
        wasmrt_val_t(WideVal::new(self.kind.number(), self.bits))
    }

    /// # Safety
    /// A value that the library has written.
    pub(super) unsafe fn of(raw: &wasmrt_val_t) -> Value {
        let kind = Kind::numbered(raw.0.kind);
        let bits = match kind {
            // SAFETY: all of a vector is initialised.
            Kind::V128 => unsafe { raw.0.wide_bits() },
            _ => raw.0.bits.into(),
        };
        Value { kind, bits }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.kind {
            Kind::I32 => write!(f, "{}", self.bits as i32),
            Kind::I64 => write!(f, "{}", self.bits as i64),
            Kind::F32 => write!(f, "{}", f32::from_bits(self.bits as u32)),
            Kind::F64 => write!(f, "{}", f64::from_bits(self.bits as u64)),
            Kind::V128 => write!(f, "0x{:032x}", self.bits),
            Kind::FuncRef | Kind::ExternRef if self.bits == 0 => write!(f, "null"),
            Kind::FuncRef => write!(f, "a function"),
            Kind::ExternRef => write!(f, "an object"),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Kind::I32 => "i32",
            Kind::I64 => "i64",
            Kind::F32 => "f32",
            Kind::F64 => "f64",
            Kind::V128 => "v128",
            Kind::FuncRef => "funcref",
            Kind::ExternRef => "externref",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(kind: Kind, text: &str) -> Option<String> {
        kind.parse(text).map(|value| value.to_string())
    }

    #[test]
    fn integers_of_either_sign_and_radix_are_read() {
        let cases = [("7", "7"), ("-7", "-7"), ("0xffffffff", "-1"), ("4294967295", "-1")];
        for (text, value) in cases {
            assert_eq!(shown(Kind::I32, text).as_deref(), Some(value), "{text}");
        }
        assert_eq!(shown(Kind::I32, "-2147483648").as_deref(), Some("-2147483648"));
        assert_eq!(shown(Kind::I64, "1_000").as_deref(), Some("1000"));
        assert_eq!(shown(Kind::V128, "0x10").unwrap().len(), 34);
    }

    #[test]
    fn what_is_no_value_of_the_type_is_refused() {
        for text in ["", "-", "0x", "--1", "-+1", "4294967296", "-2147483649", "1.5", "seven"] {
            assert!(Kind::I32.parse(text).is_none(), "{text}");
        }
        assert!(Kind::F64.parse("one").is_none() && Kind::FuncRef.parse("0").is_none());
    }

    #[test]
    fn floats_are_shown_as_short_as_they_can_be_read_again() {
        assert_eq!(shown(Kind::F64, "0.1").as_deref(), Some("0.1"));
        assert_eq!(shown(Kind::F32, "-inf").as_deref(), Some("-inf"));
    }
}
