//! Prints what can be read in place of doing anything: help, manual, completions, and why arguments cannot be used.
//!
//! What stands in them is made from the description of the arguments; where it goes is all that is known here.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;
use std::{env, fs};

use anstream::{AutoStream, ColorChoice};
use phala_wizard::shell::{line, names};
use phala_wizard::wizard::event::Outcome;

use crate::cli::{self, Completions, Help, Man, completions};

/// What was asked for in place of a command, or why the arguments cannot be used.
pub(crate) fn answered(answer: &clap::Error) -> ExitCode {
    let _ = answer.print();
    if answer.use_stderr() && cli::wants_json(&env::args_os().collect::<Vec<_>>()) {
        line::refuse_as_json(answer.to_string().trim_end());
    }
    let code = u8::try_from(answer.exit_code());
    ExitCode::from(code.unwrap_or(Outcome::Unusable.code()))
}

/// The page about a command or a topic.
pub(crate) fn help(wanted: &Help) -> ExitCode {
    match wanted.page() {
        Ok(page) => printed(&page),
        Err(answer) => answered(&answer),
    }
}

/// Answers a shell that asks what could follow; `None` where none does.
pub(crate) fn completed(arguments: &[OsString]) -> Option<ExitCode> {
    env::var_os(completions::VARIABLE).filter(|shell| !shell.is_empty())?;
    let folder = env::current_dir().ok();
    let shell = completions::answering(names::known);
    match shell.try_complete(arguments, folder.as_deref()) {
        Ok(_) => Some(ExitCode::SUCCESS),
        Err(error) => Some(answered(&error)),
    }
}

/// The script for a shell.
pub(crate) fn completions(wanted: &Completions) -> ExitCode {
    printed(&wanted.script())
}

/// A page of the manual; or all of them, written to a folder.
pub(crate) fn man(wanted: &Man) -> ExitCode {
    let done = match &wanted.dir {
        None => wanted.page().map(|page| printed(&page)),
        Some(folder) => {
            let write = || {
                fs::create_dir_all(folder)?;
                let mut pages = Man::pages().into_iter();
                pages.try_for_each(|(name, text)| fs::write(folder.join(name), text))
            };
            let to = folder.display();
            let failed = |why: io::Error| format!("the pages cannot be written to {to}: {why}");
            write().map_err(failed).map(|()| ExitCode::SUCCESS)
        }
    };
    done.unwrap_or_else(|why| {
        let _ = writeln!(io::stderr(), "phala-wizard: {why}");
        ExitCode::from(Outcome::Unusable.code())
    })
}

/// How wide a page can be, as clap finds it out for every other page.
pub(crate) fn columns() -> Option<usize> {
    let seen = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    seen.or_else(|| env::var("COLUMNS").ok()?.parse().ok())
}

/// A page that is kept with its colours, which not everybody can see.
pub(crate) fn styled(page: &str) -> ExitCode {
    let out = io::stdout();
    // As clap decides it for every other page.
    match AutoStream::choice(&out) {
        ColorChoice::Never => printed(&bare(page)),
        colours => {
            let _ = AutoStream::new(out, colours).write_all(page.as_bytes());
            ExitCode::SUCCESS
        }
    }
}

/// A page without its colours: each is an escape character and what follows it up to an m.
fn bare(page: &str) -> String {
    let mut text = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((before, after)) = rest.split_once('\x1b') {
        text.push_str(before);
        rest = after.split_once('m').map_or("", |(_, behind)| behind);
    }
    text.push_str(rest);
    text
}

fn printed(text: &str) -> ExitCode {
    // Where nobody reads it, nobody is to be told.
    let _ = writeln!(io::stdout(), "{}", text.trim_end());
    ExitCode::SUCCESS
}
