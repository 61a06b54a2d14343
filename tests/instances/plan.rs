//! Random modules that consist of segments: what a module declares, generated from a seed, and its text.
//!
//! Every memory, table and function that goes into a table is exported, and so is one function for each operation
//! on them ([`Helper`]). Functions for tables return a number that no other function of the whole run has, so a
//! call identifies the function and the instance of an element.
//!
//! Most modules are simple: all their active segments are constant and fit, which an engine can prepare ahead. The
//! others have segments that depend on imports, or that trap midway.

use super::random::Random;
use std::fmt::Write;

/// Numbers of functions are `instance * FUNCTIONS + index`.
pub const FUNCTIONS: usize = 64;
pub const PAGE: usize = 65536;
pub const NO_MAXIMUM: u32 = u32::MAX;

/// A memory or a table; imported ones are not 64-bit.
#[derive(Clone)]
pub struct Space {
    pub imported: bool,
    pub min: u32,
    pub max: u32,
    pub is_64: bool,
    /// Of a table: the initial function of its elements.
    pub init: Option<usize>,
}

#[derive(Clone, Copy)]
pub enum Offset {
    Constant(u32),
    /// The imported global, plus this number.
    Global(u32),
}

#[derive(Clone, Copy)]
pub enum Mode {
    Active(usize, Offset),
    Passive,
    Declared,
}

#[derive(Clone, Copy)]
pub enum Item {
    Null,
    Function(usize),
    /// The imported reference.
    Imported,
}

pub struct Elements {
    pub mode: Mode,
    pub items: Vec<Item>,
    pub as_expressions: bool,
}

pub struct Data {
    pub mode: Mode,
    pub bytes: Vec<u8>,
}

/// What an exported function does with its three parameters, called a, b and n here. The global is a mutable `funcref`.
#[derive(Clone, Copy, Debug)]
pub enum Helper {
    MemoryInit {
        memory: usize,
        segment: usize,
    },
    MemoryFill {
        memory: usize,
    },
    MemoryCopy {
        to: usize,
        from: usize,
    },
    MemoryGrow {
        memory: usize,
    },
    Load {
        memory: usize,
    },
    Store {
        memory: usize,
    },
    DataDrop {
        segment: usize,
    },
    TableInit {
        table: usize,
        segment: usize,
    },
    /// With the global.
    TableFill {
        table: usize,
    },
    TableCopy {
        to: usize,
        from: usize,
    },
    /// With the global.
    TableGrow {
        table: usize,
    },
    /// The element a becomes the global.
    TablePut {
        table: usize,
    },
    /// The global becomes the element a.
    TableTake {
        table: usize,
    },
    /// The element a becomes the element b.
    TableMove {
        table: usize,
    },
    /// The element a becomes a function.
    TableFunction {
        table: usize,
        function: usize,
    },
    IsNull {
        table: usize,
    },
    ElementsDrop {
        segment: usize,
    },
    /// Calls the element a, unary functions with b.
    Call {
        table: usize,
        unary: bool,
        tail: bool,
    },
    /// With a type that no function has.
    CallOther {
        table: usize,
    },
    ForgetGlobal,
}

pub struct Plan {
    pub memories: Vec<Space>,
    pub tables: Vec<Space>,
    /// Whether they take a parameter; imported ones first.
    pub unary: Vec<bool>,
    pub imported_functions: usize,
    pub elements: Vec<Elements>,
    pub data: Vec<Data>,
    pub global: Option<usize>,
    /// A start function that writes a byte to an address of memory 0.
    pub start: Option<u32>,
    pub helpers: Vec<Helper>,
}

/// Sizes around which implementations change their ways.
const DATA_SIZES: [usize; 8] = [0, 1, 7, 60, 500, 4096, 5000, 70_000];

