//! A timeline as a picture: on top in which tier the guest was over time, below what was compiled when.
//!
//! A picture has so many columns, and a module so many functions: what lies in one column is drawn once, so that the
//! file stays small.

use super::lanes::Lanes;
use super::runner::Runner;
use super::text::{Text, Xml};
use super::timeline::Events;
use crate::abi::Tier;
use crate::observe::CodeKind;
use std::fmt::{self, Write};

const LEFT: usize = 150;
/// Columns of the plot.
const PLOT: usize = 800;
const WIDTH: usize = LEFT + PLOT + 20;
const TOP: usize = 66;
const SAMPLES: usize = 60;
const LANE: usize = 18;
/// More lanes than these are drawn over each other.
const MOST_LANES: usize = 16;
/// Columns of the samples' bars.
const BAR: usize = 8;

const STYLE: &str = "text{font:12px sans-serif;fill:#555}.t{font-size:15px;fill:#111}\
    .b{fill:#e09f3e}.o{fill:#335c81}.l{fill:#8e5572}.h{fill:#6a994e}.g{stroke:#ddd}";

pub fn write(out: &mut impl Write, events: &Events) -> fmt::Result {
    let mut lanes = Lanes::default();
    let end = events.end().max(1);
    let lanes_top = if events.samples.is_empty() { TOP } else { TOP + SAMPLES + 20 };
    let bars = bars(events, &mut lanes, end, lanes_top)?;
    let bottom = lanes_top + LANE * lanes.on_host().count().min(MOST_LANES);
    let height = bottom + 30;
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\">\n\
         <style>{STYLE}</style>\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>"
    )?;
    legend(out, events)?;
    axis(out, end, bottom)?;
    for (lane, on_host) in lanes.on_host().take(MOST_LANES).enumerate() {
        let (y, who) = (lanes_top + lane * LANE + 11, if on_host { "host" } else { "library" });
        writeln!(out, "<text x=\"10\" y=\"{y}\">compiling ({who})</text>")?;
    }
    samples(out, events, end)?;
    out.write_str(&bars.into_string())?;
    out.write_str("</svg>\n")
}

/// A bar for each compilation, in lanes.
fn bars(events: &Events, lanes: &mut Lanes, end: u64, top: usize) -> Result<Text, fmt::Error> {
    let mut out = Text::default();
    let mut drawn = Drawn::default();
    for compiled in &events.compiled {
        let lane = lanes.place(compiled).min(MOST_LANES - 1);
        let (from, to) = (column(compiled.begin, end), column(compiled.begin + compiled.took, end));
        if !drawn.is_new(lane, compiled.kind, to) {
            continue;
        }
        let (x, y, width) = (LEFT + from, top + lane * LANE, (to - from).max(1));
        let (class, name) = (class(compiled.kind), events.name(compiled));
        let (kind, took) = (compiled.kind.name(), compiled.took as f64 / 1e6);
        writeln!(
            out,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"14\">\
             <title>{} ({kind}, {took:.2} ms)</title></rect>",
            Xml(&name),
        )?;
    }
    Ok(out)
}

/// The column of a time.
fn column(time: u64, end: u64) -> usize {
    (u128::from(time) * PLOT as u128 / u128::from(end)) as usize
}

fn class(kind: CodeKind) -> &'static str {
    match kind {
        CodeKind::Function(Tier::Baseline) => "b",
        CodeKind::Function(Tier::Optimized) => "o",
        CodeKind::LoopEntry => "l",
    }
}

/// For each lane and kind the last column that shows something.
#[derive(Default)]
struct Drawn([[Option<usize>; 3]; MOST_LANES]);

impl Drawn {
    /// Whether a bar that ends in a column shows anything that its lane does not show yet.
    fn is_new(&mut self, lane: usize, kind: CodeKind, to: usize) -> bool {
        let kind = match kind {
            CodeKind::Function(Tier::Baseline) => 0,
            CodeKind::Function(Tier::Optimized) => 1,
            CodeKind::LoopEntry => 2,
        };
        let last = &mut self.0[lane][kind];
        let is_new = last.is_none_or(|last| to > last);
        if is_new {
            *last = Some(to);
        }
        is_new
    }
}

