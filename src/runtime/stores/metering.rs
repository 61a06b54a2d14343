//! Stopping guest code: fuel, deadlines and interrupts, all on one counter.
//!
//! Metered code takes units from the word of fuel in the store context and calls [`Store::refuel`] when it falls
//! below zero. The word never holds more than a *slice* of the fuel, so that code calls often enough to notice an
//! interrupt or a deadline: every few tens of microseconds. No thread and no timer is involved, nothing that a fork
//! or an unloaded library could leave behind, and the clock is read only in stores that have a deadline.
//!
//! Whether a store's code is metered is decided before its first instance, and then holds for all of them. Fuel
//! that was never set is unlimited.
//!
//! An interrupt is a separate flag, shared with the handles: firing is one write to memory that lives as long as
//! any handle, even if the store is gone. The trap consumes it.

use super::sampler::Sampler;
use super::store::Store;
use crate::abi::TrapCode;
use crate::abi::mode::{CodeMode, Metering};
use crate::error::Error;
use crate::runtime::memories::parking::WaitWord;
use crate::sys::wakeup::Wakeup;
use std::cell::{Cell, OnceCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Units between two checks of interrupts and the clock.
const SLICE: u64 = 50_000;
/// The same while a profile is taken: samples are taken at these checks.
const SAMPLED_SLICE: u64 = 10_000;

/// How long a host function waits before it asks again, if no descriptor can tell it to.
const WITHOUT_DESCRIPTOR: Duration = Duration::from_millis(10);

/// The metering state of a store.
#[derive(Default)]
pub struct StoreMetering {
    /// Instances of this store run metered code.
    on: Cell<bool>,
    /// There was an instance: `on` is final.
    begun: Cell<bool>,
    /// Units left besides those in the store context; `None` if unlimited.
    reserve: Cell<Option<u64>>,
    deadline: Cell<Deadline>,
    pub(crate) interrupt: OnceCell<Arc<Interrupt>>,
    pub(super) sampler: Sampler,
}

#[derive(Clone, Copy, Default)]
enum Deadline {
    #[default]
    Never,
    /// This long after guest code is next entered: time spent before that, such as compiling, does not count.
    After(Duration),
    At(Instant),
}

/// What a store shares with the handles that may interrupt it.
#[derive(Default)]
pub struct Interrupt {
    pending: AtomicBool,
    /// What the store's thread sleeps on while its guest code waits on a shared memory.
    pub(crate) word: WaitWord,
    /// What it waits for while a host function waits for descriptors.
    wakeup: Wakeup,
}

impl Interrupt {
    /// Makes the running call trap, or else the next one. From any thread, and from signal handlers.
    pub fn fire(&self) {
        self.pending.store(true, Ordering::SeqCst);
        self.word.nudge();
        self.wakeup.signal();
    }

    /// Clears the interrupt; returns whether there was one.
    pub fn clear(&self) -> bool {
        self.pending.load(Ordering::Relaxed) && self.pending.swap(false, Ordering::AcqRel)
    }
}

impl StoreMetering {
    /// Whether code of the store's instances is metered.
    #[inline]
    pub fn is_on(&self) -> bool {
        self.on.get()
    }

    /// Called when an instance is being made.
    pub(crate) fn begin(&self) {
        self.begun.set(true);
    }
}

impl Store {
    /// The mode that the store's instances need, if all memories have the engine's usual bounds.
    pub fn code_mode(&self) -> CodeMode {
        let metering = if self.metering.is_on() { Metering::On } else { Metering::Off };
        CodeMode { metering, ..self.engine.config.default_mode() }
    }

    /// Turns metering on, which must happen before the first instance.
    pub(super) fn meter(&self) -> Result<(), Error> {
        let metering = &self.metering;
        if metering.is_on() {
            return Ok(());
        }
        if metering.begun.get() {
            let text = "the store has had an instance: fuel, deadlines, interrupts and profiles must be \
                        asked for before the first one";
            return Err(Error::argument(text));
        }
        metering.on.set(true);
        self.context.fuel.set(SLICE as i64);
        self.context.entry_end.store(0, Ordering::Relaxed);
        Ok(())
    }

    /// Sets the units that guest code may consume from now on.
    pub fn set_fuel(&self, units: u64) -> Result<(), Error> {
        self.meter()?;
        self.dole_out(Some(units));
        Ok(())
    }

    /// The units that are left, if they were ever set.
    pub fn fuel(&self) -> Option<u64> {
        let reserve = self.metering.reserve.get()?;
        Some(reserve.saturating_add_signed(self.context.fuel.get()))
    }

    /// Makes a slice of `units` available to code.
    fn dole_out(&self, units: Option<u64>) {
        let most = if self.metering.sampler.is_on() { SAMPLED_SLICE } else { SLICE };
        let slice = units.map_or(most, |units| units.min(most));
        self.metering.reserve.set(units.map(|units| units - slice));
        self.context.fuel.set(slice as i64);
    }

    /// Sets the deadline for all guest code, from now if some is running, else from when it is next entered; zero
    /// removes it.
    pub fn set_deadline(&self, nanoseconds: u64) -> Result<(), Error> {
        self.meter()?;
        self.metering.deadline.set(match nanoseconds {
            0 => Deadline::Never,
            _ => Deadline::After(Duration::from_nanos(nanoseconds)),
        });
        if self.is_active() {
            self.begin_deadline();
        }
        Ok(())
    }

    /// When guest code that is entered now must stop at the latest.
    fn begin_deadline(&self) -> Option<Instant> {
        let deadline = &self.metering.deadline;
        if let Deadline::After(wait) = deadline.get() {
            // A time beyond the clock's range never comes.
            let end = Instant::now().checked_add(wait);
            deadline.set(end.map_or(Deadline::Never, Deadline::At));
        }
        match deadline.get() {
            Deadline::At(end) => Some(end),
            _ => None,
        }
    }

    /// The handle that interrupts this store's calls.
    pub fn interrupt(&self) -> Result<Arc<Interrupt>, Error> {
        self.meter()?;
        Ok(self.metering.interrupt.get_or_init(Arc::default).clone())
    }

    /// Whether guest code must stop.
    pub(crate) fn poll(&self) -> Result<(), TrapCode> {
        if !self.metering.is_on() {
            return Ok(());
        }
        if self.metering.interrupt.get().is_some_and(|interrupt| interrupt.clear()) {
            return Err(TrapCode::Interrupted);
        }
        match self.begin_deadline() {
            Some(deadline) if Instant::now() >= deadline => Err(TrapCode::DeadlineExceeded),
            _ => Ok(()),
        }
    }

    /// Until when guest code may sleep before it must ask again, or why it must stop now.
    pub(crate) fn alarm(&self) -> Result<Option<Instant>, TrapCode> {
        self.poll()?;
        Ok(self.begin_deadline())
    }

    /// For a host function that waits: until when it may wait before it must ask again, and the descriptor that
    /// becomes readable if it must ask earlier.
    pub fn watch(&self) -> Result<(Option<Instant>, Option<i32>), TrapCode> {
        if !self.metering.is_on() {
            return Ok((None, None));
        }
        let Some(interrupt) = self.metering.interrupt.get() else {
            return Ok((self.alarm()?, None));
        };
        let descriptor = interrupt.wakeup.descriptor();
        interrupt.wakeup.reset();
        let alarm = self.alarm()?;
        if descriptor.is_some() {
            return Ok((alarm, descriptor));
        }
        let soon = Instant::now() + WITHOUT_DESCRIPTOR;
        Ok((Some(alarm.map_or(soon, |alarm| alarm.min(soon))), None))
    }

    /// The word of fuel is below zero.
    pub(crate) fn refuel(&self) -> Result<(), TrapCode> {
        self.poll()?;
        self.sample();
        let Some(reserve) = self.metering.reserve.get() else {
            self.dole_out(None);
            return Ok(());
        };
        match reserve.checked_add_signed(self.context.fuel.get()) {
            Some(left) => {
                self.dole_out(Some(left));
                Ok(())
            }
            None => {
                self.dole_out(Some(0));
                Err(TrapCode::OutOfFuel)
            }
        }
    }

    /// Takes units for work that the runtime does.
    pub(crate) fn consume(&self, units: u64) -> Result<(), TrapCode> {
        let units = i64::try_from(units).unwrap_or(i64::MAX);
        let fuel = &self.context.fuel;
        fuel.set(fuel.get().saturating_sub(units));
        if fuel.get() < 0 { self.refuel() } else { Ok(()) }
    }
}
