//! The screen of a contract that is to be deployed: what it will be, who can do it, and how far it is.

use super::super::overview::{hand_over, way};
use super::{At, Found, Next, View};
use crate::api::types::TransactionHash;
use crate::chain::{Call, numbered};
use crate::shown::Shown;
use crate::wizard::field::Field;
use crate::wizard::form::app::shorten;
use crate::wizard::keymap::{Command, Offer, Typing};
use crate::wizard::page::{Block, Line, Mark, Page, counted, title};
use crate::wizard::registering::account;

/// Width of a label.
const LABEL: usize = 13;

impl Found {
    /// What can be done now.
    pub fn offer(&self) -> Offer {
        match &self.view {
            View::Signing(sign) => sign.offer(),
            View::Details => Offer::default()
                .with(Command::Back, "back")
                .with(Command::Difference, ""),
            View::Owner(field, next) => {
                let label = match next {
                    Next::HandOver => "write the files",
                    Next::Name => "go on",
                };
                typing(account(field.text()).err(), label)
            }
            View::Naming(field) => {
                let wrong = TransactionHash::parse(field.text()).is_none();
                typing(
                    wrong.then_some("a transaction hash has 64 hex digits"),
                    "look for it",
                )
            }
            View::Values(field) => {
                let offer = Offer::new(Typing::Line).with(Command::Back, "back to review");
                if field.is_empty() {
                    offer.blocked(Command::Next, "read it", "nothing was typed")
                } else {
                    offer.with(Command::Next, "read it")
                }
            }
            View::Overview => self.offer_overview(),
        }
    }

