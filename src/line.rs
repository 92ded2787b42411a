//! The other face of the wizard: for programs, and for people who read lines. It asks nothing and draws nothing.
//!
//! ```text
//!  Report ──▶ Pilot::take ──┬─▶ News    what happened, as lines for people and as JSON
//!  (after every event)      └─▶ Move    the one command that follows, or the end
//! ```
//!
//! The wizard decides what can be done, as it does for the screen; this only decides which of it is done without a
//! person. It is pure: the waiting, the files and the printing are [`shell::line`](crate::shell::line).

mod convoy;
mod decide;
mod events;
mod news;
mod tell;
mod walk;
mod words;

pub use decide::{Move, Orders, Stay};
pub use events::EVENTS;
pub use news::News;
pub use walk::{Paper, Walk};

use crate::wizard::keymap::Command;
use crate::wizard::status::{AppReport, Report, Status};
use convoy::Convoy;
use decide::{SoFar, decide};

/// Seconds of silence after which it says what it waits for.
const HEARTBEAT: u64 = 30;

/// Walks the wizard on behalf of whoever gave the orders.
#[derive(Debug)]
pub struct Pilot {
    orders: Orders,
    so_far: SoFar,
    /// What was reported last.
    seen: Option<Status>,
    signed_in: bool,
    app: Option<AppReport>,
    convoy: Convoy,
    /// When the wizard came to where it stands.
    since: u64,
    /// When something was said last.
    said: u64,
}

impl Pilot {
    /// A pilot with these orders.
    pub fn new(orders: Orders) -> Self {
        Self {
            orders,
            so_far: SoFar::default(),
            seen: None,
            signed_in: false,
            app: None,
            convoy: Convoy::default(),
            since: 0,
            said: 0,
        }
    }

    /// Takes the report of this second: what is new in it, and what follows.
    pub fn take(&mut self, report: &Report, now: u64) -> (Vec<News>, Move) {
        let mut news = Vec::new();
        if let (Some(session), false) = (&report.session, self.signed_in) {
            self.signed_in = true;
            news.push(News::signed_in(session));
        }
        if let Some(app) = &report.app
            && self.app.as_ref() != Some(app)
        {
            self.app = Some(app.clone());
            news.push(News::app(app));
        }
        let status = &report.status;
        if let Some(several) = &report.several {
            news.extend(self.convoy.take(several, status));
            if self.convoy.has_turned() {
                self.seen = self.convoy.seen_before(status);
                self.since = now;
                self.so_far.confirmed = false;
            }
            self.so_far.ahead = several.ahead;
            self.so_far.unwatched = self.convoy.unwatched(several);
        }
        if !self
            .seen
            .as_ref()
            .is_some_and(|seen| is_same_place(seen, status))
        {
            self.since = now;
        }
        self.so_far.waited = now.saturating_sub(self.since);
        news.extend(tell::news(self.seen.as_ref(), status, self.so_far.waited));
        self.seen = Some(status.clone());

        self.so_far.confirmed |= matches!(status, Status::Sent);
        self.so_far.prepared |= is_prepared(status);
        let mut next = decide(status, &self.orders, &self.so_far);
        if let (Move::End(Some(_)), Some(several)) = (&next, &report.several)
            && several.made > 0
        {
            // What was made on the other nodes counts too.
            next = Move::End(None);
        }
        if next == Move::Give(Command::Switch) {
            self.convoy.watched();
        }
        match &next {
            Move::End { .. } => news.extend(tell::reason(status, &self.orders, &self.so_far)),
            Move::Confirm | Move::Wait | Move::Give(_) | Move::KeepToken => (),
        }
        if !news.is_empty() {
            self.said = now;
        } else if next == Move::Wait && now.saturating_sub(self.said) >= HEARTBEAT {
            self.said = now;
            news.push(News::Waiting {
                what: words::waiting_for(status),
                seconds: self.so_far.waited,
            });
        }
        (news, next)
    }

    /// The token is kept, or need not be.
    pub fn kept(&mut self) {
        self.so_far.kept = true;
    }
}

/// Whether there is a token by now.
fn is_prepared(status: &Status) -> bool {
    let registered = match status {
        Status::Chain(registration) => Some(registration),
        Status::Asking { registered, .. } => registered.as_ref(),
        _ => None,
    };
    registered.is_some()
}

/// Whether both are the same place, however much has changed there.
fn is_same_place(one: &Status, other: &Status) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

#[cfg(test)]
mod tests;
