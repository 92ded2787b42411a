//! Every question of the wizard, put to whoever can answer it: the service, the sandbox, the disk.
//!
//! It remembers whom the wizard talks to and with which key, and nothing else.

mod login;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::stream::{self, BoxStream, StreamExt};

use super::blocking::blocking;
use super::boots::Boots;
use super::cockpit::{self, Cockpit};
use super::credentials::Environment;
use super::demo::{self, Demo};
use super::files;
use super::ledger::Ledger;
use super::names;
use super::places::Places;
use super::questions::Ask;
use super::recipes;
use super::registrar::{self, Registrar};
use super::signer::{KeyPlaces, Signer};
use super::terms;
use crate::api::client::Client;
use crate::api::error::{Error, ErrorKind, Unreachable};
use crate::journal::record::Question;
use crate::secret::Secret;
use crate::shown::Shown;
use crate::trust::env_blob;
use crate::wizard::event::{Answer, NewFile, Request, TextFile};
use crate::wizard::keys::{FoundKey, KeySource, Password};

/// Asks on behalf of the wizard.
#[derive(Debug)]
pub struct Asker {
    environment: Environment,
    places: Places,
    ledger: Ledger,
    boots: Boots,
    options: demo::Options,
    signer: Signer,
    names: names::Keeper,
    talk: Mutex<Talk>,
}

/// Whom the wizard talks to.
#[derive(Debug, Default)]
struct Talk {
    /// With the last key that was good.
    client: Option<Client>,
    /// Runs as long as it is here.
    demo: Option<Demo>,
    /// The profile that was chosen, or that a key was kept under.
    profile: Option<String>,
    /// The key that was accepted and is not kept yet.
    fresh: Option<login::Fresh>,
}

