//! How the search looks (S24): what was sent, what every look saw, what was found, and the ways on.

use super::consent::Way;
use super::{Look, Resumed, Why};
use crate::api::types::Instance;
use crate::wizard::launch::brief::Brief;
use crate::wizard::launch::commit::Errand;
use crate::wizard::menu::Choice;
use crate::wizard::page::{Block, Line, Mark, Page, counted, title};
use crate::wizard::trouble;
use crate::zone::Zone;

/// Looks shown; the ones before are left out.
const SHOWN: usize = 5;

const TOKEN_GONE: &str = "The token was used, or ran out. An instance may or may not exist.";

impl Look {
    /// The page.
    pub fn page(&self, now: u64, zone: &Zone, brief: &Brief, errand: &Errand) -> Page<'_> {
        let mut lines = self.heading(now, errand);
        let first = self.looks.len().saturating_sub(SHOWN);
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
        match self.candidates() {
            [] => lines.push(self.next_look(now)),
            [one] => {
                lines.push(
                    Line::new()
                        .mark(Mark::Ok)
                        .good("FOUND  ")
                        .strong(one.name.as_str())
                        .plain(format!("  {}", describe(one, Some(zone)))),
                );
                lines.push(Line::from(match self.strangers {
                    0 => "   new since the request was sent, on the node and with the hash that were asked for: yours.",
                    _ => "   on the node and with the hash that were asked for. Others are new too, so somebody else adds some: very likely yours.",
                }));
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
                    .map(|instance| {
                        Choice::new(instance.name.as_str(), describe(instance, Some(zone)))
                    })
                    .collect();
                lines.extend(self.menu.lines(&choices));
            }
        }
        let mut main = vec![Block::Text(lines)];
        match &self.consent {
            Some(consent) => {
                main.push(Block::Text(vec![
                    Line::new(),
                    Line::new().warn("Creating again may give you two instances, both billed."),
                    Line::from(
                        "If the first request is still on its way, its instance appears too.",
                    ),
                ]));
                main.push(Block::Field {
                    label: "type the app's name to go on",
                    field: consent.field(),
                });
            }
            None => main.push(Block::Text(self.ways_on(errand))),
        }
        Page {
            main,
            side: side(brief),
            note: self.note(),
        }
    }

    fn heading(&self, now: u64, errand: &Errand) -> Vec<Line> {
        match &self.why {
            Why::Lost {
                error,
                sent,
                gave_up,
            } => vec![
                title(if self.is_refused() {
                    TOKEN_GONE
                } else {
                    "No clear answer came back. It may or may not exist."
                }),
                Line::new(),
                trouble::brief(error),
                Line::pair(
                    "sent",
                    10,
                    format!("{} s ago, once", now.saturating_sub(*sent)),
                )
                .dim(format!("   waited {} s", gave_up.saturating_sub(*sent))),
                Line::new().dim("I do not send it again."),
                Line::new(),
            ],
            Why::Refused(error) => {
                let mut lines = vec![
                    title(match errand {
                        Errand::Redeem(..) => TOKEN_GONE,
                        Errand::AtOnce => "What came was not for what was asked. It is not used.",
                    }),
                    Line::new(),
                ];
                lines.extend(error.as_ref().map(trouble::brief));
                lines.push(Line::from(
                    "Looking before anything else. Nothing is sent meanwhile.",
                ));
                lines.push(Line::new());
                lines
            }
            Why::Resumed(resumed) => vec![
                title(match resumed {
                    Resumed::Preparing => "The first step may have reached the service.",
                    Resumed::Prepared if is_new_app(errand) => "Provisioned, and not yet created.",
                    Resumed::Prepared => "Prepared, and not yet created.",
                    Resumed::Sent => "The create request may have gone out.",
                }),
                Line::from(match resumed {
                    Resumed::Preparing => {
                        "It creates nothing on this app. I look, and then ask to prepare again."
                    }
                    Resumed::Prepared if is_new_app(errand) => {
                        "The app may have been made elsewhere, so I look before anything else."
                    }
                    Resumed::Prepared => {
                        "Somebody may have used the token through its link, so I look before anything else."
                    }
                    Resumed::Sent => "Looking before anything else. Nothing is sent meanwhile.",
                }),
                Line::new(),
            ],
        }
    }

    fn ways_on(&self, errand: &Errand) -> Vec<Line> {
        let ways = self.ways(errand);
        if ways.is_empty() {
            return Vec::new();
        }
        let choices: Vec<Choice> = ways
            .iter()
            .map(|way| match way {
                Way::KeepLooking => Choice::new("keep looking", "free; it may still appear"),
                Way::SameToken if is_new_app(errand) => Choice::new(
                    "send the SAME request again",
                    "asks you first; it names the same app id, so it makes no second app",
                ),
                Way::SameToken => Choice::new(
                    "send again with the SAME token",
                    "asks you first; a token is good once, so at most one instance comes of both",
                ),
                Way::Anew => {
                    Choice::new("create again", "may give you two: asks for the app's name")
                }
            })
            .collect();
        let mut lines = vec![Line::new()];
        lines.extend(self.menu.lines(&choices));
        lines
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
        match self.candidates().len() {
            0 => Line::new()
                .warn("Unknown.")
                .plain("  Looking is free and creates nothing; leaving is safe too."),
            _ => Line::new()
                .good("Found.")
                .plain("  Nothing was sent twice."),
        }
    }
}

/// Whether it makes a new app.
fn is_new_app(errand: &Errand) -> bool {
    matches!(errand, Errand::Redeem(ticket, _) if ticket.provision.is_some())
}

/// Where an instance is, how it is doing, and since when; without a zone in the service's words.
pub(super) fn describe(instance: &Instance, zone: Option<&Zone>) -> String {
    let node = instance
        .node
        .as_ref()
        .map_or("-", |node| node.name.as_str());
    let created = instance
        .created_at
        .as_ref()
        .map(|time| match zone {
            Some(zone) => format!(", created {}", zone.moment(time)),
            None => format!(", created {time}"),
        })
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
