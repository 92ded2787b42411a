//! The confirmation and the wait for the answer, as pages.

use super::before::Before;
use super::{Commit, Errand, founding, without};
use crate::api::types::Proof;
use crate::wizard::page::{Block, Line, Mark, Page, title};

/// Width of a label of the confirmation.
const LABEL: usize = 15;

/// What people forget about one more instance.
const FORGOTTEN: [&str; 2] = [
    "the new machine starts with an empty disk; nothing is copied from the others",
    "it has its own address; traffic does not reach it until you send it there",
];

impl Commit {
    pub(super) fn confirmation(&self, create: bool, before: &Before) -> Page<'_> {
        let brief = &self.brief;
        let price = brief.price.as_deref().unwrap_or("price unknown");
        let several = &brief.several;
        let (question, one) = if several.is_some() {
            ("Create these instances?", "   one more")
        } else if brief.plan.is_new_app() {
            ("Create this app and its first instance?", "   new app")
        } else {
            ("Create this instance?", "   one more")
        };
        let mut lines = vec![
            title(question),
            Line::new(),
            Line::label(one, LABEL).strong(brief.plan.name.as_str()),
        ];
        if several.is_some() {
            let place = Line::label("   where", LABEL).plain(several.places());
            lines.push(place.dim(format!("   {}, one after the other", several.counted())));
        } else {
            lines.push(Line::label("   where", LABEL).plain(brief.place()));
        }
        lines.push(Line::label("   size", LABEL).plain(brief.size.as_str()));
        let line = Line::label("   price", LABEL).strong(price);
        lines.push(if several.is_some() {
            line.strong(format!(" x {}", several.count()))
                .dim("   from now until they are deleted")
        } else {
            line.dim("   from now until it is deleted")
        });
        lines.push(Line::new());
        lines.extend(self.errand_lines(before));
        lines.extend(before.lines());
        lines.push(Line::new());
        lines.push(Line::from(
            if several.is_some() {
                "   Each is prepared once more and sent once. A clear no is noted, and the others go on; if no answer comes \
                 back, I look before anything else is sent."
            } else {
                "   This is sent once. If no answer comes back, I look before anything is sent again."
            },
        ));
        lines.push(Line::new());
        let mut after = vec![Line::new(), title("Two things people forget")];
        after.extend(
            if brief.plan.is_new_app() {
                founding::FORGOTTEN
            } else {
                FORGOTTEN
            }
            .map(|what| Line::new().mark(Mark::Dot).plain(what)),
        );
        Page {
            main: vec![
                Block::Text(lines),
                Block::Buttons(self.buttons(), usize::from(create)),
                Block::Text(after),
            ],
            side: Vec::new(),
            note: if create {
                Line::new().warn(if several.is_some() {
                    "Enter creates the instances, and billing starts."
                } else {
                    "Enter creates the instance, and billing starts."
                })
            } else {
                Line::new().dim(format!("The cursor starts on '{}'.", self.buttons()[0]))
            },
        }
    }

    /// What is redeemed, or that it is created at once.
    fn errand_lines(&self, before: &Before) -> Vec<Line> {
        let brief = &self.brief;
        let mut lines = Vec::new();
        match &self.errand {
            Errand::Redeem(ticket, _) if ticket.provision.is_some() => {
                lines.extend(founding::lines(brief, ticket));
            }
            Errand::Redeem(ticket, proof) => {
                let registered = Line::label("   chain", LABEL)
                    .mark(Mark::Ok)
                    .plain(match &brief.node {
                        Some(node) if brief.several.is_some() => {
                            format!("compose hash and machine of {} are registered", node.name)
                        }
                        _ => "compose hash and machine are registered".to_owned(),
                    });
                lines.push(if before.saw_registration() {
                    registered
                } else {
                    without::unseen()
                });
                let hash = &ticket.compose_hash;
                lines.push(
                    Line::label("   hash", LABEL)
                        .plain(format!("{}  ", hash.short()))
                        .join(self.brief.hash_note(hash)),
                );
                lines.push(Line::label("   token", LABEL).plain(ticket.token.tail()));
                lines.push(Line::label("   proof", LABEL).plain(match proof {
                    Proof::AlreadyRegistered => "the contract's own state".to_owned(),
                    Proof::Transaction(hash) => format!("transaction {}", hash.short()),
                }));
            }
            Errand::AtOnce => {
                lines.push(
                    Line::label("   chain", LABEL)
                        .plain("no contract governs this app: there is no separate preparation"),
                );
                lines.push(
                    Line::label("", LABEL).dim(
                        "the request says prepare-only, and the service may create all the same",
                    ),
                );
            }
        }
        lines
    }

    pub(super) fn in_flight(&self, seconds: u64) -> Page<'_> {
        let lines = vec![
            title(format!(
                "Creating {} {}",
                if self.brief.plan.is_new_app() {
                    "the app"
                } else {
                    "an instance of"
                },
                self.brief.plan.name
            )),
            Line::new(),
            Line::new()
                .mark(Mark::Ok)
                .plain("noted which instances exist now"),
            Line::new()
                .mark(Mark::Busy)
                .strong("request sent, waiting for the answer")
                .dim(format!(
                    "   {seconds} s, usually 2-20 s, I wait up to 120 s"
                )),
            Line::new()
                .mark(Mark::Todo)
                .dim("reading the new machine's id"),
            Line::new().mark(Mark::Todo).dim("watching it boot"),
            Line::new(),
            Line::from(
                "The request has left this machine. Leaving now does NOT take it back: the instance may be created and \
                 billed.",
            ),
        ];
        Page {
            main: vec![Block::Text(lines)],
            side: Vec::new(),
            note: Line::new().dim(format!("Waiting for {}.", self.brief.host)),
        }
    }
}
