//! How the questions about a new app look: one at a time, with what was answered above it.

use super::{KMS, NEEDS_CONTRACT, NewApp, Part, unfit};
use crate::api::types::Size;
use crate::wizard::facts::Facts;
use crate::wizard::form::node::quota_lines;
use crate::wizard::menu::Choice;
use crate::wizard::page::{Block, Column, Line, List, Mark, Page, Row, points, title};
use crate::wizard::trouble;

/// Hours of a month, for a price.
const HOURS: f64 = 730.0;

impl NewApp {
    /// The page.
    pub fn page<'a>(&'a self, facts: &'a Facts) -> Page<'a> {
        match self.part {
            Part::Name => Page {
                main: vec![
                    Block::Text(vec![
                        title("A new app: what is it called?"),
                        Line::new(),
                    ]),
                    Block::Field {
                        label: "name",
                        field: &self.name,
                    },
                    Block::Text(vec![
                        Line::new(),
                        Line::new().dim(
                            "5 to 63 letters, digits and hyphens, the first a letter. It is the host name too.",
                        ),
                    ]),
                ],
                side: what_follows(),
                note: Line::new()
                    .dim("An app is an identity with keys; an instance is one machine that runs it."),
            },
            Part::Kms => self.kms_page(),
            Part::Size => self.size_page(facts),
            Part::Disk => self.disk_page(facts),
        }
    }

    fn kms_page(&self) -> Page<'_> {
        let choices = [
            Choice::new(
                KMS[0],
                "no contract, no transaction; you trust the service with it",
            ),
            Choice::new(KMS[1], "not from here yet: deploys a contract"),
            Choice::new(KMS[2], "not from here yet: deploys a contract"),
        ];
        let mut lines = self.answered();
        lines.push(title("Who keeps its keys?"));
        lines.push(Line::new());
        lines.extend(self.kms.lines(&choices));
        lines.push(Line::new());
        lines.push(Line::from(
            "The KMS gives the app's keys only to a machine that proves which content it runs. With Phala's own, the \
             service decides which content that is; with one on a chain, a contract that you own does.",
        ));
        if self.kms.cursor() > 0 {
            lines.push(Line::new());
            lines.push(
                Line::new()
                    .mark(Mark::Dot)
                    .dim(format!("{NEEDS_CONTRACT}.")),
            );
            lines.push(
                Line::new()
                    .mark(Mark::Dot)
                    .plain("the official way:  ")
                    .accent(format!(
                        "phala deploy -n {} -c docker-compose.yml --kms {}",
                        self.name.text(),
                        KMS[self.kms.cursor()].to_lowercase()
                    )),
            );
            lines.push(
                Line::new().mark(Mark::Dot).dim(
                    "it signs with PRIVATE_KEY from the environment, and asks you nothing more",
                ),
            );
        }
        Page {
            main: vec![Block::Text(lines)],
            side: Vec::new(),
            note: Line::new().dim("Who keeps the keys of an app cannot be changed later."),
        }
    }

    fn size_page<'a>(&'a self, facts: &'a Facts) -> Page<'a> {
        const COLUMNS: &[Column] = &[
            Column::grow("Size", 10),
            Column::number("vCPU", 4, 3),
            Column::number("Memory", 6, 2),
            Column::number("Disk", 5, 6),
            Column::number("$/hour", 6, 1),
            Column::number("$/month", 7, 4),
            Column::new("", 11, 5),
        ];
        let mut lines = self.answered();
        lines.push(title("How large is its first instance?"));
        if let Some(error) = facts.sizes.error() {
            lines.push(Line::new());
            lines.extend(trouble::card(error));
            return Page {
                main: vec![Block::Text(lines)],
                ..Page::default()
            };
        }
        let sizes = facts.sizes.get().map_or(&[][..], Vec::as_slice);
        let list = List {
            columns: COLUMNS,
            len: self.sizes.matches().len(),
            selected: self.sizes.cursor(),
            row: Box::new(move |place| {
                let size = self.sizes.matches().get(place).and_then(|i| sizes.get(*i));
                size.map_or_else(Row::default, |size| row(size, facts))
            }),
            empty: vec![Line::from(if facts.sizes.is_pending() {
                "Asking for the sizes and their prices."
            } else {
                "The service names no size."
            })],
        };
        let mut side = quota_lines(facts, 1);
        side.extend(credit(facts, self.highlighted(facts)));
        Page {
            main: vec![Block::Text(lines), Block::List(list)],
            side,
            note: Line::new().dim(
                "The cursor starts on the cheapest that fits. Later instances have the same size.",
            ),
        }
    }

    fn disk_page<'a>(&'a self, facts: &'a Facts) -> Page<'a> {
        let mut lines = self.answered();
        lines.push(title("How large is its disk?"));
        lines.push(Line::new());
        let mut after = vec![Line::new()];
        let usual = self.size.as_ref().and_then(|size| size.disk_gb);
        after.push(match usual {
            Some(usual) => Line::new().dim(format!(
                "{usual:.0} GB is usual for this size. The disk is encrypted, and gone with the instance."
            )),
            None => Line::new().dim("Nothing means the usual size of the service."),
        });
        if let Some(error) = facts.next_app.error() {
            after.push(Line::new());
            after.push(trouble::brief(error));
            after.push(Line::new().dim("Enter asks once more which id the new app will have."));
        }
        Page {
            main: vec![
                Block::Text(lines),
                Block::Field {
                    label: "GB",
                    field: &self.disk,
                },
                Block::Text(after),
            ],
            side: credit(facts, self.size.as_ref()),
            note: Line::new()
                .dim("Nothing was sent yet; node, compose file and variables come next."),
        }
    }

    /// What was answered so far, a line each.
    fn answered(&self) -> Vec<Line> {
        let mut lines = vec![Line::label("name", 6).strong(self.name.text())];
        if self.part != Part::Kms {
            lines.push(Line::label("keys", 6).plain(KMS[0]));
        }
        if let (Part::Disk, Some(size)) = (self.part, &self.size) {
            lines.push(Line::label("size", 6).plain(size.id.as_str()));
        }
        lines.push(Line::new());
        lines
    }
}

