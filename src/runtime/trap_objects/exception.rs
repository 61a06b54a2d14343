//! Exceptions as objects: made when guest code needs a reference, or when one leaves guest code.
//!
//! Between throw and catch an exception is a tag and cells in the store's overflow buffer; an object keeps both, in
//! the form in which guest code holds values. An exception that is not caught becomes a trap, always the same one, so
//! that the trap keeps its frames when a host function returns it.

use super::emergency::fail;
use super::storeless;
use super::trap::{Message, Trap};
use crate::abi::TrapCode;
use crate::abi::trap_record::Thrown;
use crate::abi::value::WideVal;
use crate::quote::Quoted;
use crate::runtime::externs::global::reference;
use crate::runtime::externs::tag::Tag;
use crate::runtime::heap::alloc::{OutOfMemory, try_collect};
use crate::runtime::heap::object::{Gc, Header, Kind, Object, give_up_root};
use crate::runtime::heap::payload::{Payload, WEIGHED_BYTES};
use crate::runtime::heap::tracer::Tracer;
use crate::runtime::stores::store::Store;
use crate::types::ValType;
use std::cell::Cell;
use std::fmt::{self, Display, Formatter};
use std::ptr;

pub struct Exception {
    pub tag: Gc<Tag>,
    /// A cell for each parameter of the tag.
    cells: Box<[u128]>,
    /// The trap that it became when it was not caught.
    trap: Cell<Option<Gc<Trap>>>,
}

impl Payload for Exception {
    const KIND: Kind = Kind::Exception;

    fn weight(&self) -> usize {
        1 + size_of_val(&*self.cells) / WEIGHED_BYTES
    }

    fn trace(&self, tracer: &mut Tracer) {
        tracer.visit(self.tag);
        self.trap.get().into_iter().for_each(|trap| tracer.visit(trap));
        for (ty, cell) in self.tag.ty.params.iter().zip(&self.cells) {
            if let Some(header) = reference(*cell as u64, *ty) {
                // SAFETY: references that guest code holds are of objects of this store.
                tracer.visit_header(unsafe { &*header });
            }
        }
    }
}

impl Exception {
    /// Its values. References are in the form in which guest code holds them.
    pub fn values(&self) -> impl ExactSizeIterator<Item = (ValType, WideVal)> + '_ {
        let params = self.tag.ty.params.iter().zip(&self.cells);
        params.map(|(ty, cell)| (*ty, WideVal::new(ty.kind(), *cell)))
    }
}

/// As traps show it.
impl Display for Exception {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("uncaught exception")?;
        match (self.tag.name(), self.tag.index()) {
            (Some(name), _) => write!(f, " {}", Quoted(&name))?,
            (None, Some(index)) => write!(f, " of tag {}", index.0)?,
            (None, None) => {}
        }
        f.write_str(" (")?;
        for (i, (ty, cell)) in self.tag.ty.params.iter().zip(&self.cells).enumerate() {
            let separator = if i == 0 { "" } else { ", " };
            write!(f, "{separator}{ty}")?;
            match ty {
                ValType::I32 => write!(f, " {}", *cell as i32)?,
                ValType::I64 => write!(f, " {}", *cell as i64)?,
                ValType::F32 => write!(f, " {}", f32::from_bits(*cell as u32))?,
                ValType::F64 => write!(f, " {}", f64::from_bits(*cell as u64))?,
                ValType::V128 => write!(f, " {cell:#034x}")?,
                ValType::Ref(_) if *cell as u64 == 0 => f.write_str(" null")?,
                ValType::Ref(_) => {}
            }
        }
        f.write_str(")")
    }
}

/// The part of a cell that a value of the type uses.
fn used(ty: ValType, cell: u128) -> u128 {
    match ty {
        ValType::I32 | ValType::F32 => u128::from(cell as u32),
        ValType::I64 | ValType::F64 | ValType::Ref(_) => u128::from(cell as u64),
        ValType::V128 => cell,
    }
}

impl Store {
    /// An exception that the host throws, with a cell for each parameter of the tag; rooted once.
    pub fn new_exception(
        &self,
        tag: Gc<Tag>,
        cells: Box<[u128]>,
    ) -> Result<Gc<Exception>, OutOfMemory> {
        self.need_overflow_results()?;
        self.heap.allocate(Exception { tag, cells, trap: Cell::new(None) }, 0)
    }

    /// The object for the exception whose cells are in the overflow buffer; rooted once.
    pub(crate) fn exception_of_buffer(&self, tag: Gc<Tag>) -> Result<Gc<Exception>, OutOfMemory> {
        let buffer = self.context.overflow_results.get();
        let cell = |(i, ty): (usize, &ValType)| {
            // SAFETY: stores with tags have the buffer, which has room for all parameters.
            used(*ty, u128::from_le_bytes(unsafe { *buffer.add(i) }))
        };
        let cells = try_collect(tag.ty.params.iter().enumerate().map(cell)).ok_or(OutOfMemory)?;
        self.new_exception(tag, cells)
    }

    /// Puts the values of an exception into the overflow buffer.
    pub(crate) fn open_exception(&self, exception: Gc<Exception>) -> Thrown {
        let buffer = self.context.overflow_results.get();
        for (i, cell) in exception.cells.iter().enumerate() {
            // SAFETY: as above.
            unsafe { *buffer.add(i) = cell.to_le_bytes() };
        }
        Thrown { tag: exception.tag.as_ptr().cast(), exception: exception.as_ptr().cast() }
    }

    /// Opens the exception that a trap carries and deletes the host's handle of the trap. For other traps and those
    /// of other stores it does nothing and returns a null tag.
    ///
    /// # Safety
    /// The trap is a handle that the host owned.
    pub(crate) unsafe fn rethrown(&self, trap: *mut ()) -> Thrown {
        // SAFETY: as promised by the caller.
        let header = unsafe { &*trap.cast::<Header>() };
        let own = storeless::find(header).is_none() && self.owns(header);
        let trap = header.downcast::<Trap>().filter(|_| own);
        match trap.and_then(|trap| trap.exception().zip(Some(trap))) {
            Some((exception, trap)) => {
                // The host may throw in every round of a loop. This exception is still the host's.
                self.collect_exceptions_if_due();
                give_up_root(trap.header_ptr());
                self.open_exception(exception)
            }
            None => Thrown { tag: ptr::null(), exception: ptr::null() },
        }
    }

    /// The trap for an exception that was not caught, rooted for the caller.
    pub(super) fn uncaught(&self, thrown: Thrown) -> Gc<Trap> {
        // SAFETY: what is thrown are objects of this store, which nobody has collected meanwhile.
        let (tag, exception) = unsafe {
            let tag = Gc::from_ref(&*thrown.tag.cast::<Object<Tag>>());
            (tag, thrown.exception.cast::<Object<Exception>>().as_ref().map(|e| Gc::from_ref(e)))
        };
        match exception.map_or_else(|| self.exception_of_buffer(tag), Ok) {
            Ok(object) => {
                let trap = self.exception_trap(object);
                if exception.is_none() {
                    give_up_root(object.header_ptr());
                }
                trap
            }
            Err(OutOfMemory) => fail(self, Message::Code(TrapCode::OutOfMemory)),
        }
    }

    /// The trap that carries an exception, rooted for the caller.
    pub fn exception_trap(&self, exception: Gc<Exception>) -> Gc<Trap> {
        if let Some(trap) = exception.trap.get() {
            trap.header().add_root();
            return trap;
        }
        let trap = fail(self, Message::Exception(exception));
        if !self.is_emergency(trap) {
            exception.trap.set(Some(trap));
        }
        trap
    }
}
