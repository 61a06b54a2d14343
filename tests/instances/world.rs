//! Stores with instances that are made, used and deleted in random order, compared with the model all the way.

use super::c_api::*;
use super::handles::*;
use super::model::{self, Function, Imports, Reference};
use super::objects::{
    Callable, Memory, Table, call, check_global, i32_global, i32_value, identify_function,
    reference_global, set_global,
};
use super::plan::{Helper, NO_MAXIMUM, Plan};
use super::random::Random;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// How an engine is made, and what happens to its modules.
#[derive(Clone, Copy, Default)]
pub struct Settings {
    pub options: &'static [(i32, u64)],
    pub serialized: bool,
    pub metered: bool,
}

/// An engine and the modules that all its stores instantiate.
pub struct Modules {
    settings: Settings,
    shared: Vec<(Arc<Plan>, Owned<wasm_shared_module_t>)>,
    engine: Engine,
}

// SAFETY: engines and shared modules may be used by any thread, also by several at once.
unsafe impl Send for Modules {}
// SAFETY: as above.
unsafe impl Sync for Modules {}

const MODULES: usize = 3;

impl Modules {
    pub fn new(seed: u64, settings: Settings) -> Modules {
        let mut random = Random::new(seed);
        let engine = new_engine(settings);
        let store = new_store(&engine).expect("a store");
        let module = |_| {
            let plan = Plan::random(&mut random);
            let text = plan.text();
            let bytes = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
            let mut module =
                new_module(&store, &bytes).unwrap_or_else(|| panic!("{:?}", last_error()));
            if settings.serialized {
                module = round_trip(&store, module).expect("a module that was serialized");
            }
            // SAFETY: the module is alive.
            let shared = unsafe { (api().wasm_module_share)(module.get()) };
            let shared = Owned::new(shared, api().wasm_shared_module_delete);
            (Arc::new(plan), shared.expect("a shared module"))
        };
        let shared = (0..MODULES).map(module).collect();
        drop(store);
        Modules { settings, shared, engine }
    }
}

fn new_engine(settings: Settings) -> Engine {
    let set = api().wasmrt_config_set.expect("options");
    // SAFETY: the configuration is given away.
    let engine = unsafe {
        let config = (api().wasm_config_new)();
        for (option, value) in settings.options {
            assert!(set(config, *option, *value), "option {option}");
        }
        (api().wasm_engine_new_with_config)(config)
    };
    Owned::new(engine, api().wasm_engine_delete).expect("an engine")
}

/// An instance; its handle may be deleted before its exports.
struct Live {
    model: model::Instance,
    handle: Option<Instance>,
    exports: OwnedVector<*mut wasm_extern_t>,
}

/// A store, its instances, and objects to import.
struct Home {
    instances: Vec<Live>,
    memories: Vec<Memory>,
    tables: Vec<Table>,
    functions: Vec<Callable>,
    modules: Vec<Module>,
    store: Store,
}

pub struct World {
    random: Random,
    modules: Arc<Modules>,
    homes: Vec<Home>,
    /// For instances and host functions.
    next_number: i32,
}

const HOMES: usize = 2;
const MOST_INSTANCES: usize = 7;
const MOST_KEPT: usize = 5;

impl World {
    pub fn new(seed: u64, modules: Arc<Modules>) -> World {
        let homes = (0..HOMES).map(|_| Home::new(&modules)).collect();
        World { random: Random::new(!seed), modules, homes, next_number: 1 }
    }

    pub fn steps(&mut self, count: usize) {
        (0..count).for_each(|_| self.step());
    }

    fn step(&mut self) {
        let at = self.random.below(self.homes.len());
        let (home, random) = (&mut self.homes[at], &mut self.random);
        match random.below(100) {
            0..18 => self.instantiate(at),
            18..26 => home.delete_instance(random),
            26..28 => self.renew(at),
            28..31 => home.forget(random),
            31..37 => home.use_memory(random),
            37..44 => home.use_table(random),
            44..54 => home.check_some(random),
            _ => home.call_helpers(random),
        }
        if self.homes[at].instances.len() > MOST_INSTANCES {
            self.homes[at].delete_instance(&mut self.random);
        }
    }

