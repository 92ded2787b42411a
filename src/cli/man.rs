//! `man`: the manual, one page per command, from the same description as `--help`.
//!
//! What stands in the pages beside the options are the tables of `help`. Where pages go is said by whoever asks.

use std::io;
use std::path::PathBuf;

use clap::{ArgAction, Args, CommandFactory};
use clap_mangen::Man as Page;
use clap_mangen::roff::{Inline, Roff, bold, roman};

use super::tables::{self, Table};
use super::{Cli, help};

/// Which page, and where to.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct Man {
    /// The command the page is about, such as deploy or check chain; else the program.
    #[arg(value_name = "COMMAND")]
    pub(crate) words: Vec<String>,

    /// Write every page into this folder, over those of before.
    #[arg(long, value_name = "DIR", conflicts_with = "words")]
    pub(crate) dir: Option<PathBuf>,

    /// Print this.
    #[arg(short, long, action = ArgAction::HelpLong)]
    help: Option<bool>,
}

impl Man {
    /// The page that was asked for.
    ///
    /// # Errors
    ///
    /// There is no such command.
    pub(crate) fn page(&self) -> Result<String, String> {
        let name = ["phala-wizard"].into_iter();
        let name: Vec<&str> = name.chain(self.words.iter().map(String::as_str)).collect();
        let file = format!("{}.1", name.join("-"));
        let found = Self::pages().into_iter().find(|(name, _)| *name == file);
        found.map(|(_, text)| text).ok_or_else(|| {
            let words = self.words.join(" ");
            format!("there is no command '{words}'; `phala-wizard help` lists them")
        })
    }

    /// Every page with the name of its file.
    pub(crate) fn pages() -> Vec<(String, String)> {
        let mut command = help::with_topics(Cli::command());
        command.build();
        let mut pages = Vec::new();
        collect(&command, "", &mut pages);
        pages
    }
}

fn collect(command: &clap::Command, path: &str, pages: &mut Vec<(String, String)>) {
    let name = format!("phala-wizard {path}").trim().replace(' ', "-");
    pages.push((format!("{name}.1"), page(command, path, &name)));
    for below in command.get_subcommands() {
        let path = format!("{path} {}", below.get_name());
        collect(below, path.trim(), pages);
    }
}

fn page(command: &clap::Command, path: &str, name: &str) -> String {
    // Without a date: the version says more, and the same sources make the same page.
    let (title, version) = (name.to_uppercase(), env!("CARGO_PKG_VERSION"));
    let head = format!(".TH \"{title}\" \"1\" \"\" \"phala-wizard {version}\" \"phala-wizard\"\n");
    let mut text = head.into_bytes();
    let page = Page::new(command.clone());
    // Writing to memory cannot fail.
    let _ = render(&page, command, &mut text);
    let mut rest = Roff::new();
    section(&mut rest, "EXAMPLES", &examples(path));
    if path.is_empty() {
        section(&mut rest, "ENVIRONMENT", &tables::environment());
        section(&mut rest, "FILES", &tables::files());
        section(&mut rest, "EXIT STATUS", &tables::exit_codes());
        section(&mut rest, "KEYS", &tables::keys());
    } else {
        rest.control("SH", ["SEE ALSO"]);
        rest.text([bold("phala-wizard"), roman("(1)")]);
    }
    let _ = rest.to_writer(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

fn render(page: &Page, command: &clap::Command, text: &mut Vec<u8>) -> io::Result<()> {
    page.render_name_section(text)?;
    page.render_synopsis_section(text)?;
    page.render_description_section(text)?;
    page.render_options_section(text)?;
    if command.has_subcommands() {
        page.render_subcommands_section(text)?;
    }
    Ok(())
}

fn examples(path: &str) -> Table {
    tables::pairs(&["what is typed", "what it does"], help::examples(path))
}

/// Terms and what they mean.
fn section(roff: &mut Roff, title: &str, table: &Table) {
    if table.rows().is_empty() {
        return;
    }
    roff.control("SH", [title]);
    for row in table.rows() {
        let Some((meaning, names)) = row.split_last() else {
            continue;
        };
        roff.control("TP", []);
        roff.text([bold(names.join(" ").replace('`', ""))]);
        roff.text(inlines(meaning));
    }
}

/// What is quoted in a line is set in bold.
fn inlines(line: &str) -> Vec<Inline> {
    let pieces = line.split('`').enumerate();
    pieces
        .filter(|(_, piece)| !piece.is_empty())
        .map(|(index, piece)| match index % 2 {
            0 => roman(piece),
            _ => bold(piece),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::{Command, Stdio};

    use phala_wizard::wizard::event::Outcome;

    use super::*;

    fn asked(words: &[&str]) -> Man {
        Man {
            words: words.iter().map(|&word| word.to_owned()).collect(),
            dir: None,
            help: None,
        }
    }

    #[test]
    fn the_page_of_the_program_has_what_the_help_has() {
        let page = asked(&[]).page().unwrap();
        for title in [
            "NAME",
            "SYNOPSIS",
            "DESCRIPTION",
            "OPTIONS",
            "SUBCOMMANDS",
            "EXAMPLES",
            "ENVIRONMENT",
            "FILES",
            "EXIT STATUS",
            "KEYS",
        ] {
            let is_there = page.lines().any(|line| {
                line.strip_prefix(".SH ")
                    .is_some_and(|it| it.trim_matches('"') == title)
            });
            assert!(is_there, "{title}");
        }
        for outcome in Outcome::ALL {
            let term = format!(
                "\\fB{} {}\\fR",
                outcome.code(),
                outcome.word().replace('-', "\\-")
            );
            assert!(page.contains(&term), "{term}");
        }
        assert!(page.contains("PHALA_CLOUD_API_KEY"));
    }

    #[test]
    fn every_command_has_a_page_and_no_other_has() {
        let page = asked(&["check", "chain"]).page().unwrap();
        assert!(page.contains("device"), "{page}");
        assert!(asked(&["chekc"]).page().unwrap_err().contains("'chekc'"));
        let names: Vec<String> = Man::pages().into_iter().map(|(name, _)| name).collect();
        for name in [
            "phala-wizard.1",
            "phala-wizard-deploy.1",
            "phala-wizard-check-env-file.1",
        ] {
            assert!(names.iter().any(|it| it == name), "{names:?}");
        }
    }

    /// Where mandoc is, it has nothing to say against any page, but that they have no date.
    #[test]
    fn pages_are_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in Man::pages() {
            fs::write(folder.path().join(&name), text).unwrap();
            let output = Command::new("mandoc")
                .args(["-T", "lint", "-W", "warning"])
                .arg(folder.path().join(&name))
                .stdin(Stdio::null())
                .output();
            let Ok(output) = output else { return };
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let wrong: Vec<&str> = said
                .lines()
                .filter(|line| !line.contains("missing date"))
                // A line break before a list of values, which the generator puts there.
                .filter(|line| !line.contains("skipping paragraph macro: br"))
                .collect();
            assert!(wrong.is_empty(), "{wrong:#?}");
        }
    }
}
