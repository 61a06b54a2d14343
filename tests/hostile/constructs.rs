//! Everything that a module may have many of, as text: each of a hundred thousand should cost as much as a single
//! one.

mod control;
mod exceptions;
mod objects;
mod sections;
mod values;

use super::operators::{Family, families};

/// The position of an item in the module.
pub enum Place {
    /// A field of the module.
    Field(&'static str),
    /// A field that comes before all others.
    Import(&'static str),
    /// Instructions one after the other.
    Row(&'static str),
    /// Instructions one after the other, followed by as many others.
    Nest(&'static str, &'static str),
    /// Instructions around what is repeated.
    Around(&'static str, &'static str, &'static str),
    /// Fields around what is repeated.
    Within(&'static str, &'static str, &'static str),
}
use Place::*;

/// Something that there may be many of.
pub struct Construct {
    pub name: String,
    item: Item,
}

enum Item {
    Text(&'static Place),
    /// Operators that differ in what they do, in turn.
    Operators(Family),
}

/// Everything.
pub fn constructs() -> Vec<Construct> {
    let tables = [
        sections::SECTIONS,
        values::VALUES,
        objects::OBJECTS,
        control::CONTROL,
        exceptions::EXCEPTIONS,
    ];
    let text = |(name, place): &'static (&str, Place)| Construct {
        name: name.to_string(),
        item: Item::Text(place),
    };
    let operators =
        |family: Family| Construct { name: family.name(), item: Item::Operators(family) };
    let texts = tables.into_iter().flatten().map(text);
    texts.chain(families().into_iter().map(operators)).collect()
}

impl Construct {
    /// A module with `count` of them.
    pub fn module(&self, count: usize) -> Vec<u8> {
        match &self.item {
            Item::Text(place) => {
                wat::parse_str(text(place, count)).unwrap_or_else(|e| panic!("{}: {e}", self.name))
            }
            Item::Operators(family) => family.module(count),
        }
    }
}

/// The text of a module with `count` of them.
fn text(place: &Place, count: usize) -> String {
    let repeat = |item: &str| -> String { (0..count).map(|i| numbered(item, i) + "\n").collect() };
    match place {
        Import(field) => format!("(module {IMPORTS} {}{FIELDS})", repeat(field)),
        Field(field) => format!("(module {IMPORTS}{FIELDS}{})", repeat(field)),
        Within(before, item, after) => {
            format!("(module {IMPORTS}{FIELDS}{before} {}{after})", repeat(item))
        }
        Row(row) => function(&repeat(row)),
        Nest(open, close) => function(&(repeat(open) + &repeat(close))),
        Around(before, item, after) => function(&format!("{before} {} {after}", repeat(item))),
    }
}

/// `#` stands for the item's number, `%` for one of eight, `?` for value types that no other number has.
fn numbered(item: &str, i: usize) -> String {
    let mut item = item.replace('#', &i.to_string()).replace('%', &(i * 31 % 8).to_string());
    if item.contains('?') {
        let types = (0..17).map(|bit| if i >> bit & 1 == 0 { "i32 " } else { "f64 " });
        item = item.replace('?', &types.collect::<String>());
    }
    item
}

fn function(body: &str) -> String {
    format!(
        "(module {IMPORTS}{FIELDS}
           (func (export \"run\") (param $i i32) (param $l i64) (param $f f32) (param $d f64)
             (local $j i32) (local $v v128) (local $r externref) (local $q funcref) {body}))"
    )
}

const IMPORTS: &str = r#"
  (type $unary (func (param i32) (result i32)))
  (type $nothing (func))
  (type $pair (func (param i32 i64) (result i64 i32)))
  (type $wide (func (param i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64)
    (result i32 i64 f32 f64 i32 i64 f32 f64 i32 i64)))
  (type $stretch (func (param i32 i64 f32 f64) (result i32 i64 f32 f64 i32 i64 f32 f64)))
  (import "host" "unary" (func $imported (type $unary)))
"#;

const FIELDS: &str = r#"
  (memory $m 1 4)
  (memory $far i64 1)
  (memory $bytes 1000 2000 (pagesize 1))
  (table $t 16 64 funcref)
  (table $fixed 8 8 funcref)
  (table $hosts 8 externref)
  (global $g (mut i32) (i32.const 1))
  (global $w (mut v128) (v128.const i64x2 1 2))
  (global $c i32 (i32.const 7))
  (elem $e func $own)
  (elem (table $fixed) (i32.const 0) func $own $own)
  (data $data "0123456789")
  (elem declare func $nothing)
  (func $own (type $unary) (local.get 0))
  (func $nothing)
  (tag $empty)
  (tag $other)
  (tag $carried)
  (tag $carrying (param i32))
  (func $pair (type $pair) (local.get 1) (local.get 0))
  (func $wide (type $wide) unreachable)
  (func $stretch (type $stretch) unreachable)
"#;
