//! Step 5: the pre-launch script. The app's own is kept, or another text is sent byte for byte.
//!
//! The service keeps the script of the app unless one is sent, so "the default" and "the live one" are one choice here.

mod page;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::compose::ComposeStep;
use super::compose::checked::same;
use super::env::EnvStep;
use super::source::{Kind, Live, Text, TextSource};
use crate::api::types::Document;
use crate::check::Finding;
use crate::check::diff::{Difference, diff};
use crate::check::highlight::{Language, Span, highlight};
use crate::check::names::NameState;
use crate::check::script::{check, switched_off};
use crate::secret::Secret;
use crate::wizard::event::TextFile;
use crate::wizard::facts::{Facts, Load};
use crate::wizard::keymap::Offer;
use crate::wizard::page::{Line, Mark, Page};
use crate::wizard::reread::Kept;
use crate::wizard::screen::{Input, Reaction};

const KIND: Kind = Kind {
    name: "The pre-launch script",
    question: "Which script?",
    ending: "sh",
    likely: is_script,
};

/// What a script starts as where there is none to begin with.
const BEGINNING: &str = "#!/bin/bash\nset -e\n";

/// The pre-launch script: the app's, or one's own.
#[derive(Debug)]
pub struct ScriptStep {
    source: TextSource,
    checked: Checked,
}

/// What is known about the texts, and from what. Made anew when one of them changes, never while drawing.
#[derive(Debug, Default)]
struct Checked {
    text: Option<Text>,
    live: Option<Arc<Document>>,
    compose_len: usize,
    values: Vec<Secret>,
    names: Vec<NameState>,
    /// What is wrong with the own text, or doubtful.
    findings: Vec<Finding>,
    /// What the own text switches off.
    lost: Vec<Finding>,
    /// From the live script to the own text.
    difference: Option<Difference>,
    /// Colours of the live script.
    spans: Vec<Vec<Span>>,
}

impl Default for ScriptStep {
    fn default() -> Self {
        Self::new(PathBuf::new())
    }
}

impl ScriptStep {
    /// A step that keeps the app's script; files are looked for from this folder on.
    pub fn new(folder: PathBuf) -> Self {
        Self {
            source: TextSource::new(KIND, folder),
            checked: Checked::default(),
        }
    }

    /// The new text, byte for byte; `None` keeps what the app has.
    pub fn text(&self) -> Option<&Arc<str>> {
        self.source.text()
    }

    /// Takes the text of a file.
    pub fn take_file(&mut self, file: &TextFile) {
        self.source.take_file(file);
    }

    /// Where it comes from, for the review.
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
    pub fn remarks(&self, _facts: &Facts, _compose: &ComposeStep, _env: &EnvStep) -> Vec<Line> {
        let warn = |text: String| Line::new().mark(Mark::Warn).plain(text);
        let checked = &self.checked;
        let findings = checked
            .findings
            .iter()
            .map(|finding| warn(format!("script: {}", finding.what)));
        let lost = checked
            .lost
            .iter()
            .map(|lost| warn(format!("{}: {}", lost.what, lost.why)));
        findings.chain(lost).collect()
    }

    /// Why the form cannot go on from here. A script that runs already is not judged.
    pub fn problem(
        &self,
        _facts: &Facts,
        _compose: &ComposeStep,
        _env: &EnvStep,
    ) -> Option<String> {
        self.stop()
    }

    /// What can be done here now.
    pub fn offer(&self, facts: &Facts) -> Offer {
        let difference = if self.checked.difference.is_some() {
            Some("difference")
        } else {
            let keeps_known = self.text().is_none() && live_script(facts).is_some();
            keeps_known.then_some("show it")
        };
        self.source.offer().unwrap_or_else(|| {
            self.source
                .menu_offer("review", self.stop(), beginning(facts), difference)
        })
    }

    /// Takes an input.
    pub fn update(
        &mut self,
        input: Input,
        facts: &Facts,
        _compose: &ComposeStep,
        _env: &EnvStep,
    ) -> Reaction {
        let wrong = self.first_error().and_then(Finding::place);
        self.source.update(input, beginning(facts), wrong)
    }

    /// After the facts, the compose file, the values or the text changed: looks at everything anew that is not known.
    pub fn settle(&mut self, facts: &Facts, compose: &ComposeStep, env: &EnvStep) {
        let compose_len = compose.effective(facts).map_or(0, str::len);
        let text = self.source.text();
        if !self.checked.is_about(text, live(facts), compose_len, env) {
            self.checked = Checked::new(
                text.cloned().map(Text),
                live(facts).cloned(),
                compose_len,
                env,
            );
        }
    }

    /// The page.
    pub fn page<'a>(
        &'a self,
        facts: &'a Facts,
        _compose: &'a ComposeStep,
        _env: &'a EnvStep,
    ) -> Page<'a> {
        match self.source.page() {
            None if self.source.is_whole() => page::whole(self),
            Some(page) => page,
            None => page::menu(self, facts),
        }
    }

    fn stop(&self) -> Option<String> {
        let first = self.first_error()?;
        let place = first
            .line
            .map(|line| format!(" (line {line})"))
            .unwrap_or_default();
        Some(format!(
            "the script cannot be sent yet: {}{place}",
            first.what
        ))
    }

    fn first_error(&self) -> Option<&Finding> {
        self.checked
            .findings
            .iter()
            .find(|finding| finding.is_error())
    }
}

impl Checked {
    fn new(
        text: Option<Text>,
        live: Option<Arc<Document>>,
        compose_len: usize,
        env: &EnvStep,
    ) -> Self {
        let values: Vec<Secret> = env.values().into_iter().cloned().collect();
        let names = env.compared().to_vec();
        let script = live
            .as_ref()
            .and_then(|document| document.script.as_deref());
        let own = text.as_ref().map(|text| &*text.0);
        // The script that runs now switches nothing off that is on.
        let another = own.filter(|own| Some(*own) != script);
        Self {
            findings: own.map_or_else(Vec::new, |own| check(own, compose_len, &values)),
            lost: another.map_or_else(Vec::new, |_| switched_off(env.used(), &names)),
            difference: own.zip(script).map(|(own, script)| diff(script, own)),
            spans: script.map_or_else(Vec::new, |script| highlight(Language::Bash, script)),
            text,
            live,
            compose_len,
            values,
            names,
        }
    }

    fn is_about(
        &self,
        text: Option<&Arc<str>>,
        live: Option<&Arc<Document>>,
        compose_len: usize,
        env: &EnvStep,
    ) -> bool {
        self.compose_len == compose_len
            && same(self.text.as_ref().map(|text| &text.0), text)
            && same(self.live.as_ref(), live)
            && self.names == env.compared()
            && self.values.iter().eq(env.values())
    }
}

fn live(facts: &Facts) -> Option<&Arc<Document>> {
    facts.app.as_ref()?.document.get()
}

/// The live script, where there is one and the service tells it.
fn live_script(facts: &Facts) -> Option<&str> {
    let script = live(facts)?.script.as_deref()?;
    (!script.trim().is_empty()).then_some(script)
}

/// What a script that is written anew begins with: the live one, or a first line.
fn beginning(facts: &Facts) -> Live<'_> {
    if facts.is_new_app() {
        return Ok(BEGINNING);
    }
    match facts.app.as_ref().map(|about| &about.document) {
        Some(Load::Unasked | Load::Asked) => {
            Err("the live script is still being read: wait a moment")
        }
        _ => Ok(live_script(facts).unwrap_or(BEGINNING)),
    }
}

fn is_script(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|ending| ending == "sh")
}

#[cfg(test)]
mod tests;
