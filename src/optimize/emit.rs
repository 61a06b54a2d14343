//! From Cranelift's output to a [`FunctionCode`]: entry checks, relocations and sites.

use super::accesses::Accesses;
use super::epilogue::shorten;
use super::error::CompileError;
use super::loop_depths::LoopDepths;
use super::placement::choose;
use super::places::{Place, Places};
use super::traps::{NEVER_REACHED, abi_code};
use super::{addresses, block_ends};
use crate::abi::frames::FRAME_HEAD;
use crate::abi::function_code::{Handler, LINE};
use crate::abi::{CallRelocation, FunctionCode, Site, SiteDetails, Variant};
use crate::asm::function_entry::{EntryChecks, FunctionEntry, MAX_ENTRY_CODE, MAX_FRAME};
use crate::asm::x64::Assembler;
use crate::types::DefinedFuncIndex;
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::ir::{ExternalName, Function, TrapCode};
use cranelift_codegen::{
    CompiledCode, Final, FinalizedMachExceptionHandler, FinalizedMachReloc, FinalizedRelocTarget,
    MachSrcLoc,
};

const MAX_CODE_SIZE: usize = i32::MAX as usize / 2;

/// What the translation knows about a function, besides its code.
pub(super) struct FunctionFacts {
    pub places: Places,
    pub depths: LoopDepths,
    pub accesses: Accesses,
    /// The function calls something other than the trap builtin.
    pub calls: bool,
    /// Bytes of stack arguments of the largest tail call: the function's own argument area may grow to this size.
    pub tail_args: u32,
    /// The fuel that each call of the function consumes, in metered code.
    pub entry_fuel: Option<u32>,
    /// The number of the function itself.
    pub own: DefinedFuncIndex,
    pub variant: Variant,
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
    let FunctionFacts { calls, entry_fuel: fuel, own, variant, .. } = *facts;
    let counted = variant.counted.then_some(own.0);
    let checks = EntryChecks { frame, calls, fuel, counted };
    let reserve = code.len() + alignment as usize + MAX_ENTRY_CODE;
    let mut asm = Assembler::with_capacity(reserve);
    let entry = FunctionEntry::emit(&mut asm, &checks);
    asm.align(alignment as usize);
    let start = asm.len();
    asm.append(code);
    entry.emit_rare_branches(&mut asm);
    let mut bytes = asm.finish().ok_or(CompileError::OutOfMemory)?;
    shorten(&mut bytes[start..], compiled);
    addresses::simplify(&mut bytes[start..], compiled);
    finish(func, compiled, facts, bytes, start as u32)
}

fn finish(
    func: &Function,
    compiled: &CompiledCode,
    facts: &FunctionFacts,
    bytes: Vec<u8>,
    start: u32,
) -> Result<FunctionCode, CompileError> {
    let alignment = compiled.buffer.alignment.min(LINE);
    let (sites, inlined) = sites(compiled, start, facts);
    let in_line = choose(compiled, start, bytes.len(), alignment, &facts.depths);
    let calls = relocations(func, compiled.buffer.relocs(), start)?;
    let mut details = details(compiled, start, &sites, inlined)?;
    name_targets(&sites, &mut details, &calls, facts)?;
    Ok(FunctionCode { bytes, alignment, in_line, calls, details, sites })
}

