//! Real modules with a few bytes changed in the body of a function, so that they are still valid.

use super::random::Random;
use super::shape::Shape;
use std::path::PathBuf;
use wasmparser::{Parser, Payload};

/// A module and the ranges of its bodies.
pub struct Original {
    bytes: Vec<u8>,
    bodies: Vec<std::ops::Range<usize>>,
}

/// The modules in the files and folders that `WASMRT_TIERS_MODULES` names.
pub fn originals() -> Vec<Original> {
    let names = std::env::var("WASMRT_TIERS_MODULES").unwrap_or_default();
    let mut paths: Vec<PathBuf> = Vec::new();
    for name in names.split(':').filter(|name| !name.is_empty()) {
        match std::fs::read_dir(name) {
            Ok(files) => paths.extend(files.flatten().map(|file| file.path())),
            Err(_) => paths.push(name.into()),
        }
    }
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|end| end == "wasm"));
    paths.iter().filter_map(|path| original(std::fs::read(path).expect("a module"))).collect()
}

/// None if it imports what is not provided.
fn original(bytes: Vec<u8>) -> Option<Original> {
    Shape::of(&bytes)?;
    let mut bodies = Vec::new();
    for payload in Parser::new(0).parse_all(&bytes) {
        if let Payload::CodeSectionEntry(body) = payload.ok()? {
            let range = body.range();
            bodies.push(range.start as usize..range.end as usize);
        }
    }
    Some(Original { bodies: (!bodies.is_empty()).then_some(bodies)?, bytes })
}

impl Original {
    /// None if the change makes it invalid.
    pub fn changed(&self, seed: u64) -> Option<Vec<u8>> {
        let mut random = Random::new(seed);
        let mut bytes = self.bytes.clone();
        let body = self.bodies[random.below(self.bodies.len())].clone();
        for _ in 0..1 + random.below(3) {
            let at = body.start + random.below(body.len());
            bytes[at] = match random.below(3) {
                0 => bytes[at] ^ 1 << random.below(8),
                1 => 0x20 + random.below(0xa5) as u8,
                _ => bytes[body.start + random.below(body.len())],
            };
        }
        Shape::of(&bytes).is_some().then_some(bytes)
    }
}
