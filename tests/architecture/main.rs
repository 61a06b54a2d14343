//! The source is built as ARCHITECTURE.md says, without circles and in pieces of a readable size; the documents name
//! only what exists.
//!
//! What is read are the paths of the source, `use` lines and others, not what the compiler makes of them: whoever
//! reads the files sees the same. Code for tests is exempt.

mod circles;
mod documents;
mod imports;
mod map;
mod source;

use circles::{Graph, circles, steps};
use source::{CRATES, File, files, files_of};
use std::collections::{BTreeMap, BTreeSet};

/// Files of one circle, lines of one file, lines of one function.
const MOST_IN_CIRCLE: usize = 5;
const MOST_LINES: usize = 412;
const MOST_LINES_OF_FUNCTION: usize = 79;

/// What is larger or more tangled for a time: where, and why. An entry that is no longer needed fails.
const ALLOWED: &[(&str, &str)] = &[];

/// Fails with all `faults` but those that are allowed, and with the allowances that nothing needs.
fn judge(what: &str, faults: BTreeMap<String, String>) {
    let prefix = format!("{what} ");
    let allowed: BTreeSet<&str> =
        ALLOWED.iter().filter_map(|(place, _)| place.strip_prefix(&prefix)).collect();
    let found: BTreeSet<&str> = faults.keys().map(String::as_str).collect();
    let new: Vec<&String> = faults
        .iter()
        .filter(|(place, _)| !allowed.contains(place.as_str()))
        .map(|(_, why)| why)
        .collect();
    assert!(
        new.is_empty(),
        "{what}:\n  {}",
        new.iter().map(|s| s.as_str()).collect::<Vec<_>>().join("\n  ")
    );
    let idle: Vec<_> = allowed.difference(&found).collect();
    assert!(idle.is_empty(), "no longer needed in the list of what is allowed: {prefix}{idle:?}");
}

#[test]
fn folders_use_what_the_map_says_and_nothing_else() {
    let (files, map) = (files(), map::map());
    let mut used: BTreeMap<(&str, &str), String> = BTreeMap::new();
    let mut faults = BTreeMap::new();
    for (file, targets) in files.iter().zip(imports::imports(&files)) {
        // The crate's root declares the folders and uses none.
        let Some(from) = map::row(&map, &file.module()) else {
            if file.name != "lib.rs" {
                faults.insert(
                    file.name.clone(),
                    format!("{} has no row in ARCHITECTURE.md", file.name),
                );
            }
            continue;
        };
        let targets =
            targets.iter().filter_map(|t| map::row(&map, &files[*t].module()).zip(Some(*t)));
        for (to, target) in targets.filter(|(to, _)| *to != from) {
            used.entry((from, to))
                .or_insert_with(|| format!("{} uses {}", file.name, files[target].name));
        }
    }
    for ((from, to), example) in &used {
        if !map[*from].contains(*to) {
            let fault = format!("src/{from} may not use {to}, and does: {example}");
            faults.insert(format!("{from} {to}"), fault);
        }
    }
    for (from, to) in map.iter().flat_map(|(from, uses)| uses.iter().map(move |to| (from, to))) {
        if !used.contains_key(&(from.as_str(), to.as_str())) {
            faults.insert(format!("{from} {to}"), format!("src/{from} may use {to}, and does not"));
        }
    }
    judge("map", faults);
}

/// Who uses whom, when each file is what `unit` makes of it; files without a unit are left out.
fn graph(files: &[File], unit: impl Fn(&File) -> Option<String>) -> Graph {
    let mut graph = Graph::new();
    for (file, targets) in files.iter().zip(imports::imports(files)) {
        let Some(from) = unit(file) else { continue };
        let targets = targets.iter().filter_map(|target| unit(&files[*target]));
        let targets: BTreeSet<String> = targets.filter(|to| *to != from).collect();
        graph.entry(from).or_default().extend(targets);
    }
    graph
}

#[test]
fn folders_do_not_use_each_other_in_circles() {
    let files = files();
    let mut faults = BTreeMap::new();
    let mut parents: BTreeSet<&str> = BTreeSet::new();
    for file in &files {
        let ends = file.name.match_indices('/').map(|(end, _)| end);
        parents.extend(
            ends.map(|end| file.name[..end].rsplit_once('/').map_or("", |(parent, _)| parent)),
        );
    }
    for parent in parents {
        let graph = graph(&files, |file| child_of(parent, file));
        for circle in circles(&graph).iter().filter(|circle| is_of_folders(parent, circle)) {
            let fault = format!("below src/{parent}:{}", steps(&graph, circle));
            faults.insert(format!("src/{parent}"), fault);
        }
    }
    judge("circle of folders", faults);
}

/// The file or folder within `parent` that a file belongs to.
fn child_of(parent: &str, file: &File) -> Option<String> {
    let rest = file.name.strip_prefix(parent)?;
    let rest = if parent.is_empty() { rest } else { rest.strip_prefix('/')? };
    Some(rest.split_inclusive('/').next().unwrap_or(rest).to_owned())
}

/// At the top also files stand for themselves; below it a folder and the files around it belong together.
fn is_of_folders(parent: &str, circle: &BTreeSet<String>) -> bool {
    parent.is_empty() || circle.iter().filter(|name| name.ends_with('/')).count() > 1
}

#[test]
fn circles_of_files_are_small() {
    let mut faults = BTreeMap::new();
    for source in CRATES {
        let graph = graph(&files_of(source), |file| Some(file.name.clone()));
        for circle in circles(&graph).iter().filter(|circle| circle.len() > MOST_IN_CIRCLE) {
            let first = circle.iter().next().map_or("", |file| file);
            let fault = format!("{} files of {source}:{}", circle.len(), steps(&graph, circle));
            faults.insert(format!("{source}/{first}"), fault);
        }
    }
    judge("circle of files", faults);
}

#[test]
fn files_and_functions_are_short() {
    let (mut faults, mut lines, mut lines_of_functions) = (BTreeMap::new(), Vec::new(), Vec::new());
    let in_crate = |source| files_of(source).into_iter().map(move |file| (source, file));
    for (source, file) in CRATES.into_iter().flat_map(in_crate) {
        let path = format!("{source}/{}", file.name);
        lines.push(file.lines);
        if file.lines > MOST_LINES {
            faults.insert(path.clone(), format!("{path}: {} lines", file.lines));
        }
        for (name, line, length) in file.functions() {
            lines_of_functions.push(length);
            if length > MOST_LINES_OF_FUNCTION {
                let fault = format!("{path}:{line}: {name} has {length} lines");
                faults.insert(format!("{path}: {name}"), fault);
            }
        }
    }
    report("files", lines);
    report("functions", lines_of_functions);
    judge("length", faults);
}

fn report(what: &str, mut lines: Vec<usize>) {
    lines.sort_unstable();
    assert!(lines.len() > 100, "only {} {what}", lines.len());
    let at = |share: usize| lines[(lines.len() - 1) * share / 100];
    println!(
        "{} {what}: median {} lines, 90 % below {}, longest {}",
        lines.len(),
        at(50),
        at(90) + 1,
        at(100)
    );
}