impl Asker {
    /// One that has asked nothing yet, and knows where a key could be found.
    pub fn new(environment: Environment, places: Places, options: demo::Options) -> Self {
        Self {
            ledger: Ledger::at(environment.state.clone()),
            boots: Boots::at(environment.state.as_deref()),
            names: names::Keeper::at(environment.cache.clone()),
            environment,
            places,
            options,
            signer: Signer::new(KeyPlaces::here()),
            talk: Mutex::default(),
        }
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one arm per question, to be read each alone"
    )]
    async fn answer(&self, request: Request) -> Answer {
        let client = self.client();
        match request {
            Request::Login(login) => Box::pin(self.log_in(login)).await,
            Request::SignIn(key) => Answer::SignedIn(Box::pin(self.sign_in(key)).await),
            Request::OpenSandbox(name) => Answer::Sandbox(self.open_sandbox(&name).await),
            Request::ListFolder(path) => Answer::Folder(self.on_disk(path, files::list).await),
            Request::ReadFile(path) => Answer::File(self.on_disk(path, files::read).await),
            Request::LookAt(path) => Answer::LookedAt(self.on_disk(path, recipes::look).await),
            Request::SaveFiles(files) => Answer::FilesSaved(self.save(files).await),
            Request::ReadAgain(files) => Answer::FilesAgain(self.read_again(files).await),
            Request::Edit { .. } => Answer::Edited(Err("there is no terminal here".into())),
            Request::Seal { key, entries } => Answer::Sealed(seal(&key, &entries)),
            Request::Apps { page, search } => {
                Answer::Apps(async { client?.apps(page, search.as_deref()).await }.await)
            }
            Request::App(app) => Answer::App(async { client?.app(app).await }.await),
            Request::Instances(app) => {
                Answer::Instances(async { client?.instances(app).await }.await)
            }
            Request::Nodes => Answer::Nodes(async { client?.nodes().await }.await),
            Request::TermsSeen => {
                Answer::TermsSeen(terms::read(self.environment.state.clone()).await)
            }
            Request::KeepTerms(seen) => {
                Answer::TermsKept(terms::keep(self.environment.state.clone(), seen).await)
            }
            Request::NextApp => Answer::NextApp(async { client?.next_app().await }.await),
            Request::Sizes => Answer::Sizes(async { client?.sizes().await }.await),
            Request::Allowlist(app) => {
                Answer::Allowlist(async { client?.allowlist(app).await }.await)
            }
            Request::Quotas(slug) => Answer::Quotas(async { client?.quotas(&slug).await }.await),
            Request::Document(cvm) => {
                Answer::Document(async { client?.document(&cvm).await }.await)
            }
            Request::EnvKey { kms, app } => {
                Answer::EnvKey(async { client?.env_key(&kms, app).await }.await)
            }
            Request::Prepare(order) => {
                let ledger = self.ledger();
                Answer::Prepared(async { ledger.prepare(&client?, *order).await }.await)
            }
            Request::IsAllowed { app, hash, device } => {
                Answer::IsAllowed(async { client?.is_allowed(app, hash, device).await }.await)
            }
            Request::Commit {
                order,
                ticket,
                proof,
            } => {
                let ledger = self.ledger();
                Answer::Committed(
                    async { ledger.commit(&client?, *order, *ticket, proof).await }.await,
                )
            }
            Request::Note(noted) => Answer::Noted(self.ledger().note(noted).await),
            Request::Unfinished => Answer::Unfinished(self.ledger().unfinished().await),
            Request::Resume(id) => Answer::Resumed(self.ledger().resume(id).await),
            Request::Forget(id) => Answer::Forgotten(self.ledger().forget(id).await.map(|()| id)),
            // Asked as a stream it has several answers; one of them is its first.
            Request::Stream(cvm) | Request::State(cvm) => {
                Answer::State(async { client?.state(&cvm).await }.await)
            }
            request @ (Request::Network(_)
            | Request::Composition(_)
            | Request::Find(_)
            | Request::States(_)
            | Request::Stats(_)
            | Request::Operations(_)
            | Request::Log { .. }
            | Request::CheckAddress(_)
            | Request::Restart(_)
            | Request::Delete(_)
            | Request::PastBoots(_)
            | Request::KeepBoot(..)
            | Request::SaveLog { .. }
            | Request::ShowPaged(_)) => self.cockpit().answer(request).await,
            Request::Attestation(cvm) => {
                Answer::Attestation(async { client?.attestation(&cvm).await }.await)
            }
            Request::Collateral { need, at } => {
                Answer::Collateral(self.places().collateral(at, &need).await)
            }
            Request::KmsKeys {
                chain,
                contract,
                at,
            } => Answer::KmsKeys(self.places().kms_keys(at, chain, &contract).await),
            Request::ReadContract { of, at } => {
                Answer::Contract(self.registrar().readings(of, at).await)
            }
            Request::ReadAllowed { of, at } => {
                Answer::Allowed(self.registrar().allowed(of, at).await)
            }
            Request::FindRegistration { of, at } => {
                Answer::Registration(self.registrar().registration(of, at).await)
            }
            Request::FindApp {
                of,
                wanted,
                transaction,
                at,
            } => Answer::AppFound(
                self.registrar()
                    .found_app(of, wanted, transaction, at)
                    .await,
            ),
            Request::Transactions => Answer::Transactions(self.ledger().transactions().await),
            Request::FindKeys => Answer::Keys(self.find_keys().await),
            // Asked as a question that stays open, it keeps the key; else nobody could use it.
            Request::OpenKey { source, password } => {
                let opened = self.signer.open(source, password).await;
                Answer::KeyOpened(opened.map(|(opened, _)| opened))
            }
            Request::Examine {
                of,
                at,
                from,
                calls,
            } => Answer::Examined(self.registrar().examine(of, at, from, &calls).await),
            Request::Sign {
                call,
                transaction,
                at,
                more,
            } => Answer::Signed(self.registrar().sign(call, transaction, at, more).await),
            Request::SendAgain { hash, chain_id, at } => {
                Answer::SentAgain(self.registrar().send_again(hash, chain_id, at).await)
            }
            Request::Follow { transactions, at } => {
                Answer::Followed(self.registrar().follow(transactions, at).await)
            }
            Request::HandOver {
                of,
                calls,
                app_name,
                to,
            } => Answer::HandedOver(registrar::hand_over(of, calls, app_name, to).await),
        }
    }

    /// Answers, and keeps the names that were answered for who completes them. Those of the sandbox go with it.
    async fn noticed(&self, request: Request) -> Answer {
        let anew = matches!(
            &request,
            Request::Apps {
                page: 1,
                search: None
            }
        );
        let answer = self.answer(request).await;
        let is_real = self.talk().demo.is_none();
        if is_real {
            self.names.learn(&answer, anew).await;
        }
        answer
    }

    async fn open_sandbox(&self, name: &str) -> Result<Shown, Shown> {
        let demo = Demo::start(name, self.options).await?;
        let address = Shown::line(&demo.found().base);
        *self.talk() = Talk {
            demo: Some(demo),
            ..Talk::default()
        };
        Ok(address)
    }

    async fn read_again(
        &self,
        files: Vec<(Question, PathBuf)>,
    ) -> Vec<(Question, Result<TextFile, Shown>)> {
        let mut again = Vec::with_capacity(files.len());
        for (question, path) in files {
            again.push((question, self.on_disk(path, files::read).await));
        }
        again
    }

    async fn save(&self, files: Vec<NewFile>) -> Result<Vec<PathBuf>, Shown> {
        let home = self.environment.home.clone();
        blocking(move || recipes::save(files, home.as_deref()))
            .await
            .unwrap_or_else(|| Err("the disk could not be asked".into()))
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        path: PathBuf,
        act: impl FnOnce(&Path, Option<&Path>) -> Result<T, Shown> + Send + 'static,
    ) -> Result<T, Shown> {
        let home = self.environment.home.clone();
        blocking(move || act(&path, home.as_deref()))
            .await
            .unwrap_or_else(|| Err("the disk could not be asked".into()))
    }

    /// Where creating requests are written down: in the sandbox only as long as that lives.
    fn ledger(&self) -> Ledger {
        match &self.talk().demo {
            Some(demo) => demo.ledger(),
            None => self.ledger.clone(),
        }
    }

    /// Who else can be asked: in the sandbox only the sandbox itself.
    fn places(&self) -> Places {
        match &self.talk().demo {
            Some(demo) => demo.places(),
            None => self.places.clone(),
        }
    }

    fn cockpit(&self) -> Cockpit {
        let client = self.client();
        let talk = self.talk();
        Cockpit {
            client,
            boots: talk
                .demo
                .as_ref()
                .map_or_else(|| self.boots.clone(), Demo::boots),
            is_sandbox: talk.demo.is_some(),
        }
    }

    fn registrar(&self) -> Registrar<'_> {
        Registrar {
            places: self.places(),
            ledger: self.ledger(),
            signer: &self.signer,
        }
    }

    /// The keys that could sign: in the sandbox only its own, as real ones are of no use there.
    async fn find_keys(&self) -> Vec<FoundKey> {
        let own = self.talk().demo.as_ref().map(Demo::keys);
        match own {
            Some(keys) => keys,
            None => self.signer.list().await,
        }
    }

    /// The key stays open as long as this stream lives, and is wiped with it.
    fn keep_open(
        self: Arc<Self>,
        source: KeySource,
        password: Password,
    ) -> BoxStream<'static, Answer> {
        let opening = async move { self.signer.open(source, password).await };
        stream::once(opening)
            .flat_map(|opened| match opened {
                Ok((opened, held)) => {
                    let answer = stream::iter([Answer::KeyOpened(Ok(opened))]);
                    answer.chain(kept_with(held)).boxed()
                }
                Err(why) => stream::iter([Answer::KeyOpened(Err(why))]).boxed(),
            })
            .boxed()
    }

    fn client(&self) -> Result<Client, Error> {
        self.talk().client.clone().ok_or_else(|| Error {
            asked: Shown::default(),
            tries: 0,
            kind: ErrorKind::Unreachable(Unreachable::NotSent, "nobody is signed in".into()),
        })
    }

    fn talk(&self) -> MutexGuard<'_, Talk> {
        self.talk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ask for Asker {
    fn ask(self: Arc<Self>, request: Request) -> BoxStream<'static, Answer> {
        match (request, self.client()) {
            (Request::Stream(cvm), Ok(client)) => cockpit::until_it_ends(client.stream(&cvm)),
            (Request::Stream(_), Err(error)) => {
                stream::iter([Answer::StreamEnded(Some(error))]).boxed()
            }
            (
                Request::Log {
                    of,
                    source,
                    mask,
                    after,
                },
                client,
            ) => cockpit::log(client, &of, source, mask, after),
            (Request::OpenKey { source, password }, _) => self.keep_open(source, password),
            (request, _) => stream::once(async move { self.noticed(request).await }).boxed(),
        }
    }
}

