//! The program's own sources, as code without comments, strings and unit tests.

#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::expect_used, reason = "a panic in a test is a message to us")]

use std::fs;
use std::path::Path;

/// One source file.
pub struct Source {
    /// Below the package's folder, with `/` on every system.
    pub path: String,
    /// As it lies on the disk.
    pub text: String,
    /// The same lines with comments, strings and whatever is only compiled for tests blanked out.
    pub code: String,
}

/// Something that is named in the code, all of it spelt out: `use a::{b, c::d}` names `a::b` and `a::c::d`.
#[derive(Debug, PartialEq)]
pub struct Name {
    /// From 1.
    pub line: usize,
    /// Its segments.
    pub path: Vec<String>,
}

impl Source {
    /// A file of this path and text.
    pub fn new(path: String, text: String) -> Self {
        let code = without_tests(&without_prose(&text));
        Self { path, text, code }
    }

    /// All Rust files below these folders, in order.
    pub fn below(folders: &[&str]) -> Vec<Self> {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut sources = Vec::new();
        for folder in folders {
            collect(package, &package.join(folder), &mut sources);
        }
        assert!(!sources.is_empty(), "no source below {folders:?}");
        sources.sort_by(|one, other| one.path.cmp(&other.path));
        sources
    }

    /// Unit tests, or what they share, in a file of their own.
    pub fn is_test(&self) -> bool {
        ["/tests.rs", "/tests/", "/testing.rs"]
            .iter()
            .any(|name| self.path.contains(name))
    }

    /// The module's path: `src/wizard/form.rs` is `wizard`, `form`.
    pub fn module(&self) -> Vec<&str> {
        let path = self.path.trim_start_matches("src/");
        path.trim_end_matches(".rs").split('/').collect()
    }

    /// The line, from 1, on which the file first says this, in code, comment or string.
    pub fn line_of(&self, words: &str) -> Option<usize> {
        let before = self.text.split_once(words)?.0;
        Some(before.matches('\n').count() + 1)
    }

    /// Everything the code names.
    pub fn names(&self) -> Vec<Name> {
        let tokens = tokens(&self.code);
        let mut names = Vec::new();
        let mut rest = tokens.as_slice();
        while let Some((_, token)) = rest.first() {
            rest = if is_word(token) {
                spell_out(rest, &[], &mut names)
            } else {
                &rest[1..]
            };
        }
        names
    }
}

fn collect(package: &Path, folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder of the package") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            // What a build leaves behind is nobody's source.
            if !path.ends_with("target") {
                collect(package, &path, sources);
            }
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).expect("a source file");
            let path = path.strip_prefix(package).expect("below the package");
            let path = path.to_string_lossy().replace('\\', "/");
            sources.push(Source::new(path, text));
        }
    }
}

type Token<'a> = (usize, &'a str);

/// Reads one path, and each branch of it where it ends in braces. Returns what follows.
fn spell_out<'a, 'b>(
    mut rest: &'b [Token<'a>],
    stem: &[String],
    names: &mut Vec<Name>,
) -> &'b [Token<'a>] {
    let mut path = stem.to_vec();
    loop {
        match rest {
            [(_, word), (_, "::"), (_, "{"), ..] if is_word(word) => {
                path.push((*word).to_owned());
                return branches(&rest[3..], &path, names);
            }
            [(_, word), (_, "::"), (_, next), ..] if is_word(word) && is_word(next) => {
                path.push((*word).to_owned());
                rest = &rest[2..];
            }
            [(line, word), ..] => {
                path.push((*word).to_owned());
                names.push(Name { line: *line, path });
                return &rest[1..];
            }
            [] => return rest,
        }
    }
}

fn branches<'a, 'b>(
    mut rest: &'b [Token<'a>],
    stem: &[String],
    names: &mut Vec<Name>,
) -> &'b [Token<'a>] {
    loop {
        rest = match rest {
            [(_, "}"), ..] => return &rest[1..],
            [(_, word), ..] if is_word(word) => spell_out(rest, stem, names),
            [_, ..] => &rest[1..],
            [] => return rest,
        };
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Words, `::` and single characters, each with its line.
fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = if first.is_alphanumeric() || first == '_' {
                rest.find(|c: char| !c.is_alphanumeric() && c != '_')
                    .unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            tokens.push((number + 1, &rest[..length]));
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

/// Blanks comments, strings and character literals; every line keeps its number.
fn without_prose(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = prose(rest);
        if length == 0 {
            code.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            code.extend(rest[..length].chars().filter(|c| *c == '\n'));
            code.push(' ');
            rest = &rest[length..];
        }
    }
    code
}

/// How many bytes of prose the text begins with.
fn prose(text: &str) -> usize {
    let until = |end: &str, from: usize| {
        text[from..]
            .find(end)
            .map_or(text.len(), |at| from + at + end.len())
    };
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return until("*/", 2);
    }
    if let Some(raw) = text.strip_prefix('r') {
        let fence = raw.len() - raw.trim_start_matches('#').len();
        if raw[fence..].starts_with('"') {
            return until(&format!("\"{}", "#".repeat(fence)), fence + 2);
        }
    }
    if text.starts_with('"') {
        return quoted(text, '"');
    }
    if let Some(inside) = text.strip_prefix('\'') {
        // What is not closed after one character is a lifetime.
        let mut inside = inside.chars();
        let closed = matches!(
            (inside.next(), inside.next()),
            (Some('\\'), _) | (_, Some('\''))
        );
        return if closed { quoted(text, '\'') } else { 0 };
    }
    0
}

fn quoted(text: &str, mark: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == mark => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Blanks whatever `#[cfg(test)]` stands in front of.
fn without_tests(code: &str) -> String {
    const ONLY_TESTS: &str = "#[cfg(test)]";
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find(ONLY_TESTS) {
        kept.push_str(&rest[..at]);
        let item = &rest[at..];
        let length = item_length(item);
        kept.extend(item[..length].chars().filter(|c| *c == '\n'));
        rest = &item[length..];
    }
    kept + rest
}

/// Until the `;` or the closing brace that ends the item.
fn item_length(item: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in item.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && (c == ';' || c == '}') {
            return at + 1;
        }
    }
    item.len()
}
