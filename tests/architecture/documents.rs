//! What the documents name exists: files, commands of `./x`, functions and macros of the headers.
//!
//! Only text in backticks is read, and commands of `./x` everywhere. Blocks of code are left out: they are examples.
//! A path may begin at the top, at the `src` of a crate, or beside the document; a name without a slash may be anywhere.

use crate::source::root;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Where paths begin that belong to an installed copy.
const INSTALLED: &[&str] = &["bin/", "include/wasmrt/", "lib/", "share/"];
/// The ends of names that are looked up without a folder.
const ENDS: &[&str] = &[".rs", ".c", ".cc", ".h", ".hh", ".md", ".sh", ".awk"];

struct Tree {
    /// Paths of all files and folders.
    paths: BTreeSet<String>,
    /// The names of all files.
    names: BTreeSet<String>,
    headers: String,
    usage: String,
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

impl Tree {
    fn new() -> Tree {
        let (paths, names) = (BTreeSet::new(), BTreeSet::new());
        let mut tree = Tree { paths, names, headers: String::new(), usage: read("x") };
        tree.add(&root(), "");
        tree.headers = tree
            .paths
            .iter()
            .filter(|path| path.starts_with("include/"))
            .map(|path| read(path))
            .collect();
        tree
    }

    fn add(&mut self, folder: &Path, prefix: &str) {
        for entry in fs::read_dir(folder).expect("a folder of the tree") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            // The folders that builds write are only at the top.
            if name.starts_with('.')
                || prefix.is_empty()
                    && (name == "target" || name.starts_with("build") && path.is_dir())
            {
                continue;
            }
            let whole = format!("{prefix}{name}");
            if path.is_dir() {
                self.add(&path, &format!("{whole}/"));
            } else {
                self.names.insert(name);
            }
            self.paths.insert(whole);
        }
    }

    fn has_path(&self, folder: &str, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        ["", "src/", "wasi/src/", "cli/src/", folder]
            .iter()
            .any(|start| self.paths.contains(&format!("{start}{path}")))
    }

    /// Whether the headers have a name as a whole word.
    fn declares(&self, name: &str) -> bool {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        self.headers.match_indices(name).any(|(at, _)| {
            !self.headers[..at].ends_with(is_part)
                && !self.headers[at + name.len()..].starts_with(is_part)
        })
    }

    /// Why a word in backticks is wrong, in a document in `folder`.
    fn fault(&self, folder: &str, word: &str) -> Option<String> {
        let is_placeholder = word.contains(['*', '<']) || word.contains("NAME");
        let is_path = word.starts_with(|c: char| c.is_alphabetic())
            && word.chars().all(|c| c.is_alphanumeric() || "_-./".contains(c));
        if is_placeholder || !is_path {
            return None;
        }
        let missing = if word.contains('/') {
            !INSTALLED.iter().any(|start| word.starts_with(start)) && !self.has_path(folder, word)
        } else if ENDS.iter().any(|end| word.ends_with(end)) {
            !self.names.contains(word)
        } else if word.starts_with("wasm_") || word.starts_with("wasmrt_") {
            !word.contains('.') && !self.declares(word)
        } else {
            false
        };
        missing.then(|| format!("`{word}` does not exist"))
    }

    /// The command after each `./x ` that is none.
    fn unknown_commands<'a>(&self, text: &'a str) -> Vec<&'a str> {
        let commands = text.split("./x ").skip(1);
        let commands = commands.filter_map(|rest| rest.split(|c: char| !c.is_alphabetic()).next());
        let has =
            |command: &str| self.usage.contains(&format!("\n  {command} ")) || command == "help";
        commands
            .filter(|command| command.starts_with(char::is_lowercase) && !has(command))
            .collect()
    }

    fn faults(&self, document: &str, text: &str) -> Vec<String> {
        let folder = document.rfind('/').map_or("", |end| &document[..=end]);
        let words = in_backticks(text);
        let words = words.iter().flat_map(|text| text.split([' ', ',', '(', ')']));
        let mut faults: Vec<String> = words.filter_map(|word| self.fault(folder, word)).collect();
        let commands = self.unknown_commands(text);
        faults.extend(commands.iter().map(|command| format!("./x has no command {command}")));
        faults.iter().map(|fault| format!("{document}: {fault}")).collect()
    }
}

/// The texts in backticks, without blocks of code.
fn in_backticks(text: &str) -> Vec<String> {
    let prose: String = text.split("```").step_by(2).collect();
    prose.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn is_document(path: &str) -> bool {
    let readme = ["tests/", "bench/", "examples-c/", "examples-cpp/"];
    path.ends_with(".md")
        && (!path.contains('/')
            || path.starts_with("docs/")
            || readme.iter().any(|folder| path.strip_prefix(folder) == Some("README.md")))
}

#[test]
fn documents_name_only_what_exists() {
    let tree = Tree::new();
    let documents: Vec<&String> = tree.paths.iter().filter(|path| is_document(path)).collect();
    assert!(documents.len() > 20, "only {} documents", documents.len());
    let faults: Vec<String> =
        documents.iter().flat_map(|document| tree.faults(document, &read(document))).collect();
    assert!(faults.is_empty(), "documents:\n  {}", faults.join("\n  "));
}

#[test]
fn missing_names_are_found_and_placeholders_are_not() {
    let tree = Tree::new();
    let good = "`src/lib.rs` `capi/module.rs` `guest/` `hello.c`, `kernels/NAME.c`, `src/*/tests.rs` `/proc/self/maps`
        `share/doc/wasmrt/` `wasm_func_call(f)` `wasm_...` `./x fuzz 60` `./x`
        ```c\n`src/none.rs`\n``` `(i32)->i32`";
    assert_eq!(tree.faults("examples-c/README.md", good), [""; 0]);
    let bad = "`src/none.rs` `sh bench/none.sh` `none.c` `wasm_func_cal` ./x none";
    assert_eq!(tree.faults("README.md", bad).len(), 5);
}
