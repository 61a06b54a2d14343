//! Which file uses which, from the paths that begin with `crate`, `super`, `self` or a module of the file.
//!
//! A path refers to the file that holds the module it names. Names that a module only re-exports refer to their
//! origin: `use`, public or not, is followed, so that a `mod.rs` which lists what its folder offers does not
//! connect everything.

use crate::source::{File, is_name};
use std::collections::{BTreeMap, BTreeSet};

type Path = Vec<String>;

/// A name that a file brings into its module: a path, and the name under which it is known there (`*` for all of a
/// module).
struct Use {
    path: Path,
    name: String,
}

struct Module {
    file: usize,
    uses: Vec<Use>,
    paths: BTreeSet<Path>,
}

pub struct Imports {
    modules: BTreeMap<Path, Module>,
}

/// For every file, those that it uses, by their index in `files`.
pub fn imports(files: &[File]) -> Vec<BTreeSet<usize>> {
    let paths = files.iter().map(File::module);
    let known: BTreeSet<Path> = paths.collect();
    let mut imports = Imports { modules: BTreeMap::new() };
    for (file, source) in files.iter().enumerate() {
        let mut reader =
            Reader { known: &known, source, at: 0, uses: Vec::new(), paths: BTreeSet::new() };
        reader.read();
        let (uses, paths) = (reader.uses, reader.paths);
        imports.modules.insert(source.module(), Module { file, uses, paths });
    }
    let mut all = vec![BTreeSet::new(); files.len()];
    for module in imports.modules.values() {
        let targets = module.paths.iter().map(|path| imports.resolve(path, 0));
        all[module.file].extend(targets.filter(|target| *target != module.file));
    }
    all
}

impl Imports {
    /// The file that a path refers to.
    fn resolve(&self, path: &[String], depth: usize) -> usize {
        let longest = (0..=path.len()).rev().find(|len| self.modules.contains_key(&path[..*len]));
        let len = longest.expect("the crate itself is a module");
        let module = &self.modules[&path[..len]];
        let Some(name) = path.get(len).filter(|_| depth < 10) else { return module.file };
        let handed_on = module.uses.iter().find(|used| used.name == *name);
        if let Some(used) = handed_on {
            return self.resolve(&[&used.path, &path[len + 1..]].concat(), depth + 1);
        }
        // Only modules are looked up behind a `*`.
        let mut wide = module.uses.iter().filter(|used| used.name == "*");
        let inner = wide.find_map(|used| {
            let inner = [&used.path, &path[len..]].concat();
            self.modules.contains_key(&inner[..=used.path.len()]).then_some(inner)
        });
        inner.map_or(module.file, |inner| self.resolve(&inner, depth + 1))
    }
}

struct Reader<'a> {
    known: &'a BTreeSet<Path>,
    source: &'a File,
    at: usize,
    uses: Vec<Use>,
    paths: BTreeSet<Path>,
}

impl Reader<'_> {
    fn text(&self, at: usize) -> &str {
        self.source.tokens.get(at).map_or("", |token| &token.text)
    }

    fn read(&mut self) {
        while self.at < self.source.tokens.len() {
            let before = if self.at > 0 { self.text(self.at - 1) } else { "" };
            match self.text(self.at) {
                "use" => self.read_use(),
                // `pub(in crate::...)` uses nothing.
                first if is_name(first) && !matches!(before, "::" | "." | "in") => {
                    let start = self.at;
                    let path = self.read_path();
                    if path.len() > 1
                        && let Some(path) = self.absolute(path)
                    {
                        self.paths.insert(path);
                    }
                    self.at = self.at.max(start + 1);
                }
                _ => self.at += 1,
            }
        }
    }

    /// The names from here on that `::` joins.
    fn read_path(&mut self) -> Path {
        let mut path = vec![self.text(self.at).to_owned()];
        self.at += 1;
        while self.text(self.at) == "::" && is_name(self.text(self.at + 1)) {
            path.push(self.text(self.at + 1).to_owned());
            self.at += 2;
        }
        path
    }

    /// A list of what a module offers is not a use of its own; everything else in a `use` is.
    fn read_use(&mut self) {
        let visible = self.at > 0 && matches!(self.text(self.at - 1), "pub" | ")");
        let hands_on = visible && self.source.name.ends_with("mod.rs");
        self.at += 1;
        for (path, name) in self.read_tree(&[]) {
            let Some(path) = self.absolute(path) else { continue };
            if !hands_on {
                self.paths.insert(path.clone());
            }
            self.uses.push(Use { path, name });
        }
    }

    /// Paths, each with its name.
    fn read_tree(&mut self, prefix: &[String]) -> Vec<(Path, String)> {
        let mut path = prefix.to_vec();
        loop {
            match self.text(self.at) {
                "{" => return self.read_group(&path),
                "*" => {
                    self.at += 1;
                    return vec![(path, "*".into())];
                }
                "::" => self.at += 1,
                name if is_name(name) && name != "as" => {
                    // `self` in braces is the module before them.
                    if name != "self" || path.is_empty() {
                        path.push(name.to_owned());
                    }
                    self.at += 1;
                }
                _ => break,
            }
        }
        let mut name = path.last().cloned().unwrap_or_default();
        if self.text(self.at) == "as" {
            name = self.text(self.at + 1).to_owned();
            self.at += 2;
        }
        vec![(path, name)]
    }

    fn read_group(&mut self, prefix: &[String]) -> Vec<(Path, String)> {
        let mut all = Vec::new();
        self.at += 1;
        while self.text(self.at) != "}" && self.at < self.source.tokens.len() {
            all.extend(self.read_tree(prefix));
            if self.text(self.at) == "," {
                self.at += 1;
            }
        }
        self.at += 1;
        all
    }

    /// The path from the crate's root, if it stays within the crate.
    fn absolute(&self, path: Path) -> Option<Path> {
        let mut base = self.source.module();
        let mut rest = path.iter().peekable();
        match rest.peek()?.as_str() {
            "crate" => {
                base.clear();
                rest.next();
            }
            "self" => drop(rest.next()),
            "super" => {
                while rest.next_if(|part| *part == "super").is_some() {
                    base.pop();
                }
            }
            first => {
                let child = [base.as_slice(), &[first.to_owned()]].concat();
                if !self.known.contains(&child) {
                    return None;
                }
            }
        }
        Some(base.into_iter().chain(rest.cloned()).collect())
    }
}
