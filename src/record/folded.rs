//! A profile as folded stacks: a line for each stack, with its functions from the outermost to the innermost, and how
//! many samples it had. Flame graphs are drawn from such files. The tier stands behind a function that has code; a
//! function that was inlined has none of its own. Behind host functions stands `[host]`.

use super::profile::Snapshot;
use super::stacks::Stacks;
use super::text::Text;
use std::fmt::Write;

pub fn write(out: &mut Text, profile: &Snapshot) -> Option<()> {
    stacks(profile)?.iter().try_for_each(|(line, count)| writeln!(out, "{line} {count}")).ok()
}

/// The lines with their numbers of samples, each once.
pub fn stacks(profile: &Snapshot) -> Option<Vec<(String, u64)>> {
    let stacks = Stacks::new(profile)?;
    let mut lines: Vec<(String, u64)> = Vec::new();
    let mut counts = Vec::new();
    counts.try_reserve_exact(stacks.stacks.list().len()).ok()?;
    counts.resize(stacks.stacks.list().len(), 0u64);
    for (_, node, count) in &profile.samples {
        counts[stacks.of_node(*node) as usize] += u64::from(*count);
    }
    for (number, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
        lines.try_reserve(1).ok()?;
        lines.push((line(&stacks, number as u32)?, count));
    }
    // Stacks that differ in lines only.
    lines.sort_unstable();
    lines.dedup_by(|(line, count), (kept, sum)| {
        let is_same = line == kept;
        *sum += if is_same { *count } else { 0 };
        is_same
    });
    Some(lines)
}

fn line(stacks: &Stacks, innermost: u32) -> Option<String> {
    let mut places = Vec::new();
    let mut next = Some(innermost);
    while let Some(stack) = next {
        let (caller, place) = stacks.stacks.list()[stack as usize];
        places.try_reserve(1).ok()?;
        places.push(stacks.places.list()[place as usize]);
        next = caller;
    }
    let mut text = Text::default();
    for (number, place) in places.iter().rev().enumerate() {
        let separator = if number > 0 { ";" } else { "" };
        let function = stacks.functions.list()[place.function as usize];
        let name = stacks.texts.list()[function.name as usize].replace(';', ":");
        write!(text, "{separator}{name}").ok()?;
        if place.inline_depth == 0 {
            write!(text, " [{}]", place.runner.name()).ok()?;
        }
    }
    Some(text.into_string())
}
