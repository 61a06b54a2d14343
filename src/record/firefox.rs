//! A profile in the processed format of the Firefox Profiler (<https://profiler.firefox.com>), version 55.
//!
//! The format consists of tables with a list per column. Tiers are categories, which the viewer shows as colours.
//! While neither guest code nor a host function that it called runs there are no samples; a sample without a stack says so.

use super::json::{JsonString, Scaled, array};
use super::profile::Snapshot;
use super::stacks::Stacks;
use super::text::Text;
use std::fmt::{self, Display, Write};
use std::time::UNIX_EPOCH;

const MILLISECOND: u64 = 1_000_000;
/// After so many intervals without a sample, guest code was not running.
const IDLE: u64 = 5;

pub fn write(out: &mut Text, profile: &Snapshot) -> Option<()> {
    let stacks = Stacks::new(profile)?;
    write_json(out, profile, &stacks).ok()
}

fn write_json(out: &mut Text, profile: &Snapshot, stacks: &Stacks) -> fmt::Result {
    meta(out, profile)?;
    out.write_str(
        ",\"libs\":[],\"pages\":[],\"profilerOverhead\":[],\"counters\":[],\"threads\":[{",
    )?;
    out.write_str(
        "\"name\":\"guest\",\"isMainThread\":true,\"pid\":\"1\",\"tid\":1,\"processName\":\"wasm\",\
         \"processType\":\"default\",\"processStartupTime\":0,\"processShutdownTime\":null,\"registerTime\":0,\
         \"unregisterTime\":null,\"pausedRanges\":[],\"showMarkersInTimeline\":false,",
    )?;
    out.write_str(
        "\"markers\":{\"length\":0,\"category\":[],\"data\":[],\"endTime\":[],\"name\":[],\"phase\":[],\
         \"startTime\":[]},\"nativeSymbols\":{\"length\":0,\"address\":[],\"functionSize\":[],\"libIndex\":[],\
         \"name\":[]},\"resourceTable\":{\"length\":0,\"lib\":[],\"name\":[],\"host\":[],\"type\":[]},",
    )?;
    frame_table(out, stacks)?;
    func_table(out, stacks)?;
    stack_table(out, stacks)?;
    samples(out, profile, stacks)?;
    out.write_str("\"stringArray\":")?;
    array(out, stacks.texts.list().iter().map(|text| JsonString(text)))?;
    out.write_str("}]}\n")
}

fn meta(out: &mut Text, profile: &Snapshot) -> fmt::Result {
    let interval = profile.interval.as_nanos() as u64;
    let start = profile.start_time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let start = start.as_nanos() as u64;
    let (interval, start) = (Scaled(interval, MILLISECOND), Scaled(start, MILLISECOND));
    write!(
        out,
        "{{\"meta\":{{\"preprocessedProfileVersion\":55,\"version\":24,\"product\":\"wasm\",\"processType\":0,\
         \"startTime\":{start},\"interval\":{interval},\"debug\":false,\"symbolicated\":true,\
         \"usesOnlyOneStackType\":true,\"sourceCodeIsNotOnSearchfox\":true,\"pausedRanges\":[],\"markerSchema\":[],\
         \"extensions\":{{\"length\":0,\"baseURL\":[],\"id\":[],\"name\":[]}},\
         \"sampleUnits\":{{\"time\":\"ms\",\"eventDelay\":\"ms\",\"threadCPUDelta\":\"µs\"}},\"categories\":[\
         {{\"name\":\"baseline\",\"color\":\"orange\",\"subcategories\":[\"Other\"]}},\
         {{\"name\":\"optimized\",\"color\":\"blue\",\"subcategories\":[\"Other\"]}},\
         {{\"name\":\"host\",\"color\":\"green\",\"subcategories\":[\"Other\"]}},\
         {{\"name\":\"Other\",\"color\":\"grey\",\"subcategories\":[\"Other\"]}}]}}"
    )
}

/// A column of a table.
fn column<T: Display>(out: &mut Text, name: &str, items: impl Iterator<Item = T>) -> fmt::Result {
    write!(out, ",\"{name}\":")?;
    array(out, items)
}