/// How much there was of each kind.
fn legend(out: &mut impl Write, events: &Events) -> fmt::Result {
    let (functions, end) = (events.compiled.len(), events.end() as f64 / 1e6);
    writeln!(
        out,
        "<text class=\"t\" x=\"10\" y=\"22\">{functions} compilations in {end:.0} ms</text>"
    )?;
    let mut x = LEFT;
    let kinds = [Tier::Baseline, Tier::Optimized].map(CodeKind::Function);
    for kind in kinds.into_iter().chain([CodeKind::LoopEntry]) {
        let all = events.compiled.iter().filter(|compiled| compiled.kind == kind);
        let (count, took) =
            all.fold((0, 0), |(count, took), compiled| (count + 1, took + compiled.took));
        let share = match kind {
            CodeKind::Function(tier) => share(events, Runner::Guest(tier)),
            CodeKind::LoopEntry => None,
        };
        let share = share.map_or_else(String::new, |share| format!(", {share}"));
        let (class, name, took) = (class(kind), kind.name(), took as f64 / 1e6);
        writeln!(
            out,
            "<rect class=\"{class}\" x=\"{x}\" y=\"36\" width=\"12\" height=\"12\"/>\
             <text x=\"{}\" y=\"46\">{name}: {count} in {took:.1} ms{share}</text>",
            x + 18
        )?;
        x += if share.is_empty() { 210 } else { 290 };
    }
    Ok(())
}

/// The share of the samples in which this ran, if there are any.
fn share(events: &Events, runner: Runner) -> Option<String> {
    let all = events.samples.len();
    let own = events.samples.iter().filter(|(_, it)| *it == runner).count();
    (all > 0).then(|| format!("{:.0} % of samples", 100.0 * own as f64 / all as f64))
}

/// Lines at round times.
fn axis(out: &mut impl Write, end: u64, bottom: usize) -> fmt::Result {
    let mut steps = (3..=18).flat_map(|zeros| [1, 2, 5].map(|digit| digit * 10u64.pow(zeros)));
    let step = steps.find(|step| end / step <= 10).unwrap_or(u64::MAX);
    for tick in 0..=end / step {
        let x = LEFT + column(tick * step, end);
        let label = (tick * step) as f64 / 1e6;
        writeln!(
            out,
            "<path class=\"g\" d=\"M{x} {TOP}V{bottom}\"/><text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{label} ms</text>",
            bottom + 16
        )?;
    }
    Ok(())
}

/// The share of each tier, and of host functions, in the samples, over time.
fn samples(out: &mut impl Write, events: &Events, end: u64) -> fmt::Result {
    const BARS: usize = PLOT / BAR;
    if events.samples.is_empty() {
        return Ok(());
    }
    let middle = TOP + SAMPLES / 2 + 4;
    writeln!(out, "<text x=\"10\" y=\"{middle}\">running</text>")?;
    if events.samples.iter().any(|(_, runner)| *runner == Runner::Host)
        && let Some(host) = share(events, Runner::Host)
    {
        let y = middle + 8;
        writeln!(
            out,
            "<rect class=\"h\" x=\"10\" y=\"{y}\" width=\"12\" height=\"12\"/>\
             <text x=\"28\" y=\"{}\">host: {host}</text>",
            y + 10
        )?;
    }
    let mut bars = [[0usize; Runner::ALL.len()]; BARS + 1];
    for (time, runner) in &events.samples {
        bars[column(*time, end) / BAR][runner.number()] += 1;
    }
    let most = bars.iter().map(|counts| counts.iter().sum()).max().unwrap_or(1);
    for (number, [baseline, optimized, host]) in bars.into_iter().enumerate() {
        let mut bottom = TOP + SAMPLES;
        for (count, class) in [(optimized, "o"), (baseline, "b"), (host, "h")] {
            let height = (count * SAMPLES).div_ceil(most);
            if height > 0 {
                bottom = bottom.saturating_sub(height);
                let x = LEFT + number * BAR;
                writeln!(
                    out,
                    "<rect class=\"{class}\" x=\"{x}\" y=\"{bottom}\" width=\"{}\" height=\"{height}\"/>",
                    BAR - 1
                )?;
            }
        }
    }
    Ok(())
}
