//! The one place that talks to the service.
//!
//! Reads are repeated with growing pauses; what may create is sent exactly once, by us and by everything below us.
//! No redirect is followed, nothing is compressed, every answer is bounded in time and size. What an answer means for
//! the person is not decided here.

mod asking;
mod cockpit;
mod device;
mod log;
mod new_app;
mod question;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::BoxStream;
use serde_json::{Value, json};

use self::asking::Shared;
use self::question::Question;
use super::decode::{self, Unreadable};
use super::error::{Error, ErrorKind, Unreachable};
use super::preview::{self, Headers};
use super::stream;
use super::types::{
    Allowlist, App, AppId, AppPage, ComposeHash, Composition, CvmUuid, DeviceId, Document,
    EnvKeyAnswer, Evidence, Identity, Instance, Network, NodeList, Permission, Plan, Prepared,
    Proof, Quotas, State,
};
use crate::http::{Address, HeaderValue, Method, Patience, Transport};
use crate::secret::Secret;
use crate::shown::Shown;

/// Rows on a page of apps; the service allows up to 100.
pub const PAGE_SIZE: u32 = 50;

/// Most bytes of an ordinary answer.
const ANSWER_BYTES: usize = 1 << 20;

/// Most bytes of a list of instances or of a document, which grow with what the person has.
const LARGE_BYTES: usize = 8 << 20;

/// Most bytes of a 465 or a refusal.
const TICKET_BYTES: usize = 64 << 10;

/// How long things may take, and how often they are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// To a connection, TLS included.
    pub connect: Duration,
    /// For a whole exchange.
    pub whole: Duration,
    /// For a whole exchange that may create: its answer is worth waiting for.
    pub creating: Duration,
    /// Tries of a read, the first included.
    pub tries: u32,
    /// The pause before the second try.
    pub first_pause: Duration,
    /// No pause of ours is longer, up to chance doubling it.
    pub longest_pause: Duration,
    /// A longer `Retry-After` is not waited for but reported.
    pub longest_retry_after: Duration,
    /// Silence on a stream.
    pub silence: Duration,
    /// For a whole stream. The service closes it after 600 s.
    pub stream: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            whole: Duration::from_secs(30),
            creating: Duration::from_mins(2),
            tries: 4,
            first_pause: Duration::from_millis(300),
            longest_pause: Duration::from_secs(8),
            longest_retry_after: Duration::from_secs(20),
            silence: Duration::from_mins(1),
            stream: Duration::from_mins(11),
        }
    }
}

impl Limits {
    fn patience(&self) -> Patience {
        Patience {
            tries: self.tries,
            first_pause: self.first_pause,
            longest_pause: self.longest_pause,
            longest_asked: self.longest_retry_after,
        }
    }
}

/// A way to one service with one key. Clones share it.
#[derive(Debug, Clone)]
pub struct Client(Arc<Shared>);

impl Client {
    /// A client for this base address. Nothing is opened yet.
    ///
    /// Fails as [`Unreachable::NotSent`] where the key must not go to that address, or cannot be in a header.
    pub fn new(base: &str, key: Option<Secret>) -> Result<Self, Error> {
        Self::with_limits(base, key, Limits::default())
    }

    /// The same with other limits, for tests and slow places.
    pub fn with_limits(base: &str, key: Option<Secret>, limits: Limits) -> Result<Self, Error> {
        let refused = |why: &str| Error {
            asked: Shown::default(),
            tries: 0,
            kind: ErrorKind::Unreachable(Unreachable::NotSent, Shown::line(why)),
        };
        let address = Address::base(base).map_err(refused)?;
        let header = key.as_ref().map(header_value).transpose();
        let header = header.map_err(|()| refused("the key has characters that no key has"))?;
        Ok(Self(Arc::new(Shared {
            transport: Transport::new(address, limits.connect),
            key,
            header,
            limits,
        })))
    }

    /// The base address, without a slash at its end.
    pub fn base(&self) -> &str {
        self.0.transport.address().as_str()
    }

    /// `GET /auth/me`.
    pub async fn who_am_i(&self) -> Result<Identity, Error> {
        self.0
            .read(self.get(["auth", "me"]), decode::identity)
            .await
    }

