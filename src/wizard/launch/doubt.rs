//! The service named a compose hash that is not the one of what was previewed: a stop.
//!
//! Whoever registers that hash lets other code read the app's secrets. So the way on is not the one that holding Enter
//! takes, and both hashes are shown. What the service named is what would be registered and committed; nothing here
//! puts another in its place.

use super::brief::Brief;
use crate::api::types::{ComposeHash, Ticket};
use crate::secret::Secret;
use crate::trust::compose_hash::Form;
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::page::{Block, Line, Mark, Page, title};
use crate::wizard::screen::{Input, Outcome, Wish};
use crate::wizard::status::Status;

const BUTTONS: &[&str] = &["Back to review", "Go on all the same"];

/// A ticket with a hash that nobody here can explain.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    brief: Box<Brief>,
    ticket: Box<Ticket>,
    form: Form,
    computed: [u8; 32],
    /// Whether the button that goes on is in focus.
    go_on: bool,
    /// Whether every form of the hash is on screen.
    details: bool,
}

impl Doubt {
    /// Stops before this ticket. `computed` is the hash of what was previewed, in the form of the live document.
    pub fn start(
        brief: Box<Brief>,
        ticket: Box<Ticket>,
        (form, computed): (Form, [u8; 32]),
    ) -> (Self, Vec<Wish>) {
        let doubt = Self {
            brief,
            ticket,
            form,
            computed,
            go_on: false,
            details: false,
        };
        (doubt, Vec::new())
    }

    /// Takes an input. Done means that the person goes on with the service's hash.
    pub fn update(mut self, input: Input) -> Outcome<Self, (Box<Brief>, Box<Ticket>)> {
        match input {
            Input::Command(Command::Difference) => self.details = !self.details,
            Input::Command(Command::Back) if self.details => self.details = false,
            Input::Command(Command::Left) => self.go_on = false,
            Input::Command(Command::Right) => self.go_on = self.may_go_on(),
            Input::Command(Command::Tab) => self.go_on = !self.go_on && self.may_go_on(),
            Input::Command(Command::Next) if self.go_on => {
                return Outcome::Done((self.brief, self.ticket));
            }
            Input::Command(Command::Next | Command::Back) => return Outcome::Leave,
            Input::Command(Command::Copy) => {
                let wish = Wish::Copy("both hashes", Secret::new(self.hashes()));
                return Outcome::Stay(self, vec![wish]);
            }
            _ => (),
        }
        Outcome::stay(self)
    }

    /// Whether a person may go on with the service's hash. A new app has no live document that shows how the service
    /// writes one, and nothing that would be lost by stopping.
    fn may_go_on(&self) -> bool {
        !self.brief.plan.is_new_app()
    }

    /// What was decided.
    pub fn brief(&self) -> &Brief {
        &self.brief
    }

    /// What can be done now.
    pub fn offer(&self) -> Offer {
        if self.details {
            return Offer::default()
                .with(Command::Back, "back")
                .with(Command::Difference, "")
                .with(Command::Copy, "copy both hashes");
        }
        let next = if self.go_on {
            "go on all the same"
        } else {
            "back to review"
        };
        Offer::default()
            .with(Command::Next, next)
            .with_if(self.may_go_on(), Command::Left, "")
            .with_if(self.may_go_on(), Command::Right, "")
            .with_if(self.may_go_on(), Command::Tab, "other button")
            .with(Command::Copy, "copy both hashes")
            .with(Command::Difference, "every form")
            .with(Command::Back, "back to review")
    }

    /// Where it stands, for a face without pages.
    pub fn status(&self) -> Status {
        Status::Doubt {
            named: self.ticket.compose_hash,
            computed: hex::encode(self.computed),
        }
    }

    /// The page.
    pub fn page(&self) -> Page<'_> {
        let named = self.ticket.compose_hash;
        if self.details {
            return Page {
                main: vec![Block::Text(self.brief.hash_details(Some(&named)))],
                side: Vec::new(),
                note: Line::new().dim("Esc goes back."),
            };
        }
        if !self.may_go_on() {
            return self.new_app();
        }
        let lines = vec![
            Line::new().bad("The service wants another content registered than you previewed."),
            Line::new(),
            Line::new().dim("the service names"),
            Line::new().plain("   0x").strong(named.to_string()),
            Line::new().dim(format!("computed here, {}", self.form)),
            Line::new()
                .plain("   0x")
                .strong(hex::encode(self.computed)),
            Line::new(),
            Line::from(
                "The live document gives its own hash here, so the way of computing is known; no known way of writing \
                 the new document gives the hash that came back.",
            ),
            Line::new(),
            Line::new()
                .mark(Mark::Dot)
                .plain("the service may have added or changed something in the document"),
            Line::new()
                .mark(Mark::Dot)
                .plain("or someone is in between who wants foreign code let in"),
            Line::new(),
            Line::from(
                "Nothing was created. To register it lets that content read the app's secrets.",
            ),
            Line::new(),
        ];
        Page {
            main: vec![
                Block::Text(lines),
                Block::Buttons(BUTTONS, usize::from(self.go_on)),
            ],
            side: vec![
                title("What to do"),
                Line::from("Ask the service what it changed, with both hashes."),
                Line::new(),
                Line::new().dim("app  ").plain(self.brief.plan.app.short()),
                Line::new().dim("node ").plain(self.brief.place()),
            ],
            note: if self.go_on {
                Line::new().warn("Enter goes on with the service's hash.")
            } else {
                Line::new().dim("The cursor starts on 'Back to review'.")
            },
        }
    }

    fn new_app(&self) -> Page<'_> {
        let named = self.ticket.compose_hash;
        let lines = vec![
            Line::new().bad("The service would make another content than you previewed."),
            Line::new(),
            Line::new().dim("the service names"),
            Line::new().plain("   0x").strong(named.to_string()),
            Line::new().dim(format!("computed here, {}", self.form)),
            Line::new()
                .plain("   0x")
                .strong(hex::encode(self.computed)),
            Line::new(),
            Line::from(
                "No known way of writing the document that was sent gives the hash that came back.",
            ),
            Line::new(),
            Line::new()
                .mark(Mark::Dot)
                .plain("the service may add something to documents that is not known here"),
            Line::new()
                .mark(Mark::Dot)
                .plain("or someone is in between who wants foreign code to run"),
            Line::new(),
            Line::from("Nothing was created, and this provision is used for nothing."),
            Line::new(),
        ];
        Page {
            main: vec![Block::Text(lines), Block::Buttons(&BUTTONS[..1], 0)],
            side: vec![
                title("What to do"),
                Line::from("Ask the service what it changed, with both hashes."),
            ],
            note: Line::new().dim("There is no way on from here with that hash."),
        }
    }

    fn hashes(&self) -> String {
        let named: ComposeHash = self.ticket.compose_hash;
        let computed = hex::encode(self.computed);
        format!(
            "named by the service: 0x{named}\ncomputed ({}): 0x{computed}",
            self.form
        )
    }
}
