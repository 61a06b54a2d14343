//! Atomic accesses: one line for each opcode.

use crate::types::ValType;
use wasmparser::{MemArg, Operator};

/// How an atomic instruction combines its operand with the value in memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    Add,
    Sub,
    And,
    Or,
    Xor,
    Exchange,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AtomicAction {
    Load,
    Store,
    /// Read, change, write back.
    Modify(Change),
    CompareExchange,
    Notify,
    Wait,
}

/// What an atomic instruction does. Narrow values are zero-extended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Atomic {
    pub action: AtomicAction,
    /// The operand stack type of the value in memory.
    pub ty: ValType,
    /// Bytes in memory, which is also the required alignment.
    pub width: u32,
}

impl Atomic {
    /// Describes `op`, if it is an atomic access.
    pub fn of<'o>(op: &'o Operator<'_>) -> Option<(Atomic, &'o MemArg)> {
        use AtomicAction::{CompareExchange, Load, Modify, Notify, Store, Wait};
        use Change::*;
        use Operator::*;
        use ValType::{I32, I64};
        let (action, ty, width, memarg) = match op {
            MemoryAtomicNotify { memarg } => (Notify, I32, 4, memarg),
            MemoryAtomicWait32 { memarg } => (Wait, I32, 4, memarg),
            MemoryAtomicWait64 { memarg } => (Wait, I64, 8, memarg),
            I32AtomicLoad { memarg } => (Load, I32, 4, memarg),
            I64AtomicLoad { memarg } => (Load, I64, 8, memarg),
            I32AtomicLoad8U { memarg } => (Load, I32, 1, memarg),
            I32AtomicLoad16U { memarg } => (Load, I32, 2, memarg),
            I64AtomicLoad8U { memarg } => (Load, I64, 1, memarg),
            I64AtomicLoad16U { memarg } => (Load, I64, 2, memarg),
            I64AtomicLoad32U { memarg } => (Load, I64, 4, memarg),
            I32AtomicStore { memarg } => (Store, I32, 4, memarg),
            I64AtomicStore { memarg } => (Store, I64, 8, memarg),
            I32AtomicStore8 { memarg } => (Store, I32, 1, memarg),
            I32AtomicStore16 { memarg } => (Store, I32, 2, memarg),
            I64AtomicStore8 { memarg } => (Store, I64, 1, memarg),
            I64AtomicStore16 { memarg } => (Store, I64, 2, memarg),
            I64AtomicStore32 { memarg } => (Store, I64, 4, memarg),
            I32AtomicRmwAdd { memarg } => (Modify(Add), I32, 4, memarg),
            I64AtomicRmwAdd { memarg } => (Modify(Add), I64, 8, memarg),
            I32AtomicRmw8AddU { memarg } => (Modify(Add), I32, 1, memarg),
            I32AtomicRmw16AddU { memarg } => (Modify(Add), I32, 2, memarg),
            I64AtomicRmw8AddU { memarg } => (Modify(Add), I64, 1, memarg),
            I64AtomicRmw16AddU { memarg } => (Modify(Add), I64, 2, memarg),
            I64AtomicRmw32AddU { memarg } => (Modify(Add), I64, 4, memarg),
            I32AtomicRmwSub { memarg } => (Modify(Sub), I32, 4, memarg),
            I64AtomicRmwSub { memarg } => (Modify(Sub), I64, 8, memarg),
            I32AtomicRmw8SubU { memarg } => (Modify(Sub), I32, 1, memarg),
            I32AtomicRmw16SubU { memarg } => (Modify(Sub), I32, 2, memarg),
            I64AtomicRmw8SubU { memarg } => (Modify(Sub), I64, 1, memarg),
            I64AtomicRmw16SubU { memarg } => (Modify(Sub), I64, 2, memarg),
            I64AtomicRmw32SubU { memarg } => (Modify(Sub), I64, 4, memarg),
            I32AtomicRmwAnd { memarg } => (Modify(And), I32, 4, memarg),
            I64AtomicRmwAnd { memarg } => (Modify(And), I64, 8, memarg),
            I32AtomicRmw8AndU { memarg } => (Modify(And), I32, 1, memarg),
            I32AtomicRmw16AndU { memarg } => (Modify(And), I32, 2, memarg),
            I64AtomicRmw8AndU { memarg } => (Modify(And), I64, 1, memarg),
            I64AtomicRmw16AndU { memarg } => (Modify(And), I64, 2, memarg),
            I64AtomicRmw32AndU { memarg } => (Modify(And), I64, 4, memarg),
            I32AtomicRmwOr { memarg } => (Modify(Or), I32, 4, memarg),
            I64AtomicRmwOr { memarg } => (Modify(Or), I64, 8, memarg),
            I32AtomicRmw8OrU { memarg } => (Modify(Or), I32, 1, memarg),
            I32AtomicRmw16OrU { memarg } => (Modify(Or), I32, 2, memarg),
            I64AtomicRmw8OrU { memarg } => (Modify(Or), I64, 1, memarg),
            I64AtomicRmw16OrU { memarg } => (Modify(Or), I64, 2, memarg),
            I64AtomicRmw32OrU { memarg } => (Modify(Or), I64, 4, memarg),
            I32AtomicRmwXor { memarg } => (Modify(Xor), I32, 4, memarg),
            I64AtomicRmwXor { memarg } => (Modify(Xor), I64, 8, memarg),
            I32AtomicRmw8XorU { memarg } => (Modify(Xor), I32, 1, memarg),
            I32AtomicRmw16XorU { memarg } => (Modify(Xor), I32, 2, memarg),
            I64AtomicRmw8XorU { memarg } => (Modify(Xor), I64, 1, memarg),
            I64AtomicRmw16XorU { memarg } => (Modify(Xor), I64, 2, memarg),
            I64AtomicRmw32XorU { memarg } => (Modify(Xor), I64, 4, memarg),
            I32AtomicRmwXchg { memarg } => (Modify(Exchange), I32, 4, memarg),
            I64AtomicRmwXchg { memarg } => (Modify(Exchange), I64, 8, memarg),
            I32AtomicRmw8XchgU { memarg } => (Modify(Exchange), I32, 1, memarg),
            I32AtomicRmw16XchgU { memarg } => (Modify(Exchange), I32, 2, memarg),
            I64AtomicRmw8XchgU { memarg } => (Modify(Exchange), I64, 1, memarg),
            I64AtomicRmw16XchgU { memarg } => (Modify(Exchange), I64, 2, memarg),
            I64AtomicRmw32XchgU { memarg } => (Modify(Exchange), I64, 4, memarg),
            I32AtomicRmwCmpxchg { memarg } => (CompareExchange, I32, 4, memarg),
            I64AtomicRmwCmpxchg { memarg } => (CompareExchange, I64, 8, memarg),
            I32AtomicRmw8CmpxchgU { memarg } => (CompareExchange, I32, 1, memarg),
            I32AtomicRmw16CmpxchgU { memarg } => (CompareExchange, I32, 2, memarg),
            I64AtomicRmw8CmpxchgU { memarg } => (CompareExchange, I64, 1, memarg),
            I64AtomicRmw16CmpxchgU { memarg } => (CompareExchange, I64, 2, memarg),
            I64AtomicRmw32CmpxchgU { memarg } => (CompareExchange, I64, 4, memarg),
            _ => return None,
        };
        Some((Atomic { action, ty, width }, memarg))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::for_each_operator;
    use super::*;

    #[test]
    fn facts_about_atomics_are_what_their_names_say() {
        for_each_operator(|name, op, _| {
            let Some((atomic, _)) = Atomic::of(op) else { return };
            let waiting = name.strip_prefix("MemoryAtomic");
            let (ty, rest) = match waiting {
                Some("Wait64") => ("I64", ""),
                Some(_) => ("I32", ""),
                None => name.split_once("Atomic").unwrap(),
            };
            assert_eq!(format!("{:?}", atomic.ty), ty, "{name}");
            let bits: String = rest.chars().filter(char::is_ascii_digit).collect();
            let bits = if bits.is_empty() { &ty[1..] } else { &bits };
            assert_eq!(atomic.width, bits.parse::<u32>().unwrap() / 8, "{name}");
            let action = rest.trim_start_matches("Rmw").trim_end_matches('U');
            let action = action.trim_matches(|c: char| c.is_ascii_digit());
            let expected = match action {
                "Load" => AtomicAction::Load,
                "Store" => AtomicAction::Store,
                "Add" => AtomicAction::Modify(Change::Add),
                "Sub" => AtomicAction::Modify(Change::Sub),
                "And" => AtomicAction::Modify(Change::And),
                "Or" => AtomicAction::Modify(Change::Or),
                "Xor" => AtomicAction::Modify(Change::Xor),
                "Xchg" => AtomicAction::Modify(Change::Exchange),
                "Cmpxchg" => AtomicAction::CompareExchange,
                _ if name.contains("Wait") => AtomicAction::Wait,
                _ => AtomicAction::Notify,
            };
            assert_eq!(atomic.action, expected, "{name}");
        });
    }
}
