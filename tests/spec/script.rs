//! One script of the suite, run in a store of its own.
//!
//! Each directive becomes calls of C functions and ends as passed, skipped with a reason, or failed. Instances are
//! found by the name the script gives them and by the name under which it registers them. A module of a proposal
//! that the engine does not support leaves [`State::Absent`] behind, and whatever needs it is skipped for the same
//! reason.

use super::adapter::{self, Route};
use super::c_api::*;
use super::description::Description;
use super::handles::*;
use super::modes::Mode;
use super::report::Report;
use super::values::{self, Carried, HostObjects, Shape, Value};
use super::{skips, spectest};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use wast::core::{WastArgCore, WastRetCore};
use wast::token::Id;
use wast::{QuoteWat, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat};

/// How a directive ends that did not simply pass.
enum Stop {
    Skip(&'static str),
    Fail(String),
}

type Step<T = ()> = Result<T, Stop>;

fn fail<T>(message: impl Into<String>) -> Step<T> {
    Err(Stop::Fail(message.into()))
}

struct Compiled {
    module: Module,
    bytes: Vec<u8>,
}

/// An instance with what is needed to reach its exports.
struct Linked {
    description: Description,
    exports: HashMap<String, *mut wasm_extern_t>,
    routes: RefCell<HashMap<String, Reached>>,
    /// A call on this instance was skipped, so its state is not what the script expects.
    behind: Cell<bool>,
    // Owners last: `routes` and `exports` refer to these objects.
    _exports: OwnedVector<*mut wasm_extern_t>,
    _instance: Instance,
}

/// The way to one export, with the adapter's instance kept alive.
#[derive(Clone)]
struct Reached {
    route: Rc<Route>,
    object: *mut wasm_extern_t,
    _adapter: Option<Rc<(OwnedVector<*mut wasm_extern_t>, Instance)>>,
}

#[derive(Clone)]
enum State {
    Here(Rc<Linked>),
    Absent(&'static str),
}

/// The result of a call or a `get`.
enum Outcome {
    Values(Vec<Value>),
    Trap(String),
}

pub struct Script {
    /// Every module is serialized and loaded again before it is used.
    serializes: bool,
    carrier: Carrier,
    host: HostObjects,
    current: Option<State>,
    named: HashMap<String, State>,
    registered: HashMap<String, State>,
    definitions: HashMap<String, Result<Rc<Compiled>, &'static str>>,
    last_definition: Option<Result<Rc<Compiled>, &'static str>>,
    _spectest: Vec<Func>,
    store: Store,
}

/// Runs a whole file; everything it made is deleted on return.
pub fn run(engine: &Engine, mode: &Mode, file: &str, directives: Wast<'_>, text: &str) -> Report {
    let mut report = Report::default();
    let mut script = match Script::new(engine, mode) {
        Ok(script) => script,
        Err(message) => {
            report.failures.push(format!("{file}: {message}"));
            return report;
        }
    };
    let trace = std::env::var_os("WASMRT_SPEC_TRACE").is_some();
    for directive in directives.directives {
        let line = directive.span().linecol_in(text).0 + 1;
        if trace {
            eprintln!("{file}:{line}");
        }
        match script.directive(directive) {
            Ok(()) => report.passed += 1,
            Err(Stop::Skip(reason)) => report.skip(reason),
            Err(Stop::Fail(message)) => match skips::outdated(file, line, &message) {
                Some(reason) => report.skip(reason),
                None => report.failures.push(format!("{file}:{line}: {message}")),
            },
        }
    }
    report
}

impl Script {
    fn new(engine: &Engine, mode: &Mode) -> Result<Script, String> {
        let store = mode.new_store(engine)?;
        let functions =
            spectest::print_functions(store.get()).ok_or("the library makes no host function")?;
        let mut script = Script {
            serializes: mode.serializes,
            carrier: mode.carrier,
            host: HostObjects::default(),
            current: None,
            named: HashMap::new(),
            registered: HashMap::new(),
            definitions: HashMap::new(),
            last_definition: None,
            _spectest: Vec::new(),
            store,
        };
        let (text, table) = spectest::module(script.store.get(), mode.carrier)
            .ok_or("the library makes no table with 64-bit indices")?;
        let bytes = wat::parse_str(text).map_err(|error| error.to_string())?;
        let Ok(compiled) = script.compile(bytes) else {
            return Err("spectest does not compile".to_string());
        };
        // SAFETY: the objects are alive; the casts are views of them.
        let table = table.iter().map(|table| unsafe { (api().wasm_table_as_extern)(table.get()) });
        let functions_as_externs =
            // SAFETY: as above.
            functions.iter().map(|function| unsafe { (api().wasm_func_as_extern)(function.get()) });
        let imports: Vec<_> = table.chain(functions_as_externs).collect();
        let spectest =
            script.link(&compiled, &imports).map_err(|message| format!("spectest: {message}"))?;
        script.registered.insert("spectest".to_string(), State::Here(spectest));
        script._spectest = functions;
        Ok(script)
    }

