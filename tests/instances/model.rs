//! The contents of memories and tables by the specification: plain vectors, with nothing prepared ahead.

use super::plan::*;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// A function as a table element; a call returns the number, plus the argument of a unary one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Function {
    pub number: i32,
    pub unary: bool,
}

pub type Reference = Option<Function>;
pub type Shared<T> = Rc<RefCell<T>>;

pub struct Memory {
    pub bytes: Vec<u8>,
    pub max: u32,
}

pub struct Table {
    pub elements: Vec<Reference>,
    pub max: u32,
}

pub type Trap = &'static str;
const MEMORY: Trap = "out of bounds memory access";
const TABLE: Trap = "out of bounds table access";
const UNDEFINED: Trap = "undefined element";
const UNINITIALIZED: Trap = "uninitialized element";
const MISMATCH: Trap = "indirect call type mismatch";

impl Memory {
    pub fn new(min: u32, max: u32) -> Shared<Memory> {
        Rc::new(RefCell::new(Memory { bytes: vec![0; min as usize * PAGE], max }))
    }

    pub fn pages(&self) -> u32 {
        (self.bytes.len() / PAGE) as u32
    }

    /// The size before, or -1.
    pub fn grow(&mut self, delta: u32) -> i32 {
        let old = self.pages();
        match old.checked_add(delta) {
            Some(new) if new <= self.max.min(65536) => self.bytes.resize(new as usize * PAGE, 0),
            _ => return -1,
        }
        old as i32
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Trap> {
        let range = range(self.bytes.len(), at, bytes.len() as u32).ok_or(MEMORY)?;
        self.bytes[range].copy_from_slice(bytes);
        Ok(())
    }
}

impl Table {
    pub fn new(min: u32, max: u32, init: Reference) -> Shared<Table> {
        Rc::new(RefCell::new(Table { elements: vec![init; min as usize], max }))
    }

    /// The size before, or -1.
    pub fn grow(&mut self, delta: u32, init: Reference) -> i32 {
        let old = self.elements.len() as u32;
        match old.checked_add(delta) {
            Some(new) if new <= self.max.min(10_000_000) => {
                self.elements.resize(new as usize, init)
            }
            _ => return -1,
        }
        old as i32
    }

    fn write(&mut self, at: u32, elements: &[Reference]) -> Result<(), Trap> {
        let range = range(self.elements.len(), at, elements.len() as u32).ok_or(TABLE)?;
        self.elements[range].copy_from_slice(elements);
        Ok(())
    }

    fn get(&self, at: u32) -> Result<Reference, Trap> {
        self.elements.get(at as usize).copied().ok_or(TABLE)
    }
}

fn range(len: usize, at: u32, count: u32) -> Option<std::ops::Range<usize>> {
    let (start, end) = (at as usize, at as usize + count as usize);
    (end <= len).then_some(start..end)
}

/// What an instance is given.
pub struct Imports {
    pub id: i32,
    pub offset: i32,
    pub reference: Reference,
    pub functions: Vec<Function>,
    pub memory: Option<Shared<Memory>>,
    pub table: Option<Shared<Table>>,
}

pub struct Instance {
    pub plan: Arc<Plan>,
    pub memories: Vec<Shared<Memory>>,
    pub tables: Vec<Shared<Table>>,
    pub functions: Vec<Function>,
    pub global: Reference,
    offset: i32,
    reference: Reference,
    data_dropped: Vec<bool>,
    elements_dropped: Vec<bool>,
}

impl Instance {
    /// The instance as it is before its segments are applied.
    pub fn new(plan: &Arc<Plan>, imports: Imports) -> Instance {
        let number = |i: usize| imports.id * FUNCTIONS as i32 + i as i32;
        let function = |i: usize| match imports.functions.get(i) {
            Some(function) => *function,
            None => Function { number: number(i), unary: plan.unary[i] },
        };
        let functions: Vec<Function> = (0..plan.unary.len()).map(function).collect();
        let own = |s: &&Space| !s.imported;
        let memories = plan.memories.iter().filter(own).map(|m| Memory::new(m.min, m.max));
        let table = |t: &Space| Table::new(t.min, t.max, t.init.map(|f| functions[f]));
        let tables = plan.tables.iter().filter(own).map(table);
        Instance {
            plan: plan.clone(),
            memories: imports.memory.into_iter().chain(memories).collect(),
            tables: imports.table.into_iter().chain(tables).collect(),
            global: plan.global.map(|f| functions[f]),
            offset: imports.offset,
            reference: imports.reference,
            data_dropped: vec![false; plan.data.len()],
            elements_dropped: vec![false; plan.elements.len()],
            functions,
        }
    }

