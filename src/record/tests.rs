//! What records keep, and how much of it pictures show.

use super::lanes::Lanes;
use super::timeline::Compiled;
use super::{Profile, ProfileFormat, Runner, Timeline, TimelineFormat};
use crate::abi::Tier;
use crate::binary::{Limits, decode};
use crate::module::Module;
use crate::observe::CodeKind;
use crate::types::{DefinedFuncIndex, FuncIndex, TypeRegistry};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn module() -> Arc<Module> {
    let text = "(module (func $outer) (func $\"a;b\\\"<c>\") (func))";
    let bytes = wat::parse_str(text).unwrap();
    Arc::new(decode(&bytes, &TypeRegistry::default(), &Limits::default()).unwrap().module)
}

fn span(begin: u64, took: u64, on_host: bool) -> Compiled {
    let (kind, func) = (CodeKind::Function(Tier::Baseline), FuncIndex(0));
    Compiled { begin, took, on_host, kind, bytes: 0, func, module: 0 }
}

#[test]
fn spans_that_overlap_are_in_different_lanes() {
    let mut lanes = Lanes::default();
    assert_eq!(lanes.place(&span(0, 10, true)), 0);
    assert_eq!(lanes.place(&span(5, 10, true)), 1);
    assert_eq!(lanes.place(&span(10, 1, true)), 0);
    // The library's threads are apart.
    assert_eq!(lanes.place(&span(20, 1, false)), 2);
    assert_eq!(lanes.place(&span(20, 1, true)), 0);
    assert!(lanes.on_host().eq([true, true, false]));
}

#[test]
fn picture_does_not_grow_with_the_number_of_compilations() {
    let (timeline, module) = (Timeline::default(), module());
    let begin = Instant::now();
    for number in 0..20_000 {
        let func = DefinedFuncIndex(number % 3);
        timeline.compiled(&module, func, CodeKind::Function(Tier::Baseline), 10, begin);
        timeline.sampled(Runner::Guest(Tier::Optimized), 1, Duration::ZERO);
    }
    let svg = timeline.write(TimelineFormat::Svg).unwrap();
    assert!(svg.len() < 1 << 20);
    assert!(svg.contains("baseline: 20000 in") && svg.contains("100 % of samples"));
    assert!(svg.contains("wasm-function[2]") || svg.contains("outer") || svg.contains("&lt;c&gt;"));
    assert!(!svg.contains("<c>"));
    let json = timeline.write(TimelineFormat::TraceEvents).unwrap();
    assert_eq!(json.matches("\"ph\":\"X\"").count(), 20_000);
    assert!(json.contains("\"name\":\"a;b\\\"<c>\""));
}

#[test]
fn equal_stacks_are_kept_once() {
    let (mut profile, module) = (Profile::new(Duration::from_millis(1)), module());
    for number in 0..1000 {
        let mut sample = profile.sample();
        sample.frame(&module, FuncIndex(0), 40, Runner::Guest(Tier::Baseline));
        sample.frame(&module, FuncIndex(1 + number % 2), 50, Runner::Guest(Tier::Optimized));
        sample.end(1);
    }
    // A sample without frames does not count.
    profile.sample().end(1);
    let snapshot = profile.snapshot().unwrap();
    assert_eq!((profile.count(), snapshot.frames.len(), snapshot.nodes().len()), (1000, 3, 3));
    let folded = snapshot.write(ProfileFormat::Folded).unwrap();
    let expected = "outer [baseline];a:b\"<c> [optimized] 500\n\
                    outer [baseline];wasm-function[2] [optimized] 500\n";
    assert_eq!(folded, expected);
}

#[test]
fn stacks_that_all_differ_are_counted_when_no_more_are_kept() {
    let (mut profile, module) = (Profile::new(Duration::from_millis(1)), module());
    let take = |profile: &mut Profile, number| {
        let mut sample = profile.sample();
        for depth in 0..1000 {
            let offset = if depth == 0 { number } else { depth };
            sample.frame(&module, FuncIndex(0), offset, Runner::Guest(Tier::Baseline));
        }
        sample.end(1);
    };
    (0..4500).for_each(|number| take(&mut profile, 1000 + number));
    let nodes = profile.snapshot().unwrap().nodes().len();
    assert!((4_000_000..4_300_000).contains(&nodes), "{nodes}");
    (0..500).for_each(|number| take(&mut profile, 9000 + number));
    assert_eq!(profile.count(), 5000);
    assert_eq!(profile.snapshot().unwrap().nodes().len(), nodes);
}

#[test]
fn flame_graph_shows_shares_and_stays_small() {
    let (mut profile, module) = (Profile::new(Duration::from_millis(1)), module());
    for number in 0..10_000 {
        let mut sample = profile.sample();
        sample.frame(&module, FuncIndex(0), 40, Runner::Guest(Tier::Baseline));
        if number % 4 == 0 {
            sample.frame(&module, FuncIndex(1), 50, Runner::Guest(Tier::Optimized));
            // A stack of its own.
            (0..number % 97).for_each(|depth| {
                sample.frame(&module, FuncIndex(2), depth, Runner::Guest(Tier::Baseline))
            });
        }
        sample.end(1);
    }
    let svg = profile.snapshot().unwrap().write(ProfileFormat::Svg).unwrap();
    assert!(svg.contains("outer [baseline]: 10000 samples, 100.0 %"));
    assert!(
        svg.contains("a:b&quot;&lt;c&gt; [optimized]: 2500 samples, 25.0 %")
            && !svg.contains("<c>")
    );
    assert!(svg.len() < 100_000, "{}", svg.len());
    let empty = Profile::new(Duration::from_millis(1)).snapshot().unwrap();
    assert!(empty.write(ProfileFormat::Svg).unwrap().contains("0 samples"));
}