/// Adds the targets of direct calls that must be linked again when the code is moved.
fn name_targets(
    sites: &[Site],
    details: &mut Vec<(u32, SiteDetails)>,
    calls: &[CallRelocation],
    facts: &FunctionFacts,
) -> Result<(), CompileError> {
    let is_lasting = |target| facts.variant.direct_calls.reach(target == facts.own);
    for call in calls.iter().filter(|call| !is_lasting(call.target)) {
        let at = call.return_offset();
        let position = sites.partition_point(|site| site.code_offset < at);
        if sites.get(position).is_none_or(|site| site.code_offset != at || site.trap.is_some()) {
            return Err(CompileError::internal("a direct call without a site"));
        }
        let position = position as u32;
        let found = details.binary_search_by_key(&position, |(position, _)| *position);
        let index = found.unwrap_or_else(|index| {
            details.insert(index, (position, SiteDetails::default()));
            index
        });
        details[index].1.target = Some(call.target.0);
    }
    Ok(())
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

/// Faulting instructions and return addresses, in order; the positions of those in inlined bodies, with details.
fn sites(
    compiled: &CompiledCode,
    start: u32,
    FunctionFacts { places, accesses, .. }: &FunctionFacts,
) -> (Vec<Site>, Vec<(u32, SiteDetails)>) {
    let buffer = &compiled.buffer;
    let ranges = buffer.get_srclocs_sorted();
    let mut found: Vec<(u32, Option<TrapCode>)> = Vec::new();
    let traps = buffer.traps().iter().filter(|trap| trap.code != NEVER_REACHED);
    found.extend(traps.map(|trap| (trap.offset, Some(trap.code))));
    found.extend(buffer.call_sites().map(|call| (call.ret_addr, None)));
    // A return address may be the address of a faulting instruction: then there are two sites.
    found.sort_unstable_by_key(|&(offset, trap)| (offset, trap.is_some()));
    found.dedup_by_key(|&mut (offset, trap)| (offset, trap.is_some()));
    let (mut sites, mut details) = (Vec::with_capacity(found.len()), Vec::new());
    for (offset, trap) in found {
        let location = match trap {
            Some(code) => trap_location(ranges, offset, code, accesses),
            None => location(ranges, offset.saturating_sub(1)),
        };
        let place = location.map(|location| places.at(location));
        let wasm_offset = place.map_or(0, |place| place.wasm_offset);
        if let Some(place) = place.filter(Place::is_inlined) {
            let inlined = places.inlined_at(place).collect();
            details.push((sites.len() as u32, SiteDetails { inlined, ..SiteDetails::default() }));
        }
        let trap = trap.and_then(abi_code).map(|code| code.as_non_zero());
        sites.push(Site { code_offset: start + offset, wasm_offset, trap });
    }
    (sites, details)
}

/// Adds the landing pads of calls to the `details` of sites.
fn details(
    compiled: &CompiledCode,
    start: u32,
    sites: &[Site],
    mut details: Vec<(u32, SiteDetails)>,
) -> Result<Vec<(u32, SiteDetails)>, CompileError> {
    let inlined = details.len();
    for call in compiled.buffer.call_sites() {
        let landing = match call.exception_handlers {
            [] => continue,
            [FinalizedMachExceptionHandler::Default(landing)] => start + landing,
            _ => return Err(CompileError::internal("a call with several handlers")),
        };
        let at = start + call.ret_addr;
        let position = sites.partition_point(|site| site.code_offset < at) as u32;
        let frame_size = call.frame_offset;
        let frame_size = frame_size.ok_or_else(|| CompileError::internal("no frame offset"))?;
        let handler = Some(Handler { landing, frame_size });
        match details[..inlined].binary_search_by_key(&position, |(position, _)| *position) {
            Ok(found) => details[found].1.handler = handler,
            Err(_) => details.push((position, SiteDetails { handler, ..SiteDetails::default() })),
        }
    }
    details.sort_unstable_by_key(|(position, _)| *position);
    Ok(details)
}

/// The source location of a faulting instruction. An access that is part of another instruction has its own.
fn trap_location(
    ranges: &[MachSrcLoc<Final>],
    offset: u32,
    code: TrapCode,
    accesses: &Accesses,
) -> Option<u32> {
    let inside = location(ranges, offset);
    let passed = &ranges[..ranges.partition_point(|range| range.start <= offset)];
    let near = || passed.iter().rev().find_map(|range| block_ends::offset(range.loc)).unwrap_or(0);
    accesses.location(code, inside, near).or(inside)
}

/// The source location of the code at `offset`, if known.
fn location(ranges: &[MachSrcLoc<Final>], offset: u32) -> Option<u32> {
    let passed = ranges.partition_point(|range| range.end <= offset);
    let range = ranges.get(passed).filter(|range| range.start <= offset)?;
    block_ends::offset(range.loc)
}
