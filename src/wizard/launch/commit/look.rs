//! No clear answer came: the instance may exist. Looking for it, without sending anything that creates (S24).
//!
//! The instances from before the request are compared with those listed now. One new one on our node with our hash
//! is ours; several are shown; none means looking on, with growing pauses.

use super::{At, Commit, Committed, Errand, Next};
use crate::api::error::Error;
use crate::api::types::{Created, CvmUuid, Instance};
use crate::secret::Secret;
use crate::wizard::event::{Answer, Request};
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::launch::brief::Brief;
use crate::wizard::menu::{Choice, Menu};
use crate::wizard::page::{Block, Line, Mark, Page, counted, title};
use crate::wizard::screen::{Input, Outcome, Wish};
use crate::wizard::status::Status;
use crate::wizard::trouble;

/// Seconds between one look and the next; the last one repeats.
const PAUSES: [u64; 7] = [2, 4, 8, 15, 30, 60, 60];

/// The search for an instance that may exist.
#[derive(Debug, PartialEq)]
pub struct Look {
    error: Error,
    before: Vec<CvmUuid>,
    sent: u64,
    gave_up: u64,
    looks: Vec<Glance>,
    /// When to look next; `None` while a look is under way.
    next: Option<u64>,
    candidates: Vec<Instance>,
    menu: Menu,
}

/// One look at the list.
#[derive(Debug, PartialEq)]
struct Glance {
    at: u64,
    seen: Result<(usize, usize), Error>,
}

impl Look {
    /// Begins to look, at once.
    pub fn start(
        error: Error,
        before: Vec<CvmUuid>,
        sent: u64,
        now: u64,
        brief: &Brief,
    ) -> (Self, Vec<Wish>) {
        let look = Self {
            error,
            before,
            sent,
            gave_up: now,
            looks: Vec::new(),
            next: None,
            candidates: Vec::new(),
            menu: Menu::default(),
        };
        (look, vec![Wish::Ask(Request::Instances(brief.plan.app))])
    }

    /// Takes an input.
    pub fn update(mut self, input: Input, now: u64, brief: Box<Brief>, errand: Errand) -> Next {
        let mut wishes = Vec::new();
        match input {
            Input::Answer(Answer::Instances(reply)) => {
                let had = self.candidates.len();
                self.take(reply, now, &brief, &errand);
                if self.candidates.len() > had {
                    wishes.push(Wish::Bell);
                }
            }
            Input::Tick
                if self.next.is_some_and(|next| now >= next) && self.candidates.is_empty() =>
            {
                self.next = None;
                wishes.push(Wish::Ask(Request::Instances(brief.plan.app)));
            }
            Input::Command(Command::Refresh) => {
                self.next = None;
                wishes.push(Wish::Ask(Request::Instances(brief.plan.app)));
            }
            Input::Command(Command::Copy) => {
                let id = self
                    .error
                    .request_id()
                    .map(|id| format!("   request id {id}"))
                    .unwrap_or_default();
                wishes.push(Wish::Copy(
                    "the error",
                    Secret::new(format!("{}: {}{id}", self.error.asked, self.error)),
                ));
            }
            Input::Command(command) => {
                if let Some(index) = self.menu.update(command, self.candidates.len()) {
                    let created = adopt(&self.candidates[index], &brief);
                    let birth = errand.birth(created, self.before);
                    return Outcome::Done((brief, Committed::Created(Box::new(birth))));
                }
            }
            _ => (),
        }
        Outcome::Stay(
            Commit {
                brief,
                errand,
                at: At::Unknown(self),
            },
            wishes,
        )
    }

    /// What can be done now.
    pub fn offer(&self) -> Offer {
        let offer = match self.candidates.len() {
            0 => Offer::default(),
            1 => Offer::default().with(Command::Next, "take it over and watch it"),
            count => Menu::offer(Offer::default(), count),
        };
        offer
            .with(Command::Refresh, "look now")
            .with(Command::Copy, "copy for support")
    }

    /// Where it stands, for a face without pages.
    pub fn status(&self) -> Status {
        let candidates = self.candidates.iter();
        Status::Unknown {
            error: self.error.clone(),
            candidates: candidates
                .map(|one| format!("{} {}", one.name, describe(one)))
                .collect(),
        }
    }

    /// Whether another look is to come.
    pub fn moves(&self) -> bool {
        self.candidates.is_empty()
    }

