//! What is asked: the kind of answer a page takes, and the sentence that asks for it.

use super::reading::Reading;
use crate::wizard::keymap::{Command, Offer, Typing};

/// The kind of answer a page takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A line that is typed, hidden or not.
    Field(bool),
    /// A text of several lines.
    Text,
    /// One of a few buttons.
    Buttons,
    /// A row of a list.
    List,
    /// One of the numbered ways on the page.
    Ways,
    /// Yes or no.
    Confirm,
    /// Nothing but to go on.
    Go,
    /// New lines of a log.
    Log,
    /// Nothing: it is waited, or looked at.
    Look,
}

/// What is asked, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    /// The kind of answer.
    pub(super) kind: Kind,
    /// All that can be typed, said where this kind comes up first.
    pub(super) lesson: String,
    /// What is asked in short, with what Enter alone does.
    pub(super) short: String,
}

/// Labels of what Enter does with a list as a whole, and not with the row under the cursor.
const OF_THE_WHOLE: [&str; 4] = ["next", "agree and go on", "take over", "take the ticked"];
/// Labels that say no more than that a choice is taken.
pub(super) const TAKES: [&str; 4] = ["take", "choose", "press", "open"];

impl Kind {
    /// The kind of this page.
    pub(super) fn of(reading: &Reading, offer: &Offer) -> Self {
        let offers = |command| offer.find(command).is_some();
        let has_rows = reading.list.as_ref().is_some_and(|list| list.len > 0);
        let numbered = reading.ways.iter().any(|way| {
            way.key
                .parse::<u8>()
                .is_ok_and(|n| offers(Command::Choose(n)))
        });
        match (offer.typing, &reading.field) {
            (Typing::Text, _) => Self::Text,
            (Typing::Line, _) if reading.list.is_some() && filters(reading) => Self::List,
            (Typing::Line, Some(field)) => Self::Field(field.is_hidden),
            (Typing::Line, None) => Self::Go,
            (Typing::No, _) if reading.buttons.is_some() => Self::Buttons,
            (Typing::No, _) if has_rows && offers(Command::Down) => Self::List,
            (Typing::No, _) if reading.log.is_some() => Self::Log,
            (Typing::No, _) if numbered => Self::Ways,
            // What is to be taken is not there yet.
            (Typing::No, _) if TAKES.contains(&label(offer, Command::Next)) => Self::Look,
            (Typing::No, _) if offers(Command::Next) && offers(Command::Back) => {
                if reading.title.ends_with('?') {
                    Self::Confirm
                } else {
                    Self::Go
                }
            }
            (Typing::No, _) if offers(Command::Next) => Self::Go,
            (Typing::No, _) => Self::Look,
        }
    }
}

/// Whether what is typed on it narrows a list.
fn filters(reading: &Reading) -> bool {
    let label = reading.field.as_ref().map(|field| field.label);
    label.is_some_and(|label| label.starts_with("filter") || label == "search")
}

/// Whether Enter takes the row under the cursor.
pub(super) fn takes_row(offer: &Offer) -> bool {
    let next = offer.find(Command::Next);
    next.is_some_and(|next| !OF_THE_WHOLE.contains(&next.label))
}

impl Question {
    /// What this page asks.
    pub(super) fn of(reading: &Reading, offer: &Offer) -> Self {
        let kind = Kind::of(reading, offer);
        let (lesson, short) = match kind {
            Kind::Field(is_hidden) => (String::new(), field(reading, offer, is_hidden)),
            Kind::Text => (
                "\"read\" says the text, \"type\" takes a new one line by line, \"done\" uses it as it is, \
                 \"back\" leaves it for now."
                    .to_owned(),
                "Read, type, done or back:".to_owned(),
            ),
            Kind::Confirm => (
                String::new(),
                format!("Type yes to {}. Default no:", label(offer, Command::Next)),
            ),
            Kind::Log => (
                "\"more\" or Enter alone says the lines that are new. \"more 100\" says the last 100.".to_owned(),
                "More, or another answer:".to_owned(),
            ),
            Kind::Buttons | Kind::List | Kind::Ways | Kind::Go | Kind::Look => (
                lesson(kind, offer),
                start(kind).to_owned() + &default(kind, reading, offer),
            ),
        };
        Self {
            kind,
            lesson,
            short,
        }
    }
}