impl Plan {
    pub fn random(random: &mut Random) -> Plan {
        let tame = random.chance(70);
        let imported_functions = random.below(3);
        let defined = 2 + random.below(6);
        let unary: Vec<bool> =
            (0..imported_functions + defined).map(|_| random.chance(40)).collect();
        let memories = spaces(random, tame, |random| match random.below(12) {
            0 => 0,
            1 => 5 + random.below(20) as u32,
            2 => 40,
            _ => 1 + random.below(3) as u32,
        });
        let mut tables = spaces(random, tame, |random| match random.below(12) {
            0 => 0,
            1 => 300,
            2 => 3000,
            _ => 1 + random.below(24) as u32,
        });
        for table in &mut tables {
            if !table.imported && random.chance(if tame { 0 } else { 15 }) {
                table.init = Some(random.below(unary.len()));
            }
        }
        let mut plan = Plan {
            memories,
            tables,
            imported_functions,
            elements: Vec::new(),
            data: Vec::new(),
            global: random.chance(50).then(|| random.below(unary.len())),
            start: None,
            helpers: Vec::new(),
            unary,
        };
        plan.add_data(random, tame);
        plan.add_elements(random, tame);
        if !plan.memories.is_empty() && random.chance(15) {
            let end = plan.memories[0].min * PAGE as u32;
            plan.start = Some(if random.chance(80) { end.saturating_sub(5) } else { end });
        }
        plan.add_helpers(random);
        plan
    }

    fn add_data(&mut self, random: &mut Random, tame: bool) {
        for _ in 0..random.below(12) {
            let large = random.chance(4);
            let size = if large { 300_000 } else { DATA_SIZES[random.below(DATA_SIZES.len())] };
            let size = size + random.below(3);
            let mode = mode(random, &self.memories, PAGE, size, tame);
            let filler = random.next() as u8;
            let bytes = match size {
                0..5000 => (0..size).map(|_| random.next() as u8).collect(),
                // Not all alike, so that a shifted copy is seen.
                _ => (0..size).map(|i| filler.wrapping_add((i / 251) as u8)).collect(),
            };
            self.data.push(Data { mode, bytes });
        }
    }

    fn add_elements(&mut self, random: &mut Random, tame: bool) {
        for _ in 0..random.below(8) {
            let size = [0, 1, 2, 5, 20, 250][random.below(6)];
            let mode = match random.chance(10) {
                true => Mode::Declared,
                false => mode(random, &self.tables, 1, size, tame),
            };
            let as_expressions = random.chance(50);
            let items = (0..size).map(|_| match random.below(8) {
                0 if as_expressions => Item::Null,
                1 if as_expressions && !tame => Item::Imported,
                _ => Item::Function(random.below(self.unary.len())),
            });
            let items = items.collect();
            self.elements.push(Elements { mode, items, as_expressions });
        }
    }

    fn add_helpers(&mut self, random: &mut Random) {
        let helpers = &mut self.helpers;
        for memory in 0..self.memories.len() {
            helpers.extend([
                Helper::MemoryFill { memory },
                Helper::MemoryGrow { memory },
                Helper::Load { memory },
                Helper::Store { memory },
            ]);
            helpers.extend(
                (0..self.memories.len()).map(|from| Helper::MemoryCopy { to: memory, from }),
            );
            helpers
                .extend((0..self.data.len()).map(|segment| Helper::MemoryInit { memory, segment }));
        }
        helpers.extend((0..self.data.len()).map(|segment| Helper::DataDrop { segment }));
        for table in 0..self.tables.len() {
            let function = random.below(self.unary.len());
            helpers.extend([
                Helper::TableFill { table },
                Helper::TableGrow { table },
                Helper::TablePut { table },
                Helper::TableTake { table },
                Helper::TableMove { table },
                Helper::TableFunction { table, function },
                Helper::IsNull { table },
                Helper::CallOther { table },
            ]);
            for (unary, tail) in [(false, false), (false, true), (true, false), (true, true)] {
                helpers.push(Helper::Call { table, unary, tail });
            }
            helpers
                .extend((0..self.tables.len()).map(|from| Helper::TableCopy { to: table, from }));
            helpers.extend(
                (0..self.elements.len()).map(|segment| Helper::TableInit { table, segment }),
            );
        }
        helpers.extend((0..self.elements.len()).map(|segment| Helper::ElementsDrop { segment }));
        helpers.push(Helper::ForgetGlobal);
    }

