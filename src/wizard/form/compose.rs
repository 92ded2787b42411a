//! Step 3: what it should run. The live compose file is kept, or another text is sent byte for byte.
//!
//! What is wrong with a text is found in [`check`](crate::check); here it is only decided what stops the person.

pub(super) mod checked;
pub(super) mod page;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use checked::Checked;

use super::source::{Kind, Live, TextSource};
use crate::api::types::Document;
use crate::check::Finding;
use crate::check::compose::counts;
use crate::wizard::event::TextFile;
use crate::wizard::facts::{Facts, Load};
use crate::wizard::keymap::Offer;
use crate::wizard::page::{Line, Mark, Page};
use crate::wizard::reread::Kept;
use crate::wizard::screen::{Input, Reaction};

const KIND: Kind = Kind {
    name: "The compose file",
    question: "Which compose file?",
    ending: "yml",
    likely: is_compose_file,
};

/// What the compose file of a new app begins as where it is written here: something that runs and can be seen.
pub const EXAMPLE: &str =
    "services:\n  web:\n    image: nginx:1.29\n    ports:\n      - \"80:80\"\n";

/// The compose file: the live one, or a new text.
#[derive(Debug)]
pub struct ComposeStep {
    source: TextSource,
    checked: Checked,
}

impl Default for ComposeStep {
    fn default() -> Self {
        Self::new(PathBuf::new())
    }
}

impl ComposeStep {
    /// A step that keeps the live text; files are looked for from this folder on.
    pub fn new(folder: PathBuf) -> Self {
        Self {
            source: TextSource::new(KIND, folder),
            checked: Checked::default(),
        }
    }

    /// The new text, byte for byte; `None` keeps the live one.
    pub fn text(&self) -> Option<&Arc<str>> {
        self.source.text()
    }

    /// What the instance will run: the new text, or the live one.
    pub fn effective<'a>(&'a self, facts: &'a Facts) -> Option<&'a str> {
        match self.text() {
            Some(text) => Some(text),
            None => live(facts).map(|document| document.compose.as_str()),
        }
    }

    /// Takes the text of a file.
    pub fn take_file(&mut self, file: &TextFile) {
        self.source.take_file(file);
    }

    /// Where it comes from, for the review: `./docker-compose.yml`, `written here`, `as the others`.
    pub fn source(&self) -> String {
        self.source.words()
    }

    /// The file it came from, if it came from one.
    pub fn path(&self) -> Option<String> {
        self.source.path()
    }

    /// The same file, to be read again.
    pub fn kept(&self) -> Option<&Kept> {
        self.source.kept()
    }

    /// The file is gone: what was read is kept, and not compared any more.
    pub fn let_go(&mut self) {
        self.source.let_go();
    }

    /// What the checks remarked, for the review.
    pub fn remarks(&self) -> Vec<Line> {
        if self.text().is_none() {
            return Vec::new();
        }
        let findings = self.checked.report.findings.iter();
        findings
            .filter(|finding| !finding.is_error())
            .map(|finding| {
                Line::new()
                    .mark(Mark::Warn)
                    .plain(format!("compose: {}", finding.what))
            })
            .collect()
    }

    /// Why the form cannot go on from here. A live text is not judged: it runs.
    pub fn problem(&self, facts: &Facts) -> Option<String> {
        if self.text().is_none() && facts.is_new_app() {
            return Some(
                "a new app needs a compose file: pick one (f) or write it here (3)".into(),
            );
        }
        self.text()?;
        let first = self.first_error()?;
        let place = first
            .line
            .map(|line| format!(" (line {line})"))
            .unwrap_or_default();
        let more = match counts(&self.checked.report.findings).0 - 1 {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        Some(format!(
            "the compose file cannot be sent yet: {}{place}{more}",
            first.what
        ))
    }

    /// What can be done here now.
    pub fn offer(&self, facts: &Facts) -> Offer {
        let difference = if self.checked.difference.is_some() {
            Some("difference")
        } else {
            let keeps_known = self.text().is_none() && self.checked.live.is_some();
            keeps_known.then_some("show it")
        };
        self.source.offer().unwrap_or_else(|| {
            let problem = self.problem(facts);
            self.source
                .menu_offer("next", problem, beginning(facts), difference)
        })
    }

    /// Takes an input.
    pub fn update(&mut self, input: Input, facts: &Facts) -> Reaction {
        let wrong = self.first_error().and_then(Finding::place);
        self.source.update(input, beginning(facts), wrong)
    }

    /// After the facts, the text or the script changed: looks at everything anew that is not known yet.
    pub fn settle(&mut self, facts: &Facts, script_len: usize) {
        let text = self.source.text();
        if !self.checked.is_about(text, live(facts), script_len) {
            self.checked = Checked::new(text.cloned(), live(facts).cloned(), script_len);
        }
    }

    /// The page.
    pub fn page<'a>(&'a self, facts: &'a Facts) -> Page<'a> {
        match self.source.page() {
            None if self.source.is_whole() => page::whole(self),
            Some(page) => page,
            None => page::menu(self, facts),
        }
    }

    fn first_error(&self) -> Option<&Finding> {
        let findings = &self.checked.report.findings;
        findings.iter().find(|finding| finding.is_error())
    }
}

/// What a text that is written anew begins with where none was chosen.
fn beginning(facts: &Facts) -> Live<'_> {
    if facts.is_new_app() {
        return Ok(EXAMPLE);
    }
    match facts.app.as_ref().map(|about| &about.document) {
        Some(Load::Here(document)) => Ok(&document.compose),
        Some(Load::Unasked | Load::Asked) => {
            Err("the live compose file is still being read: wait a moment")
        }
        Some(Load::Failed(_)) | None => Ok(""),
    }
}

fn live(facts: &Facts) -> Option<&Arc<Document>> {
    facts.app.as_ref()?.document.get()
}

fn is_compose_file(name: &str) -> bool {
    let ending = Path::new(name).extension();
    name.contains("compose") && ending.is_some_and(|ending| ending == "yml" || ending == "yaml")
}

#[cfg(test)]
mod tests;
