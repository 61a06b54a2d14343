//! The source as tokens: without comments, string literals and everything that is compiled only for
//! tests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

pub struct File {
    /// Within the crate's sources, for example `abi/mod.rs`.
    pub name: String,
    pub tokens: Vec<Token>,
    /// The number of lines that are not tests.
    pub lines: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

pub fn root() -> PathBuf {
    Path::new(&env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests")).to_path_buf()
}

/// Where the sources of the crates are: the library's, its companions', and the command's.
pub const CRATES: [&str; 5] = ["src", "process/src", "wasi/src", "wat/src", "cli/src"];

/// All files of the library itself.
pub fn files() -> Vec<File> {
    let files = files_of("src");
    assert!(files.len() > 100, "only {} files were found", files.len());
    files
}

/// All files of one of [`CRATES`] that are no tests.
pub fn files_of(source: &str) -> Vec<File> {
    let mut files = Vec::new();
    collect(&root().join(source), "", &mut files);
    let tests: BTreeSet<String> = files.iter().flat_map(|(file, tests)| of(file, tests)).collect();
    let mut files: Vec<File> = files.into_iter().map(|(file, _)| file).collect();
    files.retain(|file| !tests.iter().any(|t| file.module().join("/").starts_with(t)));
    assert!(!files.is_empty(), "no files were found in {source}");
    files
}

/// The paths of modules that `file` declares only for tests.
fn of(file: &File, tests: &[String]) -> Vec<String> {
    let within = |name: &String| [file.module(), vec![name.clone()]].concat().join("/");
    tests.iter().map(within).collect()
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(File, Vec<String>)>) {
    let entries = fs::read_dir(folder).expect("the source is there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        let name = format!("{prefix}{}", path.file_name().expect("a name").to_string_lossy());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files);
        } else if name.ends_with(".rs") {
            files.push(File::read(&path, name));
        }
    }
}

impl File {
    /// The file, and the modules that it declares only for tests.
    fn read(path: &Path, name: String) -> (File, Vec<String>) {
        let text = fs::read_to_string(path).expect("source is text");
        let (tokens, tests, test_lines) = without_tests(tokens(&text));
        (File { name, tokens, lines: text.lines().count() - test_lines }, tests)
    }

    /// The path of the module that the file holds, without `crate`.
    pub fn module(&self) -> Vec<String> {
        let path = self.name.strip_suffix(".rs").expect("a Rust file");
        let path = path.strip_suffix("/mod").unwrap_or(path);
        path.split('/').filter(|part| !matches!(*part, "lib" | "main")).map(str::to_owned).collect()
    }

    /// Name, first line and number of lines of every function.
    pub fn functions(&self) -> Vec<(String, usize, usize)> {
        let starts = self.tokens.windows(2).enumerate();
        let starts = starts.filter(|(_, pair)| pair[0].text == "fn" && is_name(&pair[1].text));
        let measure = |(at, pair): (usize, &[Token])| {
            let end = item_end(&self.tokens, at);
            let lines = self.tokens[end - 1].line - pair[0].line + 1;
            (self.tokens[end - 1].text == "}").then(|| (pair[1].text.clone(), pair[0].line, lines))
        };
        starts.filter_map(measure).collect()
    }
}

pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The position after the item that begins at `at`: after its braces or its semicolon, or at the end of its
/// surroundings.
fn item_end(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0;
    for (i, token) in tokens.iter().enumerate().skip(at) {
        let text = token.text.as_str();
        match text {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" if depth == 0 => return i,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 && matches!(text, "}" | ";") {
            return i + 1;
        }
    }
    tokens.len()
}

/// Removes what follows `#[cfg(test)]`. Returns the rest, the modules in files among what was removed, and the
/// number of lines.
fn without_tests(tokens: Vec<Token>) -> (Vec<Token>, Vec<String>, usize) {
    let (mut rest, mut modules, mut lines, mut at) = (Vec::new(), Vec::new(), 0, 0);
    while at < tokens.len() {
        if !is_test_attribute(&tokens[at..]) {
            rest.push(tokens[at].clone());
            at += 1;
            continue;
        }
        let end = test_item_end(&tokens, at);
        if let [.., keyword, name, end] = &tokens[at..end]
            && (keyword.text.as_str(), end.text.as_str()) == ("mod", ";")
        {
            modules.push(name.text.clone());
        }
        lines += tokens[end - 1].line - tokens[at].line + 1;
        at = end;
    }
    (rest, modules, lines)
}

