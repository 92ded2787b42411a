//! What becomes of answers and of time: how transactions fare, whether the contract is there, its key, the values.

use super::super::sight;
use super::{At, Found, View};
use crate::api::error::Error;
use crate::api::types::{EnvKeyAnswer, Founded};
use crate::chain::founding::FoundApp;
use crate::shown::Shown;
use crate::trust::env_key_signature::{Anchor, Claim, Signer as KmsSigner, judge};
use crate::wizard::event::{Answer, Noted, Request};
use crate::wizard::launch::chain::sign::Sign;
use crate::wizard::screen::{Input, Wish};
use crate::wizard::status::Signer;

impl Found {
    pub(super) fn answer(&mut self, answer: Answer, now: u64) -> Vec<Wish> {
        match answer {
            Answer::Transactions(kept) => {
                self.tracking.recall(kept, now);
                self.recalled = true;
                self.go_on(now)
            }
            Answer::KmsKeys(reply) => {
                let node = self.nodes.iter_mut().find(|node| node.used);
                match (reply, node) {
                    (Ok(keys), Some(node)) => {
                        node.trouble = None;
                        self.kms = Some(keys);
                    }
                    (Err(error), Some(node)) => node.trouble = Some(error),
                    (_, None) => (),
                }
                self.go_on(now)
            }
            Answer::Followed(replies) => {
                let (notes, again) = self.tracking.take(replies, now);
                let mut wishes = Vec::new();
                if !notes.is_empty() {
                    wishes.push(Wish::Ask(Request::Note(Noted::Transactions(notes))));
                }
                if let (Some((hash, chain_id)), Some((at, _))) = (again, self.node()) {
                    wishes.push(Wish::Ask(Request::SendAgain { hash, chain_id, at }));
                }
                wishes.extend(self.go_on(now));
                wishes
            }
            Answer::HandedOver(reply) => {
                self.handed = Some(reply);
                self.go_on(now)
            }
            Answer::AppFound(reply) if self.at == At::Looking => self.looked(reply, now),
            Answer::EnvKey(reply) if self.at == At::Key => self.take_key(reply),
            Answer::File(reply) if self.at == At::Reading => self.take_values(reply),
            Answer::Sealed(reply) if self.at == At::Sealing => match reply {
                Ok(blob) => {
                    if let Some(provision) = &mut self.ticket.provision {
                        provision.sealed = Some(blob);
                    }
                    self.write()
                }
                Err(why) => {
                    self.at = At::NoKey(format!("the values could not be encrypted: {why}"));
                    Vec::new()
                }
            },
            Answer::Noted(reply) if self.at == At::Writing => match reply {
                Ok(()) => {
                    self.at = At::Done;
                    vec![Wish::Alert("The contract of the new app is there.")]
                }
                Err(why) => {
                    self.at = At::Unwritten(why);
                    Vec::new()
                }
            },
            answer => {
                if let Answer::KeyOpened(Ok(opened)) = &answer {
                    self.signer = Some(Signer {
                        account: opened.address.to_string(),
                        remarks: opened.remarks.iter().map(ToString::to_string).collect(),
                    });
                }
                match &self.view {
                    View::Signing(_) => self.sign(Input::Answer(answer), now),
                    _ => Vec::new(),
                }
            }
        }
    }

    pub(super) fn tick(&mut self, now: u64) -> Vec<Wish> {
        // What is being written down is not written beside.
        if matches!(self.at, At::Writing | At::Done) {
            return Vec::new();
        }
        let mut wishes = Vec::new();
        if let Some((at, _)) = self.node() {
            wishes.extend(self.tracking.follow(at, now).map(Wish::Ask));
        }
        if self.at == At::Missing && self.is_due(now) {
            wishes.extend(self.look(now));
        }
        wishes
    }

    /// Everything that follows by itself from what is known by now.
    fn go_on(&mut self, now: u64) -> Vec<Wish> {
        let mut wishes = Vec::new();
        if self.recalled
            && let Some((at, _)) = self.node()
        {
            wishes.extend(self.tracking.follow(at, now).map(Wish::Ask));
        }
        if self.at == At::Missing && (self.looked.is_none() || self.trouble.is_none()) {
            wishes.extend(self.look(now));
        }
        wishes.extend(self.by_order());
        wishes
    }

    /// Signs or hands over what was ordered beforehand.
    fn by_order(&mut self) -> Vec<Wish> {
        if self.begun || self.named.is_some() {
            return Vec::new();
        }
        if let Some(to) = self.brief.registering.hand_to.clone()
            && self.unready().is_none()
        {
            self.begun = true;
            return self.hand_over(to);
        }
        let Some(signing) = self.brief.registering.signing.clone() else {
            return Vec::new();
        };
        let may = signing.allow == self.ticket.compose_hash && self.unsignable().is_none();
        let (Ok(of), Some(node), Some(call)) = (self.of, self.node(), self.call(self.owner)) else {
            return Vec::new();
        };
        if !may {
            return Vec::new();
        }
        self.begun = true;
        let hash = self.ticket.compose_hash;
        let (sign, _) = Sign::start(of, node, vec![call], hash, None, None);
        let (sign, wishes) = sign.by_order(&signing);
        self.view = View::Signing(Box::new(sign));
        wishes
    }