    pub fn check(&mut self) {
        for home in &mut self.homes {
            home.instances.iter().for_each(Live::check);
            home.memories.iter_mut().for_each(Memory::check);
            home.tables.iter().for_each(Table::check);
        }
    }

    /// The same in a forked child, which continues by itself; its changes are not seen here.
    pub fn check_in_child(&mut self) {
        // SAFETY: the child uses what the library allows after a fork, and ends without destructors of this process.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: so that a child that hangs ends.
            unsafe { libc::alarm(120) };
            let result = catch_unwind(AssertUnwindSafe(|| {
                self.check();
                self.steps(20);
                self.check();
            }));
            // SAFETY: ends the child.
            unsafe { libc::_exit(i32::from(result.is_err())) };
        }
        wait_for(child);
        self.check();
    }

    fn renew(&mut self, at: usize) {
        let new = Home::new(&self.modules);
        let old = std::mem::replace(&mut self.homes[at], new);
        if self.random.chance(50) {
            // The store first; objects that have handles are dead then.
            let Home { store, instances, memories, tables, functions, modules } = old;
            drop(store);
            drop((instances, memories, tables, functions, modules));
        }
    }

    fn number(&mut self) -> i32 {
        self.next_number += 1;
        self.next_number
    }

    fn instantiate(&mut self, at: usize) {
        let which = self.random.below(MODULES);
        let plan = self.modules.shared[which].0.clone();
        let id = self.number();
        let offset = match self.random.below(3) {
            0 => self.random.below(8),
            1 => self.random.below(200),
            _ => self.random.below(70_000),
        } as i32;
        let functions: Vec<usize> = plan.unary[..plan.imported_functions]
            .iter()
            .map(|unary| self.function(at, *unary))
            .collect();
        let (home, random) = (&mut self.homes[at], &mut self.random);
        let memory =
            plan.memories.first().filter(|m| m.imported).map(|m| home.memory(random, m.min));
        let table = plan.tables.first().filter(|t| t.imported).map(|t| home.table(random, t.min));
        let reference = random.chance(60).then(|| random.below(home.functions.len() + 1));
        let reference = reference.and_then(|i| home.functions.get(i));

        let globals = [
            i32_global(&home.store, id),
            i32_global(&home.store, offset),
            reference_global(&home.store, reference),
        ];
        // SAFETY: the globals are alive.
        let globals =
            globals.each_ref().map(|g| (g, unsafe { (api().wasm_global_as_extern)(g.get()) }));
        let mut imports: Vec<_> = globals.iter().map(|g| g.1).collect();
        imports.extend(functions.iter().map(|f| home.functions[*f].as_extern()));
        imports.extend(memory.map(|m| home.memories[m].as_extern()));
        imports.extend(table.map(|t| home.tables[t].as_extern()));
        let given = Imports {
            id,
            offset,
            reference: reference.map(|callable| callable.model),
            functions: functions.iter().map(|f| home.functions[*f].model).collect(),
            memory: memory.map(|m| home.memories[m].model.clone()),
            table: table.map(|t| home.tables[t].model.clone()),
        };
        let mut model = model::Instance::new(&plan, given);
        let expected = model.initialize();
        match (new_instance(&home.store, &home.modules[which], &imports), expected) {
            (Ok(handle), Ok(())) => {
                let exports = instance_exports(&handle);
                home.instances.push(Live { model, handle: Some(handle), exports });
                home.keep_exports(random);
            }
            (Err(found), Err(trap)) => {
                assert!(
                    found.contains(trap),
                    "instantiation traps with {found:?} and not {trap:?}"
                );
                memory.into_iter().for_each(|m| home.memories[m].check());
                table.into_iter().for_each(|t| home.tables[t].check());
            }
            (Ok(_), Err(trap)) => panic!("instantiation does not trap: {trap}"),
            (Err(found), Ok(())) => panic!("instantiation fails: {found}"),
        }
    }

    /// The place of a function that fits, made if there is none.
    fn function(&mut self, at: usize, unary: bool) -> usize {
        let functions = &self.homes[at].functions;
        let start = self.random.below(functions.len());
        let mut places = (start..functions.len()).chain(0..start);
        if let Some(place) = places.find(|i| functions[*i].model.unary == unary) {
            return place;
        }
        let number = self.number() + (1 << 28);
        let home = &mut self.homes[at];
        home.functions.push(Callable::host(&home.store, Function { number, unary }));
        home.functions.len() - 1
    }
}