/// Nothing, for ever; this is dropped with it.
fn kept_with<T: Send + 'static>(held: T) -> BoxStream<'static, Answer> {
    stream::unfold(held, |held| async move {
        std::future::pending::<()>().await;
        Some((Answer::Transactions(Vec::new()), held))
    })
    .boxed()
}

fn seal(key: &str, entries: &[(String, Secret)]) -> Result<String, Shown> {
    env_blob::seal_hex(key, entries).map_err(|why| Shown::line(&why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::types::CvmUuid;
    use crate::chain::Address;
    use crate::chain::transaction::Unsigned;
    use crate::wizard::event::SignedIn;

    async fn ask(asker: &Arc<Asker>, request: Request) -> Answer {
        let answers: Vec<Answer> = Arc::clone(asker).ask(request).collect().await;
        assert_eq!(answers.len(), 1);
        answers.into_iter().next().unwrap()
    }

    fn asker(environment: Environment) -> Arc<Asker> {
        Arc::new(Asker::new(
            environment,
            Places::default(),
            demo::Options::default(),
        ))
    }

    /// What would be found outside: a key that must never reach a sandbox, for an address it must not be sent to.
    fn outside() -> Environment {
        Environment {
            key: Some(Secret::new("phak_real_key_of_somebody")),
            base: Some("http://cloud.example/api/v1".into()),
            ..Environment::default()
        }
    }

    #[tokio::test]
    async fn without_a_key_nothing_is_sent() {
        let asker = asker(Environment::default());
        let SignedIn::NoKey { host, note } = asker.sign_in(None).await else {
            panic!("there is no key");
        };
        assert_eq!((host.as_str(), note), ("cloud-api.phala.com", None));
        let Answer::Nodes(Err(error)) = ask(&asker, Request::Nodes).await else {
            panic!("there is nobody to ask");
        };
        assert_eq!(error.to_string(), "not sent: nobody is signed in");
        let cvm = CvmUuid::parse(&"12".repeat(16)).unwrap();
        let end = ask(&asker, Request::Stream(cvm)).await;
        assert_eq!(end, Answer::StreamEnded(Some(error)));
    }

    #[tokio::test]
    async fn a_key_that_gets_no_yes_is_not_used() {
        let asker = asker(outside());
        let SignedIn::No { host, key, error } = asker.sign_in(None).await else {
            panic!("a key is not sent in the clear");
        };
        assert_eq!(host.as_str(), "cloud.example");
        assert_eq!(key.tail, "****body");
        assert_eq!(key.origin.as_str(), "PHALA_CLOUD_API_KEY");
        assert!(error.is_offline(), "{error}");
        assert!(asker.client().is_err());
    }

    #[tokio::test]
    async fn the_sandbox_is_signed_into_with_its_own_key() {
        let asker = asker(outside());
        let opened = ask(&asker, Request::OpenSandbox("on-chain".into())).await;
        let Answer::Sandbox(Ok(address)) = opened else {
            panic!("{opened:?}");
        };
        assert!(address.as_str().starts_with("http://127.0.0.1:"));
        let SignedIn::Yes { key, .. } = asker.sign_in(None).await else {
            panic!("the sandbox knows its key");
        };
        assert_eq!(key.origin.as_str(), "the sandbox");
        let all = Request::Apps {
            page: 1,
            search: None,
        };
        let Answer::Apps(Ok(page)) = ask(&asker, all).await else {
            panic!("the sandbox has apps");
        };
        assert!(!page.apps.is_empty());
        let typed = asker.sign_in(Some(Secret::new("phak_another_key"))).await;
        assert!(matches!(typed, SignedIn::No { .. }), "{typed:?}");
    }

    #[tokio::test]
    async fn in_the_sandbox_nobody_outside_is_asked() {
        let configured = Places {
            rpc: vec![Secret::new("https://node.example")],
            pccs: Some(Secret::new("https://pccs.example")),
            ..Places::default()
        };
        let asker = Asker::new(outside(), configured, demo::Options::default());
        let hosts = asker.places().hosts();
        assert_eq!(hosts.rpc, ["node.example".into()]);
        assert_eq!(hosts.pccs, Some("pccs.example".into()));
        asker.open_sandbox("on-chain").await.expect("a sandbox");
        let hosts = asker.places().hosts();
        let rpc = hosts.rpc.first().expect("the sandbox has a chain");
        assert!(rpc.as_str().starts_with("127.0.0.1:"), "{rpc}");
        assert_eq!(hosts.pccs, None);
    }

    #[tokio::test]
    async fn a_scenario_nobody_wrote_is_not_opened() {
        let opened = ask(&asker(outside()), Request::OpenSandbox("nope".into())).await;
        let reason = "there is no scenario nope".into();
        assert_eq!(opened, Answer::Sandbox(Err(reason)));
    }

    #[tokio::test]
    async fn values_are_sealed_only_for_a_key() {
        let entries = vec![("A".to_owned(), Secret::new("canary"))];
        let seal = |key: String| Request::Seal {
            key,
            entries: entries.clone(),
        };
        let asker = asker(Environment::default());
        let good = ask(&asker, seal("09".repeat(32))).await;
        let Answer::Sealed(Ok(blob)) = good else {
            panic!("{good:?}");
        };
        assert!(!blob.contains("canary"));
        assert!(blob.len() > 2 * (32 + 12 + 16), "{blob}");
        let bad = ask(&asker, seal("09".repeat(31))).await;
        assert!(matches!(bad, Answer::Sealed(Err(_))), "{bad:?}");
    }

    #[tokio::test]
    async fn a_key_stays_open_as_long_as_its_question() {
        let asker = asker(Environment::default());
        let question = || Request::OpenKey {
            source: KeySource::Typed(Secret::new("11".repeat(32))),
            password: Password::None,
        };
        let unsigned = Unsigned {
            chain_id: 1,
            nonce: 0,
            tip: 0,
            max_fee: 0,
            gas: 0,
            to: Address::ZERO,
            input: Vec::new(),
        };
        let mut answers = Arc::clone(&asker).ask(question());
        let Some(Answer::KeyOpened(Ok(_))) = answers.next().await else {
            panic!("it is a key");
        };
        assert!(asker.signer.sign(&unsigned, true).is_ok());
        drop(answers);
        assert!(asker.signer.sign(&unsigned, true).is_err());
    }
}
