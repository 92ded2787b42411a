//! The app's contract has to agree: the compose hash and the machine must be allowed there before it may boot.
//!
//! This stage says what is missing and watches until somebody registered it. It does not sign.

use super::brief::Brief;
use crate::api::error::Error;
use crate::api::types::{Permission, Proof, Ticket, TransactionHash};
use crate::chain::numbered;
use crate::secret::Secret;
use crate::wizard::event::{self, Answer, Request};
use crate::wizard::field::Field;
use crate::wizard::form::app::shorten;
use crate::wizard::keymap::{Command, Offer, Typing};
use crate::wizard::page::{Block, Line, Mark, Page, title};
use crate::wizard::screen::{Input, Outcome, Wish};
use crate::wizard::status::Registration;
use crate::wizard::trouble;

/// Seconds between two looks at the contract.
const PAUSE: u64 = 5;

/// Waiting for the contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    brief: Box<Brief>,
    ticket: Box<Ticket>,
    permission: Permission,
    error: Option<Error>,
    since: u64,
    looked: Option<u64>,
    looks: u32,
    /// The transaction hash being typed, while it is.
    typing: Option<Field>,
    transaction: Option<TransactionHash>,
    /// Whether what stands behind the hash is on screen.
    details: bool,
}

impl Chain {
    /// Begins with what the ticket says, and looks at once.
    pub fn start(brief: Box<Brief>, ticket: Box<Ticket>, now: u64) -> (Self, Vec<Wish>) {
        let permission = Permission {
            hash: ticket.hash_allowed,
            device: Some(ticket.device_allowed),
            all: ticket.hash_allowed && ticket.device_allowed,
            error: None,
        };
        let transaction = brief.transaction;
        let chain = Self {
            brief,
            ticket,
            permission,
            error: None,
            since: now,
            looked: None,
            looks: 0,
            typing: None,
            transaction,
            details: false,
        };
        let request = chain.look();
        (chain, vec![Wish::Ask(request)])
    }

