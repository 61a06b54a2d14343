//! A timeline as trace events: JSON that Perfetto (<https://ui.perfetto.dev>) and `chrome://tracing` open.

use super::json::{JsonString, Scaled};
use super::lanes::Lanes;
use super::runner::Runner;
use super::timeline::Events;
use std::fmt::{self, Write};

const MICROSECOND: u64 = 1_000;
/// Samples of this time are counted together.
const BUCKET: u64 = 10_000_000;

pub fn write(out: &mut impl Write, events: &Events) -> fmt::Result {
    out.write_str("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n")?;
    let mut lanes = Lanes::default();
    for compiled in &events.compiled {
        let lane = lanes.place(compiled);
        let (name, kind) = (events.name(compiled), compiled.kind.name());
        let (begin, took) =
            (Scaled(compiled.begin, MICROSECOND), Scaled(compiled.took, MICROSECOND));
        writeln!(
            out,
            "{{\"ph\":\"X\",\"pid\":1,\"tid\":{lane},\"ts\":{begin},\"dur\":{took},\"cat\":\"{kind}\",\"name\":{},\
             \"args\":{{\"tier\":\"{kind}\",\"function\":{},\"code bytes\":{}}}}},",
            JsonString(&name),
            compiled.func.0,
            compiled.bytes,
        )?;
    }
    samples(out, events)?;
    for (lane, on_host) in lanes.on_host().enumerate() {
        let name = if on_host { "compiling (host)" } else { "compiling (library)" };
        thread_name(out, lane, name)?;
        out.write_str(",\n")?;
    }
    out.write_str(
        "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":\"wasm\"}}\n]}\n",
    )
}

fn thread_name(out: &mut impl Write, lane: usize, name: &str) -> fmt::Result {
    write!(
        out,
        "{{\"ph\":\"M\",\"pid\":1,\"tid\":{lane},\"name\":\"thread_name\",\"args\":{{\"name\":\"{name}\"}}}}"
    )
}

/// How many samples were in which tier, or in host functions, as a counter over time.
fn samples(out: &mut impl Write, events: &Events) -> fmt::Result {
    let mut rest = &events.samples[..];
    while let Some((first, _)) = rest.first() {
        let bucket = first / BUCKET;
        let len = rest.partition_point(|(time, _)| time / BUCKET <= bucket);
        let mut counts = [0; Runner::ALL.len()];
        rest[..len].iter().for_each(|(_, runner)| counts[runner.number()] += 1);
        counter(out, bucket, counts)?;
        rest = &rest[len..];
        if rest.first().is_none_or(|(next, _)| next / BUCKET > bucket + 1) {
            counter(out, bucket + 1, [0; Runner::ALL.len()])?;
        }
    }
    Ok(())
}

fn counter(out: &mut impl Write, bucket: u64, counts: [usize; Runner::ALL.len()]) -> fmt::Result {
    let time = Scaled(bucket * BUCKET, MICROSECOND);
    write!(out, "{{\"ph\":\"C\",\"pid\":1,\"ts\":{time},\"name\":\"samples\",\"args\":{{")?;
    for (runner, count) in Runner::ALL.into_iter().zip(counts) {
        let comma = if runner.number() > 0 { "," } else { "" };
        write!(out, "{comma}\"{}\":{count}", runner.name())?;
    }
    out.write_str("}},\n")
}
