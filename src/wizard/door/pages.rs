//! What the door says, and what can be done at it.

use super::ways::welcome;
use super::{At, Block, Command, Door, Field, Line, Mark, Menu, Page, stories, title};
use crate::wizard::keymap::{Offer, Typing};
use crate::wizard::page::Tone;

const STAYS: &str = "Keys you type here stay on this machine. No usage data is sent.";

impl Door {
    /// What can be done now.
    pub fn offer(&self) -> Offer {
        match &self.at {
            At::Asking | At::Opening => Offer::default(),
            At::Menu(_) => Menu::offer(Offer::default(), self.ways().len()).with_if(
                self.can_go_back,
                Command::Back,
                "back",
            ),
            At::Other(..) => Menu::offer(Offer::default(), self.ways().len()),
            At::Beginning => Offer::default().with(Command::Back, "cancel"),
            At::Device(_) => Offer::default()
                .with(Command::Next, "open the page")
                .with(Command::Open, "")
                .with(Command::Copy, "copy the address")
                .with(Command::Back, "cancel"),
            At::Ended(_) => Offer::default()
                .with(Command::Next, "a new code")
                .with(Command::Back, "other ways"),
            At::Profiles(profiles) => profiles.offer(),
            At::Keep(keep) => keep.offer(),
            At::Scenarios(_) => Menu::offer(Offer::default(), self.scenarios.len())
                .with(Command::First, "")
                .with(Command::Last, "")
                .with(Command::Back, "sign in instead"),
            At::Key(field) => {
                let offer = Offer::new(Typing::Line);
                let offer = if field.is_empty() {
                    offer.blocked(Command::Next, "sign in", "nothing was typed yet")
                } else {
                    offer.with(Command::Next, "sign in")
                };
                offer.with(Command::Back, "back")
            }
            At::Closed(_) => Offer::default().with(Command::Back, "other scenarios"),
        }
    }

    /// The page.
    pub fn page(&self) -> Page<'_> {
        let (lines, note) = match &self.at {
            At::Asking => {
                let mut lines = welcome();
                lines.push(
                    Line::new()
                        .mark(Mark::Busy)
                        .plain("looking for an API key, and asking whose it is"),
                );
                (lines, STAYS)
            }
            At::Menu(menu) if self.refused.is_some() => (
                self.ways_page(*menu),
                "Where the key came from is always shown; its middle never is.",
            ),
            At::Menu(menu) => (self.ways_page(*menu), STAYS),
            At::Other(session, menu) => (
                self.other_page(session, *menu),
                "Nothing was sent with this key but the question whose it is.",
            ),
            At::Key(field) => return self.key_page(field),
            At::Beginning => (
                vec![
                    title("Sign in with the browser"),
                    Line::new(),
                    Line::new().mark(Mark::Busy).plain("asking for a code"),
                ],
                "",
            ),
            At::Device(device) => return device.page(),
            At::Ended(ending) => (ending.lines(), ""),
            At::Profiles(profiles) => return profiles.page(),
            At::Keep(keep) => return keep.page(),
            At::Scenarios(menu) => return stories::page(&self.scenarios, *menu),
            At::Opening => (
                vec![
                    title("Starting the sandbox"),
                    Line::new(),
                    Line::from("It listens on this machine only."),
                ],
                "",
            ),
            At::Closed(reason) => (
                vec![
                    title("The sandbox did not start."),
                    Line::new(),
                    Line::new().warn(reason.as_str()),
                ],
                "",
            ),
        };
        Page {
            main: vec![Block::Text(lines)],
            side: Vec::new(),
            note: match note {
                "" => Line::new(),
                note => Line::new().dim(note),
            },
        }
    }

    fn key_page<'a>(&'a self, field: &'a Field) -> Page<'a> {
        let lines = vec![
            title("Paste an API key"),
            Line::new(),
            Line::new()
                .dim("You make one at ")
                .tone(Tone::Address, "https://cloud.phala.com")
                .dim(", in the settings, under API tokens."),
            Line::new()
                .dim("It is sent to ")
                .plain(self.host.as_str())
                .dim(" and nowhere else."),
            Line::new(),
        ];
        Page {
            main: vec![
                Block::Text(lines),
                Block::Field {
                    label: "API key",
                    field,
                },
            ],
            side: Vec::new(),
            note: Line::new().dim("Hidden while you type; Ctrl-U clears it."),
        }
    }
}