    /// The number of the exported helper, among all exports.
    pub fn export_of(&self, helper: usize) -> usize {
        self.memories.len() + self.tables.len() + 1 + self.unary.len() + helper
    }

    pub fn global_export(&self) -> usize {
        self.memories.len() + self.tables.len()
    }

    pub fn function_export(&self, function: usize) -> usize {
        self.global_export() + 1 + function
    }
}

fn spaces(random: &mut Random, tame: bool, min: impl Fn(&mut Random) -> u32) -> Vec<Space> {
    let imported = if random.chance(if tame { 15 } else { 40 }) { 1 } else { 0 };
    let own = [0, 1, 1, 1, 2][random.below(5)];
    let space = |i: usize| {
        let imported = i < imported;
        // An imported one is small, so that those of other modules fit.
        let min = if imported { random.below(3) as u32 } else { min(random) };
        let max = match random.below(3) {
            _ if imported => NO_MAXIMUM,
            0 => min,
            1 => min + 3,
            _ => NO_MAXIMUM,
        };
        Space { imported, min, max, is_64: !imported && random.chance(10), init: None }
    };
    (0..imported + own).map(space).collect()
}

/// Where a segment of `size` goes; `unit` is what one page or element counts.
fn mode(random: &mut Random, spaces: &[Space], unit: usize, size: usize, tame: bool) -> Mode {
    if spaces.is_empty() || random.chance(25) {
        return Mode::Passive;
    }
    let target = random.below(spaces.len());
    let end = spaces[target].min as usize * unit;
    let Some(room) = end.checked_sub(size) else {
        let anywhere = Mode::Active(target, Offset::Constant(random.below(end + 1) as u32));
        return if tame { Mode::Passive } else { anywhere };
    };
    let offset = match random.below(6) {
        0 => 0,
        1 => room,
        2 => room.min(4090),
        3 if !tame && random.chance(30) => end + 1 - size,
        _ => random.below(room + 1),
    } as u32;
    let from_global = !tame && !spaces[target].is_64 && random.chance(25);
    let offset = if from_global { Offset::Global(offset / 2) } else { Offset::Constant(offset) };
    Mode::Active(target, offset)
}

// --- the text ---

impl Plan {
    pub fn text(&self) -> String {
        let mut out = String::from(
            "(module\n(type $A (func (result i32)))\n(type $B (func (param i32) (result i32)))\n\
             (type $D (func (param f64) (result f64)))\n\
             (type $H (func (param i32 i32 i32) (result i32)))\n\
             (import \"\" \"id\" (global $id i32))\n(import \"\" \"offset\" (global $offset i32))\n\
             (import \"\" \"reference\" (global $reference funcref))\n",
        );
        self.write_imports(&mut out);
        self.write_spaces(&mut out);
        let global = self.global.map_or("(ref.null func)".into(), |f| format!("(ref.func $f{f})"));
        let _ = writeln!(out, "(global $g (mut funcref) {global})");
        self.write_segments(&mut out);
        self.write_functions(&mut out);
        self.write_exports(&mut out);
        out.push(')');
        out
    }

    fn write_imports(&self, out: &mut String) {
        for (i, unary) in self.unary[..self.imported_functions].iter().enumerate() {
            let _ = writeln!(out, "(import \"\" \"f\" (func $f{i} (type {})))", type_of(*unary));
        }
        for (i, memory) in self.memories.iter().enumerate().filter(|(_, m)| m.imported) {
            let _ = writeln!(out, "(import \"\" \"m\" (memory $m{i} {}))", limits(memory));
        }
        for (i, table) in self.tables.iter().enumerate().filter(|(_, t)| t.imported) {
            let _ = writeln!(out, "(import \"\" \"t\" (table $t{i} {} funcref))", limits(table));
        }
    }

