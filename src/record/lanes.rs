//! Spans of time that overlap, distributed over as few lanes as possible.
//!
//! Threads come and go, so lanes stand for "one of the threads that compiled at the time" rather than for a thread.

use super::timeline::Compiled;

/// The lanes of spans that are in order of their begin.
#[derive(Default)]
pub struct Lanes {
    /// Of each lane, whether it is of the host's threads, and its last end.
    ends: Vec<(bool, u64)>,
}

impl Lanes {
    /// The lane of the next span. When memory is short, lanes are shared.
    pub fn place(&mut self, span: &Compiled) -> usize {
        let is_free = |(on_host, end): &(bool, u64)| *on_host == span.on_host && *end <= span.begin;
        let end = (span.on_host, span.begin + span.took);
        if let Some(free) = self.ends.iter().position(is_free) {
            self.ends[free] = end;
            return free;
        }
        if self.ends.try_reserve(1).is_err() {
            return 0;
        }
        self.ends.push(end);
        self.ends.len() - 1
    }

    /// For each lane whether it is of the host's threads.
    pub fn on_host(&self) -> impl Iterator<Item = bool> + '_ {
        self.ends.iter().map(|(on_host, _)| *on_host)
    }
}
