//! Answers that came from files, and what becomes of them when a file is another one by now.

use super::Form;
use super::source::shown_path;
use crate::journal::record::Question;
use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::difference::diff_lines;
use crate::wizard::page::{Line, Mark, Tone};
use crate::wizard::reread::{Changed, Difference, FileRead, Kept};

impl Form {
    /// The files that the answers came from, as far as they can be read again.
    pub fn files(&self) -> Vec<FileRead> {
        let kept = [
            (Question::Compose, self.compose.kept()),
            (Question::Env, self.env.kept()),
            (Question::Script, self.script.kept()),
        ];
        let read = |(question, kept): (Question, Option<&Kept>)| {
            let Kept { path, sha256 } = kept?.clone();
            sha256.map(|sha256| FileRead {
                question,
                path,
                sha256,
            })
        };
        kept.into_iter().filter_map(read).collect()
    }

    /// Takes files as they are now; says what that changes.
    pub fn take_again(&mut self, files: Vec<Changed>) -> Vec<Difference> {
        let take = |file: Changed| Difference {
            file: shown_path(&file.path, &self.folder),
            lines: self.take_one_again(file),
        };
        let differences = files.into_iter().map(take).collect();
        self.check();
        differences
    }

    fn take_one_again(&mut self, Changed { question, now, .. }: Changed) -> Vec<Line> {
        let file = match now {
            Ok(file) => file,
            Err(why) => {
                match question {
                    Question::Compose => self.compose.let_go(),
                    Question::Env => self.env.let_go(),
                    Question::Script => self.script.let_go(),
                }
                let kept = format!("{why}; what was read before is kept");
                return vec![Line::new().mark(Mark::Warn).plain(kept)];
            }
        };
        match question {
            Question::Compose => {
                let before = self.compose.text().cloned();
                self.compose.take_file(&file);
                diff_lines(before.as_deref().unwrap_or_default(), file.text.expose())
            }
            Question::Script => {
                let before = self.script.text().cloned();
                self.script.take_file(&file);
                diff_lines(before.as_deref().unwrap_or_default(), file.text.expose())
            }
            Question::Env => {
                let before = self.env.given();
                self.env.take_again(file);
                self.check();
                values(&before, &self.env.given())
            }
        }
    }
}

/// What became of the variables, by their names.
fn values(before: &[(String, Secret)], now: &[(String, Secret)]) -> Vec<Line> {
    let find = |all: &[(String, Secret)], name: &str| {
        let found = all.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.clone())
    };
    let mut lines = Vec::new();
    for (name, value) in now {
        let shown = Shown::line(name);
        match find(before, name) {
            None => lines.push(Line::new().tone(Tone::Added, format!("+ {shown}"))),
            Some(old) if old != *value => {
                lines.push(
                    Line::new()
                        .warn(format!("~ {shown}"))
                        .dim("   another value"),
                );
            }
            Some(_) => (),
        }
    }
    for (name, _) in before {
        if find(now, name).is_none() {
            let gone = format!("- {}", Shown::line(name));
            lines.push(Line::new().tone(Tone::Removed, gone));
        }
    }
    if lines.is_empty() {
        lines.push(Line::new().dim("another text with the same values"));
    }
    lines
}