    fn write_spaces(&self, out: &mut String) {
        for (i, memory) in self.memories.iter().enumerate().filter(|(_, m)| !m.imported) {
            let _ = writeln!(out, "(memory $m{i} {})", limits(memory));
        }
        for (i, table) in self.tables.iter().enumerate().filter(|(_, t)| !t.imported) {
            let init = table.init.map_or(String::new(), |f| format!(" (ref.func $f{f})"));
            let _ = writeln!(out, "(table $t{i} {} funcref{init})", limits(table));
        }
    }

    fn write_segments(&self, out: &mut String) {
        for (i, segment) in self.elements.iter().enumerate() {
            let place = place("t", "table", &segment.mode, &self.tables);
            let _ = write!(
                out,
                "(elem $e{i} {place} {}",
                if segment.as_expressions { "funcref" } else { "func" }
            );
            for item in &segment.items {
                let _ = match (item, segment.as_expressions) {
                    (Item::Function(f), false) => write!(out, " $f{f}"),
                    (Item::Function(f), true) => write!(out, " (ref.func $f{f})"),
                    (Item::Null, _) => write!(out, " (ref.null func)"),
                    (Item::Imported, _) => write!(out, " (global.get $reference)"),
                };
            }
            out.push_str(")\n");
        }
        for (i, segment) in self.data.iter().enumerate() {
            let _ = write!(
                out,
                "(data $d{i} {} \"",
                place("m", "memory", &segment.mode, &self.memories)
            );
            for byte in &segment.bytes {
                let _ = write!(out, "\\{byte:02x}");
            }
            out.push_str("\")\n");
        }
    }

    fn write_functions(&self, out: &mut String) {
        for (i, unary) in self.unary.iter().enumerate().skip(self.imported_functions) {
            let number = format!(
                "(i32.add (i32.mul (global.get $id) (i32.const {FUNCTIONS})) (i32.const {i}))"
            );
            let body = if *unary { format!("(i32.add (local.get 0) {number})") } else { number };
            let _ = writeln!(out, "(func $f{i} (type {}) {body})", type_of(*unary));
        }
        for (i, helper) in self.helpers.iter().enumerate() {
            let _ = writeln!(out, "(func $h{i} (type $H) {})", self.body(*helper));
        }
        if let Some(address) = self.start {
            let address = index(self.memories[0].is_64, &format!("(i32.const {})", address as i32));
            let _ = writeln!(
                out,
                "(func $start (i32.store8 $m0 {address} (i32.const 0x5a)))\n(start $start)"
            );
        }
    }

    fn write_exports(&self, out: &mut String) {
        let mut export = |kind: &str, name: String| {
            let _ = writeln!(out, "(export \"{name}\" ({kind} ${name}))");
        };
        (0..self.memories.len()).for_each(|i| export("memory", format!("m{i}")));
        (0..self.tables.len()).for_each(|i| export("table", format!("t{i}")));
        export("global", "g".into());
        (0..self.unary.len()).for_each(|i| export("func", format!("f{i}")));
        (0..self.helpers.len()).for_each(|i| export("func", format!("h{i}")));
    }

