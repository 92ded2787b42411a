//! The screens of signing: which key, what was found, and the words that sign (S19, S20).

use super::{Sign, Step, TYPED, Why};
use crate::chain::examination::Examination;
use crate::chain::{Call, ether, numbered};
use crate::wizard::keymap::{Command, hint};
use crate::wizard::keys::Opened;
use crate::wizard::page::{Block, Line, Mark, Page, title};
use crate::wizard::trouble;

impl Sign {
    /// The page.
    pub fn page(&self) -> Page<'_> {
        let mut main = vec![Block::Text(self.lines())];
        match &self.step {
            Step::Path(field) => main.push(Block::Field {
                label: "path of the key file",
                field,
            }),
            Step::Typing(field) => main.push(Block::Field {
                label: "private key, hidden",
                field,
            }),
            Step::Password { field, .. } => main.push(Block::Field {
                label: "password, hidden",
                field,
            }),
            Step::Ready {
                problems, typed, ..
            } if problems.is_empty() && !self.allowed => main.push(Block::Field {
                label: "its end",
                field: typed,
            }),
            _ => (),
        }
        Page {
            main,
            side: self.side(),
            note: self.note(),
        }
    }

    fn lines(&self) -> Vec<Line> {
        match &self.step {
            Step::Choosing { menu, keys, note } => {
                let mut lines = self.head("Which key signs?");
                // What is not whole yet is not offered: the numbers would change under the fingers.
                if keys.is_none() {
                    lines.push(Line::new().mark(Mark::Busy).dim("looking for keystores"));
                    return lines;
                }
                lines.extend(menu.lines(&self.choices()));
                if let Some(note) = note {
                    lines.push(Line::new());
                    lines.push(
                        Line::new()
                            .mark(Mark::Bad)
                            .warn(format!("the key could not be opened: {note}")),
                    );
                }
                lines
            }
            Step::Path(_) => self.head("A key file"),
            Step::Typing(_) => self.head("The key itself"),
            Step::Password { name, .. } => {
                let mut lines = self.head("The password of this keystore");
                lines.push(Line::pair("keystore", LABEL, name.as_str()));
                lines
            }
            Step::Opening { name } => {
                let mut lines = self.head("Opening the key");
                lines.push(
                    Line::new()
                        .mark(Mark::Busy)
                        .plain(name.as_str())
                        .dim("   a keystore takes a second or two on purpose"),
                );
                lines
            }
            Step::Examining { opened } => {
                let mut lines = self.head("Trying everything out; nothing is sent");
                lines.extend(account(opened));
                lines.push(Line::new().mark(Mark::Busy).plain(format!(
                    "asking {} : owner, balance, fees, simulation",
                    self.host
                )));
                lines
            }
            Step::Failed { opened, error } => {
                let mut lines = vec![
                    title("It could not be tried out. Nothing was sent to the chain."),
                    Line::new(),
                ];
                lines.extend(account(opened));
                lines.push(Line::new());
                lines.extend(trouble::card(error));
                lines
            }
            Step::Ready {
                opened,
                found,
                problems,
                ..
            } if problems.is_empty() => self.ready(opened, found),
            Step::Ready {
                opened, problems, ..
            } => self.refused(opened, problems),
            Step::Sending { rest, sent, .. } => {
                let mut lines = vec![title("Signing and broadcasting"), Line::new()];
                if let Some((call, _)) = rest.front() {
                    lines.push(
                        Line::new()
                            .mark(Mark::Busy)
                            .plain(call.short())
                            .dim(format!("   {} of {}", sent + 1, sent + rest.len())),
                    );
                }
                lines.push(Line::new().dim("written down first, then handed to the node once"));
                lines
            }
        }
    }

    /// What is about to be signed, on the same screen as the words that do it.
    fn ready(&self, opened: &Opened, found: &Examination) -> Vec<Line> {
        let mut lines = self.head("Everything was tried out, and would work");
        lines.extend(account(opened));
        lines.push(ok(if self.deploys() {
            "anybody may have an app deployed; this account pays for it"
        } else {
            "it owns the contract"
        }));
        lines.push(ok(format!(
            "balance {}, fee about {}, at most {}",
            ether::has(found.balance),
            ether::needs(found.likely(self.replaced())),
            ether::needs(found.most(self.replaced())),
        )));
        lines.push(ok(format!(
            "{}, asked {}, block {}",
            numbered(self.of.chain_id),
            self.host,
            found.block
        )));
        lines.push(ok("simulated: the contract takes it"));
        lines.push(Line::new());
        lines.push(Line::pair("contract", LABEL, self.of.contract.to_string()));
        for (call, unsigned) in found.transactions(&self.of, self.replaced()) {
            lines.push(
                Line::label("calls", LABEL)
                    .accent(call.function())
                    .dim(format!("   number {}", unsigned.nonce)),
            );
            if let Call::DeployApp(deployment) = call {
                lines.push(Line::label("owner", LABEL).plain(deployment.owner.to_string()));
                lines.push(Line::label("machine", LABEL).plain(deployment.device.short()));
                lines.push(Line::label("hash", LABEL));
            }
            lines.push(Line::label("", LABEL).strong(call.argument().to_string()));
        }
        let is_hash = |call: &Call| matches!(call, Call::AddComposeHash(_) | Call::DeployApp(_));
        if !self.calls.iter().any(is_hash) {
            // Its end is typed all the same, so it has to be on the screen.
            lines.push(
                Line::label("hash", LABEL).dim("allowed already; it is what the machine is for"),
            );
            lines.push(Line::label("", LABEL).plain(format!("0x{}", self.hash)));
        }
        if let Some(replaced) = self.replaced() {
            lines.push(Line::label("", LABEL).warn(format!(
                "takes the place of number {}, with higher fees",
                replaced.nonce
            )));
        }
        lines.push(Line::new());
        if !self.allowed {
            lines.push(Line::new().accent(format!(
                "to sign, type the last {TYPED} characters of the hash"
            )));
        }
        lines
    }

    fn refused(&self, opened: &Opened, problems: &[Why]) -> Vec<Line> {
        let mut lines = vec![
            title("It cannot be signed like this. Nothing was sent to the chain."),
            Line::new(),
        ];
        lines.extend(account(opened));
        for problem in problems {
            lines.push(Line::new());
            lines.push(
                Line::new()
                    .mark(Mark::Bad)
                    .bad(problem.words(self.of.chain_id)),
            );
            lines.push(
                Line::from("   ")
                    .mark(Mark::Arrow)
                    .plain(problem.advice(self.of.chain_id, &opened.address)),
            );
        }
        lines
    }

    fn head(&self, text: &str) -> Vec<Line> {
        let calls: Vec<String> = self.calls.iter().map(|call| call.short()).collect();
        vec![
            title(text),
            Line::new().dim(format!(
                "for {} on {}",
                calls.join(", "),
                numbered(self.of.chain_id)
            )),
            Line::new(),
        ]
    }

    /// Whether the contract of a new app is to come of it.
    fn deploys(&self) -> bool {
        let deploys = |call: &Call| matches!(call, Call::DeployApp(_));
        self.calls.iter().any(deploys)
    }

    fn side(&self) -> Vec<Line> {
        vec![
            title("What you sign"),
            Line::from(if self.deploys() {
                "You have the contract of a new app deployed, which allows this code to get the app's keys. Its owner \
                 decides what else may."
            } else {
                "You allow this code to get the app's keys. It cannot be taken back for machines that already have them."
            }),
            Line::new(),
            Line::from("Compare the hash with your release before you type its end."),
            Line::new(),
            title("What happens to the key"),
            Line::from("It is opened, used once and wiped. It is written nowhere."),
            Line::new(),
            Line::from(
                "The transaction is in the journal before anybody sees it: if this window dies, nothing is signed twice.",
            ),
        ]
    }

    fn note(&self) -> Line {
        match &self.step {
            Step::Sending { .. } => Line::new().plain("What has begun is not left half-way."),
            Step::Ready { problems, .. } if problems.is_empty() => Line::new().plain(format!(
                "Enter alone signs nothing: the last {TYPED} characters of the hash do."
            )),
            Step::Ready { .. } | Step::Failed { .. } => {
                let note = Line::new().dim("Nothing has been signed.");
                match &self.other {
                    Some(host) => note.dim(format!(
                        "  {} asks {host} instead.",
                        hint(Command::Elsewhere)
                    )),
                    None => note,
                }
            }
            _ => Line::new().dim("Nothing has been signed."),
        }
    }
}

/// Width of a label.
const LABEL: usize = 10;

fn account(opened: &Opened) -> Vec<Line> {
    let mut lines = vec![Line::label("account", LABEL).strong(opened.address.to_string())];
    for remark in &opened.remarks {
        lines.push(
            Line::label("", LABEL)
                .mark(Mark::Warn)
                .warn(remark.as_str()),
        );
    }
    lines
}

fn ok(text: impl Into<String>) -> Line {
    Line::new().mark(Mark::Ok).plain(text)
}
