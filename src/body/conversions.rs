//! Conversions between number types: one line for each opcode.

use super::Sign::{self, Signed, Unsigned};
use crate::types::ValType::{self, F32, F64, I32, I64};
use wasmparser::Operator;

/// What a conversion does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Conversion {
    /// The low half of an i64.
    Wrap,
    /// An i32 becomes an i64.
    Extend(Sign),
    /// Sign-extends the low bytes of an integer of this type.
    ExtendLow(ValType, u32),
    Demote,
    Promote,
    /// The bits stay the same.
    Reinterpret(ValType),
    /// An integer becomes a float of this type.
    ToFloat(ValType, Sign),
    /// A float becomes an integer.
    Truncate(Truncation),
}

/// From float to integer, rounding towards zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Truncation {
    pub from: ValType,
    pub to: ValType,
    pub sign: Sign,
    /// Whether values out of range become the nearest integer, and NaN zero; otherwise both trap.
    pub saturating: bool,
}

impl Conversion {
    /// Describes `op`, if it is a conversion.
    #[inline]
    pub fn of(op: &Operator<'_>) -> Option<Conversion> {
        use Conversion::*;
        use Operator::*;
        Some(match op {
            I32WrapI64 => Wrap,
            I64ExtendI32S => Extend(Signed),
            I64ExtendI32U => Extend(Unsigned),
            I32Extend8S => ExtendLow(I32, 1),
            I32Extend16S => ExtendLow(I32, 2),
            I64Extend8S => ExtendLow(I64, 1),
            I64Extend16S => ExtendLow(I64, 2),
            I64Extend32S => ExtendLow(I64, 4),
            F32DemoteF64 => Demote,
            F64PromoteF32 => Promote,
            I32ReinterpretF32 => Reinterpret(I32),
            I64ReinterpretF64 => Reinterpret(I64),
            F32ReinterpretI32 => Reinterpret(F32),
            F64ReinterpretI64 => Reinterpret(F64),
            F32ConvertI32S | F32ConvertI64S => ToFloat(F32, Signed),
            F32ConvertI32U | F32ConvertI64U => ToFloat(F32, Unsigned),
            F64ConvertI32S | F64ConvertI64S => ToFloat(F64, Signed),
            F64ConvertI32U | F64ConvertI64U => ToFloat(F64, Unsigned),
            I32TruncF32S => truncate(F32, I32, Signed),
            I32TruncF32U => truncate(F32, I32, Unsigned),
            I32TruncF64S => truncate(F64, I32, Signed),
            I32TruncF64U => truncate(F64, I32, Unsigned),
            I64TruncF32S => truncate(F32, I64, Signed),
            I64TruncF32U => truncate(F32, I64, Unsigned),
            I64TruncF64S => truncate(F64, I64, Signed),
            I64TruncF64U => truncate(F64, I64, Unsigned),
            I32TruncSatF32S => saturate(F32, I32, Signed),
            I32TruncSatF32U => saturate(F32, I32, Unsigned),
            I32TruncSatF64S => saturate(F64, I32, Signed),
            I32TruncSatF64U => saturate(F64, I32, Unsigned),
            I64TruncSatF32S => saturate(F32, I64, Signed),
            I64TruncSatF32U => saturate(F32, I64, Unsigned),
            I64TruncSatF64S => saturate(F64, I64, Signed),
            I64TruncSatF64U => saturate(F64, I64, Unsigned),
            _ => return None,
        })
    }
}

const fn truncate(from: ValType, to: ValType, sign: Sign) -> Conversion {
    Conversion::Truncate(Truncation { from, to, sign, saturating: false })
}

const fn saturate(from: ValType, to: ValType, sign: Sign) -> Conversion {
    Conversion::Truncate(Truncation { from, to, sign, saturating: true })
}

/// The range of floats whose truncation fits. Both bounds are exact in the float type.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FloatRange {
    pub low: f64,
    /// Whether `low` itself is in the range.
    pub with_low: bool,
    /// The first float that is too large.
    pub high: f64,
}