fn row(size: &Size, facts: &Facts) -> Row {
    let unfit = unfit(size, facts);
    let number = |value: Option<f64>| value.map_or("?".to_owned(), |value| format!("{value}"));
    let price = price(size);
    let reason = match (&unfit, size.gpu) {
        (None, _) => Line::new(),
        (Some(_), true) => Line::new().warn("needs a GPU"),
        (Some(_), false) => Line::new().warn("no room"),
    };
    Row {
        cells: vec![
            Line::from(size.id.as_str()),
            Line::from(number(size.vcpu)),
            Line::from(format!(
                "{} GB",
                number(size.memory_mb.map(|mb| mb / 1024.0))
            )),
            Line::from(size.disk_gb.map_or("?".to_owned(), |gb| format!("{gb} GB"))),
            Line::from(price.map_or("?".to_owned(), |price| format!("{price:.3}"))),
            Line::from(price.map_or("?".to_owned(), |price| format!("{:.0}", price * HOURS))),
            reason,
        ],
        usable: unfit.is_none(),
    }
}

fn price(size: &Size) -> Option<f64> {
    size.hourly.as_ref()?.as_str().parse().ok()
}

/// How long the credit lasts for this size alone.
fn credit(facts: &Facts, size: Option<&Size>) -> Vec<Line> {
    let Some(session) = &facts.session else {
        return Vec::new();
    };
    let mut lines = vec![Line::new(), title("Credit")];
    if session.identity.post_paid {
        lines.push(Line::from("paid afterwards"));
        return lines;
    }
    let Some(balance) = &session.identity.balance else {
        lines.push(Line::new().dim("unknown"));
        return lines;
    };
    let line = Line::from(format!("${balance}"));
    let days = size
        .and_then(price)
        .zip(balance.as_str().parse::<f64>().ok())
        .map(|(hourly, credit)| credit / hourly / 24.0);
    lines.push(match days {
        Some(days) if days < 7.0 => {
            line.warn(format!("   lasts {days:.1} days for this one alone"))
        }
        Some(days) => line.dim(format!("   lasts {days:.0} days for this one alone")),
        None => line,
    });
    lines
}

fn what_follows() -> Vec<Line> {
    let mut lines = vec![title("What follows")];
    lines.extend(points(&[
        "who keeps its keys, and how large its first instance is",
        "a node, or the service chooses",
        "a compose file, values for its variables, perhaps a script",
        "a review with the exact requests and the price",
        "one confirmation; nothing is created or billed before it",
    ]));
    lines
}
