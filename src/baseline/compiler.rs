//! Compiles one function, from a valid body to code.
//!
//! The body is read twice: once for what the code generator must know in advance (see `scan`), which validation can
//! do on the way, and once to emit code, operator by operator. What comes before the body in memory, the checks at
//! the entry, the frame and the parameters, is emitted last, when the frame is known.

use super::blocks::LabelId;
use super::claimed::ClaimedMemory;
use super::direct::next;
use super::emitter::{Buffers, Emitter, Next};
use super::function_start::FunctionStart;
use super::scan::Scanning;
use crate::abi::bounds::guard_catches;
use crate::abi::frames::FRAME_HEAD;
use crate::abi::function_code::LINE;
use crate::abi::loop_frame::LoopFrame;
use crate::abi::signature::stack_args_size;
use crate::abi::{Features, FunctionCode, Metering, Site, SiteDetails, Variant};
use crate::asm::function_entry::{EntryChecks, FunctionEntry, MAX_ENTRY_CODE, MAX_FRAME};
use crate::asm::x64::*;
use crate::body::error::CompileError;
use crate::body::{Flow, Handler, Locals, Operators, Plan, Position, Reader, Watch, drive};
use crate::module::Module;
use crate::types::DefinedFuncIndex;
use wasmparser::Operator;

/// Compiles one function after another; there is one per worker.
#[derive(Default)]
pub struct FunctionCompiler {
    buffers: Buffers,
    locals: Locals,
    flow: Flow,
    plan: Plan,
}

/// What to compile, and for what.
#[derive(Clone, Copy)]
pub struct Task<'m> {
    pub module: &'m Module,
    pub func: DefinedFuncIndex,
    pub variant: Variant,
    pub features: Features,
    /// [`FunctionCompiler::scan`] has seen the body.
    pub is_scanned: bool,
    /// Bytes of memory that compiling may take, by estimate.
    pub memory: u64,
}

/// An access of memory 0 must be this frequent for its base to have a register.
const FREQUENT_ACCESSES: u64 = 3;

impl FunctionCompiler {
    /// What must look at the next function while its body is validated, if that comes first: then
    /// [`FunctionCompiler::compile`] need not read it once more.
    pub fn scan<'s>(&'s mut self, module: &'s Module) -> impl Watch + 's {
        Scanning { scan: &mut self.buffers.scan, module }
    }

    /// Compiles a function whose body is valid.
    pub fn compile(&mut self, task: Task<'_>) -> Result<FunctionCode, CompileError> {
        let Task { module, func, .. } = task;
        let operators = Operators::of_function(module, func, &mut self.locals)?;
        let metered = task.variant.mode.metering == Metering::On;
        let memory = ClaimedMemory::new(task.memory, module.body(func).len(), self.locals.count())?;
        if !task.is_scanned {
            self.buffers.scan.read(module, operators.clone(), &self.locals)?;
        }
        if metered {
            self.plan.make(operators.clone(), &mut self.flow);
        }
        self.buffers.asm.restart(memory.most_code());
        let mut emitter = self.buffers.begin(task, &self.locals);
        emitter.begin_function();
        let plan = metered.then_some(&mut self.plan);
        let mut pass = Pass { emitter, plan, memory, next_check: 0, enough_code: 0 };
        drive(operators, &mut self.flow, &mut pass)?;
        pass.check_state(0)?;
        let Pass { emitter, plan, memory, .. } = pass;
        let entry_fuel = plan.map(|plan| plan.entry);
        finish(emitter, &self.locals, entry_fuel, &memory)
    }
}