    fn directive(&mut self, directive: WastDirective<'_>) -> Step {
        match directive {
            WastDirective::Module(module) => self.module(module),
            WastDirective::ModuleDefinition(module) => self.module_definition(module),
            WastDirective::ModuleInstance { instance, module, .. } => {
                self.module_instance(instance, module)
            }
            WastDirective::Register { name, module, .. } => {
                let state = self.state(module)?;
                self.registered.insert(name.to_string(), state);
                Ok(())
            }
            WastDirective::Invoke(invoke) => match self.invoke(&invoke)? {
                Outcome::Values(_) => Ok(()),
                Outcome::Trap(message) => fail(format!("{} trapped: {message}", invoke.name)),
            },
            WastDirective::AssertReturn { exec, results, .. } => self.assert_return(exec, &results),
            WastDirective::AssertTrap { exec, message, .. } => self.assert_trap(exec, message),
            WastDirective::AssertExhaustion { call, message, .. } => match self.invoke(&call)? {
                Outcome::Trap(actual)
                    if actual.contains("stack") && phrase_matches(&actual, message) =>
                {
                    Ok(())
                }
                Outcome::Trap(actual) => {
                    fail(format!("trapped with \"{actual}\", not \"{message}\""))
                }
                Outcome::Values(values) => {
                    fail(format!("returned {values:?}, did not exhaust the stack"))
                }
            },
            WastDirective::AssertMalformed { module, message, .. }
            | WastDirective::AssertInvalid { module, message, .. } => {
                self.assert_refused(module, message)
            }
            WastDirective::AssertUnlinkable { module, .. } => self.assert_unlinkable(module),
            WastDirective::AssertMalformedCustom { mut module, .. }
            | WastDirective::AssertInvalidCustom { mut module, .. } => match module.encode() {
                Ok(_) => Err(Stop::Skip(skips::CUSTOM_SECTION)),
                Err(_) => Err(Stop::Skip(skips::TEXT_ONLY)),
            },
            WastDirective::AssertException { exec, .. } => match self.execute(exec)? {
                Outcome::Trap(message) if message.starts_with("uncaught exception") => Ok(()),
                Outcome::Trap(message) => fail(format!("trapped with \"{message}\"")),
                Outcome::Values(values) => fail(format!("returned {values:?}, threw nothing")),
            },
            WastDirective::AssertSuspension { exec, .. } => {
                self.execute(exec)?;
                fail("suspensions are not known to this runner")
            }
            WastDirective::Thread(_) | WastDirective::Wait { .. } => {
                Err(Stop::Skip(skips::THREADS))
            }
        }
    }

    fn module(&mut self, mut module: QuoteWat<'_>) -> Step {
        let name = module.name().map(|id| id.name().to_string());
        self.current = None;
        let bytes = module.encode().or_else(|error| fail(error.to_string()))?;
        let result = self.instantiate_bytes(bytes);
        let state = match &result {
            Ok(linked) => State::Here(linked.clone()),
            Err(Stop::Skip(reason)) => State::Absent(reason),
            Err(Stop::Fail(_)) => return result.map(drop),
        };
        self.set_current(name, state);
        result.map(drop)
    }

    fn module_definition(&mut self, mut module: QuoteWat<'_>) -> Step {
        let name = module.name().map(|id| id.name().to_string());
        let bytes = module.encode().or_else(|error| fail(error.to_string()))?;
        let (definition, result) = match self.compile(bytes) {
            Ok(compiled) => (Ok(Rc::new(compiled)), Ok(())),
            Err(Stop::Skip(reason)) => (Err(reason), Err(Stop::Skip(reason))),
            Err(stop) => return Err(stop),
        };
        if let Some(name) = name {
            self.definitions.insert(name, definition.clone());
        }
        self.last_definition = Some(definition);
        result
    }

