//! A wizard that follows the log of a container, which writes as many lines as a test likes.

#![allow(dead_code, reason = "each test file uses its own part")]

use crossterm::event::KeyEvent;
use phala_wizard::api::types::{LogLine, LogSource};
use phala_wizard::shown::Shown;
use phala_wizard::wizard::Start;
use phala_wizard::wizard::event::{Answer, Event, Request, RequestId};

use crate::cloud::Cloud;
use crate::journey::Journey;
use crate::typed;

/// Whoever watches it.
pub struct Watch {
    pub journey: Journey,
    heard: usize,
}

impl Watch {
    /// In front of the log of the one container of an instance that runs.
    pub fn new() -> Self {
        let mut cloud = Cloud::default();
        cloud.boots_well();
        let start = Start {
            folder: "/home/dana".into(),
            // So that the lines that are kept can be asked for.
            log: Some("api".to_owned()),
            ..Start::default()
        };
        let mut journey = Journey::begin(cloud, start);
        journey.settle();
        // Enter takes every answer as it is; before the request that creates, the button is the right one.
        for keys in ["<enter>", "<right><enter>"].into_iter().cycle().take(60) {
            if journey.frame_at(120, 40).contains("L logs") {
                break;
            }
            journey.press(keys).wait(10);
        }
        journey.press("L").sees("4 api").press_only("4");
        let watch = Self { journey, heard: 0 };
        assert!(watch.is_heard(), "{}", watch.journey.frame());
        watch
    }

    /// Whether its log is read now.
    pub fn is_heard(&self) -> bool {
        self.question().is_some()
    }

    /// So many lines come at once, if the log is read.
    pub fn hears(&mut self, count: usize) {
        let Some((id, source)) = self.question() else {
            return;
        };
        let lines = (self.heard..self.heard + count).map(line).collect();
        self.heard += count;
        let answer = Answer::Logged(source, lines);
        self.journey.event(Event::Reply(id, answer));
    }

    /// How many came so far.
    pub fn heard(&self) -> usize {
        self.heard
    }

    /// A key is pressed, and whatever it asks stays open.
    pub fn key(&mut self, key: KeyEvent) {
        self.journey.event(Event::Key(key));
    }

    /// Several.
    pub fn presses(&mut self, keys: &str) {
        for key in typed::parse(keys) {
            self.key(key);
        }
    }

    fn question(&self) -> Option<(RequestId, LogSource)> {
        self.journey
            .open
            .iter()
            .find_map(|(id, request)| match request {
                Request::Log { source, .. } if matches!(source, LogSource::Container(_)) => {
                    Some((*id, source.clone()))
                }
                _ => None,
            })
    }
}

/// One of very many.
fn line(number: usize) -> LogLine {
    let weight = number * 7919 % 10_000;
    LogLine {
        at: Some(Shown::line(&format!(
            "2026-01-31T12:00:{:02}.000Z",
            number / 10_000 % 60
        ))),
        is_error: false,
        text: Shown::line(&format!(
            "{number:>12} GET /v1/items/{weight:04} 200 {:>3} ms, served from memory, nobody will ever read this line",
            weight % 97
        )),
    }
}