    /// The contract of the KMS is read: whose signature the app's key has to have, and whether it is a KMS at all.
    pub(super) fn read_kms(&self) -> Vec<Wish> {
        let (Ok(of), Some((at, _))) = (self.of, self.node()) else {
            return Vec::new();
        };
        vec![Wish::Ask(Request::KmsKeys {
            chain: of.chain_id,
            contract: Shown::line(&of.contract.to_string()),
            at,
        })]
    }

    /// Seconds between two looks by now.
    pub(super) fn pause(&self, now: u64) -> u64 {
        sight::pause(now.saturating_sub(self.since))
    }

    fn is_due(&self, now: u64) -> bool {
        self.looked
            .is_none_or(|looked| now >= looked + self.pause(now))
    }

    /// Asks whether the contract is there, where somebody was told to deploy it.
    pub(super) fn look(&mut self, now: u64) -> Vec<Wish> {
        let (Ok(of), Some((at, _)), Some((wanted, transaction))) =
            (self.of, self.node(), self.wanted())
        else {
            return Vec::new();
        };
        // Without the keys of the KMS nothing could be encrypted to the app.
        if !self.recalled || self.kms.is_none() || self.at != At::Missing {
            return Vec::new();
        }
        self.at = At::Looking;
        self.looked = Some(now);
        vec![Wish::Ask(Request::FindApp {
            of,
            wanted,
            transaction,
            at,
        })]
    }

    fn looked(&mut self, reply: Result<Option<Box<FoundApp>>, Error>, now: u64) -> Vec<Wish> {
        self.looked = Some(now);
        self.at = At::Missing;
        match reply {
            Ok(Some(found)) => {
                self.trouble = None;
                self.take_found(*found)
            }
            Ok(None) => {
                self.trouble = None;
                Vec::new()
            }
            Err(error) => {
                self.trouble = Some(error);
                Vec::new()
            }
        }
    }

    /// From here on the app has a name.
    fn take_found(&mut self, found: FoundApp) -> Vec<Wish> {
        self.contract = Some(found);
        if let Some(app) = self.app() {
            self.brief.plan.app = app;
            self.ticket.app = Some(app);
        }
        let mut is_sealed = false;
        if let Some(provision) = &mut self.ticket.provision {
            let before = provision.founded.as_ref().map(|before| before.app);
            is_sealed = before == Some(self.brief.plan.app) && provision.sealed.is_some();
            provision.founded = Some(Founded {
                app: self.brief.plan.app,
                owner: Shown::line(&found.owner.to_string()),
                transaction: Some(found.transaction),
            });
        }
        self.brief.kms_keys.clone_from(&self.kms);
        if self.brief.env_names.is_empty() || is_sealed {
            return self.write();
        }
        self.ask_key()
    }

    pub(super) fn ask_key(&mut self) -> Vec<Wish> {
        let provision = self.ticket.provision.as_ref();
        let kms = provision.and_then(|provision| provision.kms.as_ref());
        let word = || {
            self.brief
                .plan
                .kms_chain()
                .map(|chain| chain.word().to_owned())
        };
        let Some(kms) = kms.map(ToString::to_string).or_else(word) else {
            self.at = At::NoKey("the service did not name its KMS".to_owned());
            return Vec::new();
        };
        self.at = At::Key;
        let app = self.brief.plan.app;
        vec![Wish::Ask(Request::EnvKey { kms, app })]
    }

    /// Takes the key that values are encrypted to, where the KMS itself signed it.
    fn take_key(&mut self, reply: Result<EnvKeyAnswer, Error>) -> Vec<Wish> {
        let (answer, kms) = match (reply, &self.kms) {
            (Ok(answer), Some(kms)) => (answer, kms),
            (Err(error), _) => {
                self.at = At::NoKey(format!("{}: {error}", error.asked));
                return Vec::new();
            }
            (_, None) => {
                self.at = At::NoKey("the contract of the KMS was not read".to_owned());
                return Vec::new();
            }
        };
        let app = self.brief.plan.app.to_string();
        let claim = Claim {
            app_id: &app,
            public_key: answer.public_key.as_str(),
            signature: answer.signature.as_ref().map(Shown::as_str),
            timestamp: None,
        };
        let verdict = judge(
            &claim,
            Anchor::Contract(KmsSigner::from_bytes(kms.signer)),
            0,
        );
        if !verdict.allows_sealing() {
            self.at = At::NoKey(format!("the app's encryption key is {verdict}"));
            return Vec::new();
        }
        self.env_key = Some(answer);
        self.seal()
    }

    /// It is written down before anybody can create anything of it.
    pub(super) fn write(&mut self) -> Vec<Wish> {
        let provision = self.ticket.provision.clone();
        let Some(provision) = provision else {
            return Vec::new();
        };
        let Some(founded) = provision.founded.clone() else {
            return Vec::new();
        };
        self.at = At::Writing;
        let noted = Noted::Founded(Box::new(founded), Box::new(provision));
        vec![Wish::Ask(Request::Note(noted))]
    }

    /// What failed last, once more.
    pub(super) fn once_more(&mut self, now: u64) -> Vec<Wish> {
        match &self.at {
            At::Unwritten(_) => self.write(),
            At::NoKey(_) => self.ask_key(),
            At::Missing => {
                let mut wishes = self.read_kms();
                wishes.extend(self.look(now));
                wishes
            }
            At::Looking
            | At::Key
            | At::Values(_)
            | At::Reading
            | At::Sealing
            | At::Writing
            | At::Done => Vec::new(),
        }
    }
}
