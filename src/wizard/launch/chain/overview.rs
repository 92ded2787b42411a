//! The screen of the chain step: what is missing, who can do it, and how far it is (S18, S21).

use super::Chain;
use super::sight::Node;
use super::tracking::Item;
use crate::chain::contract::Owner;
use crate::chain::transaction::Standing;
use crate::chain::{explorer, numbered};
use crate::journal::record::Seen;
use crate::shown::Shown;
use crate::wizard::field::Field;
use crate::wizard::form::app::shorten;
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::page::{Block, Line, Mark, Page, title};
use crate::wizard::trouble;

/// Width of a label.
const LABEL: usize = 13;
/// Seconds after which a transaction that waits is worth a remark.
const SLOW: u64 = 60;

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
                None => offer.with(Command::Choose(1), "sign here"),
                Some(reason) => offer.blocked(Command::Choose(1), "sign here", reason),
            };
            offer = offer.with(Command::Choose(2), "hand over");
        }
        let reads = sight.used().next().is_some();
        let more = sight.next_node().is_some();
        let explored = sight
            .of
            .filter(|_| !self.brief.sandbox)
            .and_then(|of| explorer(of.chain_id, &of.contract));
        offer
            .with_if(!reads && more, Command::Prove, "read the contract")
            .with_if(reads && more, Command::Elsewhere, "other node")
            .with_if(self.tracking.slow().is_some(), Command::Faster, "pay more")
            .with(Command::Refresh, "look now")
            .with(Command::Add, "enter transaction")
            .with(Command::Copy, "copy hash")
            .with(Command::Difference, "the hash")
            .with_if(explored.is_some(), Command::Open, "explorer")
            .with_if(
                self.ticket.commit_url.is_some(),
                Command::Choose(3),
                "copy page",
            )
            .with(Command::Back, "back to review")
    }

    /// The page, with the line that is being typed, where one is.
    pub(super) fn overview_page<'a>(&'a self, now: u64, typing: Option<&'a Field>) -> Page<'a> {
        let mut lines = vec![
            title("The app's contract has to allow it first."),
            Line::new().dim("This is expected, not an error: HTTP 465 is how the service asks for the registration."),
            Line::new(),
        ];
        lines.extend(self.wanted());
        lines.push(Line::new());
        lines.extend(self.contract());
        lines.extend(self.looked(now));
        if let Some(hash) = self.transaction() {
            lines.push(
                Line::label("transaction", LABEL)
                    .plain(hash.short())
                    .dim("   goes along with the commit"),
            );
        }
        lines.extend(self.tracked(now));
        let mut main = vec![Block::Text(lines)];
        match typing {
            Some(field) => main.push(Block::Field {
                label: "transaction hash",
                field,
            }),
            None => main.push(Block::Text(self.what_to_do(now))),
        }
        Page {
            main,
            side: self.side(),
            note: self.note(),
        }
    }

    /// The line below.
    pub(super) fn note(&self) -> Line {
        if self.sight.all() {
            return Line::new().good("The contract allows it.");
        }
        Line::new()
            .plain(format!(
                "Waiting for the contract to allow {}.",
                self.missing_words()
            ))
            .dim("  Nothing is billed while you wait.")
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
        lines
    }

    fn contract(&self) -> Vec<Line> {
        let (address, chain) = match &self.sight.of {
            Some(of) => (
                of.contract.to_string(),
                format!("on {}", numbered(of.chain_id)),
            ),
            None => (self.named_contract(), String::new()),
        };
        let mut lines = vec![
            Line::label("contract", LABEL)
                .plain(address)
                .dim(format!("   {chain}")),
        ];
        let Some((_, reading)) = self.sight.witness() else {
            return lines;
        };
        let upgrades = if reading.implementation.is_none() {
            "its code stays"
        } else if reading.upgrades_disabled {
            "its code can never be replaced"
        } else {
            "its owner can replace its code"
        };
        lines.push(Line::label("", LABEL).dim(format!("{}; {upgrades}", reading.generation)));
        let owner = Line::label("owner", LABEL);
        lines.push(match (&reading.owner, reading.owner.address()) {
            (Owner::Wallet(_), Some(address)) => {
                owner.plain(address.to_string()).dim("   a wallet")
            }
            (kind, Some(address)) => owner
                .plain(shorten(&address.to_string()))
                .warn(format!("   {kind}")),
            (kind, None) => owner.bad(kind.to_string()),
        });
        if let Some(pending) = reading.pending_owner {
            lines.push(Line::label("", LABEL).warn(format!(
                "{pending} was offered to own it, and has not accepted"
            )));
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

    /// Who was asked, when, and what they say where that differs.
    fn looked(&self, now: u64) -> Vec<Line> {
        let sight = &self.sight;
        let waited = now.saturating_sub(sight.since);
        let line = Line::label("looked", LABEL);
        let mut lines = vec![match sight.looked {
            Some(_) if sight.looks == 0 => line.plain("looking .."),
            Some(at) => line
                .plain(format!("{} s ago", now.saturating_sub(at)))
                .dim(format!(
                    "   look {}, {waited} s after the preparation, through the service",
                    sight.looks
                )),
            None => line.plain("looking .."),
        }];
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
            lines.extend(read_at(node, now));
        }
        if sight.disagrees() {
            lines.push(
                Line::label("", LABEL).mark(Mark::Warn).warn(
                    "they do not agree yet: one may lag behind. It goes on once all say yes.",
                ),
            );
        }
        lines
    }

    fn tracked(&self, now: u64) -> Vec<Line> {
        let mut lines = Vec::new();
        if !self.tracking.items.is_empty() {
            lines.push(Line::new());
            lines.push(title("Signed here"));
        }
        for item in &self.tracking.items {
            let call = item
                .call
                .map_or_else(|| "a call".to_owned(), |call| call.short());
            let line = Line::new().plain(format!("   {call}  "));
            lines.push(standing(line, item));
            let waited = now.saturating_sub(item.since);
            let about = format!(
                "   {}   number {}",
                item.transaction.hash.short(),
                item.transaction.nonce
            );
            lines.push(if item.is_open() {
                Line::new().dim(format!("{about}   {waited} s"))
            } else {
                Line::new().dim(about)
            });
            if let Some(error) = &item.trouble {
                lines.push(
                    Line::from("   ")
                        .mark(Mark::Warn)
                        .warn(format!("{}: {error}", error.asked)),
                );
            }
            let waits = matches!(item.standing, Some(Standing::Waiting));
            if item.is_open() && waits && waited >= SLOW {
                lines.push(Line::from("   ").mark(Mark::Dot).plain(
                    "u signs it again under the same number with higher fees; only one can count",
                ));
            }
        }
        if let Some(why) = &self.unsigned {
            lines.push(Line::new());
            lines.push(
                Line::new()
                    .mark(Mark::Bad)
                    .bad(format!("It was not signed: {why}")),
            );
        }
        lines
    }

    fn what_to_do(&self, now: u64) -> Vec<Line> {
        if self.sight.all() {
            return vec![
                Line::new(),
                Line::new()
                    .mark(Mark::Ok)
                    .good("Everything is registered.")
                    .plain(" Enter goes on."),
            ];
        }
        let mut lines = vec![Line::new(), title("Who does it, and how")];
        let missing = self.sight.missing();
        for (call, words) in missing.iter().zip([
            "the contract's owner calls  ",
            "and                         ",
        ]) {
            lines.push(
                Line::new()
                    .mark(Mark::Dot)
                    .plain(words)
                    .accent(call.short()),
            );
        }
        let way = |key: &str, what: &str| {
            Line::from("  ")
                .accent(format!("{key} "))
                .plain(format!("{what:<17}"))
        };
        lines.push(match self.unsignable() {
            None => way("1", "sign here").dim("with a key of this machine that owns the contract"),
            Some(why) => way("1", "sign here").dim(format!("not now: {why}")),
        });
        lines.push(match &self.handed {
            Some(Ok(path)) => way("2", "hand it over")
                .mark(Mark::Ok)
                .good("written: ")
                .plain(Shown::line(&path.display().to_string()).to_string()),
            Some(Err(why)) => way("2", "hand it over")
                .mark(Mark::Bad)
                .bad(why.to_string()),
            None => way("2", "hand it over").dim(
                "files for a Safe, for cast, bare calls, a page of explanation; no token in them",
            ),
        });
        if self.ticket.commit_url.is_some() {
            lines.push(
                way("3", "in the browser").dim("copies the page's address, with the token in it"),
            );
        }
        lines.push(
            way("n", "it is done")
                .dim("enter the transaction; without one the contract's state counts"),
        );
        if self.sight.used().next().is_none()
            && let Some(node) = self.sight.next_node()
        {
            lines.push(way("p", "read it yourself").dim(format!(
                "asks {}, a public node, not the service",
                node.host
            )));
        }
        lines.push(
            Line::new().mark(Mark::Dot).plain(format!(
                "I look every {} s and ring when it is done. You may leave: phala-wizard resume comes back.",
                self.sight.pause(now)
            )),
        );
        lines
    }

    fn side(&self) -> Vec<Line> {
        let mut lines = vec![
            title("What you have now"),
            Line::new().dim("token  ").plain(self.ticket.token.tail()),
            Line::from("It works like a password: whoever has it can finish this request."),
            Line::new().dim(
                "Good for 14 days, as documented for updates. It is kept in a file that only you can read: \
                 phala-wizard resume goes on from here.",
            ),
            Line::new(),
            title("What can spoil it"),
            Line::from("Preparing again for this app: the older token stops working."),
        ];
        if let Some((_, reading)) = self.sight.witness()
            && let Owner::Timelock { delay, .. } = reading.owner
            && delay >= TOKEN_LIFE
        {
            lines.push(Line::new().warn(
                "The timelock takes longer than the token lives: have the hash allowed first, then prepare again with \
                 the same answers. The hash stays the same.",
            ));
        }
        lines.extend([
            Line::new(),
            Line::from(
                "Nothing was created or billed. If you stop here there is nothing to clean up.",
            ),
        ]);
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

/// Seconds a commit token is good for, as documented for updates: 14 days.
const TOKEN_LIFE: u64 = 14 * 24 * 60 * 60;

/// How a transaction stands, in a word that stays as it is.
pub(super) fn state_word(item: &Item) -> &'static str {
    match (item.seen, &item.standing) {
        (Some(Seen::Confirmed), _) => "confirmed",
        (Some(Seen::Reverted), _) => "reverted",
        (Some(Seen::Replaced), _) => "replaced",
        (_, Some(Standing::Mined { .. })) => "mined",
        _ if item.reorganised => "reorganised",
        (_, Some(Standing::Unknown)) => "dropped",
        (_, Some(Standing::Waiting)) => "pending",
        _ => "sent",
    }
}

fn standing(line: Line, item: &Item) -> Line {
    match (item.seen, &item.standing) {
        (Some(Seen::Confirmed), Some(Standing::Mined { block, .. })) => line
            .mark(Mark::Ok)
            .good(format!("confirmed, block {block}")),
        (Some(Seen::Confirmed), _) => line.mark(Mark::Ok).good("confirmed"),
        (Some(Seen::Reverted), Some(Standing::Reverted { why: Some(why), .. })) => line
            .mark(Mark::Bad)
            .bad(format!("the contract refused: {why}")),
        (Some(Seen::Reverted), _) => line.mark(Mark::Bad).bad("the contract refused"),
        (Some(Seen::Replaced), _) => line
            .mark(Mark::Warn)
            .warn("another transaction used its number: what counts is what the contract allows"),
        (_, Some(Standing::Mined { depth, .. })) => line
            .mark(Mark::Busy)
            .plain(format!("in a block, {depth} of 2 on it")),
        _ if item.reorganised => line
            .mark(Mark::Warn)
            .warn("its block was replaced; the same bytes are sent again, and cannot count twice"),
        (_, Some(Standing::Unknown)) => line.mark(Mark::Warn).warn(
            "the node does not know it; the same bytes are sent again, and cannot count twice",
        ),
        (_, Some(Standing::NumberUsed)) => line
            .mark(Mark::Busy)
            .plain("its number is used; looking once more"),
        (_, Some(Standing::Waiting)) => line.mark(Mark::Busy).plain("waits for a block"),
        (_, Some(Standing::Reverted { .. }) | None) => line.mark(Mark::Busy).plain("sent"),
    }
}

fn read_at(node: &Node, now: u64) -> Vec<Line> {
    let line = Line::label("read at", LABEL).plain(node.host.to_string());
    let line = match &node.reading {
        Some(reading) => {
            let allowed = &reading.allowed;
            let says = |what: Option<bool>| match what {
                Some(true) => "yes",
                Some(false) => "not yet",
                None => "not asked",
            };
            line.dim(format!(
                "   block {}, {} s ago: hash {}, machine {}",
                allowed.block,
                now.saturating_sub(node.read),
                says(allowed.hash),
                says(allowed.machine())
            ))
        }
        None if node.trouble.is_some() => line,
        None => line.dim("   reading the contract .."),
    };
    let mut lines = vec![line];
    if let Some(error) = &node.trouble {
        lines.push(
            Line::label("", LABEL)
                .mark(Mark::Warn)
                .warn(format!("{}: {error}", error.asked)),
        );
    }
    lines
}

fn status(what: &str, allowed: Option<bool>) -> Line {
    let line = Line::from(format!("{what:<24}"));
    match allowed {
        Some(true) => line.mark(Mark::Ok).good("registered"),
        Some(false) => line.mark(Mark::Bad).warn("NOT registered"),
        None => line.mark(Mark::Warn).warn("the service does not say"),
    }
}
