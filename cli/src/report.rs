//! What the command says when something is wrong: what, where, and what to do, as compilers do.
//!
//! ```text
//! error: integer divide by zero
//!   --> average, app.wasm+0x1c2
//!       called by main, app.wasm+0x240
//!  help: ...
//! ```

use crate::exit;
use crate::terminal::{Paint, Stream, Style};
use std::io::Write;
use std::{fmt, io};

/// The exit code of a command, or why it failed.
pub type Outcome<T = u8> = Result<T, Report>;

pub struct Report {
    what: String,
    remarks: Vec<(Label, String)>,
    pub exit: u8,
    is_warning: bool,
    is_silent: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    /// Lines that are drawn already.
    Drawing,
    Place,
    Note,
    Help,
}

impl Report {
    pub fn new(what: impl Into<String>) -> Report {
        Report {
            what: what.into(),
            remarks: Vec::new(),
            exit: exit::FAILURE,
            is_warning: false,
            is_silent: false,
        }
    }

    /// Something does not work, but the command goes on.
    pub fn warning(what: impl Into<String>) -> Report {
        Report { is_warning: true, ..Report::new(what) }
    }

    pub fn exits_with(mut self, exit: u8) -> Report {
        self.exit = exit;
        self
    }

    /// Adds lines that are drawn already: a line of the source, and a caret.
    pub fn drawn(self, lines: &str) -> Report {
        self.remark(Label::Drawing, lines.replace('\n', "\n  "))
    }

    pub fn at(self, place: impl Into<String>) -> Report {
        self.remark(Label::Place, place)
    }

    pub fn note(self, note: impl Into<String>) -> Report {
        self.remark(Label::Note, note)
    }

    pub fn help(self, help: impl Into<String>) -> Report {
        self.remark(Label::Help, help)
    }

    fn remark(mut self, label: Label, text: impl Into<String>) -> Report {
        self.remarks.push((label, text.into()));
        self
    }

    /// Standard output cannot be written. A closed pipe is no reason to say anything.
    fn output(error: io::Error) -> Report {
        let is_silent = error.kind() == io::ErrorKind::BrokenPipe;
        Report {
            is_silent,
            ..Report::new(format!("cannot write to standard output: {}", reason(&error)))
        }
    }

    /// To standard error.
    pub fn print(&self) {
        if !self.is_silent {
            let text = self.text(Stream::Err.paint());
            // There is nobody left to tell.
            let _ = io::stderr().write_all(text.as_bytes());
        }
    }

    fn text(&self, paint: Paint) -> String {
        let (first, rest) = self.what.split_once('\n').unwrap_or((&self.what, ""));
        let first = paint.with(Style::Strong, format!(": {first}"));
        let label = match self.is_warning {
            true => paint.with(Style::Warning, "warning"),
            false => paint.with(Style::Error, "error"),
        };
        let mut text = format!("{label}{first}\n");
        for line in rest.lines() {
            text += format!("  {line}").trim_end();
            text.push('\n');
        }
        let mut has_place = false;
        for (label, remark) in &self.remarks {
            let start = match label {
                Label::Drawing => String::new(),
                Label::Place if has_place => "    ".into(),
                Label::Place => paint.with(Style::Note, "--> "),
                Label::Note => paint.with(Style::Note, "note") + ": ",
                Label::Help => paint.with(Style::Help, "help") + ": ",
            };
            text += &format!("  {start}{remark}\n");
            has_place |= *label == Label::Place;
        }
        text
    }
}

/// Writes to standard output.
pub fn print(text: impl fmt::Display) -> Outcome<()> {
    write_out(text.to_string().as_bytes())
}

/// Writes bytes to standard output.
pub fn write_out(bytes: &[u8]) -> Outcome<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(Report::output)
}

/// A message without the number that the system gives its error.
pub fn without_number(message: &str) -> &str {
    message.find(" (os error").map_or(message, |end| &message[..end])
}

/// What the system says is wrong.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let mut letters = without_number(&text).chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().collect::<String>() + letters.as_str()
    })
}
