//! What is answered before any argument is described: the version, and the help of the program itself.
//!
//! To describe every argument of every command costs more than all else that such an answer takes. So the page is kept
//! as it was rendered, and a test holds it to what would be rendered now: `UPDATE_HELP=1 cargo test --test readme` keeps
//! it anew. What stands on it, how wide a terminal is, and whether somebody sees its colours, is not known here.

use std::ffi::OsString;

/// Columns of the widest page, as many as every terminal has.
pub(super) const WIDTH: usize = 80;

/// What `--help` shows where there are so many columns or more.
const PAGE: &str = include_str!("../../assets/help.txt");

const VERSION: &str = concat!("phala-wizard ", env!("CARGO_PKG_VERSION"), "\n");

/// What these arguments ask for, where they are one that has its answer ready, and it fits. Where nobody says how many
/// columns there are, it does.
pub(crate) fn answer(
    arguments: &[OsString],
    columns: impl Fn() -> Option<usize>,
) -> Option<&'static str> {
    let [_, only] = arguments else {
        return None;
    };
    match only.to_str()? {
        "--version" | "-V" => Some(VERSION),
        "--help" | "-h" | "help" if columns().is_none_or(|columns| columns >= WIDTH) => Some(PAGE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::{env, fs};

    use clap::CommandFactory;

    use super::super::{Cli, help};
    use super::*;

    fn line(words: &str) -> Vec<OsString> {
        words.split(' ').map(OsString::from).collect()
    }

    /// What clap answers to these words in a terminal of this width.
    fn rendered(words: &str, width: usize) -> String {
        let command = help::dressed(Cli::command(), &line(words)).term_width(width);
        let answer = command.try_get_matches_from(line(words)).unwrap_err();
        assert_eq!(answer.exit_code(), 0, "{answer}");
        answer.render().ansi().to_string()
    }

    #[test]
    fn the_page_that_is_kept_is_the_one_that_would_be_rendered() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/help.txt");
        let now = rendered("phala-wizard --help", WIDTH);
        if env::var_os("UPDATE_HELP").is_some() {
            fs::write(path, &now).unwrap();
        }
        let kept = fs::read_to_string(path).unwrap();
        assert_eq!(
            kept, now,
            "run `UPDATE_HELP=1 cargo test --test readme` to keep it anew"
        );
        assert!(kept.contains('\x1b'), "it has no colours");
        assert_ne!(kept, rendered("phala-wizard --help", WIDTH - 1));
        assert_eq!(kept, rendered("phala-wizard -h", WIDTH));
    }

    #[test]
    fn the_version_is_the_one_that_would_be_rendered() {
        for words in ["phala-wizard --version", "phala-wizard -V"] {
            assert_eq!(
                answer(&line(words), || None),
                Some(rendered(words, WIDTH)).as_deref()
            );
        }
    }

    #[test]
    fn a_page_that_does_not_fit_is_left_to_be_rendered() {
        for words in [
            "phala-wizard --help",
            "phala-wizard -h",
            "phala-wizard help",
        ] {
            let with = |columns| answer(&line(words), || columns);
            assert_eq!(with(Some(WIDTH - 1)), None, "{words}");
            assert_eq!(with(Some(WIDTH)), Some(PAGE), "{words}");
            assert_eq!(with(None), Some(PAGE), "{words}");
        }
    }

    #[test]
    fn whatever_is_more_than_one_known_word_is_not_answered_at_once() {
        for words in [
            "phala-wizard",
            "phala-wizard deploy",
            "phala-wizard --version --json",
            "phala-wizard deploy --help",
            "phala-wizard help deploy",
            "phala-wizard --Version",
        ] {
            assert_eq!(answer(&line(words), || None), None, "{words}");
        }
    }
}
