//! How far the contract of a new app is, for a face that does not draw pages.

use super::{At, Found, View};
use crate::api::types::Permission;
use crate::chain::Call;
use crate::shown::Shown;
use crate::wizard::launch::chain::report::reported;
use crate::wizard::status::{Contract, Founding, Registration, Work};

impl Found {
    /// Where it stands.
    pub fn status(&self) -> Registration {
        let done = self.at == At::Done;
        let permission = Permission {
            hash: done,
            device: Some(done),
            all: done,
            error: None,
        };
        let read = self.kms.as_ref().and_then(|keys| {
            let (_, host) = self.node()?;
            Some(Contract {
                host,
                block: keys.block,
                generation: "DstackKms".to_owned(),
                owner: None,
                owner_kind: "that of the KMS".to_owned(),
            })
        });
        let contract = self.of.ok().map(|of| of.contract.to_string());
        Registration {
            contract: Shown::line(&contract.unwrap_or_default()),
            trouble: self.trouble.clone(),
            read,
            work: self.work(),
            signer: self.signer.clone(),
            transactions: self.tracking.items.iter().map(reported).collect(),
            handed: match &self.handed {
                Some(Ok(path)) => Some(Shown::line(&path.display().to_string())),
                _ => None,
            },
            proof: self.transaction(),
            founding: Some(Founding {
                app: self.app(),
                call: self.call(self.owner).map(Call::function),
            }),
            ..self.brief.registration(&self.ticket, &permission)
        }
    }

    fn work(&self) -> Work {
        let stopped = |why: String| Work::Stopped(vec![why]);
        match &self.at {
            At::NoKey(why) => return stopped(why.clone()),
            At::Values(why) => {
                let what = "the values of its variables have to be given anew: --env-file";
                let why = why.as_ref().map(|why| format!("{what}; {why}"));
                return stopped(why.unwrap_or_else(|| what.to_owned()));
            }
            At::Unwritten(why) => return stopped(why.to_string()),
            At::Looking | At::Key | At::Reading | At::Sealing | At::Writing => return Work::Busy,
            At::Done => return Work::Idle,
            At::Missing => (),
        }
        if let Err(why) = self.of {
            return stopped(why.to_owned());
        }
        if let Some(signing) = &self.brief.registering.signing
            && signing.allow != self.ticket.compose_hash
        {
            return Work::Forbidden {
                allowed: signing.allow,
            };
        }
        if let Some(Err(why)) = &self.handed {
            return stopped(why.to_string());
        }
        if let Some(why) = &self.unsigned {
            return stopped(format!("it was not signed: {why}"));
        }
        if let View::Signing(sign) = &self.view {
            let hindrances = sign.hindrances();
            return match (sign.may_sign(), hindrances.is_empty()) {
                (true, _) => Work::Ready,
                (false, true) => Work::Busy,
                (false, false) => Work::Stopped(hindrances),
            };
        }
        if !self.recalled || self.tracking.is_open() {
            return Work::Busy;
        }
        if self.tracking.deployment().is_some() || self.named.is_some() {
            return match &self.trouble {
                // A node may be behind; a definite no stays one.
                Some(error) if error.status() == Some(200) => {
                    stopped(format!("{}: {error}", error.asked))
                }
                _ => self.reading(),
            };
        }
        if matches!(self.handed, Some(Ok(_))) {
            return Work::Idle;
        }
        let registering = &self.brief.registering;
        if registering.signing.is_none() && registering.hand_to.is_none() {
            return stopped("nobody was told to deploy its contract: --allow-hash with a key, or --handoff with --owner".to_owned());
        }
        self.reading()
    }

    /// Whether the contract of the KMS can still be read.
    fn reading(&self) -> Work {
        let used = self.nodes.iter().find(|node| node.used);
        match used.map(|node| &node.trouble) {
            Some(None) => Work::Busy,
            Some(Some(error)) => Work::Stopped(vec![
                "the contract of the KMS could not be read".to_owned(),
                format!("{}: {error}", error.asked),
            ]),
            None => Work::Stopped(vec![
                "the contract of the KMS cannot be read without a node of its chain: --rpc-url or ETH_RPC_URL".to_owned(),
            ]),
        }
    }
}
