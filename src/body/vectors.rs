//! Loads and stores of vectors: one line for each opcode.

use super::Sign::{self, Signed, Unsigned};
use super::accesses::Direction::{self, Load, Store};
use wasmparser::{MemArg, Operator};

/// Which part of a vector an access affects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    Whole,
    /// Eight bytes, whose lanes are extended to twice their width.
    Extended(Sign),
    /// One value, copied to all lanes.
    Splat,
    /// The first lane; the others become zero.
    First,
    /// The lane with this number; the others stay.
    Lane(u8),
}

/// What a load or store does with a vector.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VectorAccess {
    pub direction: Direction,
    pub part: Part,
    /// Bytes of a lane in memory.
    pub lane: u32,
}

impl VectorAccess {
    /// Describes `op`, if it is a load or store of a vector.
    pub fn of<'o>(op: &'o Operator<'_>) -> Option<(VectorAccess, &'o MemArg)> {
        use Operator::*;
        use Part::*;
        let (direction, part, lane, memarg) = match op {
            V128Load { memarg } => (Load, Whole, 1, memarg),
            V128Store { memarg } => (Store, Whole, 1, memarg),
            V128Load8x8S { memarg } => (Load, Extended(Signed), 1, memarg),
            V128Load8x8U { memarg } => (Load, Extended(Unsigned), 1, memarg),
            V128Load16x4S { memarg } => (Load, Extended(Signed), 2, memarg),
            V128Load16x4U { memarg } => (Load, Extended(Unsigned), 2, memarg),
            V128Load32x2S { memarg } => (Load, Extended(Signed), 4, memarg),
            V128Load32x2U { memarg } => (Load, Extended(Unsigned), 4, memarg),
            V128Load8Splat { memarg } => (Load, Splat, 1, memarg),
            V128Load16Splat { memarg } => (Load, Splat, 2, memarg),
            V128Load32Splat { memarg } => (Load, Splat, 4, memarg),
            V128Load64Splat { memarg } => (Load, Splat, 8, memarg),
            V128Load32Zero { memarg } => (Load, First, 4, memarg),
            V128Load64Zero { memarg } => (Load, First, 8, memarg),
            V128Load8Lane { memarg, lane } => (Load, Lane(*lane), 1, memarg),
            V128Load16Lane { memarg, lane } => (Load, Lane(*lane), 2, memarg),
            V128Load32Lane { memarg, lane } => (Load, Lane(*lane), 4, memarg),
            V128Load64Lane { memarg, lane } => (Load, Lane(*lane), 8, memarg),
            V128Store8Lane { memarg, lane } => (Store, Lane(*lane), 1, memarg),
            V128Store16Lane { memarg, lane } => (Store, Lane(*lane), 2, memarg),
            V128Store32Lane { memarg, lane } => (Store, Lane(*lane), 4, memarg),
            V128Store64Lane { memarg, lane } => (Store, Lane(*lane), 8, memarg),
            _ => return None,
        };
        Some((VectorAccess { direction, part, lane }, memarg))
    }

    /// Bytes in memory.
    pub fn width(self) -> u32 {
        match self.part {
            Part::Whole => 16,
            Part::Extended(_) => 8,
            Part::Splat | Part::First | Part::Lane(_) => self.lane,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::for_each_operator;
    use super::*;

    #[test]
    fn facts_about_vectors_are_what_their_names_say() {
        for_each_operator(|name, op, _| {
            let Some((access, _)) = VectorAccess::of(op) else { return };
            let direction = if name.contains("Load") { "Load" } else { "Store" };
            assert_eq!(format!("{:?}", access.direction), direction, "{name}");
            let rest = name.strip_prefix(&format!("V128{direction}")).unwrap();
            let lane: String = rest.chars().take_while(char::is_ascii_digit).collect();
            let part = match &rest[lane.len()..] {
                "" => Part::Whole,
                "Splat" => Part::Splat,
                "Zero" => Part::First,
                "Lane" => Part::Lane(0),
                extended if extended.ends_with('S') => Part::Extended(Signed),
                _ => Part::Extended(Unsigned),
            };
            assert_eq!(access.part, part, "{name}");
            assert_eq!(access.lane, lane.parse().map_or(1, |bits: u32| bits / 8), "{name}");
        });
    }
}
