//! Whose hands deploy the contract: a key of this machine, or others who are given files for it and say when it is done.

use std::path::PathBuf;

use super::{At, Found, Next, Step, View};
use crate::api::types::TransactionHash;
use crate::chain::{Address, Call, Deployment};
use crate::wizard::event::{HandTo, Request};
use crate::wizard::field::Field;
use crate::wizard::keymap::{Command, hint};
use crate::wizard::launch::chain::sign::{Replacing, Sign, Turn};
use crate::wizard::registering::account;
use crate::wizard::screen::{Input, Outcome, Wish};

impl Found {
    /// An owner or a transaction is being typed.
    pub(super) fn typed(mut self, input: Input, now: u64) -> Step {
        let (View::Owner(field, _) | View::Naming(field)) = &mut self.view else {
            return Outcome::stay(self);
        };
        match input {
            Input::Key(key) => {
                field.key(key);
            }
            Input::Paste(text) => field.paste(text.expose()),
            Input::Command(Command::Back) => self.view = View::Overview,
            Input::Command(Command::Next) => {
                let wishes = self.take_typed(now);
                return Outcome::Stay(self, wishes);
            }
            _ => (),
        }
        Outcome::stay(self)
    }

    pub(super) fn take_typed(&mut self, now: u64) -> Vec<Wish> {
        match &self.view {
            View::Owner(field, next) => {
                let owner = match account(field.text()) {
                    Ok(owner) => owner,
                    Err(why) => return vec![Wish::Say(why.to_owned())],
                };
                self.owner = Some(owner);
                match next {
                    Next::HandOver => {
                        self.view = View::Overview;
                        self.hand_over(HandTo::Folder(PathBuf::from(".")))
                    }
                    Next::Name => {
                        self.view = View::Naming(self.naming_field());
                        Vec::new()
                    }
                }
            }
            View::Naming(field) => {
                let Some(hash) = TransactionHash::parse(field.text()) else {
                    return vec![Wish::Say("a transaction hash has 64 hex digits".to_owned())];
                };
                self.named = Some(hash);
                self.view = View::Overview;
                self.trouble = None;
                self.look(now)
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn sign(&mut self, input: Input, now: u64) -> Vec<Wish> {
        let View::Signing(sign) = &mut self.view else {
            return Vec::new();
        };
        if input == Input::Command(Command::Elsewhere) {
            let mut wishes = self.use_next();
            let other = self.next_node().map(|node| node.host.clone());
            if let (Some(node), View::Signing(sign)) = (self.node(), &mut self.view) {
                wishes.extend(sign.ask_at(node, other));
            }
            return wishes;
        }
        match sign.update(input) {
            Turn::Stay(wishes) => wishes,
            Turn::Back => {
                self.view = View::Overview;
                vec![Wish::CloseKey]
            }
            Turn::Sent(broadcast, fees, is_last, mut wishes) => {
                self.tracking.add(*broadcast, fees, now);
                if is_last {
                    self.view = View::Overview;
                    wishes.push(Wish::CloseKey);
                }
                wishes
            }
            Turn::Unsigned(why) => {
                self.view = View::Overview;
                self.unsigned = Some(why);
                vec![Wish::CloseKey]
            }
        }
    }

    pub(super) fn start_signing(
        &mut self,
        replacing: Option<(Replacing, Option<Call>)>,
    ) -> Vec<Wish> {
        let (Ok(of), Some(node)) = (self.of, self.node()) else {
            return Vec::new();
        };
        let (replacing, call) = match replacing {
            Some((replacing, call)) => (Some(replacing), call),
            None => (None, self.call(self.owner)),
        };
        self.unsigned = None;
        let hash = self.ticket.compose_hash;
        let other = self.next_node().map(|node| node.host.clone());
        let calls = call.into_iter().collect();
        let (sign, wishes) = Sign::start(of, node, calls, hash, replacing, other);
        self.view = View::Signing(Box::new(sign));
        wishes
    }

    pub(super) fn hand_over(&mut self, to: HandTo) -> Vec<Wish> {
        let (Ok(of), Some(call)) = (self.of, self.owner.and_then(|owner| self.call(Some(owner))))
        else {
            self.handed = Some(Err("it was not said who shall own the contract".into()));
            return Vec::new();
        };
        vec![Wish::Ask(Request::HandOver {
            of,
            calls: vec![call],
            app_name: self.brief.plan.name.clone(),
            to,
        })]
    }

    /// What is called; without an owner, of whoever signs.
    pub(super) fn call(&self, owner: Option<Address>) -> Option<Call> {
        Some(Call::DeployApp(Deployment {
            owner: owner.unwrap_or(Address::ZERO),
            device: self.ticket.device?,
            hash: self.ticket.compose_hash,
        }))
    }

    /// What has to be there, and the transaction that should have made it, where one is known. `None` where nobody was
    /// told to do it, or it is under way.
    pub(super) fn wanted(&self) -> Option<(Deployment, Option<TransactionHash>)> {
        let (owner, transaction) = match self.tracking.deployment() {
            Some(item) if item.is_open() => return None,
            Some(item) => {
                let Some(Call::DeployApp(deployment)) = item.call else {
                    return None;
                };
                (deployment.owner, Some(item.transaction.hash))
            }
            None if self.named.is_some() => (self.owner?, self.named),
            None => {
                matches!(self.handed, Some(Ok(_))).then_some(())?;
                (self.owner?, None)
            }
        };
        match self.call(Some(owner))? {
            Call::DeployApp(deployment) => Some((deployment, transaction)),
            Call::AddDevice(_) | Call::AddComposeHash(_) => None,
        }
    }

    /// Why nothing can be begun now.
    pub(super) fn unready(&self) -> Option<String> {
        if self.at != At::Missing {
            return Some("one moment: the chain is being asked".to_owned());
        }
        if let Err(why) = self.of {
            return Some(why.to_owned());
        }
        if !self.recalled {
            return Some("the journal has not been read yet".to_owned());
        }
        if self.tracking.is_open() {
            let why = "first the transaction that is under way has to come to its end";
            return Some(why.to_owned());
        }
        if self.tracking.deployment().is_some() {
            let why = "a contract was deployed already: a second one would be another app";
            return Some(why.to_owned());
        }
        None
    }

    /// Why it cannot be signed here.
    pub(super) fn unsignable(&self) -> Option<String> {
        if let Some(why) = self.unready() {
            return Some(why);
        }
        if self.kms.is_some() {
            return None;
        }
        Some(match (self.node(), self.next_node()) {
            (Some(_), _) => "the contract of the KMS has not been read yet".to_owned(),
            (None, Some(node)) => format!(
                "first the contract of the KMS has to be read: {} asks {}",
                hint(Command::Prove),
                node.host
            ),
            (None, None) => "no node of its chain is known: --rpc-url or ETH_RPC_URL".to_owned(),
        })
    }

    pub(super) fn owner_field(&self) -> Field {
        Field::open(
            self.owner
                .map_or_else(String::new, |owner| owner.to_string()),
        )
    }

    pub(super) fn naming_field(&self) -> Field {
        Field::open(
            self.named
                .map_or_else(String::new, |hash| format!("0x{hash}")),
        )
    }
}