    /// The page.
    pub fn page(&self, now: u64, brief: &Brief) -> Page<'_> {
        let mut lines = vec![
            title("No clear answer came back. It may or may not exist."),
            Line::new(),
            trouble::brief(&self.error),
            Line::pair(
                "sent",
                10,
                format!("{} s ago, once", now.saturating_sub(self.sent)),
            )
            .dim(format!(
                "   waited {} s",
                self.gave_up.saturating_sub(self.sent)
            )),
            Line::new().dim("I do not send it again."),
            Line::new(),
        ];
        let first = self.looks.len().saturating_sub(6);
        for (index, glance) in self.looks.iter().enumerate().skip(first) {
            let line = Line::label(&format!("look {}", index + 1), 10)
                .dim(format!("{:>4} s ago   ", now.saturating_sub(glance.at)));
            lines.push(match &glance.seen {
                Ok((all, 0)) => line.plain(format!("{}, none new", counted(*all, "instance"))),
                Ok((all, new)) => line
                    .plain(format!("{}, ", counted(*all, "instance")))
                    .good(format!("{new} new")),
                Err(error) => line.warn(error.to_string()),
            });
        }
        lines.push(Line::new());
        match self.candidates.as_slice() {
            [] => lines.push(self.next_look(now)),
            [one] => {
                lines.push(
                    Line::new()
                        .mark(Mark::Ok)
                        .good("FOUND  ")
                        .strong(one.name.as_str())
                        .plain(format!("  {}", describe(one))),
                );
                lines.push(Line::from("   new since the request was sent, on the node and with the hash that were asked for: yours."));
                lines.push(
                    Line::new()
                        .accent("   Enter")
                        .plain(" takes it over and watches it."),
                );
            }
            several => {
                lines.push(Line::new().warn("Several new instances appeared. Which one is yours?"));
                let choices: Vec<Choice> = several
                    .iter()
                    .map(|instance| Choice::new(instance.name.as_str(), describe(instance)))
                    .collect();
                lines.extend(self.menu.lines(&choices));
            }
        }
        Page {
            main: vec![Block::Text(lines)],
            side: side(brief),
            note: self.note(),
        }
    }

    fn take(
        &mut self,
        reply: Result<Vec<Instance>, Error>,
        now: u64,
        brief: &Brief,
        errand: &Errand,
    ) {
        let seen = match reply {
            Ok(instances) => {
                let all = instances.len();
                let new: Vec<Instance> = instances
                    .into_iter()
                    .filter(|instance| {
                        instance
                            .uuid
                            .as_ref()
                            .is_some_and(|uuid| !self.before.contains(uuid))
                    })
                    .collect();
                let count = new.len();
                self.candidates = new
                    .into_iter()
                    .filter(|instance| could_be_ours(instance, brief, errand))
                    .collect();
                Ok((all, count))
            }
            Err(error) => Err(error),
        };
        let pause = PAUSES[self.looks.len().min(PAUSES.len() - 1)];
        self.looks.push(Glance { at: now, seen });
        self.next = Some(now + pause);
    }

    fn next_look(&self, now: u64) -> Line {
        match self.next {
            Some(next) => Line::new()
                .mark(Mark::Busy)
                .plain(format!("looking again in {} s", next.saturating_sub(now))),
            None => Line::new().mark(Mark::Busy).plain("looking"),
        }
    }

    fn note(&self) -> Line {
        match self.candidates.len() {
            0 => Line::new()
                .warn("Unknown.")
                .plain("  Looking is free and creates nothing; leaving is safe too."),
            _ => Line::new()
                .good("Found.")
                .plain("  Nothing was sent twice."),
        }
    }
}

/// Whether a new instance fits what was asked for. What the service does not say does not count against it.
fn could_be_ours(instance: &Instance, brief: &Brief, errand: &Errand) -> bool {
    let node = instance.node.as_ref().and_then(|node| node.id);
    let same_node = brief
        .plan
        .node
        .is_none_or(|asked| node.is_none_or(|node| node == asked));
    let same_hash = match errand {
        Errand::Redeem(ticket, _) => instance
            .compose_hash
            .is_none_or(|hash| hash == ticket.compose_hash),
        Errand::AtOnce => true,
    };
    same_node && same_hash
}

fn adopt(instance: &Instance, brief: &Brief) -> Created {
    Created {
        uuid: instance.uuid.clone(),
        name: instance.name.clone(),
        status: instance.status.clone(),
        app: Some(brief.plan.app),
        node: instance.node.clone(),
        instance_id: instance.instance_id.clone(),
    }
}

fn describe(instance: &Instance) -> String {
    let node = instance
        .node
        .as_ref()
        .map_or("-", |node| node.name.as_str());
    let created = instance
        .created_at
        .as_ref()
        .map(|time| format!(", created {time}"))
        .unwrap_or_default();
    format!("on {node}, {}{created}", instance.status)
}

fn side(brief: &Brief) -> Vec<Line> {
    vec![
        title("Why I do not just try again"),
        Line::from(
            "A second request can make a second machine, billed from the first minute, and nobody notices.",
        ),
        Line::new(),
        title("How I recognise yours"),
        Line::from(
            "The list of instances was noted before sending. What is new since then, on the same node and with the same compose hash, is yours.",
        ),
        Line::new(),
        title("Look for yourself"),
        Line::new().accent(format!("phala instances ls --app-id {}", brief.plan.app)),
    ]
}
