//! What is said when guest code traps: why, the functions that were running, and what to do.

use crate::api::{Frame, Source, Trap, TrapCode};
use crate::exit;
use crate::report::Report;
use crate::terminal::{Paint, Stream, Style};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

/// How many lines are shown at either end of a long backtrace.
const SHOWN: usize = 12;

/// The report of a trap in a module that is called `file`.
pub fn report(trap: &Trap, file: &str) -> Report {
    let mut report = Report::new(trap.message()).exits_with(exit_code(trap));
    let frames = trap.frames();
    let mut lines = lines(&frames, file, Stream::Err.paint()).into_iter();
    if let Some(line) = lines.next() {
        report = report.at(line);
    }
    if let Some(excerpt) = frames.first().and_then(|frame| frame.sources.first()).and_then(excerpt)
    {
        report = report.drawn(&excerpt);
    }
    report = lines.fold(report, Report::at);
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

/// A line for each frame and each function inlined into it; the same one again and again is one.
fn lines(frames: &[Frame], file: &str, paint: Paint) -> Vec<String> {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for line in frames.iter().flat_map(|frame| lines_of(frame, file, paint)) {
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

fn lines_of(frame: &Frame, file: &str, paint: Paint) -> Vec<String> {
    let function = match frame.function.as_str() {
        "" => format!("function {}", frame.index),
        name => name.to_owned(),
    };
    let line = |function: &str, place: String| {
        format!("{} at {}", paint.with(Style::Strong, function), paint.with(Style::Dim, place))
    };
    let Some((own, inlined)) = frame.sources.split_last() else {
        return vec![line(&function, format!("{file}+0x{:x}", frame.offset))];
    };
    let mut lines: Vec<String> = inlined
        .iter()
        .map(|source| line(&source.function, format!("{}, inlined", place(source))))
        .collect();
    lines.push(line(&function, place(own)));
    lines
}

/// File, line and column; a file below the current folder without that.
fn place(source: &Source) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let path: PathBuf =
        Path::new(&source.file).components().filter(|part| *part != Component::CurDir).collect();
    let path = path.strip_prefix(here).unwrap_or(&path).display();
    match source.column {
        0 => format!("{path}:{}", source.line),
        column => format!("{path}:{}:{column}", source.line),
    }
}

/// The line of the source, with a caret below the column, if the file is there.
fn excerpt(source: &Source) -> Option<String> {
    let text = text(Path::new(&source.file))?;
    let line = text.lines().nth((source.line as usize).checked_sub(1)?)?.trim_end();
    let number = source.line.to_string();
    let margin = " ".repeat(number.len());
    let before: String = line
        .chars()
        .take((source.column as usize).saturating_sub(1))
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    let caret = match source.column {
        0 => String::new(),
        _ => format!("\n{margin} | {before}^"),
    };
    Some(format!("{margin} |\n{number} | {line}{caret}"))
}

/// A source. The module names it and may name anything: what is no file or is no source by its size is not read.
fn text(path: &Path) -> Option<String> {
    const LONGEST: u64 = 16 << 20;
    let is_source = |file: &fs::Metadata| file.is_file() && file.len() <= LONGEST;
    fs::metadata(path).ok().filter(is_source)?;
    let mut text = String::new();
    File::open(path).ok()?.take(LONGEST).read_to_string(&mut text).ok()?;
    Some(text)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(column: u32) -> Option<String> {
        let path =
            std::env::temp_dir().join(format!("wasmrt-excerpt-{}-{column}", std::process::id()));
        fs::write(&path, "first\n\tsecond /= 0;\n").expect("a file");
        let file = path.display().to_string();
        let source = Source { function: String::new(), file, line: 2, column };
        let excerpt = excerpt(&source);
        fs::remove_file(&path).expect("a file");
        excerpt
    }

    #[test]
    fn the_line_is_shown_with_a_caret_below_the_column() {
        assert_eq!(drawn(9).unwrap(), "  |\n2 | \tsecond /= 0;\n  | \t       ^");
        assert_eq!(drawn(0).unwrap(), "  |\n2 | \tsecond /= 0;");
    }

    #[test]
    fn what_is_too_long_for_a_source_is_not_read() {
        let path = std::env::temp_dir().join(format!("wasmrt-no-source-{}", std::process::id()));
        fs::write(&path, "first\nsecond\n").expect("a file");
        let file = path.display().to_string();
        let source = Source { function: String::new(), file, line: 2, column: 0 };
        assert!(excerpt(&source).is_some());
        File::options()
            .write(true)
            .open(&path)
            .and_then(|file| file.set_len(1 << 30))
            .expect("room");
        assert_eq!(excerpt(&source), None);
        fs::remove_file(&path).expect("a file");
    }
}