fn wait_for(child: libc::pid_t) {
    assert!(child > 0, "no fork");
    let mut status = 0;
    // SAFETY: waits for our own child.
    unsafe { libc::waitpid(child, &mut status, 0) };
    assert!(
        libc::WIFEXITED(status),
        "the child of a fork ended with signal {}",
        libc::WTERMSIG(status)
    );
    assert_eq!(libc::WEXITSTATUS(status), 0, "the child of a fork found a difference");
}

/// Runs `work` in a process of its own, in which no file may be written.
pub fn without_files(work: impl FnOnce()) {
    // SAFETY: as in `check_in_child`.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: plain values.
        unsafe {
            libc::alarm(120);
            libc::setrlimit(libc::RLIMIT_FSIZE, &none);
        }
        let result = catch_unwind(AssertUnwindSafe(work));
        // SAFETY: ends the child.
        unsafe { libc::_exit(i32::from(result.is_err())) };
    }
    wait_for(child);
}

impl Home {
    fn new(modules: &Modules) -> Home {
        let store = new_store(&modules.engine).expect("a store");
        if modules.settings.metered {
            let set = api().wasmrt_store_set_fuel.expect("fuel");
            // SAFETY: the store is alive.
            assert!(unsafe { set(store.get(), u64::MAX) });
        }
        let obtain = |(_, shared): &(_, Owned<wasm_shared_module_t>)| {
            // SAFETY: both are alive.
            let module = unsafe { (api().wasm_module_obtain)(store.get(), shared.get()) };
            Owned::new(module, api().wasm_module_delete).expect("an obtained module")
        };
        let modules = modules.shared.iter().map(obtain).collect();
        Home {
            instances: Vec::new(),
            memories: Vec::new(),
            tables: Vec::new(),
            functions: Vec::new(),
            modules,
            store,
        }
    }

    /// The place of a memory that can be imported, made if there is none.
    fn memory(&mut self, random: &mut Random, min: u32) -> usize {
        let fits = |m: &Memory| m.model.borrow().pages() >= min;
        let found = self.memories.iter().rposition(fits).filter(|_| random.chance(70));
        found.unwrap_or_else(|| {
            self.memories.push(Memory::new(&self.store, min + random.below(2) as u32, NO_MAXIMUM));
            self.memories.len() - 1
        })
    }

    fn table(&mut self, random: &mut Random, min: u32) -> usize {
        let fits = |t: &Table| t.model.borrow().elements.len() >= min as usize;
        let found = self.tables.iter().rposition(fits).filter(|_| random.chance(70));
        found.unwrap_or_else(|| {
            self.tables.push(Table::new(&self.store, min + random.below(9) as u32, NO_MAXIMUM));
            self.tables.len() - 1
        })
    }

    /// Keeps some exports of the newest instance for others to import.
    fn keep_exports(&mut self, random: &mut Random) {
        let Some(live) = self.instances.last() else { return };
        let plan = &live.model.plan;
        for (i, memory) in plan.memories.iter().enumerate() {
            if !memory.is_64 && random.chance(40) {
                self.memories.push(live.memory(i));
            }
        }
        for (i, table) in plan.tables.iter().enumerate() {
            if !table.is_64 && random.chance(40) {
                self.tables.push(live.table(i));
            }
        }
        for (i, model) in live.model.functions.iter().enumerate() {
            if random.chance(20) {
                let export = live.exports.items()[plan.function_export(i)];
                self.functions.push(Callable::exported(export, *model));
            }
        }
    }

    /// Drops handles, so that objects live by what refers to them.
    fn forget(&mut self, random: &mut Random) {
        self.memories.drain(..self.memories.len().saturating_sub(MOST_KEPT));
        self.tables.drain(..self.tables.len().saturating_sub(MOST_KEPT));
        self.functions.drain(..self.functions.len().saturating_sub(2 * MOST_KEPT));
        let at = random.below(self.instances.len());
        if let Some(live) = self.instances.get_mut(at) {
            live.handle = None;
        }
    }