    fn body(&self, helper: Helper) -> String {
        let memory =
            |m: usize, local: u32| index(self.memories[m].is_64, &format!("(local.get {local})"));
        let table =
            |t: usize, local: u32| index(self.tables[t].is_64, &format!("(local.get {local})"));
        let count = |wide: bool| index(wide, "(local.get 2)");
        let done = "(i32.const 0)";
        match helper {
            Helper::MemoryInit { memory: m, segment } => {
                format!(
                    "(memory.init $m{m} $d{segment} {} (local.get 1) (local.get 2)) {done}",
                    memory(m, 0)
                )
            }
            Helper::MemoryFill { memory: m } => {
                format!(
                    "(memory.fill $m{m} {} (local.get 1) {}) {done}",
                    memory(m, 0),
                    memory(m, 2)
                )
            }
            Helper::MemoryCopy { to, from } => {
                let both = self.memories[to].is_64 && self.memories[from].is_64;
                let (target, source) = (memory(to, 0), memory(from, 1));
                format!("(memory.copy $m{to} $m{from} {target} {source} {}) {done}", count(both))
            }
            Helper::MemoryGrow { memory: m } => {
                narrow(self.memories[m].is_64, format!("(memory.grow $m{m} {})", memory(m, 0)))
            }
            Helper::Load { memory: m } => format!("(i32.load8_u $m{m} {})", memory(m, 0)),
            Helper::Store { memory: m } => {
                format!("(i32.store8 $m{m} {} (local.get 1)) {done}", memory(m, 0))
            }
            Helper::DataDrop { segment } => format!("(data.drop $d{segment}) {done}"),
            Helper::TableInit { table: t, segment } => {
                format!(
                    "(table.init $t{t} $e{segment} {} (local.get 1) (local.get 2)) {done}",
                    table(t, 0)
                )
            }
            Helper::TableFill { table: t } => {
                format!("(table.fill $t{t} {} (global.get $g) {}) {done}", table(t, 0), table(t, 2))
            }
            Helper::TableCopy { to, from } => {
                let both = self.tables[to].is_64 && self.tables[from].is_64;
                let (target, source) = (table(to, 0), table(from, 1));
                format!("(table.copy $t{to} $t{from} {target} {source} {}) {done}", count(both))
            }
            Helper::TableGrow { table: t } => narrow(
                self.tables[t].is_64,
                format!("(table.grow $t{t} (global.get $g) {})", table(t, 0)),
            ),
            Helper::TablePut { table: t } => {
                format!("(global.set $g (table.get $t{t} {})) {done}", table(t, 0))
            }
            Helper::TableTake { table: t } => {
                format!("(table.set $t{t} {} (global.get $g)) {done}", table(t, 0))
            }
            Helper::TableMove { table: t } => {
                format!(
                    "(table.set $t{t} {} (table.get $t{t} {})) {done}",
                    table(t, 0),
                    table(t, 1)
                )
            }
            Helper::TableFunction { table: t, function } => {
                format!("(table.set $t{t} {} (ref.func $f{function})) {done}", table(t, 0))
            }
            Helper::IsNull { table: t } => {
                format!("(ref.is_null (table.get $t{t} {}))", table(t, 0))
            }
            Helper::ElementsDrop { segment } => format!("(elem.drop $e{segment}) {done}"),
            Helper::Call { table: t, unary, tail } => {
                let call = if tail { "return_call_indirect" } else { "call_indirect" };
                let argument = if unary { "(local.get 1)" } else { "" };
                format!("({call} $t{t} (type {}) {argument} {})", type_of(unary), table(t, 0))
            }
            Helper::CallOther { table: t } => {
                format!(
                    "(drop (call_indirect $t{t} (type $D) (f64.const 1) {})) {done}",
                    table(t, 0)
                )
            }
            Helper::ForgetGlobal => format!("(global.set $g (ref.null func)) {done}"),
        }
    }
}

fn type_of(unary: bool) -> &'static str {
    if unary { "$B" } else { "$A" }
}

fn limits(space: &Space) -> String {
    let index = if space.is_64 { "i64 " } else { "" };
    let max = if space.max == NO_MAXIMUM { String::new() } else { format!(" {}", space.max) };
    format!("{index}{}{max}", space.min)
}

fn index(wide: bool, value: &str) -> String {
    if wide { format!("(i64.extend_i32_u {value})") } else { value.to_string() }
}

fn narrow(wide: bool, value: String) -> String {
    if wide { format!("(i32.wrap_i64 {value})") } else { value }
}

fn place(prefix: &str, kind: &str, mode: &Mode, spaces: &[Space]) -> String {
    match *mode {
        Mode::Passive => String::new(),
        Mode::Declared => "declare".to_string(),
        Mode::Active(target, offset) => {
            let offset = match offset {
                Offset::Constant(at) if spaces[target].is_64 => format!("(i64.const {at})"),
                Offset::Constant(at) => format!("(i32.const {})", at as i32),
                Offset::Global(0) => "(global.get $offset)".to_string(),
                Offset::Global(more) => {
                    format!("(i32.add (global.get $offset) (i32.const {more}))")
                }
            };
            format!("({kind} ${prefix}{target}) (offset {offset})")
        }
    }
}