    fn module_instance(&mut self, instance: Option<Id<'_>>, module: Option<Id<'_>>) -> Step {
        let definition = match module {
            Some(id) => self.definitions.get(id.name()),
            None => self.last_definition.as_ref(),
        };
        let name = instance.map(|id| id.name().to_string());
        match definition.cloned() {
            Some(Ok(compiled)) => {
                let linked = self.instantiate(&compiled)?.or_else(fail)?;
                self.set_current(name, State::Here(linked));
                Ok(())
            }
            Some(Err(reason)) => {
                self.set_current(name, State::Absent(reason));
                Err(Stop::Skip(reason))
            }
            None => fail("no such module definition"),
        }
    }

    fn set_current(&mut self, name: Option<String>, state: State) {
        if let Some(name) = name {
            self.named.insert(name, state.clone());
        }
        self.current = Some(state);
    }

    fn state(&self, module: Option<Id<'_>>) -> Step<State> {
        let state = match module {
            Some(id) => self.named.get(id.name()),
            None => self.current.as_ref(),
        };
        state.cloned().ok_or(Stop::Fail("its module is not there".to_string()))
    }

    fn linked(&self, module: Option<Id<'_>>) -> Step<Rc<Linked>> {
        match self.state(module)? {
            State::Here(linked) => Ok(linked),
            State::Absent(reason) => Err(Stop::Skip(reason)),
        }
    }

    /// Compiles; a module of a missing proposal must be refused by name and is skipped.
    /// The module as the mode wants it.
    fn settle(&self, module: Module) -> Step<Module> {
        if !self.serializes {
            return Ok(module);
        }
        let refused = || format!("does not come back: {}", last_error().unwrap_or_default());
        round_trip(&self.store, module).ok_or_else(|| Stop::Fail(refused()))
    }

    fn compile(&self, bytes: Vec<u8>) -> Step<Compiled> {
        last_error();
        match new_module(&self.store, &bytes) {
            Some(module) => self.settle(module).map(|module| Compiled { module, bytes }),
            None => {
                let error = last_error();
                let Some(missing) = skips::missing_proposal(&bytes) else {
                    return fail(format!("refused: {}", error.as_deref().unwrap_or("(no error)")));
                };
                let error = error.unwrap_or_default().to_lowercase();
                if is_foreign() || missing.words.iter().any(|word| error.contains(word)) {
                    return Err(Stop::Skip(missing.reason));
                }
                fail(format!("the refusal names none of {:?}: {error}", missing.words))
            }
        }
    }

    fn instantiate_bytes(&self, bytes: Vec<u8>) -> Step<Rc<Linked>> {
        let compiled = self.compile(bytes)?;
        self.instantiate(&compiled)?.or_else(fail)
    }

    /// Binds the imports to registered instances; the inner result holds the message of the trap.
    fn instantiate(&self, compiled: &Compiled) -> Step<Result<Rc<Linked>, String>> {
        let mut imports = Vec::new();
        for (module, name) in import_names(&compiled.module) {
            match self.registered.get(&module) {
                Some(State::Absent(reason)) => return Err(Stop::Skip(reason)),
                Some(State::Here(linked)) => {
                    imports
                        .push(linked.exports.get(&name).copied().unwrap_or(std::ptr::null_mut()));
                }
                None => imports.push(std::ptr::null_mut()),
            }
        }
        Ok(self.link(compiled, &imports))
    }

    fn link(
        &self,
        compiled: &Compiled,
        imports: &[*mut wasm_extern_t],
    ) -> Result<Rc<Linked>, String> {
        let instance = new_instance(&self.store, &compiled.module, imports)?;
        let externs = instance_exports(&instance);
        let names = export_names(&compiled.module);
        if names.len() != externs.items().len() {
            return Err(format!("{} export types, {} exports", names.len(), externs.items().len()));
        }
        Ok(Rc::new(Linked {
            description: Description::read(&compiled.bytes).map_err(|error| error.to_string())?,
            exports: names.into_iter().zip(externs.items().iter().copied()).collect(),
            routes: RefCell::default(),
            behind: Cell::new(false),
            _exports: externs,
            _instance: instance,
        }))
    }

