//! Vector loads and stores.
//!
//! Part of the sandbox, in one respect: every access has exactly the width of the instruction, and directly follows
//! the note that it may fault.

use super::lane::splat_lowest;
use crate::asm::x64::*;
use crate::baseline::emitter::Emitter;
use crate::baseline::operand::Kind::V128;
use crate::baseline::registers::SCRATCH;
use crate::body::Sign::{self, Signed, Unsigned};
use crate::body::accesses::Direction::{Load, Store};
use crate::body::vectors::{Part, VectorAccess};
use wasmparser::{MemArg, Operator};

pub(super) fn emit(e: &mut Emitter<'_>, op: &Operator<'_>) -> bool {
    let Some((access, memarg)) = VectorAccess::of(op) else { return false };
    match (access.direction, access.part) {
        (Load, Part::Lane(lane)) => load_lane(e, access, memarg, lane),
        (Load, _) => load(e, access, memarg),
        (Store, Part::Lane(lane)) => store_lane(e, access, memarg, lane),
        (Store, _) => store(e, access, memarg),
    }
    true
}

fn load(e: &mut Emitter<'_>, access: VectorAccess, memarg: &MemArg) {
    let address = e.pop_address(memarg, access.width());
    let to = e.result_xmm(&[]);
    e.may_fault_at(address);
    let place = address.place;
    match (access.part, access.lane) {
        (Part::Extended(sign), lane) => e.asm.sse_mem(extension(lane, sign), to, place),
        (Part::Splat, lane) => load_splat(e, lane, to, place),
        (Part::First, 4) => e.asm.load_float(Width::B32, to, place),
        (Part::First, _) => e.asm.load_float(Width::B64, to, place),
        _ => e.asm.load_vector(to, place),
    }
    e.release_address(address);
    e.push_xmm(V128, to);
}

/// Extends eight bytes.
fn extension(lane: u32, sign: Sign) -> Sse {
    match (lane, sign) {
        (1, Signed) => Sse::Pmovsxbw,
        (1, Unsigned) => Sse::Pmovzxbw,
        (2, Signed) => Sse::Pmovsxwd,
        (2, Unsigned) => Sse::Pmovzxwd,
        (_, Signed) => Sse::Pmovsxdq,
        (_, Unsigned) => Sse::Pmovzxdq,
    }
}

fn load_splat(e: &mut Emitter<'_>, lane: u32, to: Xmm, place: Mem) {
    match lane {
        1 | 2 => {
            let extend = if lane == 1 { Extend::Zero8 } else { Extend::Zero16 };
            e.asm.load_extended(extend, SCRATCH, place);
            e.asm.move_to_vector(Width::B32, to, SCRATCH);
            splat_lowest(e, lane, to);
        }
        4 => {
            e.asm.load_float(Width::B32, to, place);
            splat_lowest(e, lane, to);
        }
        _ => e.asm.sse_mem(Sse::Movddup, to, place),
    }
}

fn load_lane(e: &mut Emitter<'_>, access: VectorAccess, memarg: &MemArg, lane: u8) {
    let vector = e.pop();
    let address = e.pop_address(memarg, access.width());
    let to = e.accumulator_xmm(vector, &[]);
    e.may_fault_at(address);
    let (op, width) = match access.lane {
        1 => (Sse::Pinsrb, Width::B32),
        2 => (Sse::Pinsrw, Width::B32),
        4 => (Sse::Pinsrd, Width::B32),
        _ => (Sse::Pinsrd, Width::B64),
    };
    e.asm.sse_mem_imm(op, width, to, address.place, lane);
    e.release_address(address);
    e.push_xmm(V128, to);
}

fn store(e: &mut Emitter<'_>, access: VectorAccess, memarg: &MemArg) {
    let vector = e.pop();
    let from = e.in_xmm(vector);
    let address = e.pop_address(memarg, access.width());
    e.may_fault_at(address);
    e.asm.store_vector(address.place, from);
    e.release_address(address);
    e.release_xmm(from);
}

fn store_lane(e: &mut Emitter<'_>, access: VectorAccess, memarg: &MemArg, lane: u8) {
    let vector = e.pop();
    let from = e.in_xmm(vector);
    let address = e.pop_address(memarg, access.width());
    e.may_fault_at(address);
    let place = address.place;
    match (access.lane, lane) {
        (4, 0) => e.asm.store_float(Width::B32, place, from),
        (8, 0) => e.asm.store_float(Width::B64, place, from),
        (1, _) => e.asm.sse_mem_imm(Sse::Pextrb, Width::B32, from, place, lane),
        (2, _) => e.asm.sse_mem_imm(Sse::Pextrw, Width::B32, from, place, lane),
        (4, _) => e.asm.sse_mem_imm(Sse::Pextrd, Width::B32, from, place, lane),
        _ => e.asm.sse_mem_imm(Sse::Pextrd, Width::B64, from, place, lane),
    }
    e.release_address(address);
    e.release_xmm(from);
}
