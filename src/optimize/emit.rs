//! From Cranelift's output to a [`FunctionCode`]: the stack check, relocations and sites.
//!
//! The stack check lies in front of the function's prologue, so that no frame is touched before it
//! is known to fit; r10, r11 and the flags are free there:
//!
//! ```text
//! entry:  mov r11, [rdi + store]
//!         cmp rsp, [r11 + stack limit]          a small frame: the reserve below the limit holds it
//!         mov r10, [r11 + stack limit]          \ a larger one: on a stack that lies low, the stack
//!         add r10, frame                        | pointer less the frame could wrap; the sum cannot
//!         cmp rsp, r10                          /
//!         jb  overflow
//!         sub qword [r11 + fuel], cost          \ metered code only
//!         jl  refuel                            /
//! go_on:  nops up to the code's alignment
//!         ... the function ...
//! overflow: mov r11, [rdi + builtins]
//!         jmp [r11 + StackOverflow]
//! refuel: mov r11, [rdi + builtins]
//!         call [r11 + RefuelAtEntry]            preserves all arguments
//!         jmp go_on
//! ```
//! A function that calls nothing and whose frame is small has no check of the stack.

use super::block_ends;
use super::epilogue::shorten;
use super::error::CompileError;
use super::placement::choose;
use super::traps::abi_code;
use crate::abi::function_code::LINE;
use crate::abi::mode::UNCHECKED_FRAME;
use crate::abi::vmctx::{STORE_FUEL, STORE_STACK_LIMIT, VMCTX_BUILTINS, VMCTX_STORE};
use crate::abi::{Builtin, CallRelocation, FunctionCode, Site};
use crate::types::DefinedFuncIndex;
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::ir::{ExternalName, Function};
use cranelift_codegen::{
    CompiledCode, Final, FinalizedMachReloc, FinalizedRelocTarget, MachSrcLoc,
};

const MAX_CODE_SIZE: usize = i32::MAX as usize / 2;

/// What a signed displacement can express, with room to spare.
const MAX_FRAME: u32 = 1 << 30;

/// Words of the saved frame pointer and the return address, above the frame proper.
const FRAME_HEAD: u32 = 16;

/// What the translation knows about a function, besides its code.
pub(super) struct FunctionFacts {
    /// Offset of the body in the module.
    pub body_start: u32,
    /// How many blocks the translation made.
    pub blocks: u64,
    /// The function calls something other than the trap builtin.
    pub calls: bool,
    /// Stack arguments of the largest tail call: its own argument area may grow by as much.
    pub tail_args: u32,
    /// What each call of the function consumes, in metered code.
    pub entry_fuel: Option<u32>,
}

pub(super) fn function_code(
    func: &Function,
    compiled: &CompiledCode,
    facts: &FunctionFacts,
) -> Result<FunctionCode, CompileError> {
    let buffer = &compiled.buffer;
    let code = buffer.data();
    if code.len() > MAX_CODE_SIZE {
        return Err(CompileError::Limit("function too large"));
    }
    let alignment = buffer.alignment.min(LINE);
    let layout = buffer.frame_layout();
    let layout = layout.ok_or_else(|| CompileError::internal("no frame layout"))?;
    let frame = layout.frame_to_fp_offset.saturating_add(FRAME_HEAD + facts.tail_args);
    if frame > MAX_FRAME {
        return Err(CompileError::Limit("stack frame too large"));
    }
    let checked = facts.calls || frame > UNCHECKED_FRAME;

    let mut bytes = Vec::new();
    let reserve = code.len() + alignment as usize + 64;
    bytes.try_reserve_exact(reserve).map_err(|_| CompileError::OutOfMemory)?;
    let checked = checked.then_some(frame);
    if checked.is_none() && facts.entry_fuel.is_none() {
        bytes.extend_from_slice(code);
        shorten(&mut bytes, compiled);
        return finish(func, compiled, facts, bytes, 0);
    }
    bytes.extend_from_slice(&[0x4c, 0x8b, 0x5f, VMCTX_STORE as u8]);
    let overflow = checked.map(|frame| emit_check(&mut bytes, frame));
    let refuel = facts.entry_fuel.map(|fuel| emit_charge(&mut bytes, fuel));
    let go_on = bytes.len();
    pad(&mut bytes, alignment);
    let start = bytes.len() as u32;
    bytes.extend_from_slice(code);
    shorten(&mut bytes[start as usize..], compiled);
    if let Some(branch) = overflow {
        emit_overflow(&mut bytes, branch);
    }
    if let Some(branch) = refuel {
        emit_refuel(&mut bytes, branch, go_on);
    }
    finish(func, compiled, facts, bytes, start)
}

fn finish(
    func: &Function,
    compiled: &CompiledCode,
    facts: &FunctionFacts,
    bytes: Vec<u8>,
    start: u32,
) -> Result<FunctionCode, CompileError> {
    let alignment = compiled.buffer.alignment.min(LINE);
    let in_line = choose(compiled, start, bytes.len(), alignment);
    Ok(FunctionCode {
        bytes,
        alignment,
        in_line,
        calls: relocations(func, compiled.buffer.relocs(), start)?,
        sites: sites(compiled, start, facts.body_start),
    })
}

