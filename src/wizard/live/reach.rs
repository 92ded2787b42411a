//! Whether the world reaches the instance: its addresses, and what comes back from them.

use super::poll::Poll;
use crate::api::error::Error;
use crate::api::types::{Network, Reached};
use crate::shown::Shown;
use crate::wizard::event::Request;
use crate::wizard::keymap::{Command, hint};
use crate::wizard::page::{Line, Mark, Tone, title};
use crate::wizard::screen::Wish;
use crate::wizard::trouble;
use crate::zone::Zone;

const LABEL: usize = 13;

/// The network of one instance, as far as it was told.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reach {
    /// When it is asked.
    pub poll: Poll,
    told: Option<Result<Network, Error>>,
    /// Why the last look told nothing, where an earlier one did.
    trouble: Option<Error>,
    check: Option<Check>,
}

/// A question to the app itself.
#[derive(Debug, Clone, PartialEq)]
struct Check {
    address: Shown,
    /// What came back; `None` while it is waited for.
    answer: Option<Result<Reached, Shown>>,
}

impl Reach {
    /// Takes what the service told.
    pub fn take(&mut self, reply: Result<Network, Error>, now: u64) {
        self.poll.answered(reply.is_ok(), now);
        // A look that failed is told beside what is known, and does not take its place.
        (self.told, self.trouble) = match (reply, self.told.take()) {
            (Err(error), Some(Ok(known))) => (Some(Ok(known)), Some(error)),
            (reply, _) => (Some(reply), None),
        };
    }

    /// What the service told.
    pub fn told(&self) -> Option<&Result<Network, Error>> {
        self.told.as_ref()
    }

    /// The addresses that a browser can open.
    pub fn addresses(&self) -> impl Iterator<Item = &Shown> {
        let urls = self.told.iter().flatten().flat_map(|told| &told.urls);
        urls.filter(|url| {
            let url = url.as_str();
            url.starts_with("https://") || url.starts_with("http://")
        })
    }

    /// Asks the app at its first address.
    pub fn check(&mut self) -> Vec<Wish> {
        let Some(address) = self.addresses().next().cloned() else {
            return Vec::new();
        };
        self.check = Some(Check {
            address: address.clone(),
            answer: None,
        });
        vec![Wish::Ask(Request::CheckAddress(address))]
    }

    /// Whether the app is being asked.
    pub fn is_checking(&self) -> bool {
        self.check
            .as_ref()
            .is_some_and(|check| check.answer.is_none())
    }

    /// What came back from the app.
    pub fn checked(&mut self, answer: Result<Reached, Shown>) {
        if let Some(check) = &mut self.check {
            check.answer = Some(answer);
        }
    }

    /// The pane.
    pub fn lines(&self, zone: &Zone) -> Vec<Line> {
        let told = match &self.told {
            None => return vec![Line::new().mark(Mark::Busy).dim("asking for the addresses")],
            Some(Err(error)) => {
                return vec![
                    trouble::brief(error),
                    Line::new().dim(format!(
                        "  {} asks again. That says nothing about the instance.",
                        hint(Command::Refresh)
                    )),
                ];
            }
            Some(Ok(told)) => told,
        };
        let mut lines: Vec<Line> = self.trouble.iter().map(trouble::brief).collect();
        lines.push(title("Addresses"));
        for url in &told.urls {
            lines.push(
                Line::new()
                    .mark(Mark::Arrow)
                    .tone(Tone::Address, url.as_str()),
            );
            lines.extend(port(url.as_str()).map(|port| {
                Line::new().dim(format!(
                    "   port {port} of the guest, through the gateway, which brings the TLS certificate"
                ))
            }));
        }
        if told.urls.is_empty() {
            lines.push(Line::from("None is told."));
            lines.push(Line::new().dim(
                "   An address comes from 'ports:' of the compose file, and only once the guest is registered with the gateway.",
            ));
        }
        lines.push(Line::new());
        lines.push(title("The way there"));
        lines.push(if told.online {
            Line::label("gateway", LABEL)
                .mark(Mark::Ok)
                .plain("the instance is registered")
        } else {
            Line::label("gateway", LABEL)
                .mark(Mark::Warn)
                .warn("says that the instance is not online")
        });
        for (label, value) in [
            // Some services tell an instant, and some how long ago that is.
            (
                "handshake",
                told.handshake.as_ref().map(|at| zone.moment(at)),
            ),
            ("internal", told.internal_ip.as_ref().map(Shown::to_string)),
            ("its words", told.trouble.as_ref().map(Shown::to_string)),
        ] {
            lines.extend(value.map(|value| Line::pair(label, LABEL, value)));
        }
        lines.push(Line::new());
        lines.push(title("The app itself"));
        lines.extend(self.answer(zone));
        lines
    }

