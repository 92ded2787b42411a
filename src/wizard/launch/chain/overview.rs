//! The screen of the chain step: what is missing, who can do it, and how far it is (S18, S21).

use std::path::PathBuf;

use super::Chain;
use crate::chain::contract::Owner;
use crate::chain::{explorer, numbered};
use crate::shown::Shown;
use crate::wizard::field::Field;
use crate::wizard::form::app::shorten;
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::page::{Block, Line, Mark, Page, title};
use crate::wizard::trouble;

/// Where a node says yes and somebody else not yet.
const SEEN_HERE: &str =
    "nothing is left to call: the chain allows it, and not everybody has seen that yet";
/// Width of a label.
const LABEL: usize = 13;

impl Chain {
    /// What can be done at the overview.
    pub(super) fn offer_overview(&self) -> Offer {
        let sight = &self.sight;
        let mut offer = if sight.all() {
            Offer::default().with(Command::Next, "go on to the confirmation")
        } else {
            Offer::default().blocked(
                Command::Next,
                "go on",
                format!("the contract does not allow {} yet", self.missing_words()),
            )
        };
        if !sight.all() {
            offer = match self.unsignable() {
                None => offer.with(Command::Choose(1), "choose"),
                Some(reason) => offer.blocked(Command::Choose(1), "choose", reason),
            };
            offer = if self.missing().is_empty() {
                offer.blocked(Command::Choose(2), "choose", SEEN_HERE)
            } else {
                offer.with(Command::Choose(2), "choose")
            };
        }
        let reads = sight.used().next().is_some();
        let more = sight.next_node().is_some();
        let explored = sight
            .of
            .filter(|_| !self.brief.sandbox)
            .and_then(|of| explorer(of.chain_id, &of.contract));
        offer
            .with_if(!reads && more, Command::Prove, "read the contract")
            .with_if(
                reads && more && !sight.all(),
                Command::Elsewhere,
                "other node",
            )
            .with_if(self.tracking.slow().is_some(), Command::Faster, "pay more")
            .with(Command::Refresh, "look now")
            .with(Command::Add, "enter transaction")
            .with(Command::Copy, "copy hash")
            .with(Command::Difference, "the hash")
            .with_if(explored.is_some(), Command::Open, "explorer")
            .with_if(
                self.ticket.commit_url.is_some(),
                Command::Choose(3),
                "choose",
            )
            .with(Command::Back, "back to review")
    }

    /// The page, with the line that is being typed, where one is.
    pub(super) fn overview_page<'a>(&'a self, now: u64, typing: Option<&'a Field>) -> Page<'a> {
        let mut lines = vec![
            title("The app's contract has to allow it first."),
            Line::new().dim("Expected, not an error: HTTP 465 asks for it."),
            Line::new(),
        ];
        lines.extend(self.wanted());
        lines.extend(self.facts(now));
        if let Some(hash) = self.transaction() {
            lines.push(
                Line::label("transaction", LABEL)
                    .plain(hash.short())
                    .dim("   goes with the commit"),
            );
        }
        lines.extend(self.tracked(now));
        let mut main = vec![Block::Text(lines)];
        match typing {
            Some(field) => main.push(Block::Field {
                label: "transaction hash",
                field,
            }),
            None => main.push(Block::Text(self.what_to_do())),
        }
        Page {
            main,
            side: self.side(now),
            note: self.note(now),
        }
    }

    /// The line below.
    pub(super) fn note(&self, now: u64) -> Line {
        if self.sight.all() {
            return Line::new().good("The contract allows it.");
        }
        let waited = now.saturating_sub(self.sight.since);
        Line::new()
            .plain(format!(
                "Not allowed yet: {}, {waited} s.",
                self.missing_words()
            ))
            .dim("  Nothing is billed.")
    }

    fn wanted(&self) -> Vec<Line> {
        let hash = &self.ticket.compose_hash;
        let mut lines = vec![
            status("1  the compose hash", Some(self.sight.hash())),
            Line::new().plain("   0x").strong(hash.to_string()),
            Line::new().plain("   ").join(self.brief.hash_line(hash)),
            status("2  the machine", self.sight.machine()),
        ];
        if let Some(device) = self.ticket.device {
            let any = self.sight.witness();
            let any = any.is_some_and(|(_, reading)| reading.allowed.any_device);
            let node = self.brief.place();
            let line = Line::new()
                .plain(format!("   {}", device.short()))
                .dim(format!("   under {node}"));
            lines.push(if any {
                line.dim("   any machine is allowed")
            } else {
                line
            });
        }
        lines.extend(self.brief.several.machine_lines());
        lines
    }