/// Emits the comparison, r11 being the store; returns the position of the branch's target field.
fn emit_check(bytes: &mut Vec<u8>, frame: u32) -> usize {
    if frame <= UNCHECKED_FRAME {
        bytes.extend_from_slice(&[0x49, 0x3b, 0x63, STORE_STACK_LIMIT as u8]);
    } else {
        bytes.extend_from_slice(&[0x4d, 0x8b, 0x53, STORE_STACK_LIMIT as u8]);
        bytes.extend_from_slice(&[0x49, 0x81, 0xc2]);
        bytes.extend_from_slice(&frame.to_le_bytes());
        bytes.extend_from_slice(&[0x4c, 0x39, 0xd4]);
    }
    bytes.extend_from_slice(&[0x0f, 0x82, 0, 0, 0, 0]);
    bytes.len() - 4
}

/// Emits the charge for a call, r11 being the store; returns the position of the branch's target
/// field.
fn emit_charge(bytes: &mut Vec<u8>, fuel: u32) -> usize {
    bytes.extend_from_slice(&[0x49, 0x81, 0x6b, STORE_FUEL as u8]);
    bytes.extend_from_slice(&fuel.min(i32::MAX as u32).to_le_bytes());
    bytes.extend_from_slice(&[0x0f, 0x8c, 0, 0, 0, 0]);
    bytes.len() - 4
}

/// Makes the branch whose target field is at `branch` go to the end of what is emitted so far.
fn bind(bytes: &mut [u8], branch: usize) {
    let distance = (bytes.len() - branch - 4) as i32;
    bytes[branch..branch + 4].copy_from_slice(&distance.to_le_bytes());
}

fn emit_refuel(bytes: &mut Vec<u8>, branch: usize, go_on: usize) {
    bind(bytes, branch);
    bytes.extend_from_slice(&[0x4c, 0x8b, 0x5f, VMCTX_BUILTINS as u8]);
    bytes.extend_from_slice(&[0x41, 0xff, 0x93]);
    bytes.extend_from_slice(&Builtin::RefuelAtEntry.offset().to_le_bytes());
    let back = go_on as i32 - (bytes.len() as i32 + 5);
    bytes.push(0xe9);
    bytes.extend_from_slice(&back.to_le_bytes());
}

fn emit_overflow(bytes: &mut Vec<u8>, branch: usize) {
    bind(bytes, branch);
    bytes.extend_from_slice(&[0x4c, 0x8b, 0x5f, VMCTX_BUILTINS as u8]);
    bytes.extend_from_slice(&[0x41, 0xff, 0x63, Builtin::StackOverflow.offset() as u8]);
}

/// No-operation instructions of 1 to 9 bytes.
const NOPS: [&[u8]; 9] = [
    &[0x90],
    &[0x66, 0x90],
    &[0x0f, 0x1f, 0x00],
    &[0x0f, 0x1f, 0x40, 0x00],
    &[0x0f, 0x1f, 0x44, 0x00, 0x00],
    &[0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],
    &[0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00],
    &[0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
    &[0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
];

fn pad(bytes: &mut Vec<u8>, alignment: u32) {
    let alignment = alignment as usize;
    let mut missing = bytes.len().next_multiple_of(alignment) - bytes.len();
    while missing > 0 {
        let nop = NOPS[missing.min(NOPS.len()) - 1];
        bytes.extend_from_slice(nop);
        missing -= nop.len();
    }
}

fn relocations(
    func: &Function,
    relocs: &[FinalizedMachReloc],
    start: u32,
) -> Result<Vec<CallRelocation>, CompileError> {
    let mut calls = Vec::with_capacity(relocs.len());
    for reloc in relocs {
        let FinalizedRelocTarget::ExternalName(ExternalName::User(name)) = reloc.target else {
            return Err(CompileError::internal(format!("relocation to {:?}", reloc.target)));
        };
        if reloc.kind != Reloc::X86CallPCRel4 || reloc.addend != -4 {
            return Err(CompileError::internal(format!("relocation of kind {:?}", reloc.kind)));
        }
        let target = DefinedFuncIndex(func.params.user_named_funcs()[name].index);
        calls.push(CallRelocation { offset: start + reloc.offset, target });
    }
    calls.sort_unstable_by_key(|call| call.offset);
    Ok(calls)
}

/// Faulting instructions and return addresses, in order.
fn sites(compiled: &CompiledCode, start: u32, body_start: u32) -> Vec<Site> {
    let buffer = &compiled.buffer;
    let ranges = buffer.get_srclocs_sorted();
    let mut places: Vec<(u32, Option<std::num::NonZeroU8>)> = Vec::new();
    places.extend(
        buffer
            .traps()
            .iter()
            .filter_map(|trap| Some((trap.offset, Some(abi_code(trap.code)?.as_non_zero())))),
    );
    places.extend(buffer.call_sites().map(|call| (call.ret_addr, None)));
    // A return address may be that of a faulting instruction: two sites then.
    places.sort_unstable_by_key(|&(offset, trap)| (offset, trap.is_some()));
    places.dedup_by_key(|&mut (offset, trap)| (offset, trap.is_some()));
    let site = |(offset, trap): (u32, Option<std::num::NonZeroU8>)| {
        let inside = if trap.is_some() { offset } else { offset.saturating_sub(1) };
        let wasm_offset = wasm_offset(ranges, inside).map_or(0, |offset| body_start + offset);
        Site { code_offset: start + offset, wasm_offset, trap }
    };
    places.into_iter().map(site).collect()
}

/// The offset in the body of the instruction that the code at `offset` was made of, if known.
fn wasm_offset(ranges: &[MachSrcLoc<Final>], offset: u32) -> Option<u32> {
    let passed = ranges.partition_point(|range| range.end <= offset);
    let range = ranges.get(passed).filter(|range| range.start <= offset)?;
    block_ends::offset(range.loc)
}