    /// The page.
    pub fn page(&self, now: u64) -> Page<'_> {
        match &self.view {
            View::Signing(sign) => sign.page(),
            View::Details => Page {
                main: vec![Block::Text(
                    self.brief.hash_details(Some(&self.ticket.compose_hash)),
                )],
                side: Vec::new(),
                note: self.note(now),
            },
            View::Overview => self.overview_page(now, None),
            View::Owner(field, _) => self.overview_page(now, Some(("who shall own it", field))),
            View::Naming(field) => self.overview_page(now, Some(("transaction hash", field))),
            View::Values(field) => {
                self.overview_page(now, Some((".env file with the values", field)))
            }
        }
    }

    fn offer_overview(&self) -> Offer {
        let mut offer = Offer::default();
        offer = match &self.at {
            At::Done => offer.with(Command::Next, "go on to the confirmation"),
            _ => offer.blocked(Command::Next, "go on", self.waits_for()),
        };
        if self.at == At::Missing {
            offer = match self.unsignable() {
                None => offer.with(Command::Choose(1), "choose"),
                Some(why) => offer.blocked(Command::Choose(1), "choose", why),
            };
            offer = match self.unready() {
                None => offer
                    .with(Command::Choose(2), "choose")
                    .with(Command::Add, "enter transaction"),
                Some(why) => offer.blocked(Command::Choose(2), "choose", why),
            };
        }
        let (reads, more) = (self.node().is_some(), self.next_node().is_some());
        let again = matches!(self.at, At::Missing | At::NoKey(_) | At::Unwritten(_));
        offer
            .with_if(!reads && more, Command::Prove, "read the contract")
            .with_if(
                reads && more && self.at != At::Done,
                Command::Elsewhere,
                "other node",
            )
            .with_if(self.tracking.slow().is_some(), Command::Faster, "pay more")
            .with_if(again, Command::Refresh, "look now")
            .with(
                Command::Copy,
                if self.contract.is_some() {
                    "copy app id"
                } else {
                    "copy hash"
                },
            )
            .with(Command::Difference, "the hash")
            .with_if(self.explored().is_some(), Command::Open, "explorer")
            .with(Command::Back, "back to review")
    }

    fn overview_page<'a>(
        &'a self,
        now: u64,
        typing: Option<(&'static str, &'a Field)>,
    ) -> Page<'a> {
        let mut lines = vec![
            title("The new app needs a contract of its own first."),
            Line::new().dim("The contract of the KMS makes it, once; its address is the app's id."),
            Line::new(),
        ];
        let mut main = Vec::new();
        // What is typed has to be on the screen, however small that is.
        if let Some((label, field)) = typing {
            lines.extend(self.contract_lines());
            lines.extend(self.values_line());
            lines.extend(self.typing_lines());
            main.push(Block::Text(lines));
            main.push(Block::Field { label, field });
        } else {
            lines.extend(self.wanted_lines());
            lines.extend(self.tracking.lines(now));
            if let Some(why) = &self.unsigned {
                lines.push(Line::new());
                lines.push(
                    Line::new()
                        .mark(Mark::Bad)
                        .bad(format!("It was not signed: {why}")),
                );
            }
            main.push(Block::Text(lines));
            main.push(Block::Text(self.what_to_do(now)));
        }
        Page {
            main,
            side: self.side(),
            note: self.note(now),
        }
    }

    /// What is to be there, and what is, a line each.
    fn wanted_lines(&self) -> Vec<Line> {
        let label = |name: &str| Line::label(name, LABEL);
        let mut lines = Vec::new();
        let kms = label("KMS");
        lines.push(match self.of {
            Ok(of) => kms
                .plain(shorten(&of.contract.to_string()))
                .dim(format!("   on {}", numbered(of.chain_id))),
            Err(why) => kms.mark(Mark::Bad).bad(why),
        });
        if let (Some(keys), Some((_, host))) = (&self.kms, self.node()) {
            let read = format!("its key was read at {host}, block {}", keys.block);
            lines.push(label("").mark(Mark::Ok).plain(read));
        }
        for node in self.nodes.iter().filter(|node| node.used) {
            if let Some(error) = &node.trouble {
                let words = format!("{}: {error}", error.asked);
                lines.push(label("").mark(Mark::Warn).warn(words));
            }
        }
        let hash = &self.ticket.compose_hash;
        lines.push(label("allows hash").join(self.brief.hash_note(hash)));
        lines.push(Line::new().plain("   0x").strong(hash.to_string()));
        if let Some(device) = self.ticket.device {
            let under = format!("   under {}", self.brief.place());
            lines.push(label("and machine").plain(device.short()).dim(under));
        }
        let owner = match (&self.contract, self.owner) {
            (Some(found), _) => found.owner.to_string(),
            (None, Some(owner)) => owner.to_string(),
            (None, None) => "the account that signs".to_owned(),
        };
        lines.push(label("owner").plain(owner));
        lines.extend(self.contract_lines());
        if let Some(error) = &self.trouble {
            let words = format!("{}: {error}", error.asked);
            lines.push(label("").mark(Mark::Warn).warn(words));
        }
        lines.extend(self.values_line());
        lines
    }

    fn contract_lines(&self) -> Vec<Line> {
        let label = |name: &str| Line::label(name, LABEL);
        let mut lines = Vec::new();
        let contract = label("contract");
        lines.push(match &self.contract {
            Some(found) => contract
                .mark(Mark::Ok)
                .good(found.app.to_string())
                .dim(format!("   block {}", found.block)),
            None if self.tracking.is_open() => contract.mark(Mark::Busy).plain("on its way"),
            None => contract.warn("NOT deployed"),
        });
        if self.contract.is_some() {
            let said = "registered with the KMS; owner, hash and machine fit";
            lines.push(label("").mark(Mark::Ok).plain(said));
        }
        lines
    }

    fn values_line(&self) -> Option<Line> {
        let count = self.brief.env_names.len();
        if count == 0 {
            return None;
        }
        let (line, values) = (Line::label("values", LABEL), counted(count, "value"));
        Some(match &self.at {
            At::Key => line.mark(Mark::Busy).plain("asking for the app's key"),
            At::NoKey(why) => line.mark(Mark::Bad).bad(why.as_str()),
            At::Values(_) => line.mark(Mark::Warn).warn("have to be given anew"),
            At::Reading => line.mark(Mark::Busy).plain("reading the file"),
            At::Sealing => line.mark(Mark::Busy).plain(format!("encrypting {values}")),
            At::Missing | At::Looking => {
                line.dim(format!("{values}, encrypted once the app has a key"))
            }
            At::Writing | At::Unwritten(_) | At::Done => line
                .mark(Mark::Ok)
                .plain(format!("{values} encrypted here"))
                .dim(" to the key that the KMS signed"),
        })
    }

    fn typing_lines(&self) -> Vec<Line> {
        let mut lines = vec![Line::new()];
        match &self.view {
            View::Owner(..) => lines.push(Line::from(
                "Who owns it decides from then on which code gets the app's keys: a Safe, or an account of yours.",
            )),
            View::Values(_) => {
                lines.push(Line::from(
                    "The run that had them is over, and they are written down nowhere. A file with exactly these names:",
                ));
                let names: Vec<String> = self
                    .brief
                    .env_names
                    .iter()
                    .map(|name| Shown::line(name).to_string())
                    .collect();
                lines.push(Line::from(names.join("  ")));
                if let At::Values(Some(why)) = &self.at {
                    lines.push(Line::new().mark(Mark::Bad).warn(why.as_str()));
                }
            }
            _ => lines.push(Line::from("The transaction that deployed it; it is looked up.")),
        }
        lines
    }

    fn what_to_do(&self, now: u64) -> Vec<Line> {
        let mut lines = vec![Line::new()];
        match &self.at {
            At::Done => {
                lines.push(
                    Line::new()
                        .mark(Mark::Ok)
                        .good("The contract is there.")
                        .plain(" Enter goes on."),
                );
                return lines;
            }
            At::Unwritten(why) => {
                lines.push(
                    Line::new()
                        .mark(Mark::Bad)
                        .bad(format!("it cannot be written down: {why}")),
                );
                return lines;
            }
            At::Missing if !self.tracking.is_open() => (),
            _ => {
                lines.push(Line::new().mark(Mark::Busy).plain(self.waits_for()));
                return lines;
            }
        }
        lines.push(title("Who does it, and how"));
        lines.push(match self.unsignable() {
            None => way("1", "sign here").dim("a key of this machine; its account owns the app"),
            Some(why) => way("1", "sign here").dim(format!("not now: {why}")),
        });
        let what = "files for a Safe, cast or another wallet";
        lines.push(hand_over(self.handed.as_ref(), what));
        lines.push(way("n", "it is done").dim("enter the transaction"));
        if let Some(node) = self.next_node() {
            lines.push(if self.node().is_none() {
                way("p", "read it here").dim(format!("asks {}", node.host))
            } else {
                way("R", "other node").dim(format!("asks {} instead", node.host))
            });
        }
        if self.wanted().is_some() {
            let pause = self.pause(now);
            lines.push(Line::new().dim(format!("  It is looked for every {pause} s.")));
        }
        lines
    }

    /// What it waits for, in a sentence.
    fn waits_for(&self) -> String {
        match &self.at {
            At::Missing if self.tracking.is_open() => {
                "under way: the contract is read once it counts".to_owned()
            }
            At::Missing => "the contract of the app is not there yet".to_owned(),
            At::Looking => "looking for the contract".to_owned(),
            At::Key => "asking for the app's key".to_owned(),
            At::NoKey(why) => why.clone(),
            At::Values(_) => "the values have to be given anew".to_owned(),
            At::Reading => "reading the values".to_owned(),
            At::Sealing => "encrypting the values".to_owned(),
            At::Writing => "writing it down".to_owned(),
            At::Unwritten(why) => why.to_string(),
            At::Done => "all is there".to_owned(),
        }
    }

    fn note(&self, now: u64) -> Line {
        if self.at == At::Done {
            return Line::new().good("The contract of the new app is there.");
        }
        let waited = now.saturating_sub(self.since);
        Line::new()
            .plain(format!("Not there yet, {waited} s."))
            .dim("  Nothing is created or billed yet.")
    }

    fn side(&self) -> Vec<Line> {
        let call = self.call(self.owner).map_or("", Call::function);
        vec![
            title("What is deployed"),
            Line::new().accent(call),
            Line::from(
                "The contract of the app. It gives the app's keys to the code and on the machine that it allows, and its \
                 owner can allow more later.",
            ),
            Line::new(),
            title("What you have now"),
            Line::from("The provision: the service keeps it for 14 days."),
            Line::new().dim("phala-wizard resume goes on from here, and finds what was deployed."),
            Line::new(),
            title("What can spoil it"),
            Line::from("Deploying a second one: it would be another app. So it is signed once."),
        ]
    }
}

fn typing(wrong: Option<&'static str>, label: &'static str) -> Offer {
    let offer = Offer::new(Typing::Line);
    let offer = match wrong {
        None => offer.with(Command::Next, label),
        Some(why) => offer.blocked(Command::Next, label, why),
    };
    offer.with(Command::Back, "never mind")
}
