//! A log on the page (S38): which one, its lines, what was folded, and why it is empty.

use super::book::{Book, Kept, MOST_BYTES, found};
use super::{Logs, Tape, Tie, short};
use crate::api::types::{LogEnd, LogSource};
use crate::shown::Shown;
use crate::wizard::keymap::{Command, Offer, Typing, hint};
use crate::wizard::live::receipt::span;
use crate::wizard::page::{Anchor, Block, Line, LogView, Mark, Tone, counted};
use crate::wizard::plan::bytes;
use crate::zone::Zone;

/// Columns for the number of a line and the blank after it.
const NUMBER: u16 = 8;
/// Columns for a time of day and the blank after it.
const STAMP: u16 = 9;

/// What else is known that may say why a log is empty.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// Seconds since the instance was made or watched.
    pub age: u64,
    /// The phase its boot is in.
    pub phase: Option<&'a str>,
}

impl Logs {
    /// What can be done with the log on screen.
    pub fn offer(&self) -> Offer {
        if self.is_typing() {
            return Offer::new(Typing::Line)
                .with(Command::Next, "keep it")
                .with(Command::Back, "find nothing")
                .with(Command::Up, "")
                .with(Command::Down, "");
        }
        let tape = self.selected();
        let found = tape.book.hits() > 0;
        let words = |on: bool, off: &'static str, back: &'static str| if on { back } else { off };
        let view = &self.view;
        let has = !tape.book.is_empty();
        let offer = Offer::default()
            .with_if(has, Command::Filter, "find")
            .with_if(found, Command::FindNext, "next")
            .with_if(found, Command::FindBefore, "before")
            .with_if(
                has,
                Command::Follow,
                words(self.follows(), "follow", "stand still"),
            )
            .with(Command::Tab, "other log")
            .with(Command::BackTab, "")
            .with_if(has, Command::Wrap, words(view.wrap, "wrap", "cut"))
            .with_if(
                has,
                Command::Stamps,
                words(view.stamps, "times", "no times"),
            );
        let offer = if tape.book.folded() > 0 {
            offer.with(Command::Fold, "fold")
        } else {
            offer
        };
        let offer = if tape.book.is_empty() {
            let why = "there are no lines yet";
            offer
                .blocked(Command::Save, "save", why)
                .blocked(Command::Pager, "pager", why)
        } else {
            offer
                .with(Command::Save, "save")
                .with(Command::Pager, "pager")
        };
        offer.with_list().with_choices(self.tapes.len(), "this log")
    }

    /// The log as blocks.
    pub fn blocks<'a>(&'a self, around: Around, zone: &'a Zone) -> Vec<Block<'a>> {
        let mut blocks = vec![Block::Text(vec![self.sources()])];
        if let Some(field) = &self.view.typing {
            blocks.push(Block::Field {
                label: "find",
                field,
            });
        }
        blocks.push(Block::Log(self.lines(around, zone)));
        if let Some(line) = self.folded() {
            blocks.push(Block::Text(vec![line]));
        }
        blocks
    }

    /// The line below: how it is read, and how much of it there is.
    pub fn note(&self, zone: &Zone) -> Line {
        let tape = self.selected();
        let book = &tape.book;
        let mut line = Line::new();
        if !book.needle().is_empty() {
            let place = self.view.at.and_then(|at| book.place_of(at));
            line = line.accent(match place {
                Some(place) => format!("{place} of {}  ", book.hits()),
                None => format!("{} found  ", counted(book.hits(), "line")),
            });
        }
        line = match (&tape.tie, self.follows()) {
            (
                Tie::Ended {
                    why: LogEnd::Failed(error),
                    ..
                },
                _,
            ) => line
                .warn("The log was lost; that says nothing about the instance.")
                .dim(format!(" {error}. ")),
            (_, true) => line.plain(format!("{}. ", tape.words())),
            (_, false) => line.plain("Standing still: f follows. "),
        };
        let lines = usize::try_from(book.last()).unwrap_or(usize::MAX);
        line = line.dim(format!(
            "{}, {} of {} kept",
            counted(lines, "line"),
            bytes(book.bytes()),
            bytes(MOST_BYTES)
        ));
        if book.dropped() > 0 {
            line = line.dim(format!(", the first {} are gone", book.dropped()));
        }
        if let Some(name) = self.hours(zone) {
            line = line.dim(format!(", times in {name}"));
        }
        if self.mask.is_empty() {
            line
        } else {
            line.dim(". Your values are masked.")
        }
    }

    /// What the times beside the lines are called, where they are shown: what those of the last line are.
    fn hours(&self, zone: &Zone) -> Option<String> {
        let last = self.selected().book.last_stamp();
        last.filter(|_| self.view.stamps)
            .and_then(|at| zone.name(at))
    }

    /// Known harmless lines are hidden, unless somebody looks for something: that may be in them.
    pub(super) fn folds(&self) -> bool {
        self.view.fold && self.selected().book.needle().is_empty()
    }

    fn sources(&self) -> Line {
        let mut line = Line::new();
        for (index, tape) in self.tapes.iter().enumerate() {
            let name = format!("{} {}", index + 1, short(&tape.source));
            line = if index == self.selected {
                line.strong(format!("[{name}]")).plain(" ")
            } else {
                line.dim(format!(" {name} ")).plain(" ")
            };
        }
        line
    }

