//! Finds the instance of a guest frame.
//!
//! Running code keeps no record of it: a vmctx is in a register or a spill slot while the function needs it, and
//! nothing more is stored. The instance is derived when a trap is made or a host function asks, from facts that are
//! certain:
//!
//! - If a store has only one instance of the frame's code, it is that one. A store counts instances by code
//!   (`stores::code_users`).
//! - The host enters guest code with a context, which the entry stub keeps in its frame.
//! - A direct call stays in the instance; a call of an import goes to the instance that exported the function.
//!
//! What a table or a reference held at the time of a call cannot be known, nor which instance runs after a tail
//! call through an import, a table or a reference. Then there is no answer, rather than a likely one.
//!
//! The caller of a host function is usually simpler to find: an instance calls its imports with contexts of its
//! own, which the import stub keeps in its frame. Only a host function that was called through a table or a
//! reference needs the above.

use crate::abi::trap_record::{CalledBy, MAX_FRAMES};
use crate::body::at_offset::{CallSite, call_at};
use crate::code::{self, CodeObject};
use crate::runtime::externs::func::FuncBody;
use crate::runtime::heap::object::{Any, Gc, Object};
use crate::runtime::instances::instance::{Instance, from_vmctx};
use crate::runtime::stores::store::Store;
use crate::stubs::walk;
use smallvec::SmallVec;
use std::ptr;

/// The caller of a frame's function, as far as it is known.
#[derive(Clone, Copy)]
pub(crate) enum Caller {
    /// The function of the next outer frame.
    Guest,
    /// The host, through a function of this instance.
    Host(Option<Gc<Instance>>),
}

impl Caller {
    /// # Safety
    /// The call that was made with the context has not returned, or nothing has been collected
    /// since.
    pub(crate) unsafe fn new(called_by: CalledBy) -> Caller {
        match called_by {
            CalledBy::Guest => Caller::Guest,
            CalledBy::Host(context) => {
                // SAFETY: who calls guest functions calls them with the context of an instance,
                // which lives at least as long as the call.
                Caller::Host(context.map(|context| unsafe { from_vmctx(context.as_ptr()) }))
            }
        }
    }
}

/// Follows frames from the outermost to the innermost.
#[derive(Default)]
pub(crate) struct Chain {
    /// The instance of the previous frame, and what it called.
    outer: Option<(Gc<Instance>, Called)>,
}

/// What a frame called.
#[derive(Clone, Copy)]
enum Called {
    Site(CallSite),
    /// Other code of the same function: the frame is hidden.
    Itself,
}

impl Chain {
    /// The instance of the next frame, which runs `code` and is at `pc`; `only` is the only instance of the code,
    /// if there is exactly one.
    pub(crate) fn next(
        &mut self,
        caller: Caller,
        code: &CodeObject,
        pc: usize,
        only: Option<Gc<Instance>>,
    ) -> Option<Gc<Instance>> {
        let instance = only.or_else(|| {
            let entered = match caller {
                Caller::Host(instance) => instance,
                Caller::Guest => self.outer.and_then(|(instance, called)| callee(instance, called)),
            };
            entered.filter(|i| i.runs(code) && !i.compiled.tail_calls_leave())
        });
        self.outer = instance.and_then(|instance| Some((instance, called_at(code, pc)?)));
        instance
    }
}

/// The instance of a function that `instance` calls.
fn callee(instance: Gc<Instance>, called: Called) -> Option<Gc<Instance>> {
    let func = match called {
        Called::Itself => return Some(instance),
        Called::Site(CallSite::Direct(func)) => func,
        Called::Site(CallSite::Indirect) => return None,
    };
    match instance.imported_funcs().get(func.index()) {
        None => Some(instance),
        Some(import) => match &import.func.body {
            FuncBody::Guest { instance, .. } => instance.downcast(),
            FuncBody::Host(_) => None,
        },
    }
}

fn called_at(code: &CodeObject, pc: usize) -> Option<Called> {
    if code.is_hidden(pc) {
        return Some(Called::Itself);
    }
    site_at(code, pc).map(Called::Site)
}

/// The target of the call that returns to `pc`.
fn site_at(code: &CodeObject, pc: usize) -> Option<CallSite> {
    call_at(code.module(), code.call_at(pc)?.wasm_offset)
}

impl Instance {
    fn runs(&self, code: &CodeObject) -> bool {
        self.code.object().is_some_and(|own| ptr::eq(own, code))
    }
}

impl Store {
    /// The instance with this code, if there is exactly one.
    pub(super) fn only_instance(&self, code: &CodeObject) -> Option<Gc<Instance>> {
        self.code_users.only(code).and_then(Gc::<Any>::downcast)
    }

    /// The instance that called the running host function, if there is one and it is known.
    pub fn caller(&self) -> Option<Gc<Instance>> {
        self.caller_of_import()
            .or_else(|| self.caller_through_table(walk::caller(&self.context)?.position().pc))
    }

    /// As [`Store::caller`], if the host function was called as an import. Cannot panic.
    #[inline]
    pub fn caller_of_import(&self) -> Option<Gc<Instance>> {
        let instance: *const Object<Instance> = walk::caller(&self.context)?.instance().cast();
        // SAFETY: null, or the instance whose call has not returned.
        unsafe { instance.as_ref().map(|instance| Gc::from_ref(instance)) }
    }

    /// The instance of the frame at `pc`, if it must have called a host function itself.
    fn caller_through_table(&self, pc: usize) -> Option<Gc<Instance>> {
        // SAFETY: the code has a frame on the stack.
        let code = unsafe { code::find_caller(pc)?.as_ref() };
        if site_at(code, pc)? != CallSite::Indirect || self.code_users.tail_calls_leave() {
            return None;
        }
        self.only_instance(code).or_else(|| self.caller_by_frames())
    }

    #[cold]
    fn caller_by_frames(&self) -> Option<Gc<Instance>> {
        let mut pcs: SmallVec<[usize; 32]> = SmallVec::new();
        let mut complete = true;
        let called_by = walk::frames_of_caller(&self.context, |pc| {
            complete = complete && pcs.len() < MAX_FRAMES && pcs.try_reserve(1).is_ok();
            if complete {
                pcs.push(pc);
            }
        })?;
        if !complete || pcs.is_empty() {
            return None;
        }
        // SAFETY: there are guest frames, so the host called a guest function.
        let mut caller = unsafe { Caller::new(called_by) };
        let (mut chain, mut instance) = (Chain::default(), None);
        for &pc in pcs.iter().rev() {
            // SAFETY: the code has a frame on the stack.
            let code = unsafe { code::find_caller(pc)?.as_ref() };
            instance = chain.next(caller, code, pc, self.only_instance(code));
            caller = Caller::Guest;
        }
        instance
    }
}
