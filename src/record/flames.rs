//! A profile as a picture: a flame graph. Each box is a function, upon the one that called it; its width is the
//! share of the samples in which it occurs there. What would be narrower than a pixel is left out, so the file
//! stays small.

use super::folded;
use super::profile::Snapshot;
use super::text::{Text, Xml};
use std::fmt::{self, Write};

/// Columns of the picture, without its margins.
const PLOT: u64 = 1180;
const MARGIN: u64 = 10;
const TOP: usize = 34;
const ROW: usize = 17;
/// Columns that a letter takes, about.
const LETTER: u64 = 7;

const STYLE: &str = "text{font:12px sans-serif;fill:#111}.b{fill:#f0bd7a}.o{fill:#8fb3d9}.i{fill:#d5dde5}\
    .h{fill:#b5cf9c}\
    rect{stroke:#fff;stroke-width:.5}";

/// A function in the stacks of samples that lie next to each other.
struct Flame<'a> {
    name: &'a str,
    depth: usize,
    /// The samples before it, and the first one behind it.
    from: u64,
    to: u64,
}

pub fn write(out: &mut Text, profile: &Snapshot) -> Option<()> {
    let mut stacks = folded::stacks(profile)?;
    // So that stacks with the same callers are next to each other.
    stacks.sort_unstable_by(|(one, _), (other, _)| one.split(';').cmp(other.split(';')));
    let all = stacks.iter().map(|(_, count)| count).sum();
    let flames = flames(&stacks, all)?;
    draw(out, &flames, all).ok()
}

/// What is wide enough to be drawn.
fn flames(stacks: &[(String, u64)], all: u64) -> Option<Vec<Flame<'_>>> {
    let (mut drawn, mut open) = (Vec::new(), Vec::<Flame>::new());
    let mut at = 0;
    for (stack, count) in stacks {
        let names = stack.split(';');
        let shared = open.iter().zip(names.clone()).take_while(|(flame, name)| flame.name == *name);
        let shared = shared.count();
        close(&mut drawn, open.drain(shared..), at, all)?;
        for (depth, name) in names.enumerate().skip(shared) {
            open.try_reserve(1).ok()?;
            open.push(Flame { name, depth, from: at, to: at });
        }
        at += count;
    }
    close(&mut drawn, open.drain(..), at, all)?;
    Some(drawn)
}

/// Keeps flames that end here.
fn close<'a>(
    drawn: &mut Vec<Flame<'a>>,
    ended: impl Iterator<Item = Flame<'a>>,
    at: u64,
    all: u64,
) -> Option<()> {
    for flame in ended.filter(|flame| column(at - flame.from, all) > 0) {
        drawn.try_reserve(1).ok()?;
        drawn.push(Flame { to: at, ..flame });
    }
    Some(())
}

fn draw(out: &mut Text, flames: &[Flame<'_>], all: u64) -> fmt::Result {
    let rows = flames.iter().map(|flame| flame.depth + 1).max().unwrap_or(0);
    let (width, height) = (PLOT + 2 * MARGIN, TOP + rows * ROW + 10);
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\n\
         <style>{STYLE}</style>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"{MARGIN}\" y=\"20\">{all} samples</text>"
    )?;
    for (x, class, label) in
        [(150, "b", "baseline"), (250, "o", "optimized"), (350, "i", "inlined"), (450, "h", "host")]
    {
        writeln!(
            out,
            "<rect class=\"{class}\" x=\"{x}\" y=\"9\" width=\"12\" height=\"12\"/>\
             <text x=\"{}\" y=\"20\">{label}</text>",
            x + 18
        )?;
    }
    flames
        .iter()
        .try_for_each(|flame| draw_one(out, flame, TOP + (rows - 1 - flame.depth) * ROW, all))?;
    out.write_str("</svg>\n")
}

fn draw_one(out: &mut Text, flame: &Flame<'_>, y: usize, all: u64) -> fmt::Result {
    let (x, samples) = (MARGIN + column(flame.from, all), flame.to - flame.from);
    let width = MARGIN + column(flame.to, all) - x;
    let class = match flame.name {
        name if name.ends_with("[baseline]") => "b",
        name if name.ends_with("[optimized]") => "o",
        name if name.ends_with("[host]") => "h",
        _ => "i",
    };
    let (name, share) = (Xml(flame.name), 100.0 * samples as f64 / all as f64);
    write!(
        out,
        "<g><title>{name}: {samples} samples, {share:.1} %</title>\
         <rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{}\"/>",
        ROW - 1
    )?;
    let letters = (width / LETTER) as usize;
    if letters >= 4 {
        let end = flame.name.char_indices().nth(letters).map_or(flame.name.len(), |(end, _)| end);
        write!(out, "<text x=\"{}\" y=\"{}\">{}</text>", x + 3, y + 12, Xml(&flame.name[..end]))?;
    }
    writeln!(out, "</g>")
}

/// The column of a sample.
fn column(sample: u64, all: u64) -> u64 {
    sample * PLOT / all.max(1)
}