    fn lines<'a>(&'a self, around: Around, zone: &'a Zone) -> LogView<'a> {
        let tape = self.selected();
        let book = &tape.book;
        let fold = self.folds();
        let hours = self.hours(zone);
        let selected = self.view.at.map(|at| book.row_of(at, fold));
        LogView {
            len: book.rows(fold),
            row: Box::new(move |row| {
                book.at(row, fold).map_or_else(Line::new, |(number, line)| {
                    self.row(number, line, book, (zone, hours.as_deref()))
                })
            }),
            anchor: selected.map_or(Anchor::Bottom, Anchor::Show),
            wrap: self.view.wrap,
            indent: NUMBER + if self.view.stamps { STAMP } else { 0 },
            selected,
            empty: tape.why_empty(around),
        }
    }

    fn row(&self, number: u64, line: &Kept, book: &Book, clock: (&Zone, Option<&str>)) -> Line {
        let mut row = Line::new().dim(format!("{number:>6}  "));
        if self.view.stamps {
            let (zone, hours) = clock;
            let at = line.at.as_ref().map(|at| time_of_day(at, zone, hours));
            row = row.dim(format!("{:8} ", at.unwrap_or_default()));
        }
        let tone = if line.harmless.is_some() {
            Tone::Dim
        } else {
            Tone::Plain
        };
        let mut rest = line.text.as_str();
        while let Some((from, to)) = found(rest, book.needle()) {
            row = row
                .tone(tone, &rest[..from])
                .tone(Tone::Match, &rest[from..to]);
            rest = &rest[to..];
        }
        let row = row.tone(tone, rest);
        match line.harmless {
            Some(reason) => row.dim(format!("   (harmless: {reason})")),
            None => row,
        }
    }

    fn folded(&self) -> Option<Line> {
        let count = self.selected().book.folded();
        let lines = counted(count, "line");
        let key = hint(Command::Fold);
        let words = if self.folds() {
            format!("{lines} known and harmless, folded: {key} shows them and why")
        } else {
            format!("{lines} known and harmless, shown dim: {key} folds them")
        };
        (count > 0).then(|| Line::new().mark(Mark::Dot).dim(words))
    }
}

impl Logs {
    /// The log that is looked at, and why it cannot be read; `None` while it can.
    pub fn unread(&self) -> Option<(Shown, String)> {
        let tape = self.selected();
        let Tie::Ended { why, .. } = &tape.tie else {
            return None;
        };
        if matches!(why, LogEnd::Closed) {
            return None;
        }
        let (what, more) = why_ended(why, &tape.source, String::new());
        Some((
            Shown::line(tape.source.word()),
            format!("{what} {more}").trim().to_owned(),
        ))
    }
}

impl Tape {
    /// Why there is nothing to see.
    fn why_empty(&self, around: Around) -> Vec<Line> {
        let young = format!("the instance is {} old", span(around.age));
        let boot = around.phase.map_or_else(
            || young.clone(),
            |phase| format!("its boot is at '{phase}'"),
        );
        let (what, why) = match &self.tie {
            Tie::Idle | Tie::Asked { .. } => ("Asking for it.".to_owned(), young),
            Tie::Open { .. } => match self.source {
                LogSource::Container(_) => (
                    "It is open, and nothing was written to it.".to_owned(),
                    "Containers write here what they print; many print nothing while all is well."
                        .to_owned(),
                ),
                _ => ("No output yet.".to_owned(), young),
            },
            Tie::Ended { why, .. } => why_ended(why, &self.source, boot),
        };
        let again = match &self.tie {
            Tie::Ended { .. } => "I look again by myself.",
            _ => "",
        };
        vec![
            Line::new(),
            Line::new().plain(what),
            Line::new().dim(why),
            Line::new().dim(again),
        ]
    }
}

fn why_ended(why: &LogEnd, source: &LogSource, boot: String) -> (String, String) {
    match why {
        LogEnd::Closed => (
            "The node closed it without a line.".to_owned(),
            "Nothing was written to it so far.".to_owned(),
        ),
        LogEnd::Private => (
            "The app keeps its logs to itself.".to_owned(),
            "'public_logs' is off in its document, so the service cannot show them; the serial log may be readable."
                .to_owned(),
        ),
        LogEnd::NoContainer(names) if names.is_empty() => (
            format!("There is no container '{}' yet.", source.word()),
            boot,
        ),
        LogEnd::NoContainer(names) => {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            (
                format!("There is no container '{}'.", source.word()),
                format!("There are: {}.", names.join(", ")),
            )
        }
        LogEnd::NoAddress => (
            "The service names no address for this log yet.".to_owned(),
            boot,
        ),
        LogEnd::Offline(words) => (
            "The guest does not answer.".to_owned(),
            words.as_ref().map_or(boot, |words| format!("In the service's words: {words}")),
        ),
        LogEnd::Failed(error) => (
            format!("It could not be read: {error}."),
            format!("Asked: {}", error.asked),
        ),
    }
}

/// `10:25:29`, with a name where it is not the one the others have: the clocks were set in between.
fn time_of_day(at: &Shown, zone: &Zone, hours: Option<&str>) -> String {
    let time = zone.time(at);
    match zone.name(at) {
        Some(name) if hours != Some(name.as_str()) => format!("{time} {name}"),
        _ => time,
    }
}
