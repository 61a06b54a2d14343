//! Circles in a graph: sets of nodes that all reach each other.

use std::collections::{BTreeMap, BTreeSet};

pub type Graph = BTreeMap<String, BTreeSet<String>>;

/// Every circle of two or more nodes, sorted.
pub fn circles(graph: &Graph) -> Vec<BTreeSet<String>> {
    let reached: BTreeMap<&String, BTreeSet<&String>> =
        graph.keys().map(|from| (from, reach(graph, from))).collect();
    let is_mutual = |a: &String, b: &String| reached[a].contains(b) && reached[b].contains(a);
    let mut found: Vec<BTreeSet<String>> = Vec::new();
    for place in graph.keys().filter(|place| is_mutual(place, place)) {
        if !found.iter().any(|circle| circle.contains(place)) {
            found.push(graph.keys().filter(|other| is_mutual(place, other)).cloned().collect());
        }
    }
    found
}

/// The edges within a circle, one per line.
pub fn steps(graph: &Graph, circle: &BTreeSet<String>) -> String {
    let step = |from: &String| {
        let to: Vec<&str> = graph[from].intersection(circle).map(String::as_str).collect();
        format!("\n    {from} -> {}", to.join(", "))
    };
    circle.iter().map(step).collect()
}

/// The nodes that can be reached from `start`, in one step or more.
fn reach<'a>(graph: &'a Graph, start: &str) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&String> = graph[start].iter().collect();
    while let Some(place) = waiting.pop() {
        if reached.insert(place) {
            waiting.extend(graph.get(place).into_iter().flatten());
        }
    }
    reached
}

#[test]
fn circles_are_found_and_nothing_else() {
    let edges =
        [("a", "b"), ("b", "c"), ("c", "b"), ("c", "d"), ("e", "a"), ("d", "f"), ("f", "d")];
    let mut graph = Graph::new();
    for (from, to) in edges {
        graph.entry(from.into()).or_default().insert(to.into());
        graph.entry(to.into()).or_default();
    }
    let of = |names: [&str; 2]| names.map(String::from).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(circles(&graph), [of(["b", "c"]), of(["d", "f"])]);
}