    /// `GET /apps`, a page from 1, optionally only those that match.
    pub async fn apps(&self, page: u32, search: Option<&str>) -> Result<AppPage, Error> {
        let mut question = self.get(["apps"]);
        question.most = LARGE_BYTES;
        question.query = vec![
            ("page", page.to_string()),
            ("page_size", PAGE_SIZE.to_string()),
        ];
        if let Some(search) = search {
            question.query.push(("search", search.to_owned()));
        }
        self.0
            .read(question, |value| decode::app_page(value, page))
            .await
    }

    /// `GET /apps/{id}`.
    pub async fn app(&self, app: AppId) -> Result<App, Error> {
        let mut question = self.get(["apps", &app.to_string()]);
        question.most = LARGE_BYTES;
        self.0.read(question, |value| decode::app(value, app)).await
    }

    /// `GET /apps/{id}/cvms`.
    pub async fn instances(&self, app: AppId) -> Result<Vec<Instance>, Error> {
        let mut question = self.get(["apps", &app.to_string(), "cvms"]);
        question.most = LARGE_BYTES;
        self.0.read(question, decode::instances).await
    }

    /// `GET /teepods/available`.
    pub async fn nodes(&self) -> Result<NodeList, Error> {
        self.0
            .read(self.get(["teepods", "available"]), decode::nodes)
            .await
    }

    /// `GET /apps/{id}/device-allowlist`.
    pub async fn allowlist(&self, app: AppId) -> Result<Allowlist, Error> {
        let question = self.get(["apps", &app.to_string(), "device-allowlist"]);
        self.0.read(question, decode::allowlist).await
    }

    /// `GET /workspaces/{slug}/quotas`.
    pub async fn quotas(&self, slug: &str) -> Result<Quotas, Error> {
        let question = self.get(["workspaces", slug, "quotas"]);
        self.0.read(question, decode::quotas).await
    }

    /// `GET /cvms/{id}/compose_file`.
    pub async fn document(&self, cvm: &CvmUuid) -> Result<Document, Error> {
        let mut question = self.get(["cvms", &cvm.in_path(), "compose_file"]);
        question.most = LARGE_BYTES;
        self.0.read_bytes(question, decode::document).await
    }

    /// `GET /kms/{kms}/pubkey/{app}`. `kms` is an id, a slug or the word of the KMS type.
    pub async fn env_key(&self, kms: &str, app: AppId) -> Result<EnvKeyAnswer, Error> {
        let question = self.get(["kms", kms, "pubkey", &app.to_string()]);
        self.0.read(question, decode::env_key).await
    }

    /// `GET /cvms/{id}/state`.
    pub async fn state(&self, cvm: &CvmUuid) -> Result<State, Error> {
        let question = self.get(["cvms", &cvm.in_path(), "state"]);
        self.0.read(question, decode::state).await
    }

    /// `GET /cvms/{id}/network`.
    pub async fn network(&self, cvm: &CvmUuid) -> Result<Network, Error> {
        let question = self.get(["cvms", &cvm.in_path(), "network"]);
        self.0.read(question, decode::network).await
    }

    /// `GET /cvms/{id}/composition`.
    pub async fn composition(&self, cvm: &CvmUuid) -> Result<Composition, Error> {
        let question = self.get(["cvms", &cvm.in_path(), "composition"]);
        self.0.read(question, decode::composition).await
    }

    /// `GET /cvms/{id}/attestation` (9.7): the evidence as it came, byte for byte, for somebody who does not believe it.
    pub async fn attestation(&self, cvm: &CvmUuid) -> Result<Evidence, Error> {
        let mut question = self.get(["cvms", &cvm.in_path(), "attestation"]);
        question.most = LARGE_BYTES;
        self.0.read_bytes(question, decode::evidence).await
    }

