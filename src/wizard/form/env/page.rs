//! How step 4 looks: the four ways, and the frame around table and blob.

use super::key;
use super::table::Table;
use super::{EnvStep, Front, UNSURE, Way};
use crate::shown::Shown;
use crate::wizard::facts::Facts;
use crate::wizard::form::compose::ComposeStep;

use crate::wizard::menu::Choice;
use crate::wizard::page::{Block, Line, Mark, Page, counted, points, title};
use crate::wizard::plan::bytes;

impl EnvStep {
    /// The page.
    pub fn page<'a>(&'a self, facts: &'a Facts, _compose: &'a ComposeStep) -> Page<'a> {
        match (self.front, &self.files, &self.import, self.table()) {
            (Front::Files, Some(files), ..) => Page {
                note: Line::new().dim(
                    "The file itself is never sent: its values are encrypted on this machine.",
                ),
                ..files.page("Which .env file?")
            },
            (Front::Import, _, Some(import), _) => import.page(),
            (Front::Table, _, _, Some(table)) => Page {
                main: table.blocks(&self.names, vec![self.table_heading(table)]),
                side: self.table_side(facts),
                note: table.note(&self.names),
            },
            (Front::Key, ..) => Page {
                main: vec![Block::Text(key::details(facts))],
                side: Vec::new(),
                note: Line::new().dim("Esc goes back."),
            },
            (Front::Blob, ..) => Page {
                main: self.blob.blocks(),
                side: replaces(facts),
                note: Line::new().warn(
                    "Nothing inside a ready blob can be checked, not even whose key it is for.",
                ),
            },
            _ => self.ways_page(facts),
        }
    }
    fn ways_page(&self, facts: &Facts) -> Page<'_> {
        let here = |table: &Table, otherwise: &str| match table.given().len() {
            0 => otherwise.to_owned(),
            count => format!("{} here", counted(count, "value")),
        };
        let ready = match self.blob.sealed() {
            Some(sealed) => format!("{} here", bytes(sealed.bytes())),
            None => "hex, made elsewhere".into(),
        };
        let choices = [
            if facts.is_new_app() {
                Choice::new("no variables", "the app gets none")
            } else {
                Choice::new("inherit from the app", "as the others have them")
            },
            Choice::new("a .env file", here(&self.from_file, "sets all anew")),
            Choice::new(
                "a table",
                here(&self.typed, "sets all anew, hidden while typed"),
            ),
            Choice::new("a ready blob", ready),
        ];
        let mut lines = vec![title("Which values shall its variables have?"), Line::new()];
        lines.extend(self.menu.ticked(&choices, self.way as usize));
        lines.push(Line::new());
        if let Some(sentence) = self
            .not_inherited(facts)
            .filter(|_| self.way == Way::Inherit)
        {
            lines.push(Line::new().mark(Mark::Warn).warn(sentence));
            lines.push(Line::new());
        }
        lines.extend(key::lines(facts));
        Page {
            main: vec![Block::Text(lines)],
            side: replaces(facts),
            note: Line::new().dim(if facts.is_new_app() {
                "Values leave this machine only encrypted."
            } else {
                "Most people inherit. Values leave this machine only encrypted."
            }),
        }
    }

    fn table_heading(&self, table: &Table) -> Line {
        let typed = table
            .given()
            .iter()
            .filter(|given| !given.from_file)
            .count();
        let read = table.given().len() - typed;
        let line = title("Variables").dim("   set all anew: ");
        let line = match (self.way, typed) {
            (Way::File, 0) => line.plain(format!("{} ({read})", self.shown_path())),
            (Way::File, typed) => {
                line.plain(format!("{} ({read}) + typed ({typed})", self.shown_path()))
            }
            (_, typed) => line.plain(format!("typed ({typed})")),
        };
        line.dim(format!("   {} used in compose", self.names.used().len()))
    }

    fn table_side(&self, facts: &Facts) -> Vec<Line> {
        let mut lines = replaces(facts);
        lines.push(Line::new());
        lines.extend(key::lines(facts));
        lines.push(Line::new());
        lines.push(match self.names.allowed() {
            Some(names) => Line::from(format!(
                "The app lets {} through.",
                counted(names.len(), "name")
            )),
            None => Line::new().mark(Mark::Warn).warn(UNSURE),
        });
        for row in self.names.rows().iter().filter(|row| row.given) {
            if let Some(meant) = &row.typo_of {
                lines.push(Line::new().mark(Mark::Warn).plain(format!(
                    "{} looks like a typo of {}.",
                    Shown::line(&row.name),
                    Shown::line(meant)
                )));
            }
        }
        lines
    }
}

/// What setting values means.
fn replaces(facts: &Facts) -> Vec<Line> {
    let mut lines = vec![title("What happens to values set here")];
    if facts.is_new_app() {
        lines.extend(points(&[
            "They are encrypted on this machine, to the key that the service names for the new app.",
            "Only the ciphertext is sent. It is opened inside the machine, at boot.",
            "Only names that stand here are let through, and the names are part of the compose hash.",
        ]));
        return lines;
    }
    lines.extend(points(&[
        "They are encrypted on this machine when the review begins, to the app's key.",
        "Only the ciphertext is sent. It is opened inside the machine, at boot.",
        "Setting anew replaces every variable: what is not in the list will not exist in the new instance.",
        "The other instances keep theirs.",
    ]));
    lines
}