impl Truncation {
    pub fn range(self) -> FloatRange {
        let bits = if self.to == I32 { 32 } else { 64 };
        match self.sign {
            Unsigned => FloatRange { low: -1.0, with_low: false, high: power_of_two(bits) },
            // There are doubles between -2^31 - 1 and -2^31, which still fit.
            Signed if self.to == I32 && self.from == F64 => {
                FloatRange { low: -2147483649.0, with_low: false, high: 2147483648.0 }
            }
            Signed => {
                let high = power_of_two(bits - 1);
                FloatRange { low: -high, with_low: true, high }
            }
        }
    }
}

fn power_of_two(exponent: i32) -> f64 {
    2f64.powi(exponent)
}

#[cfg(test)]
mod tests {
    use super::super::tests::for_each_operator;
    use super::*;

    fn expected(name: &str) -> Option<Conversion> {
        let types = [("I32", I32), ("I64", I64), ("F32", F32), ("F64", F64)];
        let of_prefix = |text: &str| types.iter().find(|(name, _)| text.starts_with(name));
        let &(prefix, to) = of_prefix(name)?;
        let rest = &name[prefix.len()..];
        let sign = if rest.ends_with('S') { Signed } else { Unsigned };
        let truncation = |source, saturating| {
            let &(_, from) = of_prefix(source)?;
            Some(Conversion::Truncate(Truncation { from, to, sign, saturating }))
        };
        Some(match rest {
            "WrapI64" => Conversion::Wrap,
            "ExtendI32S" | "ExtendI32U" => Conversion::Extend(sign),
            "Extend8S" => Conversion::ExtendLow(to, 1),
            "Extend16S" => Conversion::ExtendLow(to, 2),
            "Extend32S" => Conversion::ExtendLow(to, 4),
            "DemoteF64" => Conversion::Demote,
            "PromoteF32" => Conversion::Promote,
            _ if rest.starts_with("Reinterpret") => Conversion::Reinterpret(to),
            _ if rest.starts_with("Convert") => Conversion::ToFloat(to, sign),
            _ => match (rest.strip_prefix("TruncSat"), rest.strip_prefix("Trunc")) {
                (Some(source), _) => truncation(source, true)?,
                (None, Some(source)) => truncation(source, false)?,
                (None, None) => return None,
            },
        })
    }

    #[test]
    fn facts_about_conversions_are_what_their_names_say() {
        let mut conversions = 0;
        for_each_operator(|name, op, _| {
            assert_eq!(Conversion::of(op), expected(name), "{name}");
            conversions += usize::from(expected(name).is_some());
        });
        assert_eq!(conversions, 25 + 5 + 8);
    }

    #[test]
    fn ranges_hold_exactly_what_fits() {
        for (to, sign) in [(I32, Signed), (I32, Unsigned), (I64, Signed), (I64, Unsigned)] {
            for from in [F32, F64] {
                let range = Truncation { from, to, sign, saturating: false }.range();
                let (low, high) = integers(to, sign);
                for x in floats_around(from, low).chain(floats_around(from, high)) {
                    let above = if range.with_low { x >= range.low } else { x > range.low };
                    let fits = (low..=high).contains(&(x.trunc() as i128));
                    assert_eq!(above && x < range.high, fits, "{x} of {from:?} as {sign:?} {to:?}");
                }
            }
        }
    }

    fn integers(to: ValType, sign: Sign) -> (i128, i128) {
        match (to, sign) {
            (I32, Signed) => (i32::MIN.into(), i32::MAX.into()),
            (I32, Unsigned) => (0, u32::MAX.into()),
            (_, Signed) => (i64::MIN.into(), i64::MAX.into()),
            (_, Unsigned) => (0, u64::MAX.into()),
        }
    }

    /// Floats near an integer: one and two below and above it, and halves in between.
    fn floats_around(ty: ValType, integer: i128) -> impl Iterator<Item = f64> {
        let steps = (-4..=4).map(move |step| integer as f64 + f64::from(step) / 2.0);
        steps.flat_map(move |x| match ty {
            F32 => [(x as f32).next_down(), x as f32, (x as f32).next_up()].map(f64::from),
            _ => [x.next_down(), x, x.next_up()],
        })
    }
}