    fn delete_instance(&mut self, random: &mut Random) {
        if !self.instances.is_empty() {
            let live = self.instances.swap_remove(random.below(self.instances.len()));
            if random.chance(30) {
                live.check();
            }
        }
    }

    fn use_memory(&mut self, random: &mut Random) {
        let at = random.below(self.instances.len());
        let of_instance = self.instances.get(at).filter(|live| !live.model.memories.is_empty());
        let mut memory = match of_instance {
            Some(live) => live.memory(random.below(live.model.memories.len())),
            None => return,
        };
        let len = memory.bytes().len();
        if random.chance(30) {
            memory.grow(pages_to_grow(random, len));
        } else if len > 0 {
            let start = random.below(len);
            let most = if random.chance(10) { 100_000 } else { 50 };
            let count = random.below(most);
            let end = len.min(start + count);
            let value = random.next() as u8;
            memory.bytes()[start..end].fill(value);
            memory.model.borrow_mut().bytes[start..end].fill(value);
        }
    }

    fn use_table(&mut self, random: &mut Random) {
        let at = random.below(self.instances.len());
        let Some(live) = self.instances.get(at) else { return };
        let callable = self.functions.get(random.below(self.functions.len() + 1));
        let export = live.exports.items()[live.model.plan.global_export()];
        if live.model.tables.is_empty() || random.chance(10) {
            set_global(export, callable);
            self.instances[at].model.global = callable.map(|c| c.model);
            return;
        }
        let table = live.table(random.below(live.model.tables.len()));
        match random.below(10) {
            0..2 => table.grow(elements_to_grow(random, table.len()), callable),
            _ => table.set(address(random, table.len() as usize), callable),
        }
    }

    fn check_some(&mut self, random: &mut Random) {
        let at = random.below(self.instances.len());
        match self.instances.get_mut(at) {
            Some(live) if random.chance(50) => live.check(),
            Some(live) => live.touch_elements(random),
            None => {}
        }
    }

    fn call_helpers(&mut self, random: &mut Random) {
        let at = random.below(self.instances.len());
        let Some(live) = self.instances.get_mut(at) else { return };
        for _ in 0..1 + random.below(12) {
            let helper = random.below(live.model.plan.helpers.len());
            let arguments = arguments(random, &live.model, live.model.plan.helpers[helper]);
            live.call(helper, arguments);
        }
    }
}

impl Live {
    fn memory(&self, i: usize) -> Memory {
        Memory::exported(self.exports.items()[i], self.model.memories[i].clone())
    }

    fn table(&self, i: usize) -> Table {
        let export = self.exports.items()[self.model.memories.len() + i];
        Table::exported(export, self.model.tables[i].clone())
    }

    /// Everything that the instance has.
    fn check(&self) {
        (0..self.model.memories.len()).for_each(|i| self.memory(i).check());
        (0..self.model.tables.len()).for_each(|i| self.table(i).check());
        let exports = self.exports.items();
        check_global(exports[self.model.plan.global_export()], self.model.global);
        for (i, function) in self.model.functions.iter().enumerate() {
            // SAFETY: the export is alive.
            let func =
                unsafe { (api().wasm_extern_as_func)(exports[self.model.plan.function_export(i)]) };
            assert_eq!(identify_function(func), *function, "function {i}");
        }
    }

    /// Looks at some elements in one way or another; whatever is prepared on first use is prepared that way.
    fn touch_elements(&mut self, random: &mut Random) {
        let helpers = self.model.plan.helpers.clone();
        for table in 0..self.model.tables.len() {
            let len = self.model.tables[table].borrow().elements.len();
            for _ in 0..len.min(60) {
                let at = random.below(len) as u32;
                let looks = |helper: &Helper| match *helper {
                    Helper::Call { table: t, .. } | Helper::CallOther { table: t } => t == table,
                    Helper::IsNull { table: t } => t == table,
                    _ => false,
                };
                let fitting: Vec<usize> =
                    (0..helpers.len()).filter(|i| looks(&helpers[*i])).collect();
                match random.below(fitting.len() + 1).checked_sub(1) {
                    Some(i) => self.call(fitting[i], [at, random.next() as u32, 0]),
                    None => self.table(table).check_element(at),
                }
            }
        }
    }