    /// Takes an input.
    pub fn update(
        mut self,
        input: Input,
        now: u64,
    ) -> Outcome<Self, (Box<Brief>, Box<Ticket>, Proof)> {
        if self.typing.is_some() {
            return self.type_transaction(input);
        }
        match input {
            Input::Answer(Answer::IsAllowed(reply)) => {
                self.looked = Some(now);
                self.looks += 1;
                match reply {
                    Ok(permission) => {
                        let news = permission.all && !self.permission.all;
                        self.permission = permission;
                        self.error = None;
                        let wishes = if news { vec![Wish::Bell] } else { Vec::new() };
                        return Outcome::Stay(self, wishes);
                    }
                    Err(error) => self.error = Some(error),
                }
                Outcome::stay(self)
            }
            Input::Tick if self.is_due(now) => {
                self.looked = Some(now);
                let request = self.look();
                Outcome::ask(self, request)
            }
            Input::Command(Command::Refresh) => {
                let request = self.look();
                Outcome::ask(self, request)
            }
            Input::Command(Command::Next) if self.permission.all => {
                let proof = self
                    .transaction
                    .map_or(Proof::AlreadyRegistered, Proof::Transaction);
                Outcome::Done((self.brief, self.ticket, proof))
            }
            Input::Command(Command::Add) => {
                self.typing = Some(Field::open(
                    self.transaction
                        .map(|hash| format!("0x{hash}"))
                        .unwrap_or_default(),
                ));
                Outcome::stay(self)
            }
            Input::Command(Command::Copy | Command::Choose(1)) => {
                let text = format!("0x{}", self.ticket.compose_hash);
                let wish = Wish::Copy("the compose hash", Secret::new(text));
                Outcome::Stay(self, vec![wish])
            }
            Input::Command(Command::Choose(_)) => {
                let address = self.ticket.commit_url.iter().cloned();
                let wishes = address
                    .map(|url| Wish::Copy("the page's address, with the token in it", url))
                    .collect();
                Outcome::Stay(self, wishes)
            }
            Input::Command(Command::Difference) => {
                self.details = !self.details;
                Outcome::stay(self)
            }
            Input::Command(Command::Back) if self.details => {
                self.details = false;
                Outcome::stay(self)
            }
            Input::Command(Command::Back) => Outcome::Leave,
            _ => Outcome::stay(self),
        }
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
                .with(Command::Copy, "copy hash");
        }
        if let Some(field) = &self.typing {
            let offer = Offer::new(Typing::Line);
            let offer = match registration(field.text()) {
                Ok(_) => offer.with(Command::Next, "use it"),
                Err(reason) => offer.blocked(Command::Next, "use it", reason),
            };
            return offer.with(Command::Back, "never mind");
        }
        let offer = Offer::default();
        let offer = if self.permission.all {
            offer.with(Command::Next, "go on to the confirmation")
        } else {
            offer.blocked(
                Command::Next,
                "go on",
                format!("the contract does not allow {} yet", self.missing()),
            )
        };
        offer
            .with(Command::Refresh, "look now")
            .with(Command::Add, "enter transaction")
            .with(Command::Copy, "copy hash")
            .with(Command::Difference, "the hash")
            .with_choices(
                if self.ticket.commit_url.is_some() {
                    2
                } else {
                    0
                },
                "copy",
            )
            .with(Command::Back, "back to review")
    }

    /// Where it stands, for a face without pages.
    pub fn status(&self) -> Registration {
        Registration {
            trouble: self.error.clone(),
            ..self.brief.registration(&self.ticket, &self.permission)
        }
    }

    /// The token of the ticket.
    pub fn token(&self) -> &Secret {
        &self.ticket.token
    }

    /// The contract is looked at again and again, so the clock runs.
    pub fn moves(&self) -> bool {
        !self.permission.all
    }

    /// How the program ends if it is left now.
    pub fn exit(&self) -> event::Exit {
        self.brief.prepared(&self.ticket)
    }

    /// The page.
    pub fn page(&self, now: u64) -> Page<'_> {
        if self.details {
            return Page {
                main: vec![Block::Text(
                    self.brief.hash_details(Some(&self.ticket.compose_hash)),
                )],
                side: Vec::new(),
                note: self.note(),
            };
        }
        let mut lines = vec![
            title("The app's contract has to allow it first."),
            Line::new().dim("This is expected, not an error: HTTP 465 is how the service asks for the registration."),
            Line::new(),
            status("1  the compose hash", Some(self.permission.hash)),
            Line::new().plain("   0x").strong(self.ticket.compose_hash.to_string()),
            Line::new()
                .plain("   ")
                .join(self.brief.hash_line(&self.ticket.compose_hash)),
            status("2  the machine", self.permission.device),
        ];
        if let Some(device) = self.ticket.device {
            let node = self.brief.place();
            lines.push(
                Line::new()
                    .plain(format!("   {}", device.short()))
                    .dim(format!("   under {node}")),
            );
        }
        lines.push(Line::new());
        let (contract, chain) = (self.contract(), self.chain_name());
        lines.push(
            Line::label("contract", 13)
                .plain(contract)
                .dim(format!("   {chain}")),
        );
        lines.push(self.looked_line(now));
        if let Some(note) = &self.permission.error {
            lines.push(
                Line::label("", 13)
                    .warn(format!("the service could not read the contract: {note}")),
            );
        }
        if let Some(hash) = self.transaction {
            lines.push(
                Line::label("transaction", 13)
                    .plain(hash.short())
                    .dim("   goes along with the commit"),
            );
        }
        if let Some(error) = &self.error {
            lines.push(trouble::brief(error));
        }
        let mut main = vec![Block::Text(lines)];
        if let Some(field) = &self.typing {
            main.push(Block::Field {
                label: "transaction hash",
                field,
            });
        } else {
            main.push(Block::Text(self.what_to_do()));
        }
        Page {
            main,
            side: self.side(),
            note: self.note(),
        }
    }

    fn what_to_do(&self) -> Vec<Line> {
        if self.permission.all {
            return vec![
                Line::new(),
                Line::new()
                    .mark(Mark::Ok)
                    .good("Everything is registered.")
                    .plain(" Enter goes on."),
            ];
        }
        let mut lines = vec![Line::new(), title("Who does it, and how")];
        if !self.permission.hash {
            lines.push(
                Line::new()
                    .mark(Mark::Dot)
                    .plain("the contract's owner calls  ")
                    .accent("addComposeHash(0x...)"),
            );
        }
        if self.permission.device == Some(false) {
            lines.push(
                Line::new()
                    .mark(Mark::Dot)
                    .plain("and, for this machine,      ")
                    .accent("addDevice(0x...)"),
            );
        }
        if self.ticket.commit_url.is_some() {
            lines.push(
                Line::new()
                    .mark(Mark::Dot)
                    .plain("or approves it in the browser:  2 copies the page's address"),
            );
        }
        lines.push(
            Line::new()
                .mark(Mark::Dot)
                .plain("I look every few seconds and go on when it is done."),
        );
        lines
    }

    fn side(&self) -> Vec<Line> {
        vec![
            title("What you have now"),
            Line::new().dim("token  ").plain(self.ticket.token.tail()),
            Line::from("It works like a password: whoever has it can finish this request."),
            Line::new().dim(
                "Good for 14 days, as documented for updates. It is kept in a file that only you can read: \
                 phala-wizard resume goes on from here.",
            ),
            Line::new(),
            title("What can spoil it"),
            Line::from("Preparing again for this app: the older token stops working."),
            Line::new(),
            Line::from(
                "Nothing was created or billed. If you stop here there is nothing to clean up.",
            ),
        ]
    }

    fn note(&self) -> Line {
        if self.permission.all {
            return Line::new().good("The contract allows it.");
        }
        Line::new()
            .plain(format!(
                "Waiting for the contract to allow {}.",
                self.missing()
            ))
            .dim("  Nothing is billed while you wait.")
    }

    fn missing(&self) -> &'static str {
        match (self.permission.hash, self.permission.device) {
            (false, Some(false)) => "the hash and the machine",
            (false, _) => "the hash",
            (true, Some(false)) => "the machine",
            (true, _) => "it",
        }
    }

    fn contract(&self) -> String {
        let listed = self
            .brief
            .allowlist
            .as_ref()
            .and_then(|list| list.contract.as_ref());
        listed.map_or_else(
            || format!("0x{}", self.brief.plan.app),
            |contract| shorten(contract.as_str()),
        )
    }

    fn chain_name(&self) -> String {
        match self
            .ticket
            .chain_id
            .or(self.brief.allowlist.as_ref().and_then(|list| list.chain_id))
        {
            Some(id) => format!("on {}", numbered(id)),
            None => String::new(),
        }
    }

    fn looked_line(&self, now: u64) -> Line {
        let waited = now.saturating_sub(self.since);
        let line = Line::label("looked", 13);
        match self.looked {
            Some(at) => line
                .plain(format!("{} s ago", now.saturating_sub(at)))
                .dim(format!(
                    "   look {}, {waited} s after the preparation, through the service",
                    self.looks
                )),
            None => line.plain("looking .."),
        }
    }

    fn look(&self) -> Request {
        Request::IsAllowed {
            app: self.brief.plan.app,
            hash: self.ticket.compose_hash,
            device: self.ticket.device,
        }
    }

    fn is_due(&self, now: u64) -> bool {
        !self.permission.all && self.looked.is_some_and(|at| now >= at + PAUSE)
    }

    fn type_transaction(mut self, input: Input) -> Outcome<Self, (Box<Brief>, Box<Ticket>, Proof)> {
        let Some(field) = &mut self.typing else {
            return Outcome::stay(self);
        };
        match input {
            Input::Key(key) => {
                field.key(key);
            }
            Input::Paste(text) => field.paste(text.expose()),
            Input::Command(Command::Back) => self.typing = None,
            Input::Command(Command::Next) => {
                match registration(field.text()) {
                    Ok(transaction) => self.transaction = transaction,
                    Err(reason) => return Outcome::Stay(self, vec![Wish::Say(reason.to_owned())]),
                }
                self.typing = None;
                let request = self.look();
                return Outcome::ask(self, request);
            }
            _ => (),
        }
        Outcome::stay(self)
    }
}

fn status(what: &str, allowed: Option<bool>) -> Line {
    let line = Line::from(format!("{what:<24}"));
    match allowed {
        Some(true) => line.mark(Mark::Ok).good("registered"),
        Some(false) => line.mark(Mark::Bad).warn("NOT registered"),
        None => line.mark(Mark::Warn).warn("the service does not say"),
    }
}

/// What was typed: a transaction, or that there is none to name. `Err` says why it is neither.
fn registration(text: &str) -> Result<Option<TransactionHash>, &'static str> {
    match text.trim() {
        "" | "already-registered" => Ok(None),
        text => TransactionHash::parse(text)
            .map(Some)
            .ok_or("a transaction hash has 64 hex digits; leave it empty for 'already registered'"),
    }
}
