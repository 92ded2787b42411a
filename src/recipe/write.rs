//! A recipe as text, to be read by people too.

use std::fmt::{self, Write};
use std::path::Path;

use super::{Node, Recipe, Registration, SCHEMA, Text, Variables};
use crate::shown::Shown;

/// A recipe and what people want to know about each answer. Remarks are for reading: they answer nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Noted {
    /// The answers.
    pub recipe: Recipe,
    /// Remarks by the name of the answer.
    pub remarks: Vec<(&'static str, String)>,
}

/// A path that cannot be written down, as it is no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritable(pub Shown);

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the path {} is no text, so it cannot be written down",
            self.0
        )
    }
}

impl Noted {
    /// The text of a file in this folder.
    ///
    /// # Errors
    ///
    /// A path is no text.
    pub fn text(&self, folder: &Path) -> Result<String, Unwritable> {
        let Recipe {
            app,
            revision,
            node,
            compose,
            variables,
            script,
            registration,
        } = &self.recipe;
        let mut lines = vec![
            "# Answers for phala-wizard. No secrets are here: values stay in the files they came from."
                .to_owned(),
            "#   phala-wizard --recipe FILE                      asks with these answers filled in".to_owned(),
            "#   phala-wizard deploy --recipe FILE --yes --json  asks nothing".to_owned(),
            format!("schema = {SCHEMA}"),
        ];
        let mut line = |name: &'static str, value: Option<String>| {
            let Some(value) = value else { return };
            let remark = self.remarks.iter().find(|(about, _)| *about == name);
            let remark = remark.map(|(_, remark)| format!("  # {}", Shown::line(remark)));
            lines.push(format!("{name} = {value}{}", remark.unwrap_or_default()));
        };
        let place = |path: &Path| written(path, folder);
        let source = |text: &Option<Text>| {
            text.as_ref().map(|text| match text {
                Text::Keep => Ok(string("keep")),
                Text::File(path) => Ok(format!("{{ file = {} }}", place(path)?)),
            })
        };
        line("app", app.as_deref().map(string));
        line("revision", revision.map(|hash| string(&hash.to_string())));
        line(
            "node",
            node.as_ref().map(|node| match node {
                Node::Auto => string("auto"),
                Node::Named(names) => match names.as_slice() {
                    [name] => string(name),
                    names => list(names),
                },
            }),
        );
        line("compose", source(compose).transpose()?);
        let variables = variables.as_ref().map(|variables| {
            Ok(match variables {
                Variables::Inherit => string("inherit"),
                Variables::File(path, None) => format!("{{ file = {} }}", place(path)?),
                Variables::File(path, Some(names)) => {
                    format!("{{ file = {}, names = {} }}", place(path)?, list(names))
                }
                Variables::Blob(path) => format!("{{ blob = {} }}", place(path)?),
                Variables::ByHand(names) => format!("{{ names = {} }}", list(names)),
            })
        });
        line("variables", variables.transpose()?);
        line("script", source(script).transpose()?);
        let registration = registration.as_ref().map(|registration| {
            Ok(match registration {
                Registration::Wait => string("wait"),
                Registration::HandOver(what, path) => {
                    let what = string(what.word());
                    format!("{{ hand_over = {what}, file = {} }}", place(path)?)
                }
            })
        });
        line("registration", registration.transpose()?);
        let mut text = String::new();
        for line in lines {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{line}");
        }
        Ok(text)
    }
}

/// Below the folder it is written from there, so that both can be moved together.
fn written(path: &Path, folder: &Path) -> Result<String, Unwritable> {
    let below = path.strip_prefix(folder).ok();
    // What would mean something else from there is written whole.
    let is_plain = |below: &&Path| {
        let blank = below.to_str().is_some_and(|text| text.trim().is_empty());
        !below.starts_with("~") && *below != Path::new("-") && !blank
    };
    let text = below.filter(is_plain).unwrap_or(path).to_str();
    text.map(string)
        .ok_or_else(|| Unwritable(Shown::line(&path.display().to_string())))
}

fn list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| string(name)).collect();
    format!("[{}]", names.join(", "))
}

/// A text as TOML quotes it, in one line.
fn string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