impl Buffers {
    /// The state at the beginning of a function.
    fn begin<'b>(&'b mut self, task: Task<'b>, locals: &Locals) -> Emitter<'b> {
        let Task { module, variant, features, func, .. } = task;
        self.stack.clear();
        self.high_slots.clear();
        self.blocks.clear();
        self.tries.clear();
        self.handlers.clear();
        self.labels.clear();
        self.constants.clear();
        self.cold.clear();
        self.tables.clear();
        self.sites.clear();
        self.calls.clear();
        self.hidden.clear();
        let base_in_register = self.scan.accesses >= FREQUENT_ACCESSES;
        self.frame.begin(self.scan.has_vectors, self.scan.has_tries);
        self.locals.choose(locals, &self.scan, base_in_register, &mut self.frame);
        self.registers.begin(self.locals.registers(), self.locals.xmms());
        let mut emitter = Emitter {
            module,
            mode: variant.mode,
            features,
            function_type: module.func_type(module.func_index(func)).1,
            func,
            direct_calls: variant.direct_calls,
            counted: variant.counted,
            loops: 0,
            base_in_register,
            is_guarded: base_in_register && guard_catches(&module.memories[0], variant.mode),
            asm: &mut self.asm,
            locals: &mut self.locals,
            registers: &mut self.registers,
            frame: &mut self.frame,
            stack: &mut self.stack,
            high_slots: &mut self.high_slots,
            settled: 0,
            lasting: 0,
            in_slots: 0,
            blocks: &mut self.blocks,
            tries: &mut self.tries,
            handlers: &mut self.handlers,
            labels: &mut self.labels,
            constants: &mut self.constants,
            cold: &mut self.cold,
            tables: &mut self.tables,
            sites: &mut self.sites,
            calls: &mut self.calls,
            hidden: &mut self.hidden,
            uses: &self.scan.uses,
            has_tail_calls: self.scan.has_tail_calls,
            has_tries: self.scan.has_tries,
            has_loops: self.scan.has_loops,
            exit: LabelId::default(),
            at: 0,
            next: Next::Other,
            zero_flag: None,
            has_calls: false,
            call_args: 0,
            failure: None,
        };
        emitter.exit = emitter.new_label();
        emitter
    }
}

impl FunctionCompiler {
    /// Where code of this compiler keeps the values of a function.
    pub fn loop_frame(
        &mut self,
        module: &Module,
        func: DefinedFuncIndex,
    ) -> Result<LoopFrame, CompileError> {
        let operators = Operators::of_function(module, func, &mut self.locals)?;
        let Buffers { scan, locals, frame, .. } = &mut self.buffers;
        scan.read(module, operators, &self.locals)?;
        frame.begin(scan.has_vectors, scan.has_tries);
        locals.choose(&self.locals, scan, false, frame);
        let locals = locals.all.iter().map(|local| local.slot).collect();
        let operand_size = frame.slot_size();
        Ok(LoopFrame { locals, operands: frame.slot(0).displacement, operand_size })
    }
}

/// The pass that emits code.
struct Pass<'e, 'p> {
    emitter: Emitter<'e>,
    /// In metered code.
    plan: Option<&'p mut Plan>,
    memory: ClaimedMemory,
    /// The operator before which to check again, unless there is so much code before.
    next_check: u32,
    enough_code: usize,
}

/// Most instructions take little memory, so it is not checked before each.
const CHECK_EVERY: u32 = 16;
const MUCH_CODE: usize = 512;

impl Pass<'_, '_> {
    /// Checks the memory and for failures, before the operator with this number.
    fn check_state(&mut self, number: u32) -> Result<(), CompileError> {
        self.next_check = number + CHECK_EVERY;
        self.enough_code = self.emitter.asm.len() + MUCH_CODE;
        self.memory.check(&self.emitter)?;
        match self.emitter.failure.take() {
            None => Ok(()),
            Some(error) => Err(error),
        }
    }

    /// Charges for what comes after an operator, in metered code.
    #[inline(never)]
    fn charge_after(&mut self, at: Position, is_live: bool) {
        let charge = self.plan.as_mut().and_then(|plan| plan.charge_after(at.number));
        if let Some(charge) = charge
            && is_live
        {
            self.emitter.charge(charge);
        }
    }
}

impl<'a> Handler<'a> for Pass<'_, '_> {
    type Error = CompileError;

    #[inline(always)]
    fn bytes(
        &mut self,
        reader: &mut Reader<'a>,
        at: Position,
        flow: &mut Flow,
    ) -> Result<bool, CompileError> {
        if at.number >= self.next_check || self.emitter.asm.len() >= self.enough_code {
            self.check_state(at.number)?;
        }
        self.emitter.at = at.offset as u32;
        Ok(self.emitter.direct(reader, flow).is_some())
    }

    fn operator(
        &mut self,
        op: &Operator<'a>,
        at: Position,
        flow: &Flow,
    ) -> Result<(), CompileError> {
        self.check_state(at.number)?;
        let emitter = &mut self.emitter;
        emitter.at = at.offset as u32;
        emitter.next = next(&emitter.module.bytes, at.end as usize);
        emitter.spill_deep();
        match emitter.instruction(op, flow.is_live()) {
            true => Ok(()),
            false => Err(CompileError::internal(format!("no code for {op:?}"))),
        }
    }

