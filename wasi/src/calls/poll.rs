//! `poll_oneoff`: waits for clocks and descriptors.
//!
//! An event for each subscription that is ready is written, at least one. What cannot be waited for is an event with
//! an error. Descriptors that never block, such as files, are always ready.

use crate::call::{Call, Outcome};
use crate::clock::ClockId;
use crate::errno::Errno;
use crate::files::{Descriptor, InUse, Rights};
use crate::guest::{Memory, Plain};
use crate::room;
use libc::pollfd;
use std::os::fd::{AsRawFd, RawFd};
use std::time::{Duration, Instant};

/// Where the fields of a subscription are.
struct Layout {
    size: u32,
    clock: u32,
    timeout: u32,
    flags: u32,
}

const PREVIEW1: Layout = Layout { size: 48, clock: 16, timeout: 24, flags: 40 };
const UNSTABLE: Layout = Layout { size: 56, clock: 24, timeout: 32, flags: 48 };

/// Where both versions have the kind of a subscription and its descriptor.
const KIND: u32 = 8;
const DESCRIPTOR: u32 = 16;

/// The most subscriptions of one call.
const MOST: u32 = 1 << 16;

/// The flag of a clock subscription whose timeout is a time on the clock.
const ABSOLUTE: u16 = 1;

/// The flag of an event whose other end is closed.
const HANGUP: u16 = 1;

#[derive(Clone, Copy)]
#[repr(C)]
struct Event {
    userdata: u64,
    error: u16,
    kind: u8,
    padding: [u8; 5],
    bytes: u64,
    flags: u16,
    more_padding: [u16; 3],
}

// SAFETY: integers, and the padding is explicit.
unsafe impl Plain for Event {}
const _: () = assert!(size_of::<Event>() == 32);

struct Subscription {
    userdata: u64,
    kind: u8,
    awaits: Awaits,
}

enum Awaits {
    /// A time; none if it never comes.
    Time(Option<Instant>),
    /// What is at this position among those to poll.
    Polled(usize),
    /// What is always ready.
    Nothing(u64),
    Error(Errno),
}

pub fn oneoff(call: &Call, subscriptions: u32, events: u32, count: u32, out: u32) -> Outcome {
    poll(call, &PREVIEW1, subscriptions, events, count, out)
}

pub fn oneoff_unstable(
    call: &Call,
    subscriptions: u32,
    events: u32,
    count: u32,
    out: u32,
) -> Outcome {
    poll(call, &UNSTABLE, subscriptions, events, count, out)
}

fn poll(call: &Call, layout: &Layout, from: u32, events: u32, count: u32, out: u32) -> Outcome {
    if count == 0 || count > MOST {
        return Err(Errno::Invalid.into());
    }
    let memory = call.memory()?;
    memory.check::<Event>(events, count)?;
    memory.check::<u32>(out, 1)?;
    let mut polled = Polled::default();
    let subscriptions = read(call, &memory, layout, from, count, &mut polled)?;
    let end = if subscriptions.iter().any(Subscription::is_ready) {
        Some(Instant::now())
    } else {
        subscriptions.iter().filter_map(Subscription::end).min()
    };
    call.wait(&mut polled.fds, end)?;
    let (memory, now) = (call.memory()?, Instant::now());
    let mut written = 0;
    for event in
        subscriptions.iter().filter_map(|subscription| subscription.event(&polled.fds, now))
    {
        memory.write(Memory::element::<Event>(events, written)?, event)?;
        written += 1;
    }
    Ok(memory.write(out, written)?)
}

/// What is polled. Each descriptor is there once, however many subscriptions wait for it: the system refuses to poll more
/// than the process may have open.
#[derive(Default)]
struct Polled<'a> {
    fds: Vec<pollfd>,
    in_use: Vec<InUse<'a>>,
    /// For each number of a descriptor, its position in `fds` plus one, or 0.
    positions: Vec<u32>,
}

impl<'a> Polled<'a> {
    /// The position of a descriptor.
    fn position(&mut self, fd: u32, descriptor: InUse<'a>, host: RawFd) -> Result<usize, Errno> {
        let place = fd as usize;
        if place >= self.positions.len() {
            self.positions.try_reserve(place + 1 - self.positions.len())?;
            self.positions.resize(place + 1, 0);
        }
        if self.positions[place] == 0 {
            self.fds.try_reserve(1)?;
            self.in_use.try_reserve(1)?;
            self.fds.push(pollfd { fd: host, events: 0, revents: 0 });
            self.in_use.push(descriptor);
            self.positions[place] = self.fds.len() as u32;
        }
        Ok(self.positions[place] as usize - 1)
    }
}

