//! The table of ARCHITECTURE.md: which folder may use which others.
//!
//! A row begins with the places below `src` that it describes, in backquotes. Its last column lists the others that
//! these may use, with commas between; text in parentheses is for readers, and `-` means nothing.

use crate::source::root;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// From each place, such as `abi` or `error`, to those that it may use.
pub type Map = BTreeMap<String, BTreeSet<String>>;

pub fn map() -> Map {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the map is there");
    let map = read(&text);
    assert!(map.len() > 10, "the table of ARCHITECTURE.md was not found");
    map
}

fn read(text: &str) -> Map {
    let mut map = Map::new();
    for line in text.lines().filter(|line| line.starts_with("| `src/")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [places, _, uses] = cells[..] else { panic!("not three columns: {line}") };
        for place in places.split(", ") {
            let place = place.trim_matches('`').strip_prefix("src/").expect("a place below src");
            let old = map.insert(place.trim_end_matches(".rs").to_owned(), list(uses));
            assert!(old.is_none(), "{place} has two rows");
        }
    }
    map
}

fn list(cell: &str) -> BTreeSet<String> {
    let mut depth = 0;
    let mut outside = |c: &char| {
        let was_outside = depth == 0;
        depth += i32::from(*c == '(') - i32::from(*c == ')');
        was_outside && *c != '('
    };
    let names: String = cell.chars().filter(|c| outside(c)).collect();
    let names = names.split(',').map(|name| name.trim().trim_matches('`').to_owned());
    names.filter(|name| !name.is_empty() && name != "-").collect()
}

/// The row for a module: that of the nearest folder.
pub fn row<'a>(map: &'a Map, module: &[String]) -> Option<&'a str> {
    let prefixes = (1..=module.len()).rev().map(|len| module[..len].join("/"));
    prefixes
        .into_iter()
        .find_map(|place| map.get_key_value(&place))
        .map(|(place, _)| place.as_str())
}

#[test]
fn rows_are_read_with_their_remarks_left_out() {
    let text = "| `src/a.rs`, `src/b/c` | what it is | d (this, and that), e/f |\n| `src/d` | more | - |\n| `x` | | a |";
    let map = read(text);
    assert_eq!(map.keys().collect::<Vec<_>>(), ["a", "b/c", "d"]);
    assert_eq!(map["a"].iter().collect::<Vec<_>>(), ["d", "e/f"]);
    assert!(map["d"].is_empty());
}
