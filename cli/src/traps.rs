//! What is said when guest code traps: why, the functions that were running, and what to do.

use crate::api::{Frame, Trap, TrapCode};
use crate::exit;
use crate::report::Report;
use crate::terminal::{Paint, Stream, Style};

/// How many lines are shown at either end of a long backtrace.
const SHOWN: usize = 12;

/// The report of a trap in a module that is called `file`.
pub fn report(trap: &Trap, file: &str) -> Report {
    let mut report = Report::new(trap.message()).exits_with(exit_code(trap));
    let frames = trap.frames();
    for line in lines(&frames, file, Stream::Err.paint()) {
        report = report.at(line);
    }
    match advice(trap, &frames) {
        Some(advice) => report.help(advice),
        None => report,
    }
}

fn exit_code(trap: &Trap) -> u8 {
    match trap.code() {
        code if code == TrapCode::WASMRT_TRAP_REFUSED as u32 => exit::FAILURE,
        code if code == TrapCode::WASMRT_TRAP_OUT_OF_FUEL as u32 => exit::STOPPED,
        code if code == TrapCode::WASMRT_TRAP_DEADLINE as u32 => exit::STOPPED,
        _ => exit::TRAP,
    }
}

/// A line for each frame; the same frame again and again is one.
fn lines(frames: &[Frame], file: &str, paint: Paint) -> Vec<String> {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for frame in frames {
        let line = line(frame, file, paint);
        match lines.last_mut() {
            Some((last, times)) if *last == line => *times += 1,
            _ => lines.push((line, 1)),
        }
    }
    let text = |(line, times): (String, usize)| match times {
        1 => line,
        n => format!("{line} ({n} times)"),
    };
    let mut lines: Vec<String> = lines.into_iter().map(text).collect();
    if lines.len() > 2 * SHOWN {
        let left_out = SHOWN..lines.len() - SHOWN;
        lines.splice(left_out.clone(), [format!("... {} more", left_out.len())]);
    }
    lines
}

fn line(frame: &Frame, file: &str, paint: Paint) -> String {
    let function = match frame.function.as_str() {
        "" => format!("function {}", frame.index),
        name => name.to_owned(),
    };
    let place = format!("{file}+0x{:x}", frame.offset);
    format!("{} at {}", paint.with(Style::Strong, function), paint.with(Style::Dim, place))
}

fn advice(trap: &Trap, frames: &[Frame]) -> Option<&'static str> {
    let advices = [
        (TrapCode::WASMRT_TRAP_OUT_OF_FUEL as u32, "give more with --fuel"),
        (TrapCode::WASMRT_TRAP_DEADLINE as u32, "give more time with --timeout"),
        (
            TrapCode::WASMRT_TRAP_STACK_OVERFLOW as u32,
            "if the recursion is not endless, give more stack with --max-stack",
        ),
        (
            TrapCode::WASMRT_TRAP_UNREACHABLE as u32,
            "programs end like this when they panic or abort; what they printed before tells why",
        ),
        (
            TrapCode::WASMRT_TRAP_INTERNAL_ERROR as u32,
            "this is a bug of wasmrt; please report it with the module",
        ),
    ];
    let advice =
        advices.into_iter().find(|(code, _)| trap.code() == *code).map(|(_, advice)| advice);
    let nameless = !frames.is_empty() && frames.iter().all(|frame| frame.function.is_empty());
    advice.or(nameless
        .then_some("the module has no names of functions; build it with debug information (-g)"))
}