    /// What the app answered, in lines.
    pub fn answer(&self, zone: &Zone) -> Vec<Line> {
        let Some(check) = &self.check else {
            return vec![Line::new().dim(format!(
                "not asked: {} asks it at its first address, without your key",
                hint(Command::Check)
            ))];
        };
        let asked = Line::label("asked", LABEL).tone(Tone::Address, check.address.as_str());
        let answer =
            match &check.answer {
                None => {
                    return vec![
                        asked,
                        Line::label("", LABEL)
                            .mark(Mark::Busy)
                            .dim("waiting, 10 s at most"),
                    ];
                }
                Some(Err(why)) => {
                    return vec![
                    asked,
                    Line::label("answer", LABEL).mark(Mark::Bad).bad(why.as_str()),
                    Line::new().dim(
                        "   Does a service listen on that port, on 0.0.0.0 and not on 127.0.0.1?",
                    ),
                ];
                }
                Some(Ok(reached)) => reached,
            };
        let status = Line::label("answer", LABEL);
        let words = format!("HTTP {} in {} ms", answer.status, answer.millis);
        let status = match answer.status {
            502..=504 => status
                .mark(Mark::Bad)
                .bad(words)
                .dim("   from the gateway: nothing answers behind it"),
            500..=599 => status.mark(Mark::Warn).warn(words).dim("   the app failed"),
            400..=499 => status
                .mark(Mark::Ok)
                .plain(words)
                .dim("   it answers; what was asked it does not give"),
            _ => status.mark(Mark::Ok).good(words),
        };
        let mut lines = vec![asked, status];
        if let Some(shown) = &answer.certificate {
            lines.push(
                Line::pair("certificate", LABEL, shown.subject.as_str()).dim(format!(
                    "   by {}, good until {}",
                    shown.issuer,
                    zone.moment(&shown.until)
                )),
            );
        } else {
            lines.push(Line::label("certificate", LABEL).dim("none: it is not asked over TLS"));
        }
        lines
    }

    /// The answer in a few words, for a line of its own.
    pub fn verdict(&self) -> Option<Line> {
        let answer = self.check.as_ref()?.answer.as_ref()?;
        Some(match answer {
            Ok(reached) if reached.status < 500 => Line::new().good(format!(
                "answers {} in {} ms",
                reached.status, reached.millis
            )),
            Ok(reached) => Line::new().warn(format!("answers {}", reached.status)),
            Err(why) => Line::new().bad(format!("no answer: {why}")),
        })
    }
}

/// The port in `https://{id}-{port}.{domain}`.
fn port(url: &str) -> Option<u16> {
    let host = url.split_once("://")?.1;
    let name = host.split(['.', '/']).next()?;
    name.rsplit_once('-')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_where_the_address_names_one() {
        for (url, expected) in [
            (
                "https://f2e4c1a0-8080.dstack-prod6.phala.network",
                Some(8080),
            ),
            ("https://example.org", None),
            ("nothing", None),
            ("https://a-99999.example", None),
        ] {
            assert_eq!(port(url), expected, "{url}");
        }
    }

    #[test]
    fn an_answer_is_read_by_who_gave_it() {
        let answered = |status| {
            let mut reach = Reach::default();
            reach.take(
                Ok(Network {
                    online: true,
                    urls: vec!["https://a-8080.example".into()],
                    ..Network::default()
                }),
                0,
            );
            assert_eq!(reach.check().len(), 1);
            assert!(reach.is_checking());
            reach.checked(Ok(Reached {
                status,
                millis: 12,
                certificate: None,
            }));
            let lines: Vec<String> = reach
                .lines(&Zone::default())
                .iter()
                .map(Line::words)
                .collect();
            lines.join("\n")
        };
        assert!(answered(502).contains("nothing answers behind it"));
        assert!(answered(500).contains("the app failed"));
        assert!(answered(404).contains("it answers"));
        assert!(answered(200).contains("ok HTTP 200 in 12 ms"));
    }
}
