//! Signing in: with the environment's key, a typed one, one that was approved in a browser, or a profile; and where the
//! key is kept then. In the sandbox nothing is kept, and no key from outside is used.

use std::path::PathBuf;

use jiff::Timestamp;

use super::Asker;
use crate::api::client::Client;
use crate::api::error::Error;
use crate::api::types::{Approval, DeviceCode, Identity};
use crate::http;
use crate::secret::Secret;
use crate::shell::blocking::blocking;
use crate::shell::credentials::keep::{self, Entry};
use crate::shell::credentials::{self, Environment, Found};
use crate::shell::keyring;
use crate::shown::Shown;
use crate::wizard::event::{Answer, SignedIn};
use crate::wizard::signin::{Keeping, Login, Places, Profile, Told};

const NO_DISK: &str = "the disk could not be asked";

/// A key that was accepted and is not kept yet.
#[derive(Debug, Clone)]
pub(super) struct Fresh {
    key: Secret,
    base: String,
    identity: Identity,
}

impl Asker {
    pub(super) async fn log_in(&self, login: Login) -> Answer {
        Answer::Login(match login {
            Login::Begin => Told::Begun(self.begin().await),
            Login::Poll(code) => Told::Polled(self.poll(&code).await),
            Login::Enter(key) => return Answer::SignedIn(self.enter_with(key).await),
            Login::Use(name) => return Answer::SignedIn(self.use_profile(name).await),
            Login::Profiles => Told::Profiles(self.profiles().await),
            Login::Places => Told::Places(Box::new(self.places_to_keep().await)),
            Login::Keep(keeping) => Told::Kept(self.keep(keeping).await),
            Login::LayDown => Told::LaidDown(self.lay_down()),
        })
    }

    /// Asks whose key this is, and from then on talks with it if it is good.
    pub(in crate::shell) async fn sign_in(&self, typed: Option<Secret>) -> SignedIn {
        let typed = typed.map(|key| (key, "typed here".into()));
        self.enter(self.find().await, typed).await
    }

    /// The same with a key that was approved in the browser.
    pub(in crate::shell) async fn enter_with(&self, key: Secret) -> SignedIn {
        let own = (key, "approved in the browser".into());
        self.enter(self.find().await, Some(own)).await
    }

    /// From now on whatever is asked is asked without a key, of the same service.
    fn lay_down(&self) -> Result<(), Error> {
        let client = Client::new(self.client()?.base(), None)?;
        let mut talk = self.talk();
        (talk.client, talk.fresh) = (Some(client), None);
        Ok(())
    }

    async fn use_profile(&self, name: String) -> SignedIn {
        let environment = self.environment.clone().with_profile(&name);
        let found = blocking(move || environment.find()).await;
        let signed_in = self.enter(found.unwrap_or_default(), None).await;
        if matches!(signed_in, SignedIn::Yes { .. }) {
            self.talk().profile = Some(name);
        }
        signed_in
    }

    async fn enter(&self, found: Found, own: Option<(Secret, Shown)>) -> SignedIn {
        let host = http::host(&found.base);
        let is_fresh = own.is_some();
        let Some((key, origin)) = own.or(found.key) else {
            return SignedIn::NoKey {
                host,
                note: found.note,
            };
        };
        let about = credentials::about(&key, &origin);
        let kept = key.clone();
        let asked = async {
            let client = Client::new(&found.base, Some(key))?;
            let identity = client.who_am_i().await?;
            Ok((client, identity))
        };
        match asked.await {
            Ok((client, identity)) => {
                let base = Shown::line(client.base());
                let mut talk = self.talk();
                talk.fresh = (is_fresh && talk.demo.is_none()).then(|| Fresh {
                    key: kept,
                    base: client.base().to_owned(),
                    identity: identity.clone(),
                });
                talk.client = Some(client);
                drop(talk);
                SignedIn::Yes {
                    host,
                    base,
                    key: about,
                    identity,
                    elsewhere: self.places().hosts(),
                }
            }
            Err(error) => SignedIn::No {
                host,
                key: about,
                error,
            },
        }
    }

    /// Where to sign in: in the sandbox once that runs, and never with a key from outside it.
    async fn find(&self) -> Found {
        let environment = {
            let talk = self.talk();
            if let Some(demo) = &talk.demo {
                return demo.found();
            }
            let environment = self.environment.clone();
            match &talk.profile {
                Some(name) => environment.with_profile(name),
                None => environment,
            }
        };
        blocking(move || environment.find())
            .await
            .unwrap_or_default()
    }

    pub(in crate::shell) async fn begin(&self) -> Result<DeviceCode, Error> {
        let found = self.find().await;
        let mut code = Client::new(&found.base, None)?.device_code().await?;
        if self.talk().demo.is_some() {
            // Time passes faster in there, and the code runs out by that time.
            let left = std::time::Duration::from_secs(code.expires_in);
            code.expires_in = left.div_f64(self.options.speed.max(0.1)).as_secs();
        }
        Ok(code)
    }

