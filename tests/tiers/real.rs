//! Real modules with a few bytes changed in the body of a function, so that they are still valid.

use super::canonical::canonical;
use super::closed::closed;
use super::random::Random;
use super::shape::Shape;
use std::ops::Range;
use std::path::{Path, PathBuf};
use wasmparser::{Parser, Payload};

/// A module and the ranges of its bodies.
pub struct Original {
    pub name: String,
    bytes: Vec<u8>,
    bodies: Vec<Range<usize>>,
}

/// Programs that are always there: compiled C.
pub fn programs() -> Vec<Original> {
    let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    originals(&["support/programs", "c/guest"].map(|folder| Path::new(tests).join(folder)))
}

/// The modules in the files and folders that `WASMRT_TIERS_MODULES` names.
pub fn named() -> Vec<Original> {
    let names = std::env::var("WASMRT_TIERS_MODULES").unwrap_or_default();
    let names: Vec<PathBuf> =
        names.split(':').filter(|name| !name.is_empty()).map(PathBuf::from).collect();
    originals(&names)
}

/// Modules from files and from all files in folders. One that cannot be used is an error: none is left out silently.
fn originals(names: &[PathBuf]) -> Vec<Original> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for name in names {
        match std::fs::read_dir(name) {
            Ok(files) => paths.extend(files.flatten().map(|file| file.path())),
            Err(_) => paths.push(name.clone()),
        }
    }
    paths.retain(|path| path.extension().is_some_and(|end| end == "wasm"));
    paths.sort();
    let originals = paths
        .iter()
        .map(|path| original(path).unwrap_or_else(|| panic!("{}: cannot be used", path.display())));
    originals.collect()
}

fn original(path: &Path) -> Option<Original> {
    let bytes = closed(&std::fs::read(path).expect("a module"))?;
    Shape::of(&bytes)?;
    let mut bodies = Vec::new();
    for payload in Parser::new(0).parse_all(&bytes) {
        if let Payload::CodeSectionEntry(body) = payload.ok()? {
            let range = body.range();
            bodies.push(range.start as usize..range.end as usize);
        }
    }
    let name = path.file_stem()?.to_string_lossy().into_owned();
    Some(Original { name, bodies: (!bodies.is_empty()).then_some(bodies)?, bytes })
}

impl Original {
    /// With whole memory images of more than one page, and functions by the hundred.
    pub fn is_large(&self) -> bool {
        self.bytes.len() > 20_000
    }

    /// None if no change was found that leaves it valid.
    pub fn changed(&self, seed: u64) -> Option<Vec<u8>> {
        let mut random = Random::new(seed);
        (0..ATTEMPTS).find_map(|_| canonical(&self.changed_anyhow(&mut random)))
    }

    fn changed_anyhow(&self, random: &mut Random) -> Vec<u8> {
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
        bytes
    }
}

const ATTEMPTS: usize = 30;
