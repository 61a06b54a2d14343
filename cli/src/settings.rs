//! Settings of the engine that commands share, and how amounts are written: times, sizes, counts.

use crate::api::{Engine, EngineOptions, Error, ErrorKind, Mode, Store};
use crate::exit;
use crate::report::{Outcome, Report};
use clap::{Arg, ArgMatches, builder::PossibleValue, builder::PossibleValuesParser, value_parser};
use std::time::Duration;

const MODES: &[(&str, Mode, &str)] = &[
    (
        "tiered",
        Mode::WASMRT_COMPILE_TIERED,
        "each function at its first call; hot ones are optimized",
    ),
    (
        "lazy",
        Mode::WASMRT_COMPILE_LAZY_BASELINE,
        "each function at its first call, without optimization",
    ),
    ("baseline", Mode::WASMRT_COMPILE_BASELINE, "everything first, without optimization"),
    ("optimized", Mode::WASMRT_COMPILE_OPTIMIZED, "everything first, optimized"),
    (
        "both",
        Mode::WASMRT_COMPILE_BOTH,
        "everything first, without optimization; hot functions are optimized",
    ),
];

/// `--mode`, with its default as the help shows it.
pub fn mode(default: &'static str) -> Arg {
    let values = MODES.iter().map(|(name, ..)| PossibleValue::new(*name));
    Arg::new("mode")
        .long("mode")
        .value_name("MODE")
        .value_parser(PossibleValuesParser::new(values))
        .default_value(default)
        .hide_possible_values(true)
        .help("What is compiled when: tiered, lazy, baseline, optimized or both (see below)")
}

/// What the modes mean, for the end of the help.
pub fn explained_modes() -> String {
    let lines = MODES.iter().map(|(name, _, help)| format!("\n  {name:<10} {help}"));
    lines.fold("Modes:".to_owned(), |text, line| text + &line)
}

pub fn workers() -> Arg {
    Arg::new("workers")
        .long("workers")
        .value_name("N")
        .value_parser(value_parser!(u64).range(0..=256))
        .help("Threads that compile; default: as many as processors")
}

pub fn engine_options(matches: &ArgMatches) -> EngineOptions {
    let mode = matches.get_one::<String>("mode");
    let mode = mode.and_then(|name| MODES.iter().find(|(known, ..)| known == name));
    let workers = matches.get_one("workers").copied();
    EngineOptions { mode: mode.map(|(_, mode, _)| *mode), workers, ..EngineOptions::default() }
}

pub fn engine(options: &EngineOptions) -> Outcome<Engine> {
    Engine::with(options).map_err(|error| match error.is(ErrorKind::WASMRT_ERROR_ARGUMENT) {
        true => Report::new(error.what).exits_with(exit::USAGE),
        false => cannot("make an engine", error),
    })
}

pub fn store(engine: &Engine) -> Outcome<Store> {
    Store::of(engine).map_err(|error| cannot("make a store", error))
}

/// A failure that no input explains.
pub fn cannot(what: &str, error: Error) -> Report {
    Report::new(format!("cannot {what}: {}", error.what))
}

/// A time: `1.5s`, `300ms`, `2m`, `1h`; a number alone is in seconds.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let seconds = match unit {
        "s" | "" => 1.0,
        "ms" => 1e-3,
        "us" => 1e-6,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(format!("unknown unit '{unit}'; known are us, ms, s, m and h")),
    };
    let number: f64 = number.parse().map_err(|_| "not a time, such as 10s or 300ms".to_owned())?;
    Duration::try_from_secs_f64(number * seconds)
        .ok()
        .filter(|time| !time.is_zero())
        .ok_or_else(|| "not a time that could pass".to_owned())
}

/// A number of bytes: `64MiB`, `1G`, `65536`; units are powers of 1024.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text);
    let shift = match unit.to_ascii_lowercase().trim_end_matches("ib").trim_end_matches('b') {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        "t" => 40,
        _ => return Err(format!("unknown unit '{unit}'; known are KiB, MiB, GiB and TiB")),
    };
    let number: u64 = number.parse().map_err(|_| "not a size, such as 64MiB".to_owned())?;
    number.checked_mul(1 << shift).ok_or_else(|| "too large".to_owned())
}

/// A count: `1000000`, `1_000_000` or `1M`; units are powers of 1000.
pub fn parse_count(text: &str) -> Result<u64, String> {
    let text = text.replace('_', "");
    let (number, unit) = split(&text);
    let factor = match unit {
        "" => 1,
        "k" | "K" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        _ => return Err(format!("unknown unit '{unit}'; known are k, M and G")),
    };
    let number: u64 =
        number.parse().map_err(|_| "not a count, such as 1000000 or 1M".to_owned())?;
    number.checked_mul(factor).ok_or_else(|| "too large".to_owned())
}

/// The number and the unit.
fn split(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    (text[..end].trim_end(), &text[end..])
}

/// A number of bytes for people.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut size = bytes as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

/// A time for people.
pub fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 1.0 { format!("{:.2} ms", seconds * 1e3) } else { format!("{seconds:.2} s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_with_their_units() {
        assert_eq!(parse_duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_duration("300ms"), Ok(Duration::from_millis(300)));
        assert_eq!(parse_duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(parse_size("64MiB"), Ok(64 << 20));
        assert_eq!(parse_size("1G"), Ok(1 << 30));
        assert_eq!(parse_size("10 KB"), Ok(10 << 10));
        assert_eq!(parse_count("1_000k"), Ok(1_000_000));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", "0", "-1s", "10x", "nan", "1e400s", "s"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
        for text in ["", "-1", "1.5M", "64MB/s", "99999999999T"] {
            assert!(parse_size(text).is_err(), "{text}");
            assert!(parse_count(text).is_err(), "{text}");
        }
    }
}
