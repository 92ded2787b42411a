//! How saving looks: the path, then every file as it will be, or what changes in it.

use super::{Draft, Saving, Stage};
use crate::shown::Shown;
use crate::wizard::difference::diff_lines;
use crate::wizard::form::source::shown_path;
use crate::wizard::page::{Block, Line, Mark, Page, Tone, title};

const BUTTONS: &[&str] = &["Leave it", "Write over"];

impl Saving {
    /// What it says.
    pub fn page(&self) -> Page<'_> {
        match &self.stage {
            Stage::Path | Stage::Looking(..) => self.path_page(),
            Stage::Showing { drafts, write } => self.last_look(drafts, *write),
            Stage::Writing => Page {
                main: vec![Block::Text(vec![title("Writing the answers")])],
                ..Page::default()
            },
        }
    }

    fn path_page(&self) -> Page<'_> {
        let mut below = vec![
            Line::new(),
            Line::from("The answers are written there, to be given again:"),
            Line::new()
                .strong("  phala-wizard --recipe FILE")
                .dim("   asks with them filled in"),
            Line::new()
                .strong("  phala-wizard deploy --recipe FILE --yes")
                .dim("   asks nothing"),
            Line::new(),
            Line::new().mark(Mark::Ok).plain(
                "No value of a variable, no key and no token is written: names and paths are.",
            ),
        ];
        let texts = super::Part::ALL.into_iter();
        below.extend(
            texts
                .filter(|part| self.answered.text(*part).is_some())
                .map(|part| {
                    Line::new().mark(Mark::Dot).plain(format!(
                        "{} that you wrote here gets a file beside it: .{}",
                        part.name(),
                        part.ending()
                    ))
                }),
        );
        Page {
            main: vec![
                Block::Text(vec![title("Save the answers")]),
                Block::Field {
                    label: "file",
                    field: &self.path,
                },
                Block::Text(below),
            ],
            side: Vec::new(),
            note: match (&self.error, &self.stage) {
                (Some(why), _) => Line::new().bad("Not written: ").plain(why.as_str()),
                (None, Stage::Looking(..)) => Line::from("Looking what is there."),
                (None, _) => Line::new().dim("Nothing is written before you have seen it."),
            },
        }
    }

    fn last_look(&self, drafts: &[Draft], write: bool) -> Page<'_> {
        let is_over = drafts.iter().any(Draft::is_over);
        let mut lines = Vec::new();
        for draft in drafts {
            let path = shown_path(&draft.path, &self.folder);
            let text = draft.text.expose();
            match &draft.there {
                None => {
                    lines.push(title("New: ").strong(path));
                    let new = text.lines().map(|line| {
                        Line::new().tone(Tone::Added, format!("+ {}", Shown::line(line)))
                    });
                    lines.extend(new);
                }
                Some(there) if draft.is_over() => {
                    lines.push(title("Written over: ").warn(path));
                    lines.extend(diff_lines(there.text.expose(), text));
                }
                Some(_) => {
                    lines.push(title("There already: ").strong(path));
                    lines.push(Line::new().dim("just as it would be written"));
                }
            }
            lines.push(Line::new());
        }
        let mut main = vec![Block::Text(lines)];
        if is_over {
            main.push(Block::Buttons(BUTTONS, usize::from(write)));
        }
        Page {
            main,
            side: Vec::new(),
            note: if is_over {
                Line::new().warn("A file is there already. Write over it?")
            } else if drafts.iter().all(Draft::is_there) {
                Line::from("Nothing has to be written.")
            } else {
                Line::new().dim("Enter writes it. Nothing that is there is changed.")
            },
        }
    }
}

/// What stays in the scrollback about answers that were saved.
pub fn receipt(path: &str) -> Vec<String> {
    vec![
        format!("answers saved  {path}"),
        format!("  again        phala-wizard --recipe {path}"),
        format!("  in CI        phala-wizard deploy --recipe {path} --yes --json"),
    ]
}
