//! The declarations under group names, in the order in which a reader meets the objects.
//!
//! cbindgen writes declarations in the order of the Rust modules. Here its text is taken apart into declarations,
//! each with its comment, and put together by group: types first, then functions, with the marks that Doxygen makes
//! pages from. Only the order changes. A name that belongs to no group fails the test.

/// A group: its name, its title, and the words that follow `wasm_` or `wasmrt_` in its names.
/// The order is such that every type follows those that it is made of.
const GROUPS: &[(&str, &str, &[&str])] = &[
    ("version", "Version", &["version", "build"]),
    ("bytes", "Bytes, names and messages", &["byte", "name", "message"]),
    ("values", "Values and their types", &["val", "valkind", "valtype"]),
    (
        "types",
        "Types of functions, globals, tables, memories, tags",
        &[
            "limits",
            "mutability",
            "externkind",
            "functype",
            "globaltype",
            "tabletype",
            "memorytype",
            "tagtype",
            "externtype",
            "importtype",
            "exporttype",
        ],
    ),
    ("errors", "Errors", &["last", "error", "phase"]),
    (
        "engine",
        "Engines and their settings",
        &[
            "config", "option", "bounds", "compile", "metered", "log", "level", "submit", "run",
            "profiler", "engine",
        ],
    ),
    ("store", "Stores", &["store", "limiter", "growth"]),
    ("interrupt", "Interrupts", &["interrupt"]),
    ("profile", "Profiles and timelines", &["profile", "timeline"]),
    ("module", "Modules", &["module", "shared", "stats", "tier", "serialize", "event"]),
    ("job", "Compile jobs", &["job", "progress"]),
    ("instance", "Instances", &["instance"]),
    ("func", "Functions", &["func", "native"]),
    ("global", "Globals", &["global"]),
    ("table", "Tables", &["table"]),
    ("memory", "Memories", &["memory"]),
    ("extern", "Imports and exports of any kind", &["extern", "tag"]),
    ("linker", "Linkers", &["linker"]),
    ("trap", "Traps and backtraces", &["trap", "exception", "frame"]),
    ("ref", "References, casts and host info", &["ref", "foreign"]),
    ("wasi", "Programs for WASI", &["wasi"]),
    ("wat", "The text format", &["wat", "wat2wasm"]),
];

/// Puts cbindgen's text into the order of the groups.
pub fn arrange(text: &str) -> String {
    let (types, rest) = text.split_once("#ifdef __cplusplus\n").expect("functions follow types");
    let (open, rest) = rest.split_once("{\n").expect("a linkage is opened");
    let (functions, close) = rest.split_once("#ifdef __cplusplus\n").expect("it is closed");
    let (types, functions) = (sections(types, false), sections(functions, true));
    format!("{types}#ifdef __cplusplus\n{open}{{\n{functions}#ifdef __cplusplus\n{close}")
}

/// The groups of some declarations. Types stay in cbindgen's order, which puts each behind those that
/// it mentions.
fn sections(text: &str, sorted: bool) -> String {
    let (preamble, declarations) = declarations(text);
    let mut sections = preamble;
    for (index, (group, title, words)) in GROUPS.iter().enumerate() {
        let mut members: Vec<_> =
            declarations.iter().filter(|text| group_of(name(text)) == index).collect();
        if members.is_empty() {
            continue;
        }
        if sorted {
            members.sort_by_key(|text| (position(words, word(name(text))), rank(name(text))));
        }
        sections += &format!("// ---- {title} ----\n/// @addtogroup {group} {title}\n/// @{{\n\n");
        for member in members {
            sections += member;
            sections += "\n\n";
        }
        sections += "/// @}\n\n";
    }
    sections
}

/// What precedes the first declaration, and the declarations, each with its comment.
fn declarations(text: &str) -> (String, Vec<String>) {
    let mut preamble = String::new();
    let mut found = Vec::new();
    for block in text.split("\n\n").map(|block| block.trim_matches('\n')) {
        match block.lines().find(|line| !line.starts_with('#')) {
            None if found.is_empty() && !block.is_empty() => preamble += &format!("{block}\n\n"),
            None => {}
            Some(_) if block.starts_with('#') => {
                let (directive, declaration) = block.split_once('\n').unwrap_or((block, ""));
                preamble += &format!("{directive}\n\n");
                found.push(declaration.to_owned());
            }
            Some(_) => found.push(block.to_owned()),
        }
    }
    (preamble, found)
}

/// The name that a declaration declares.
fn name(declaration: &str) -> &str {
    let code = declaration.lines().find(|line| !line.starts_with("//")).unwrap_or_default();
    let words = code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let mut names = words.filter(|word| word.starts_with("wasm"));
    match code.starts_with("typedef") {
        // The alias comes last, except in front of a body or in a pointer to a function.
        true if code.contains("(*") => names_after(code, "(*"),
        true => names.next_back().unwrap_or_default(),
        // The name of a function stands before its parameters.
        false => code
            .split('(')
            .next()
            .and_then(|head| head.rsplit([' ', '*']).next())
            .unwrap_or_default(),
    }
}

fn names_after<'a>(code: &'a str, mark: &str) -> &'a str {
    let rest = code.split_once(mark).map_or("", |(_, rest)| rest);
    rest.split(')').next().unwrap_or_default()
}

fn group_of(name: &str) -> usize {
    let by_name = |wanted: &str| GROUPS.iter().position(|(name, ..)| *name == wanted).unwrap_or(0);
    if ["_as_ref", "wasm_ref_", "host_info"].iter().any(|part| name.contains(part)) {
        return by_name("ref");
    }
    if name.contains("shared_memory") {
        return by_name("memory");
    }
    let known = GROUPS.iter().position(|(_, _, words)| words.contains(&word(name)));
    known.unwrap_or_else(|| panic!("{name} belongs to no group: add a word of it to one"))
}

/// The word of a name that says which object it belongs to.
fn word(name: &str) -> &str {
    name.split('_').nth(1).unwrap_or_default()
}

fn position(words: &[&str], word: &str) -> usize {
    words.iter().position(|known| *known == word).unwrap_or(words.len())
}

/// What makes an object comes first; what every object has, casts, and vectors of it, last.
fn rank(name: &str) -> usize {
    let common = ["_copy", "_delete", "_same"].iter().any(|end| name.ends_with(end));
    match (name.contains("_vec_"), common, name.contains("_as_")) {
        (false, false, false) => 0,
        (false, true, _) => 1,
        (false, false, true) => 2,
        (true, false, _) => 3,
        (true, true, _) => 4,
    }
}