    pub(in crate::shell) async fn poll(&self, code: &Secret) -> Result<Approval, Error> {
        let found = self.find().await;
        Client::new(&found.base, None)?.device_token(code).await
    }

    pub(in crate::shell) async fn profiles(&self) -> Result<Vec<Profile>, Shown> {
        if self.talk().demo.is_some() {
            return Ok(Vec::new());
        }
        let environment = self.environment.clone();
        blocking(move || environment.profiles())
            .await
            .unwrap_or_else(|| Err(NO_DISK.into()))
    }

    pub(in crate::shell) async fn places_to_keep(&self) -> Places {
        let Some(fresh) = self.talk().fresh.clone() else {
            return nowhere("there is no new key");
        };
        let environment = self.environment.clone();
        blocking(move || places(&environment, &fresh.identity))
            .await
            .unwrap_or_else(|| nowhere(NO_DISK))
    }

    pub(in crate::shell) async fn keep(&self, keeping: Keeping) -> Result<Shown, Shown> {
        let Some(fresh) = self.talk().fresh.clone() else {
            return Err("there is no new key".into());
        };
        let environment = self.environment.clone();
        let entry = entry(&environment, &fresh);
        let name = entry.name.clone();
        let kept = blocking(move || keep_in(&environment, keeping, entry))
            .await
            .unwrap_or_else(|| Err(NO_DISK.into()));
        if kept.is_ok() {
            let mut talk = self.talk();
            talk.fresh = None;
            // Signing in again finds it there, whatever variable is set.
            talk.profile = Some(name);
        }
        kept
    }
}

/// What keeping would mean.
fn places(environment: &Environment, identity: &Identity) -> Places {
    let name = profile_name(environment, identity);
    let home = environment.home.as_deref();
    let path = environment.file();
    let shown = path.as_deref().map_or_else(
        || "no home folder".to_owned(),
        |path| credentials::short(path, home),
    );
    let state = path
        .ok_or_else(|| Shown::line("there is no home folder"))
        .and_then(|path| keep::would_replace(&path, &name));
    let keyring = environment.in_keyring().map_or_else(
        || Err("there is no folder for what has to last".into()),
        |_| environment.keyring.term(),
    );
    Places {
        file: Shown::line(&shown),
        profile: Shown::line(&name),
        replaces: state == Ok(true),
        file_blocked: state.err(),
        shadowed: environment.key.is_some(),
        keyring: Some(keyring),
    }
}

fn nowhere(why: &str) -> Places {
    Places {
        file_blocked: Some(why.into()),
        ..Places::default()
    }
}

/// As the official CLI names it: the one that was asked for, else the slug of the workspace, else `default`.
fn profile_name(environment: &Environment, identity: &Identity) -> String {
    let asked = environment.profile.as_deref().map(str::trim);
    let slug = identity.slug.as_ref().map(|slug| slug.as_str().trim());
    let name = asked.or(slug).filter(|name| !name.is_empty());
    name.unwrap_or("default").to_owned()
}

fn entry(environment: &Environment, fresh: &Fresh) -> Entry {
    let identity = &fresh.identity;
    Entry {
        name: profile_name(environment, identity),
        token: Some(fresh.key.clone()),
        api_prefix: fresh.base.clone(),
        workspace: (
            identity.workspace.as_str().to_owned(),
            identity.slug.as_ref().map(ToString::to_string),
        ),
        username: identity.user.as_str().to_owned(),
        updated_at: Timestamp::now()
            .strftime("%Y-%m-%dT%H:%M:%S.%3fZ")
            .to_string(),
    }
}

/// Keeps it in one of the two places. Whatever is in our own is newer than what the file has under the same name.
fn keep_in(environment: &Environment, keeping: Keeping, mut entry: Entry) -> Result<Shown, Shown> {
    let name = entry.name.clone();
    let ours = environment.in_keyring();
    match keeping {
        Keeping::File => {
            let path: PathBuf = environment.file().ok_or("there is no home folder")?;
            keep::put(&path, &entry)?;
            if let Some(ours) = ours.filter(|path| path.exists()) {
                if keep::take(&ours, &name)? {
                    environment.keyring.remove(&name)?;
                }
                keep::unset_current(&ours)?;
            }
            let home = environment.home.as_deref();
            let file = credentials::short(&path, home);
            Ok(Shown::line(&format!("profile {name} in {file}")))
        }
        Keeping::Keyring => {
            let ours = ours.ok_or("there is no folder for what has to last")?;
            if let Some(token) = entry.token.take() {
                environment.keyring.set(&name, &token)?;
            }
            keep::put(&ours, &entry)?;
            let ring = keyring::NAME;
            Ok(Shown::line(&format!("profile {name} in {ring}")))
        }
    }
}

#[cfg(test)]
mod tests;
