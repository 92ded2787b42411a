//! The sources as a menu: how they look, and what can be done there.

use std::sync::Arc;

use super::{Live, Source, TextSource};
use crate::wizard::form::editor::Editor;
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::menu::Choice;
use crate::wizard::page::counted;
use crate::wizard::plan::bytes;

impl TextSource {
    /// The sources as a menu: what keeping means is the caller's to say.
    pub fn choices(&self, keep: &'static str, kept: String) -> [Choice; 4] {
        let file = self.file();
        let here = self.written.as_ref().map(Editor::text);
        let outside = self.outside.as_ref().map(|text| &text.0);
        let size = |text: &Arc<str>| size_words(text);
        [
            Choice::new(keep, kept),
            Choice::new(
                "a file",
                file.unwrap_or_else(|| "picked in the file browser".into()),
            ),
            Choice::new(
                "write it here",
                here.as_ref()
                    .map_or_else(|| "begins with what is chosen now".into(), size),
            ),
            Choice::new(
                "your editor",
                outside.map_or_else(|| "$VISUAL or $EDITOR, on a copy".into(), size),
            ),
        ]
    }

    /// Where the text comes from, in words.
    pub fn words(&self) -> String {
        match (self.source, self.file()) {
            (Source::File, Some(path)) => path,
            (Source::Here, _) => "written here".into(),
            (Source::Outside, _) => "your editor".into(),
            (Source::Keep | Source::File, _) => "as others".into(),
        }
    }

    /// What can be done at the menu. On the chosen source Enter does what `next` says, unless there is a problem;
    /// `difference` is what there is to look at.
    pub fn menu_offer(
        &self,
        next: &'static str,
        problem: Option<String>,
        live: Live,
        difference: Option<&'static str>,
    ) -> Offer {
        let wait = |source| live.err().filter(|_| self.begins_with_live(source));
        let offer = Offer::default();
        let offer = match (
            self.is_settled(),
            problem,
            wait(Source::ALL[self.menu.cursor()]),
        ) {
            (true, Some(problem), _) => offer.blocked(Command::Next, next, problem),
            (true, None, _) => offer.with(Command::Next, next),
            (false, _, Some(reason)) => offer.blocked(Command::Next, "choose", reason),
            (false, _, None) => offer.with(Command::Next, "choose"),
        };
        let offer = offer
            .with_choices(Source::ALL.len(), "choose")
            .with(Command::Up, "")
            .with(Command::Down, "")
            .with(Command::Files, "pick a file");
        let offer = match wait(Source::Outside) {
            Some(reason) => offer.blocked(Command::Edit, "$EDITOR", reason),
            None => offer.with(Command::Edit, "$EDITOR"),
        };
        let offer = match difference {
            Some(label) => offer.with(Command::Difference, label),
            None => offer,
        };
        offer
            .with_if(
                self.source == Source::File,
                Command::Refresh,
                "read the file again",
            )
            .with(Command::Back, "back")
    }

    /// Whether opening this source begins with the live text, as there is no other.
    fn begins_with_live(&self, source: Source) -> bool {
        self.text.is_none()
            && match source {
                Source::Here => self.written.is_none(),
                Source::Outside => self.outside.is_none(),
                Source::Keep | Source::File => false,
            }
    }
}

/// A text by its size: `1.2 KB, 40 lines`.
pub fn size_words(text: &str) -> String {
    let lines = text.lines().count();
    format!("{}, {}", bytes(text.len()), counted(lines, "line"))
}