    #[inline(always)]
    fn passed(&mut self, at: Position, flow: &Flow) {
        if self.plan.is_some() {
            self.charge_after(at, flow.is_live());
        }
    }
}

/// Ends the code of the body, and puts the function together.
fn finish(
    mut emitter: Emitter<'_>,
    locals: &Locals,
    entry_fuel: Option<u32>,
    memory: &ClaimedMemory,
) -> Result<FunctionCode, CompileError> {
    let start = FunctionStart::of(&emitter, locals);
    emitter.bind(emitter.exit);
    start.emit_end(&mut emitter);
    emitter.emit_cold();
    emitter.emit_tables();
    emitter.emit_constants();
    memory.check_code(emitter.asm)?;
    let checks = entry_checks(&emitter, entry_fuel)?;
    let (body, at) = emit_start(&mut emitter, &start, &checks)?;
    if let Some(error) = emitter.failure.take() {
        return Err(error);
    }
    let details = move_sites(&mut emitter, at)?;
    // The body begins a line if that makes loops faster, or because constants are aligned within it.
    let is_aligned = emitter.has_loops || !emitter.constants.is_empty();
    let in_line = is_aligned.then(|| (LINE - at % LINE) % LINE).map(|start| start as u8);
    let (calls, sites) = (emitter.calls.clone(), emitter.sites.clone());
    let whole = std::mem::replace(emitter.asm, body);
    let bytes = whole.finish().ok_or(CompileError::OutOfMemory)?;
    let alignment = if in_line.is_some() { 1 } else { 16 };
    Ok(FunctionCode { bytes, alignment, in_line, calls, sites, details })
}

/// What the function's entry has to check, now that its frame is known.
fn entry_checks(
    emitter: &Emitter<'_>,
    entry_fuel: Option<u32>,
) -> Result<EntryChecks, CompileError> {
    let args = stack_args_size(emitter.function_type);
    let frame = emitter.frame.size() + u64::from(FRAME_HEAD + emitter.call_args.max(args));
    if frame > MAX_FRAME.into() {
        return Err(CompileError::Limit("stack frame too large"));
    }
    Ok(EntryChecks {
        frame: frame as u32,
        calls: emitter.has_calls,
        fuel: entry_fuel,
        counted: emitter.counted.then_some(emitter.func.0),
    })
}

/// Emits the checks at the entry and the start of the function, and puts the body behind them. Returns the body's
/// assembler, for the next function, and where the body begins.
fn emit_start(
    emitter: &mut Emitter<'_>,
    start: &FunctionStart,
    checks: &EntryChecks,
) -> Result<(Assembler, u32), CompileError> {
    let room = emitter.asm.len() + MAX_ENTRY_CODE + start.room();
    let body = std::mem::replace(emitter.asm, Assembler::with_capacity(room));
    let entry = FunctionEntry::emit(emitter.asm, checks);
    start.emit(emitter);
    let at = emitter.asm.len() as u32;
    emitter.asm.append(body.code().ok_or(CompileError::OutOfMemory)?);
    entry.emit_rare_branches(emitter.asm);
    Ok((body, at))
}

/// Counts the sites and calls of the body from the start of the function, and sorts the sites. Returns their details.
fn move_sites(emitter: &mut Emitter<'_>, at: u32) -> Result<Vec<(u32, SiteDetails)>, CompileError> {
    for site in emitter.sites.iter_mut() {
        site.code_offset += at;
    }
    for call in emitter.calls.iter_mut() {
        call.offset += at;
    }
    emitter.sites.sort_unstable_by_key(|site| (site.code_offset, site.trap.is_some()));
    let mut details = emitter.handler_details(at)?;
    details.extend(hidden_details(emitter.sites, emitter.hidden, at));
    details.sort_unstable_by_key(|(position, _)| *position);
    Ok(details)
}

/// The details of calls after which the frame is hidden, whose return addresses are at `hidden` in the body's code.
fn hidden_details<'h>(
    sites: &'h [Site],
    hidden: &'h [u32],
    body: u32,
) -> impl Iterator<Item = (u32, SiteDetails)> + 'h {
    hidden.iter().map(move |offset| {
        let at = offset + body;
        let position = sites.partition_point(|site| site.code_offset < at) as u32;
        (position, SiteDetails { is_hidden: true, ..SiteDetails::default() })
    })
}
