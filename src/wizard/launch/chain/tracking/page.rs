//! How the transactions of a deployment fare, in words.

use super::{Item, Tracking};
use crate::chain::Call;
use crate::chain::transaction::Standing;
use crate::journal::record::Seen;
use crate::wizard::launch::chain::Chain;
use crate::wizard::page::{Line, Mark, title};

/// Seconds after which a transaction that waits is worth a remark.
const SLOW: u64 = 60;

impl Chain {
    pub(in crate::wizard::launch::chain) fn tracked(&self, now: u64) -> Vec<Line> {
        let mut lines = self.tracking.lines(now);
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
}

impl Tracking {
    /// Every transaction that was signed here, and how it stands.
    pub fn lines(&self, now: u64) -> Vec<Line> {
        let mut lines = Vec::new();
        if !self.items.is_empty() {
            lines.push(Line::new());
            lines.push(title("Signed here"));
        }
        for item in &self.items {
            let call = item.call.map_or_else(|| "a call".to_owned(), Call::short);
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
                lines.push(
                    Line::from("   ")
                        .mark(Mark::Dot)
                        .plain("u pays more under the same number; only one can count"),
                );
            }
        }
        lines
    }
}

/// How a transaction stands, in a word that stays as it is.
pub(in crate::wizard::launch::chain) fn state_word(item: &Item) -> &'static str {
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