fn lesson(kind: Kind, offer: &Offer) -> String {
    let mut answers = match kind {
        Kind::Go | Kind::Look => Vec::new(),
        _ => vec!["a number", "a name"],
    };
    if offer.find(Command::Back).is_some() {
        answers.push("\"back\"");
    }
    answers.push("\"help\"");
    let last = "\"quit\"";
    format!("Type {} or {last}.", answers.join(", "))
}

fn start(kind: Kind) -> &'static str {
    match kind {
        Kind::Go => "Go on?",
        Kind::Look => "Your answer:",
        _ => "Your choice?",
    }
}

/// What Enter alone does.
fn default(kind: Kind, reading: &Reading, offer: &Offer) -> String {
    let Some(next) = offer.find(Command::Next) else {
        return String::new();
    };
    // Nothing is created by Enter alone.
    if next.creates || next.blocked.is_some() {
        return String::new();
    }
    let named = |number: usize, name: &str| format!(" Default {number}, {name}:");
    let here = match kind {
        Kind::Buttons => reading
            .buttons
            .map(|(labels, focus)| named(focus + 1, labels.get(focus).copied().unwrap_or(""))),
        Kind::List if takes_row(offer) => reading.list.as_ref().and_then(|list| {
            let selected = list.selected?;
            let name = list.names.get(selected).map_or("", String::as_str);
            Some(named(selected + 1, name))
        }),
        Kind::Ways if TAKES.contains(&next.label) => reading
            .ways
            .iter()
            .find(|way| way.is_here)
            .and_then(|way| Some(named(way.key.parse().ok()?, &way.name))),
        _ => None,
    };
    here.unwrap_or_else(|| match next.label {
        "" => String::new(),
        label => format!(" Default {label}:"),
    })
}

fn field(reading: &Reading, offer: &Offer, is_hidden: bool) -> String {
    let asked = reading.field.as_ref();
    let label = asked.map_or("", |field| field.label);
    let text = asked.map_or("", |field| field.text.as_str());
    let mut name = label.trim_end_matches(", hidden").to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    match (is_hidden, text) {
        (true, _) if takes_nothing(offer) => {
            format!("{name}, not shown while you type. \"back\" goes back:")
        }
        (true, _) => format!("{name}, not shown while you type. Enter alone goes back:"),
        (false, text) if text.is_empty() || !takes_nothing(offer) => {
            format!("{name}, or \"back\":")
        }
        (false, text) => format!("{name}, or \"back\". Default {text}:"),
    }
}

/// Whether Enter alone is an answer too.
pub(super) fn takes_nothing(offer: &Offer) -> bool {
    let next = offer.find(Command::Next);
    next.is_some_and(|next| next.blocked.is_none())
}

fn label(offer: &Offer, command: Command) -> &'static str {
    offer.find(command).map_or("", |offered| offered.label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wizard::page::{Block, Line, Page};

    fn page(blocks: Vec<Block<'_>>) -> Reading {
        let page = Page {
            main: blocks,
            ..Page::default()
        };
        Reading::of(&page, 0)
    }

    #[test]
    fn a_button_that_creates_is_never_what_enter_alone_does() {
        const BUTTONS: &[&str] = &["Back", "Create"];
        let safe = Offer::default().with(Command::Next, "back");
        let question = Question::of(&page(vec![Block::Buttons(BUTTONS, 0)]), &safe);
        assert_eq!(question.kind, Kind::Buttons);
        assert_eq!(question.short, "Your choice? Default 1, Back:");
        let bold = Offer::default().creating(Command::Next, "CREATE");
        let question = Question::of(&page(vec![Block::Buttons(BUTTONS, 1)]), &bold);
        assert_eq!(question.short, "Your choice?");
    }

    #[test]
    fn a_page_that_is_a_question_wants_a_yes() {
        let offer = Offer::default()
            .with(Command::Next, "restart it")
            .with(Command::Back, "leave it");
        let text = |words: &str| page(vec![Block::Text(vec![Line::from(words)])]);
        let question = Question::of(&text("Restart orders?"), &offer);
        assert_eq!(question.kind, Kind::Confirm);
        assert_eq!(question.short, "Type yes to restart it. Default no:");
        assert_eq!(Question::of(&text("Plan"), &offer).kind, Kind::Go);
    }
}