    /// `GET /cvms/{id}/state?target=running`: states until `running`, the service's time limit, or a failure.
    ///
    /// The request is sent once, when the stream is first polled. An error is the last item.
    pub fn stream(&self, cvm: &CvmUuid) -> BoxStream<'static, Result<State, Error>> {
        let mut question = self.get(["cvms", &cvm.in_path(), "state"]);
        question.headers.stream = true;
        question.query = vec![
            ("target", "running".to_owned()),
            ("interval", "5".to_owned()),
            ("timeout", "600".to_owned()),
        ];
        let client = self.clone();
        let opening = async move {
            let open = client.0.open(&question).await?;
            if !open.is("text/event-stream") {
                let answer = open.whole(question.bounds()).await;
                let answer = answer.map_err(|failure| question.error(failure.into()))?;
                let no_stream = |_: &[u8]| Err(Unreadable("not a stream of events".to_owned()));
                let refused = client.0.accept(&question, answer, no_stream, &[]);
                return refused.map(|never: Infallible| match never {});
            }
            let asked = question.asked();
            let bytes =
                stream::chunks(open.chunks(), move |failure| question.error(failure.into()));
            let limits = client.0.limits;
            Ok(stream::states(bytes, asked, limits.silence, limits.stream))
        };
        stream::opened(opening)
    }

    /// `POST /apps/{id}/instances` with `X-Prepare-Only: true`, or `POST /cvms/provision` for a new app. Sent once.
    ///
    /// May create at once where no contract governs an app that exists.
    pub async fn prepare(&self, plan: &Plan) -> Result<Prepared, Error> {
        if plan.is_new_app() {
            return self.provision(plan).await;
        }
        let path = ["apps", &plan.app.to_string(), "instances"];
        let mut question = self.post(path, preview::body(plan));
        question.headers.prepare = true;
        question.limit = self.0.limits.creating;
        self.0.create(question, &[]).await
    }

    /// `POST /apps/{id}/instances` with a token, and never with the prepare header. Sent once.
    pub async fn commit(
        &self,
        app: AppId,
        token: &Secret,
        hash: ComposeHash,
        proof: Proof,
    ) -> Result<Prepared, Error> {
        let body = CommitBody {
            token: token.expose(),
            compose_hash: hash.to_string(),
            transaction_hash: proof.to_string(),
        };
        let path = ["apps", &app.to_string(), "instances"];
        // A struct of texts always has a JSON form.
        let body = serde_json::to_string(&body).unwrap_or_default();
        let mut question = self.post(path, body);
        question.limit = self.0.limits.creating;
        self.0.create(question, &[token]).await
    }

    /// `POST /apps/{id}/is-allowed`. It only reads, but it is a POST: sent once.
    pub async fn is_allowed(
        &self,
        app: AppId,
        hash: ComposeHash,
        device: Option<DeviceId>,
    ) -> Result<Permission, Error> {
        let mut body = json!({ "compose_hash": hash.to_string() });
        if let Some(device) = device {
            body["device_id"] = Value::String(device.to_string());
        }
        let question = self.post(["apps", &app.to_string(), "is-allowed"], body.to_string());
        let answer = self.0.ask_once(&question).await?;
        self.0.accept(
            &question,
            answer,
            |bytes| decode::permission(&decode::json(bytes)?, hash),
            &[],
        )
    }

    fn get<const N: usize>(&self, path: [&str; N]) -> Question {
        Question {
            method: Method::GET,
            path: path.map(str::to_owned).to_vec(),
            query: Vec::new(),
            body: None,
            headers: Headers::default(),
            limit: self.0.limits.whole,
            most: ANSWER_BYTES,
        }
    }

    fn post<const N: usize>(&self, path: [&str; N], body: String) -> Question {
        Question {
            method: Method::POST,
            body: Some(body),
            headers: Headers {
                body: true,
                ..Headers::default()
            },
            ..self.get(path)
        }
    }
}

/// The body of a commit (6.1), in the order the official tool sends it.
#[derive(serde::Serialize)]
struct CommitBody<'a> {
    token: &'a str,
    compose_hash: String,
    transaction_hash: String,
}

fn header_value(key: &Secret) -> Result<HeaderValue, ()> {
    if key.is_empty() || !key.expose().bytes().all(|b| b.is_ascii_graphic()) {
        return Err(());
    }
    let mut value = HeaderValue::from_str(key.expose()).map_err(|_| ())?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::DEFAULT_BASE;

    #[test]
    fn a_key_that_cannot_be_in_a_header_is_refused_unseen() {
        for key in ["", "phak_a\nX-Evil: 1", "phak_ä", "phak a", "phak_\u{7f}"] {
            let error = Client::new(DEFAULT_BASE, Some(Secret::new(key))).expect_err("refused");
            assert!(matches!(
                error.kind,
                ErrorKind::Unreachable(Unreachable::NotSent, _)
            ));
            assert!(key.is_empty() || !format!("{error:?} {error}").contains(key));
        }
    }

    #[test]
    fn a_client_prints_no_key() {
        let client =
            Client::new(DEFAULT_BASE, Some(Secret::new("phak_canary_0123"))).expect("a client");
        assert!(!format!("{client:?}").contains("canary"));
        assert_eq!(client.base(), DEFAULT_BASE);
    }
}