/// The item may have more attributes.
fn test_item_end(tokens: &[Token], at: usize) -> usize {
    let mut at = at;
    while tokens[at].text == "#" {
        at = item_end_of_brackets(tokens, at + 1);
    }
    item_end(tokens, at)
}

fn item_end_of_brackets(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0;
    for (i, token) in tokens.iter().enumerate().skip(at) {
        depth += i32::from(token.text == "[") - i32::from(token.text == "]");
        if depth == 0 {
            return i + 1;
        }
    }
    tokens.len()
}

/// `#[cfg(test)]` or `#[cfg(all(test, ...))]`.
fn is_test_attribute(tokens: &[Token]) -> bool {
    let texts: Vec<&str> = tokens.iter().take(7).map(|token| token.text.as_str()).collect();
    texts.starts_with(&["#", "[", "cfg", "(", "test"])
        || texts.starts_with(&["#", "[", "cfg", "(", "all", "(", "test"])
}

fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { chars: text.chars().collect(), at: 0, line: 1 };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next() {
        tokens.push(token);
    }
    tokens
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.line += usize::from(self.peek(0) == '\n');
            self.at += 1;
        }
    }

    fn skip_while(&mut self, holds: impl Fn(&Lexer) -> bool) {
        while self.at < self.chars.len() && holds(self) {
            self.skip(1);
        }
    }

    fn next(&mut self) -> Option<Token> {
        while self.at < self.chars.len() {
            let (first, second) = (self.peek(0), self.peek(1));
            match (first, second) {
                ('/', '/') => self.skip_while(|l| l.peek(0) != '\n'),
                ('/', '*') => {
                    self.skip_while(|l| (l.peek(0), l.peek(1)) != ('*', '/'));
                    self.skip(2);
                }
                ('"', _) => self.skip_text(),
                ('r', '"' | '#') if self.is_raw_text() => self.skip_raw_text(),
                ('\'', _) => self.skip_quote(),
                (c, _) if c.is_whitespace() => self.skip(1),
                _ => return Some(self.token()),
            }
        }
        None
    }

    fn token(&mut self) -> Token {
        let (start, line) = (self.at, self.line);
        if self.peek(0).is_alphanumeric() || self.peek(0) == '_' {
            self.skip_while(|l| l.peek(0).is_alphanumeric() || l.peek(0) == '_');
        } else if (self.peek(0), self.peek(1)) == (':', ':') {
            self.skip(2);
        } else {
            self.skip(1);
        }
        Token { text: self.chars[start..self.at].iter().collect(), line }
    }

    fn skip_text(&mut self) {
        self.skip(1);
        while self.at < self.chars.len() && self.peek(0) != '"' {
            self.skip(if self.peek(0) == '\\' { 2 } else { 1 });
        }
        self.skip(1);
    }

    /// `r"` or `r#"`, not a raw name.
    fn is_raw_text(&self) -> bool {
        let after_name = self.at > 0 && self.chars[self.at - 1].is_alphanumeric();
        let hashes = (1..).take_while(|i| self.peek(*i) == '#').count();
        !after_name && self.peek(1 + hashes) == '"'
    }

    fn skip_raw_text(&mut self) {
        self.skip(1);
        let hashes = (0..).take_while(|i| self.peek(*i) == '#').count();
        self.skip(hashes + 1);
        let ends = |l: &Lexer| l.peek(0) == '"' && (1..=hashes).all(|i| l.peek(i) == '#');
        self.skip_while(|l| !ends(l));
        self.skip(hashes + 1);
    }

    /// A character, or the beginning of a lifetime.
    fn skip_quote(&mut self) {
        if self.peek(1) == '\\' {
            self.skip(3);
            self.skip_while(|l| l.peek(0) != '\'');
            self.skip(1);
        } else if self.peek(2) == '\'' {
            self.skip(3);
        } else {
            self.skip(1);
        }
    }
}