    /// The way to a function (`global: false`) or global of an instance, made once.
    fn reach(&self, linked: &Linked, name: &str, global: bool) -> Step<Reached> {
        if let Some(reached) = linked.routes.borrow().get(name) {
            return Ok(reached.clone());
        }
        let route = if global { adapter::global } else { adapter::function };
        let route = route(&linked.description, name, self.carrier)
            .or_else(|message| fail(format!("{name}: {message}")))?;
        let &object =
            linked.exports.get(name).ok_or(Stop::Fail(format!("{name} is not exported")))?;
        let reached = match &route.adapter {
            None => Reached { route: Rc::new(route), object, _adapter: None },
            Some(bytes) => {
                let problem =
                    |what: &str| Stop::Fail(format!("the adapter for {name} does not {what}"));
                let module = new_module(&self.store, bytes).ok_or_else(|| problem("compile"))?;
                let instance = new_instance(&self.store, &module, &[object])
                    .map_err(|message| problem(&format!("link: {message}")))?;
                let exports = instance_exports(&instance);
                let &object = exports.items().first().ok_or_else(|| problem("export"))?;
                Reached {
                    route: Rc::new(route),
                    object,
                    _adapter: Some(Rc::new((exports, instance))),
                }
            }
        };
        linked.routes.borrow_mut().insert(name.to_string(), reached.clone());
        Ok(reached)
    }

    fn invoke(&self, invoke: &WastInvoke<'_>) -> Step<Outcome> {
        let linked = self.linked(invoke.module)?;
        if linked.behind.get() {
            return Err(Stop::Skip(skips::AFTER_HOST_REFERENCE));
        }
        let args = invoke.args.iter().map(core_argument).collect::<Step<Vec<_>>>()?;
        if host_references_are_skipped()
            && args.iter().any(|arg| matches!(arg, WastArgCore::RefExtern(_)))
        {
            linked.behind.set(true);
            return Err(Stop::Skip(skips::HOST_REFERENCE));
        }
        let reached = self.reach(&linked, invoke.name, false)?;
        if is_foreign() && uses_external_references(&reached.route) {
            linked.behind.set(true);
            return Err(Stop::Skip(skips::FOREIGN_LIBRARY));
        }
        self.call(&reached, &args).or_else(|message| fail(format!("{}: {message}", invoke.name)))
    }

    fn call(&self, reached: &Reached, args: &[&WastArgCore<'_>]) -> Result<Outcome, String> {
        let route = &reached.route;
        if route.params.len() != args.len() {
            return Err(format!("{} arguments for {} parameters", args.len(), route.params.len()));
        }
        let host = |number| self.host.object(self.store.get(), number);
        let mut values = Vec::new();
        for (arg, shape) in args.iter().zip(&route.params) {
            match shape {
                Some(shape) => values::push_argument(arg, *shape, self.carrier, host, &mut values)?,
                None if matches!(arg, WastArgCore::RefNull(_)) => {}
                None => return Err(format!("{arg:?} cannot be passed")),
            }
        }
        // SAFETY: the extern is alive as long as its instance; the cast is a view of it.
        let function = unsafe { (api().wasm_extern_as_func)(reached.object) };
        if function.is_null() {
            return Err("it is exported as something else than a function".to_string());
        }
        self.call_function(function, route, &values)
    }

    fn call_function(
        &self,
        function: *mut wasm_func_t,
        route: &Route,
        arguments: &[Carried],
    ) -> Result<Outcome, String> {
        let kinds = |shape: Shape| shape.kinds(self.carrier);
        let count: usize = route.results.iter().map(|shape| kinds(*shape).len()).sum();
        // SAFETY: the function is alive.
        let arities = unsafe {
            ((api().wasm_func_param_arity)(function), (api().wasm_func_result_arity)(function))
        };
        if arities != (arguments.len(), count) {
            return Err(format!(
                "arities {arities:?} where {:?} were due",
                (arguments.len(), count)
            ));
        }
        let mut results = vec![Carried::NULL; count];
        let trap = match self.carrier {
            Carrier::Narrow => values::call_narrow(function, arguments, &mut results),
            Carrier::Wide => values::call_wide(function, arguments, &mut results)?,
        };
        if let Some(trap) = trap {
            return Ok(Outcome::Trap(trap_message(&trap)));
        }
        let (mut taken, mut rest) = (Vec::new(), results.as_slice());
        for &shape in &route.results {
            taken.push(values::take_result(rest, shape, self.carrier)?);
            rest = &rest[kinds(shape).len()..];
        }
        Ok(Outcome::Values(taken))
    }

    fn get(&self, module: Option<Id<'_>>, name: &str) -> Step<Outcome> {
        let linked = self.linked(module)?;
        let reached = self.reach(&linked, name, true)?;
        if is_foreign() && uses_external_references(&reached.route) {
            return Err(Stop::Skip(skips::FOREIGN_LIBRARY));
        }
        if reached.route.adapter.is_some() {
            return self.call(&reached, &[]).or_else(fail);
        }
        // SAFETY: the extern is alive as long as its instance; the cast is a view of it.
        let global = unsafe { (api().wasm_extern_as_global)(reached.object) };
        if global.is_null() {
            return fail(format!("{name} is exported as something else than a global"));
        }
        let value = values::read_global(global, self.carrier).or_else(fail)?;
        let shape = reached.route.results[0];
        let value = values::take_result(&[value], shape, self.carrier).or_else(fail)?;
        Ok(Outcome::Values(vec![value]))
    }

    fn execute(&self, exec: WastExecute<'_>) -> Step<Outcome> {
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Get { module, global, .. } => self.get(module, global),
            WastExecute::Wat(mut wat) => {
                let bytes = wat.encode().or_else(|error| fail(error.to_string()))?;
                let compiled = self.compile(bytes)?;
                match self.instantiate(&compiled)? {
                    Ok(_) => Ok(Outcome::Values(Vec::new())),
                    Err(message) => Ok(Outcome::Trap(message)),
                }
            }
        }
    }