    /// Applies the active segments and starts.
    pub fn initialize(&mut self) -> Result<(), Trap> {
        let plan = self.plan.clone();
        for (i, segment) in plan.elements.iter().enumerate() {
            if let Mode::Active(table, offset) = segment.mode {
                let items = self.items(i);
                self.tables[table].borrow_mut().write(self.offset(offset), &items)?;
            }
            self.elements_dropped[i] = !matches!(segment.mode, Mode::Passive);
        }
        for (i, segment) in plan.data.iter().enumerate() {
            if let Mode::Active(memory, offset) = segment.mode {
                self.memories[memory].borrow_mut().write(self.offset(offset), &segment.bytes)?;
                self.data_dropped[i] = true;
            }
        }
        match plan.start {
            Some(address) => self.memories[0].borrow_mut().write(address, &[0x5a]),
            None => Ok(()),
        }
    }

    fn offset(&self, offset: Offset) -> u32 {
        match offset {
            Offset::Constant(at) => at,
            Offset::Global(more) => (self.offset as u32).wrapping_add(more),
        }
    }

    fn items(&self, segment: usize) -> Vec<Reference> {
        let reference = |item: &Item| match *item {
            Item::Null => None,
            Item::Function(f) => Some(self.functions[f]),
            Item::Imported => self.reference,
        };
        self.plan.elements[segment].items.iter().map(reference).collect()
    }

    /// What calling the helper does.
    pub fn call(&mut self, helper: Helper, [a, b, n]: [u32; 3]) -> Result<i32, Trap> {
        match helper {
            Helper::MemoryInit { memory, segment } => {
                let dropped = self.data_dropped[segment];
                let bytes = if dropped { &[][..] } else { &self.plan.data[segment].bytes };
                let source = range(bytes.len(), b, n).ok_or(MEMORY)?;
                self.memories[memory].borrow_mut().write(a, &bytes[source])?;
            }
            Helper::MemoryFill { memory } => {
                let mut memory = self.memories[memory].borrow_mut();
                let range = range(memory.bytes.len(), a, n).ok_or(MEMORY)?;
                memory.bytes[range].fill(b as u8);
            }
            Helper::MemoryCopy { to, from } => {
                let bytes = {
                    let from = self.memories[from].borrow();
                    from.bytes[range(from.bytes.len(), b, n).ok_or(MEMORY)?].to_vec()
                };
                self.memories[to].borrow_mut().write(a, &bytes)?;
            }
            Helper::MemoryGrow { memory } => return Ok(self.memories[memory].borrow_mut().grow(a)),
            Helper::Load { memory } => {
                let memory = self.memories[memory].borrow();
                return memory.bytes.get(a as usize).map(|b| i32::from(*b)).ok_or(MEMORY);
            }
            Helper::Store { memory } => self.memories[memory].borrow_mut().write(a, &[b as u8])?,
            Helper::DataDrop { segment } => self.data_dropped[segment] = true,
            Helper::TableInit { table, segment } => {
                let dropped = self.elements_dropped[segment];
                let items = if dropped { Vec::new() } else { self.items(segment) };
                let source = range(items.len(), b, n).ok_or(TABLE)?;
                self.tables[table].borrow_mut().write(a, &items[source])?;
            }
            Helper::TableFill { table } => {
                let mut table = self.tables[table].borrow_mut();
                let range = range(table.elements.len(), a, n).ok_or(TABLE)?;
                table.elements[range].fill(self.global);
            }
            Helper::TableCopy { to, from } => {
                let elements = {
                    let from = self.tables[from].borrow();
                    from.elements[range(from.elements.len(), b, n).ok_or(TABLE)?].to_vec()
                };
                self.tables[to].borrow_mut().write(a, &elements)?;
            }
            Helper::TableGrow { table } => {
                return Ok(self.tables[table].borrow_mut().grow(a, self.global));
            }
            Helper::TablePut { table } => self.global = self.tables[table].borrow().get(a)?,
            Helper::TableTake { table } => {
                self.tables[table].borrow_mut().write(a, &[self.global])?;
            }
            Helper::TableMove { table } => {
                let element = self.tables[table].borrow().get(b)?;
                self.tables[table].borrow_mut().write(a, &[element])?;
            }
            Helper::TableFunction { table, function } => {
                let function = Some(self.functions[function]);
                self.tables[table].borrow_mut().write(a, &[function])?;
            }
            Helper::IsNull { table } => {
                return Ok(i32::from(self.tables[table].borrow().get(a)?.is_none()));
            }
            Helper::ElementsDrop { segment } => self.elements_dropped[segment] = true,
            Helper::Call { table, unary, .. } => {
                let function = self.callee(table, a, |f| f.unary == unary)?;
                let argument = if unary { b as i32 } else { 0 };
                return Ok(function.number.wrapping_add(argument));
            }
            Helper::CallOther { table } => {
                self.callee(table, a, |_| false)?;
            }
            Helper::ForgetGlobal => self.global = None,
        }
        Ok(0)
    }

    fn callee(
        &self,
        table: usize,
        at: u32,
        fits: impl Fn(Function) -> bool,
    ) -> Result<Function, Trap> {
        let element = self.tables[table].borrow().get(at).map_err(|_| UNDEFINED)?;
        let function = element.ok_or(UNINITIALIZED)?;
        if fits(function) { Ok(function) } else { Err(MISMATCH) }
    }
}
