//! Whether to print colours, and the few that are used.
//!
//! By default each stream decides for itself: colours on a terminal, none in a pipe or a file, none with NO_COLOR.

use std::fmt;
use std::io::{IsTerminal, stderr, stdout};
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ColorWhen {
    Auto,
    Always,
    Never,
}

static WHEN: AtomicU8 = AtomicU8::new(ColorWhen::Auto as u8);

/// What `--color` says.
pub fn choose(when: ColorWhen) {
    WHEN.store(when as u8, Relaxed);
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    Out,
    Err,
}

impl Stream {
    pub fn is_terminal(self) -> bool {
        match self {
            Stream::Out => stdout().is_terminal(),
            Stream::Err => stderr().is_terminal(),
        }
    }

    fn has_colors(self) -> bool {
        let when = WHEN.load(Relaxed);
        let refused = || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        when == ColorWhen::Always as u8
            || when == ColorWhen::Auto as u8 && self.is_terminal() && !refused() && !is_dumb()
    }

    /// The means to print in colours on this stream.
    pub fn paint(self) -> Paint {
        Paint(self.has_colors())
    }
}

#[derive(Clone, Copy)]
pub struct Paint(bool);

#[derive(Clone, Copy)]
pub enum Style {
    Error,
    Warning,
    Note,
    Help,
    Strong,
    Dim,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Style::Error => "1;31",
            Style::Warning => "1;33",
            Style::Note => "1;34",
            Style::Help => "1;32",
            Style::Strong => "1",
            Style::Dim => "2",
        }
    }
}

impl Paint {
    pub fn with(self, style: Style, text: impl fmt::Display) -> String {
        if self.0 { format!("\x1b[{}m{text}\x1b[0m", style.code()) } else { text.to_string() }
    }
}