/// A number, or null for 0.
fn known(number: u32) -> Nullable {
    Nullable((number != 0).then_some(number))
}

struct Nullable(Option<u32>);

impl Display for Nullable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(number) => number.fmt(f),
            None => f.write_str("null"),
        }
    }
}

fn frame_table(out: &mut Text, stacks: &Stacks) -> fmt::Result {
    let places = stacks.places.list();
    let (all, nothing) = (|| places.iter(), || places.iter().map(|_| "null"));
    write!(out, "\"frameTable\":{{\"length\":{}", places.len())?;
    column(out, "address", all().map(|place| place.offset))?;
    column(out, "inlineDepth", all().map(|place| place.inline_depth))?;
    column(out, "category", all().map(|place| place.runner.number()))?;
    column(out, "subcategory", all().map(|_| 0))?;
    column(out, "func", all().map(|place| place.function))?;
    column(out, "nativeSymbol", nothing())?;
    column(out, "innerWindowID", all().map(|_| 0))?;
    column(out, "line", all().map(|place| known(place.line)))?;
    column(out, "column", all().map(|place| known(place.column)))?;
    out.write_str("},")
}

fn func_table(out: &mut Text, stacks: &Stacks) -> fmt::Result {
    let functions = stacks.functions.list();
    let (all, nothing) = (|| functions.iter(), || functions.iter().map(|_| "null"));
    write!(out, "\"funcTable\":{{\"length\":{}", functions.len())?;
    column(out, "name", all().map(|function| function.name))?;
    column(out, "isJS", all().map(|_| false))?;
    column(out, "relevantForJS", all().map(|_| false))?;
    column(out, "resource", all().map(|_| -1))?;
    column(out, "fileName", all().map(|function| Nullable(function.file)))?;
    column(out, "lineNumber", nothing())?;
    column(out, "columnNumber", nothing())?;
    out.write_str("},")
}

fn stack_table(out: &mut Text, stacks: &Stacks) -> fmt::Result {
    let list = stacks.stacks.list();
    write!(out, "\"stackTable\":{{\"length\":{}", list.len())?;
    column(out, "prefix", list.iter().map(|(caller, _)| Nullable(*caller)))?;
    column(out, "frame", list.iter().map(|(_, place)| place))?;
    out.write_str("},")
}

/// A row of the table of samples: the time since the row before, the stack, and the number of samples.
type Row = (u64, Option<u32>, u32);

fn samples(out: &mut Text, profile: &Snapshot, stacks: &Stacks) -> fmt::Result {
    let interval = (profile.interval.as_nanos() as u64).max(1);
    let rows = || {
        let mut last = 0;
        profile.samples.iter().flat_map(move |(time, node, count)| {
            rows_of(*time, Some(stacks.of_node(*node)), *count, interval, &mut last)
        })
    };
    let count = rows().count();
    write!(out, "\"samples\":{{\"length\":{count},\"weightType\":\"samples\"")?;
    column(out, "weight", rows().map(|(_, _, weight)| weight))?;
    column(out, "stack", rows().map(|(_, stack, _)| Nullable(stack)))?;
    column(out, "timeDeltas", rows().map(|(delta, _, _)| Scaled(delta, MILLISECOND)))?;
    out.write_str("},")
}

/// The rows of a sample: one, or two if it counts for several, at the end of the first interval and of the last one. Before
/// them one without a stack if there was a pause.
fn rows_of(
    time: u64,
    stack: Option<u32>,
    count: u32,
    interval: u64,
    last: &mut u64,
) -> impl Iterator<Item = Row> + use<> {
    let before = *last;
    let others = u64::from(count.saturating_sub(1));
    let begin = time.saturating_sub(others.saturating_mul(interval)).max(before);
    let mut row = |at: u64, stack, weight| {
        let delta = at.saturating_sub(*last);
        *last = at.max(*last);
        (delta, stack, weight)
    };
    let was_idle = begin - before > IDLE.saturating_mul(interval);
    let pause = was_idle.then(|| row(before + interval, None, 1));
    let first = row(begin, stack, 1);
    let rest = (count > 1).then(|| row(time, stack, count - 1));
    pause.into_iter().chain([first]).chain(rest)
}