    fn assert_return(&self, exec: WastExecute<'_>, results: &[WastRet<'_>]) -> Step {
        let results = results.iter().map(core_result).collect::<Step<Vec<_>>>()?;
        if host_references_are_skipped()
            && results.iter().any(|result| matches!(result, WastRetCore::RefExtern(_)))
        {
            if let WastExecute::Invoke(invoke) = &exec {
                self.linked(invoke.module)?.behind.set(true);
            }
            return Err(Stop::Skip(skips::HOST_REFERENCE));
        }
        match self.execute(exec)? {
            Outcome::Trap(message) => fail(format!("trapped: {message}")),
            Outcome::Values(values) => {
                let right = values.len() == results.len()
                    && results
                        .iter()
                        .zip(&values)
                        .all(|(result, value)| values::matches(result, value, &self.host));
                if right { Ok(()) } else { fail(format!("returned {values:?}, not {results:?}")) }
            }
        }
    }

    fn assert_trap(&self, exec: WastExecute<'_>, message: &str) -> Step {
        match self.execute(exec)? {
            Outcome::Trap(actual) if phrase_matches(&actual, message) => Ok(()),
            Outcome::Trap(actual) => fail(format!("trapped with \"{actual}\", not \"{message}\"")),
            Outcome::Values(values) => {
                fail(format!("returned {values:?} where \"{message}\" was due"))
            }
        }
    }

    fn assert_refused(&self, mut module: QuoteWat<'_>, message: &str) -> Step {
        let Ok(bytes) = module.encode() else { return Err(Stop::Skip(skips::TEXT_ONLY)) };
        last_error();
        if new_module(&self.store, &bytes).is_some() {
            return fail(skips::accepted(message));
        }
        if !is_foreign() && last_error().is_none_or(|error| error.is_empty()) {
            return fail("refused without an error");
        }
        if validates(&self.store, &bytes) {
            fail("refused by wasm_module_new, not by wasm_module_validate")
        } else {
            Ok(())
        }
    }

    fn assert_unlinkable(&self, mut module: Wat<'_>) -> Step {
        let bytes = module.encode().or_else(|error| fail(error.to_string()))?;
        let compiled = self.compile(bytes)?;
        match self.instantiate(&compiled)? {
            Ok(_) => fail("linked"),
            Err(message) if message == NO_TRAP => fail("refused without a trap"),
            Err(_) => Ok(()),
        }
    }
}

fn uses_external_references(route: &Route) -> bool {
    route.params.contains(&Some(Shape::Extern)) || route.results.contains(&Shape::Extern)
}

/// A foreign library may lack the objects and casts that host references need.
fn host_references_are_skipped() -> bool {
    is_foreign()
}

fn core_argument<'s, 'a>(arg: &'s WastArg<'a>) -> Step<&'s WastArgCore<'a>> {
    match arg {
        WastArg::Core(arg) => Ok(arg),
        _ => fail("an argument of a component"),
    }
}

fn core_result<'s, 'a>(result: &'s WastRet<'a>) -> Step<&'s WastRetCore<'a>> {
    match result {
        WastRet::Core(result) => Ok(result),
        _ => fail("a result of a component"),
    }
}

/// The suite's phrases are prefixes; where one names an element ("uninitialized element 2") engines need not.
fn phrase_matches(actual: &str, expected: &str) -> bool {
    let without_number = expected.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end();
    actual.contains(expected) || actual.contains(without_number)
}
