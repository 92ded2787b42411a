//! The form of the code: what a reader of any file may count on.

#[path = "support/sources.rs"]
mod sources;

use sources::Source;

/// Lines of code a file may have before it has to say why it is one file. Its unit tests do not count.
const LONG: usize = 400;

/// Files that tell one thing although they are long, with the reason.
const LONG_FOR_A_REASON: &[(&str, &str)] = &[
    (
        "src/main.rs",
        "every command and what it begins with, one after the other",
    ),
    (
        "src/wizard/keymap.rs",
        "half of it is the key table, which stands in one place",
    ),
    (
        "src/wizard/event.rs",
        "two alphabets, a few lines per letter",
    ),
    (
        "src/wizard/form/app.rs",
        "the list, its pages and the choice of revision are one screen",
    ),
    (
        "src/cli.rs",
        "every argument with its help, a few lines each",
    ),
    (
        "src/wizard/form/env.rs",
        "four ways to one set of values, and what each of them keeps",
    ),
    (
        "src/wizard/form/node.rs",
        "the list and the reasons against each node are one screen",
    ),
    (
        "src/wizard/launch/chain.rs",
        "one stage, and every way out of it",
    ),
    (
        "src/wizard/launch/commit.rs",
        "the only place that creates, to be read in one go",
    ),
    (
        "src/api/types.rs",
        "the vocabulary of the wire, a few lines per word",
    ),
    (
        "src/line/news.rs",
        "every member of the stream of news, which stand in one place",
    ),
];

fn everything() -> Vec<Source> {
    Source::below(&["src", "tests"])
}

#[test]
fn a_long_file_has_a_reason() {
    let sources = Source::below(&["src"]);
    for source in sources.iter().filter(|source| !source.is_test()) {
        let tests = source.line_of("#[cfg(test)]\nmod tests {");
        let lines = tests.unwrap_or_else(|| source.text.lines().count());
        let listed = LONG_FOR_A_REASON
            .iter()
            .any(|(file, _)| *file == source.path);
        assert!(
            lines <= LONG || listed,
            "{}: {lines} lines, and no reason",
            source.path
        );
    }
    for (file, reason) in LONG_FOR_A_REASON {
        let exists = sources.iter().any(|source| source.path == *file);
        assert!(exists, "{file} is gone ({reason})");
    }
}

#[test]
fn a_module_lies_beside_its_folder() {
    for source in everything() {
        assert!(!source.path.ends_with("/mod.rs"), "{}", source.path);
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    for source in everything().iter().filter(|source| !source.is_test()) {
        assert!(
            source.text.starts_with("//! "),
            "{} begins without a word",
            source.path
        );
    }
}

#[test]
fn every_test_runs() {
    for source in everything() {
        assert!(
            !source.code.contains("#[ignore"),
            "{} leaves a test out",
            source.path
        );
    }
}

#[test]
fn nothing_depends_on_the_machine_it_was_written_on() {
    let package = env!("CARGO_MANIFEST_DIR");
    for source in everything() {
        let line = source.line_of(package);
        assert_eq!(line, None, "{} names {package}", source.path);
    }
}