    /// The contract, its owner and the last look, a line each.
    fn facts(&self, now: u64) -> Vec<Line> {
        let line = Line::label("contract", LABEL);
        let mut lines = vec![match &self.sight.of {
            Some(of) => line
                .plain(shorten(&of.contract.to_string()))
                .dim(format!("   on {}", numbered(of.chain_id))),
            None => line.plain(self.named_contract()),
        }];
        if let Some((_, reading)) = self.sight.witness() {
            lines.push(owner(&reading.owner));
        }
        let sight = &self.sight;
        let line = Line::label("looked", LABEL);
        let hosts = sight.used().map(|node| format!(", {}", node.host));
        let asked: String = std::iter::once("   at the service".to_owned())
            .chain(hosts)
            .collect();
        lines.push(match sight.looked {
            Some(at) if sight.looks > 0 => line
                .plain(format!("{} s ago", now.saturating_sub(at)))
                .dim(if sight.all() {
                    format!("   look {}", sight.looks)
                } else {
                    format!("   look {}; every {} s", sight.looks, sight.pause(now))
                })
                .dim(asked),
            _ => line.plain("looking .."),
        });
        if let Some(note) = &sight.service.error {
            lines.push(
                Line::label("", LABEL)
                    .warn(format!("the service could not read the contract: {note}")),
            );
        }
        if let Some(error) = &sight.trouble {
            lines.push(trouble::brief(error));
        }
        for node in sight.used() {
            if let Some(error) = &node.trouble {
                lines.push(
                    Line::label("", LABEL)
                        .mark(Mark::Warn)
                        .warn(format!("{}: {error}", error.asked)),
                );
            }
        }
        if sight.disagrees() {
            lines.push(
                Line::label("", LABEL)
                    .mark(Mark::Warn)
                    .warn("not everybody says so yet: one may lag behind"),
            );
        }
        lines
    }

    fn named_contract(&self) -> String {
        let listed = self.brief.allowlist.as_ref();
        let listed = listed.and_then(|list| list.contract.as_ref());
        listed.map_or_else(
            || format!("0x{}", self.brief.plan.app),
            |contract| shorten(contract.as_str()),
        )
    }

    fn what_to_do(&self) -> Vec<Line> {
        if self.sight.all() {
            let line = Line::new()
                .mark(Mark::Ok)
                .good("Everything is registered.")
                .plain(" Enter goes on.");
            let line = if self.is_finding() {
                line.dim("  Looking for its transaction ..")
            } else {
                line
            };
            return vec![Line::new(), line];
        }
        if self.tracking.is_open() {
            return vec![
                Line::new(),
                Line::new()
                    .mark(Mark::Busy)
                    .plain("Under way. The contract is read again once it counts."),
            ];
        }
        let mut lines = vec![Line::new(), title("Who does it, and how")];
        for call in self.missing() {
            lines.push(
                Line::new()
                    .mark(Mark::Dot)
                    .plain("its owner calls ")
                    .accent(call.short()),
            );
        }
        if self.missing().is_empty() {
            lines.push(Line::new().mark(Mark::Dot).plain(SEEN_HERE));
        }
        let unread = self.sight.witness().is_none() && !self.sight.nodes.is_empty();
        lines.push(match self.unsignable() {
            None => way("1", "sign here").dim("a key of this machine that owns it"),
            Some(_) if unread => way("1", "sign here").dim("once the contract was read"),
            Some(why) => way("1", "sign here").dim(format!("not now: {why}")),
        });
        let what = "files for the owners; no token in them";
        lines.push(hand_over(self.handed.as_ref(), what));
        if self.ticket.commit_url.is_some() {
            lines.push(way("3", "in the browser").dim("copies its page, with the token in it"));
        }
        lines.push(way("n", "it is done").dim("enter the transaction, if there is one"));
        // Nobody is asked whose host was not on screen.
        if let Some(node) = self.sight.next_node() {
            lines.push(if self.sight.used().next().is_none() {
                way("p", "read it here").dim(format!("asks {}", node.host))
            } else {
                way("R", "compare").dim(format!("asks {} too", node.host))
            });
        }
        lines
    }

    fn missing_words(&self) -> &'static str {
        match (self.sight.hash(), self.sight.machine()) {
            (false, Some(false)) => "the hash and the machine",
            (false, _) => "the hash",
            (true, Some(false)) => "the machine",
            (true, _) => "it",
        }
    }
}

/// A way to have it done: its key and what it is.
pub(super) fn way(key: &str, what: &str) -> Line {
    let line = Line::from("  ").key(format!("{key} "));
    line.plain(format!("{what:<16}"))
}

/// The way of handing it over, and what came of that.
pub(super) fn hand_over(handed: Option<&Result<PathBuf, Shown>>, what: &str) -> Line {
    let line = way("2", "hand it over");
    match handed {
        Some(Ok(path)) => line
            .mark(Mark::Ok)
            .good("written: ")
            .plain(Shown::line(&path.display().to_string()).to_string()),
        Some(Err(why)) => line.mark(Mark::Bad).bad(why.to_string()),
        None => line.dim(what),
    }
}

fn owner(owner: &Owner) -> Line {
    let line = Line::label("owner", LABEL);
    match (owner, owner.address()) {
        (Owner::Wallet(_), Some(address)) => {
            line.plain(shorten(&address.to_string())).dim("   a wallet")
        }
        (kind, Some(address)) => line
            .plain(shorten(&address.to_string()))
            .warn(format!("   {kind}")),
        (kind, None) => line.bad(kind.to_string()),
    }
}

fn status(what: &str, allowed: Option<bool>) -> Line {
    let line = Line::from(format!("{what:<24}"));
    match allowed {
        Some(true) => line.mark(Mark::Ok).good("registered"),
        Some(false) => line.mark(Mark::Bad).warn("NOT registered"),
        None => line.mark(Mark::Warn).warn("the service does not say"),
    }
}