    fn call(&mut self, helper: usize, arguments: [u32; 3]) {
        let kind = self.model.plan.helpers[helper];
        let export = self.exports.items()[self.model.plan.export_of(helper)];
        let values = arguments.map(|argument| i32_value(argument as i32));
        // SAFETY: the export is alive.
        let found = call(unsafe { (api().wasm_extern_as_func)(export) }, &values);
        match (found, self.model.call(kind, arguments)) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{kind:?} {arguments:?}"),
            (Err(found), Err(trap)) if found.contains(trap) => {}
            (found, expected) => panic!("{kind:?} {arguments:?}: {found:?} and not {expected:?}"),
        }
    }
}

// --- arguments ---

fn arguments(random: &mut Random, model: &model::Instance, helper: Helper) -> [u32; 3] {
    let memory = |m: usize| model.memories[m].borrow().bytes.len();
    let elements = |t: usize| model.tables[t].borrow().elements.len();
    let element =
        |random: &mut Random, t: usize| element(random, &model.tables[t].borrow().elements);
    let any = random.next() as u32;
    match helper {
        Helper::MemoryInit { memory: m, segment } => {
            range_arguments(random, memory(m), model.plan.data[segment].bytes.len())
        }
        Helper::MemoryFill { memory: m } => range_arguments(random, memory(m), 256),
        Helper::MemoryCopy { to, from } => range_arguments(random, memory(to), memory(from)),
        Helper::MemoryGrow { memory: m } => [pages_to_grow(random, memory(m)), any, any],
        Helper::Load { memory: m } | Helper::Store { memory: m } => {
            [address(random, memory(m)), any, any]
        }
        Helper::TableInit { table: t, segment } => {
            range_arguments(random, elements(t), model.plan.elements[segment].items.len())
        }
        Helper::TableFill { table: t } => range_arguments(random, elements(t), 256),
        Helper::TableCopy { to, from } => range_arguments(random, elements(to), elements(from)),
        Helper::TableGrow { table: t } => [elements_to_grow(random, elements(t) as u32), any, any],
        Helper::TableMove { table: t } => [element(random, t), element(random, t), any],
        Helper::TablePut { table: t }
        | Helper::TableTake { table: t }
        | Helper::TableFunction { table: t, .. }
        | Helper::IsNull { table: t }
        | Helper::Call { table: t, .. }
        | Helper::CallOther { table: t } => [element(random, t), any, any],
        Helper::DataDrop { .. } | Helper::ElementsDrop { .. } | Helper::ForgetGlobal => [any; 3],
    }
}

/// Target, source and length that mostly fit.
fn range_arguments(random: &mut Random, target: usize, source: usize) -> [u32; 3] {
    let (to, from) = (address(random, target), address(random, source));
    let room = target.saturating_sub(to as usize).min(source.saturating_sub(from as usize));
    let count = match random.below(8) {
        0 => 0,
        1 => room,
        2 => room + 1,
        3 => random.below(100_000),
        4 => random.below(room + 1),
        _ => random.below(room.min(40) + 1),
    };
    [to, from, count as u32]
}

/// Mostly an address below `len`, sometimes at the end, sometimes far away.
fn address(random: &mut Random, len: usize) -> u32 {
    let address = match random.below(16) {
        0 => len,
        1 => len + random.below(70_000),
        2 => random.next() as usize,
        3 => u32::MAX as usize,
        4 => len.saturating_sub(1),
        5..8 => random.below(len.min(64)),
        _ => random.below(len),
    };
    address as u32
}

/// The index of an element, mostly one that is not null.
fn element(random: &mut Random, elements: &[Reference]) -> u32 {
    let start = random.below(elements.len());
    let mut places = (start..elements.len()).chain(0..start);
    match places.find(|i| elements[*i].is_some()) {
        Some(place) if random.chance(60) => place as u32,
        _ => address(random, elements.len()),
    }
}

/// Some pages, or more than there can be.
fn pages_to_grow(random: &mut Random, bytes: usize) -> u32 {
    match random.below(10) {
        0 => 300_000,
        _ if bytes > 4 << 20 => 0,
        _ => random.below(4) as u32,
    }
}

fn elements_to_grow(random: &mut Random, len: u32) -> u32 {
    match random.below(10) {
        0 => u32::MAX,
        _ if len > 5000 => 0,
        _ => random.below(30) as u32,
    }
}
