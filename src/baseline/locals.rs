//! Where locals live: each has one place for the whole function, so that nothing moves where ways join.
//!
//! The locals that loops use most are in registers. First come registers that calls preserve; the caller's values
//! in them are saved once. A local in another register is saved and loaded around calls, which must be worth it.
//! All other locals are in the frame, where an instruction can use them as well.

use super::frame::FrameLayout;
use super::operand::{Kind, Source};
use super::registers::{MEMORY_BASE_REG, PRESERVED, UNPRESERVED, UNPRESERVED_XMMS};
use super::scan::Scan;
use crate::asm::x64::*;
use crate::body;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Home {
    Frame,
    Reg(Reg),
    Xmm(Xmm),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Local {
    pub kind: Kind,
    pub home: Home,
    /// Its slot, from rbp.
    pub slot: i32,
    /// The number of operands that are its current value.
    pub aliases: u32,
    /// How many instructions that write it are still ahead, or were dead.
    pub writes: u32,
}

impl Local {
    pub fn slot(&self) -> Mem {
        Mem(RBP, self.slot)
    }
}

/// The locals of one function.
#[derive(Default)]
pub(super) struct LocalHomes {
    pub all: Vec<Local>,
    /// Those in registers.
    pub in_registers: Vec<u32>,
    /// Those in registers that calls do not preserve.
    pub unpreserved: Vec<u32>,
    candidates: Vec<(u64, u32)>,
}

/// Saving and loading a register of the caller, counted like uses.
const COST_OF_PRESERVED: u64 = 2;
/// The same around each call.
const COST_PER_CALL: u64 = 2;

/// A function with more locals than this keeps them in the frame: choosing takes time.
const MANY: usize = 10_000;

impl LocalHomes {
    /// Chooses a place for each local.
    pub fn choose(
        &mut self,
        declared: &body::Locals,
        scan: &Scan,
        base_in_register: bool,
        frame: &mut FrameLayout,
    ) {
        self.all.clear();
        self.in_registers.clear();
        self.unpreserved.clear();
        self.all.extend(declared.types().zip(&scan.writes).map(|(ty, &writes)| {
            let kind = Kind::of(ty);
            Local { kind, home: Home::Frame, slot: frame.local(kind), aliases: 0, writes }
        }));
        if self.all.len() > MANY {
            return;
        }
        self.candidates.clear();
        let used = scan.uses.iter().zip(0..).filter(|(uses, _)| **uses > COST_OF_PRESERVED);
        self.candidates.extend(used.map(|(uses, local)| (*uses, local)));
        self.candidates.sort_unstable_by_key(|(uses, local)| (u64::MAX - uses, *local));
        let mut preserved =
            PRESERVED.into_iter().filter(|reg| !(base_in_register && *reg == MEMORY_BASE_REG));
        let mut ints = UNPRESERVED.into_iter();
        let mut xmms = UNPRESERVED_XMMS.into_iter();
        for &(uses, local) in &self.candidates {
            let pays = uses > COST_PER_CALL * scan.calls;
            let home = match self.all[local as usize].kind {
                Kind::I32 | Kind::I64 => {
                    let reg = preserved.next();
                    reg.or_else(|| ints.next().filter(|_| pays)).map(Home::Reg)
                }
                _ => xmms.next().filter(|_| pays).map(Home::Xmm),
            };
            let Some(home) = home else { continue };
            self.all[local as usize].home = home;
            self.in_registers.push(local);
            if !matches!(home, Home::Reg(reg) if PRESERVED.contains(&reg)) {
                self.unpreserved.push(local);
            }
        }
    }

    pub fn get(&self, local: u32) -> Local {
        self.all[local as usize]
    }

    /// Where the value of a local is.
    pub fn source(&self, local: u32) -> Source {
        let local = self.get(local);
        match local.home {
            Home::Frame => Source::Mem(local.slot()),
            Home::Reg(reg) => Source::Reg(reg),
            Home::Xmm(reg) => Source::Xmm(reg),
        }
    }

    pub fn count_alias(&mut self, local: u32, change: i32) {
        let aliases = &mut self.all[local as usize].aliases;
        *aliases = aliases.wrapping_add_signed(change);
    }

    /// Counts an instruction that writes a local.
    pub fn count_write(&mut self, local: u32) {
        let writes = &mut self.all[local as usize].writes;
        *writes = writes.saturating_sub(1);
    }

    pub fn registers(&self) -> impl Iterator<Item = Reg> + '_ {
        self.in_registers.iter().filter_map(|local| match self.get(*local).home {
            Home::Reg(reg) => Some(reg),
            _ => None,
        })
    }

    pub fn xmms(&self) -> impl Iterator<Item = Xmm> + '_ {
        self.in_registers.iter().filter_map(|local| match self.get(*local).home {
            Home::Xmm(reg) => Some(reg),
            _ => None,
        })
    }
}