/// The subscriptions, and the descriptors to poll.
fn read<'a>(
    call: &Call<'a>,
    memory: &Memory,
    layout: &Layout,
    from: u32,
    count: u32,
    polled: &mut Polled<'a>,
) -> Result<Vec<Subscription>, Errno> {
    memory.check::<u64>(from, count * (layout.size / 8))?;
    let mut subscriptions = Vec::new();
    room::grow(&mut subscriptions, count as usize)?;
    for i in 0..count {
        let at = from + i * layout.size;
        let kind = memory.read::<u8>(at + KIND)?;
        let awaits = match kind {
            0 => until(call, memory, layout, at),
            1 | 2 => descriptor(call, memory.read(at + DESCRIPTOR)?, kind == 1, polled),
            _ => Err(Errno::Invalid),
        };
        let awaits = awaits.unwrap_or_else(Awaits::Error);
        subscriptions.push(Subscription { userdata: memory.read(at)?, kind, awaits });
    }
    Ok(subscriptions)
}

fn until(call: &Call, memory: &Memory, layout: &Layout, at: u32) -> Result<Awaits, Errno> {
    let clock = ClockId::new(memory.read(at + layout.clock)?)?;
    let timeout: u64 = memory.read(at + layout.timeout)?;
    let now = call.context.clock.now(clock)?;
    let left = match memory.read::<u16>(at + layout.flags)? {
        0 => timeout,
        ABSOLUTE => timeout.saturating_sub(now),
        _ => return Err(Errno::Invalid),
    };
    Ok(Awaits::Time(Instant::now().checked_add(Duration::from_nanos(left))))
}

fn descriptor<'a>(
    call: &Call<'a>,
    fd: u32,
    reads: bool,
    polled: &mut Polled<'a>,
) -> Result<Awaits, Errno> {
    let descriptor = call.context.files.get(fd)?;
    let (right, events) = match reads {
        true => (Rights::FD_READ, libc::POLLIN),
        false => (Rights::FD_WRITE, libc::POLLOUT),
    };
    descriptor.need(right.with(Rights::POLL_FD_READWRITE))?;
    let Some(host) = descriptor.pollable().map(|host| host.as_raw_fd()) else {
        return Ok(Awaits::Nothing(if reads { left_in_file(&descriptor) } else { 1 }));
    };
    let position = polled.position(fd, descriptor, host)?;
    polled.fds[position].events |= events;
    Ok(Awaits::Polled(position))
}

/// How many bytes of a file are behind its position; 1 for what is no file.
fn left_in_file(descriptor: &Descriptor) -> u64 {
    let left = || Ok::<_, Errno>(descriptor.filestat()?.size.saturating_sub(descriptor.tell()?));
    left().unwrap_or(1)
}

/// How many bytes can be read at once.
fn readable(fd: RawFd) -> u64 {
    let mut n: libc::c_int = 0;
    // SAFETY: writes a number.
    let known = unsafe { libc::ioctl(fd, libc::FIONREAD, &mut n) } == 0;
    if known { n.max(0) as u64 } else { 1 }
}

impl Subscription {
    /// Whether there is nothing to wait for.
    fn is_ready(&self) -> bool {
        matches!(self.awaits, Awaits::Nothing(_) | Awaits::Error(_))
    }

    fn end(&self) -> Option<Instant> {
        match self.awaits {
            Awaits::Time(end) => end,
            _ => None,
        }
    }

    /// Error, bytes and flags of what was polled, if it is what this waits for.
    fn occurred(&self, polled: pollfd) -> Option<(u16, u64, u16)> {
        let reads = self.kind == 1;
        let other = if reads { libc::POLLOUT } else { libc::POLLIN };
        if polled.revents & !other == 0 {
            return None;
        }
        let hangup = polled.revents & (libc::POLLHUP | libc::POLLERR) != 0;
        Some((0, if reads { readable(polled.fd) } else { 1 }, if hangup { HANGUP } else { 0 }))
    }

    /// The event, if it has occurred.
    fn event(&self, fds: &[pollfd], now: Instant) -> Option<Event> {
        let (error, bytes, flags) = match &self.awaits {
            Awaits::Time(end) if end.is_some_and(|end| end <= now) => (0, 0, 0),
            Awaits::Nothing(bytes) => (0, *bytes, 0),
            Awaits::Error(error) => (*error as u16, 0, 0),
            Awaits::Polled(position) => self.occurred(fds[*position])?,
            _ => return None,
        };
        Some(Event {
            userdata: self.userdata,
            error,
            kind: self.kind,
            padding: [0; 5],
            bytes,
            flags,
            more_padding: [0; 3],
        })
    }
}
