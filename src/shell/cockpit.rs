//! The questions about an instance that is there: how it does, what it logs, and what is to be done to it.
//!
//! Whom they are put to is told, and nothing is remembered here but how long boots took.

use std::path::PathBuf;

use futures_util::stream::{self, BoxStream, StreamExt};

use super::address;
use super::blocking::blocking;
use super::boots::Boots;
use super::files;
use crate::api::client::Client;
use crate::api::error::Error;
use crate::api::log::LogStep;
use crate::api::types::{CvmUuid, LogEnd, LogSource, State};
use crate::secret::Secret;
use crate::secret::mask::Mask;
use crate::shown::Shown;
use crate::wizard::event::{Answer, Request};

/// Whom the questions are put to.
pub(super) struct Cockpit {
    /// The service, or why it cannot be asked.
    pub(super) client: Result<Client, Error>,
    /// Where boots are kept.
    pub(super) boots: Boots,
    /// Whether the service is the sandbox.
    pub(super) is_sandbox: bool,
}

impl Cockpit {
    /// The answer to a question of the cockpit.
    pub(super) async fn answer(self, request: Request) -> Answer {
        let client = self.client;
        match request {
            Request::Network(cvm) => Answer::Network(async { client?.network(&cvm).await }.await),
            Request::Composition(cvm) => {
                Answer::Composition(async { client?.composition(&cvm).await }.await)
            }
            Request::Find(name) => {
                Answer::Found(async { client?.find(&name).await.map(Box::new) }.await)
            }
            Request::States(cvms) => Answer::States(async { client?.states(&cvms).await }.await),
            Request::Stats(cvm) => Answer::Stats(async { client?.stats(&cvm).await }.await),
            Request::Operations(cvm) => {
                Answer::Operations(async { client?.operations(&cvm).await }.await)
            }
            Request::Restart(cvm) => Answer::Restarted(async { client?.restart(&cvm).await }.await),
            Request::Delete(cvm) => Answer::Deleted(async { client?.delete(&cvm).await }.await),
            Request::CheckAddress(address) => {
                Answer::AddressChecked(address::check(&address, self.is_sandbox).await)
            }
            Request::PastBoots(app) => Answer::PastBoots(self.boots.past(app).await),
            Request::KeepBoot(app, boot) => Answer::BootKept(self.boots.keep(app, boot).await),
            Request::SaveLog { name, text } => Answer::LogSaved(save(name, text).await),
            // Asked as a stream a log has several answers; whoever wants one alone does not read it.
            Request::Log { source, .. } => Answer::LogEnded(source, LogEnd::Closed),
            // A pager needs the terminal, which whoever draws has; nothing else is asked here.
            _ => Answer::Paged(Err("there is no terminal here".into())),
        }
    }
}

/// A log, until it ends.
pub(super) fn log(
    client: Result<Client, Error>,
    of: &CvmUuid,
    source: LogSource,
    mask: Mask,
    after: Option<Shown>,
) -> BoxStream<'static, Answer> {
    match client {
        Ok(client) => client
            .log(of, source.clone(), mask, after)
            .map(move |step| match step {
                LogStep::Lines(lines) => Answer::Logged(source.clone(), lines),
                LogStep::End(end) => Answer::LogEnded(source.clone(), end),
            })
            .boxed(),
        Err(error) => {
            let end = Answer::LogEnded(source, LogEnd::Failed(error));
            stream::iter([end]).boxed()
        }
    }
}

/// Every state, and then the end, with its reason where there was one.
pub(super) fn until_it_ends(
    states: BoxStream<'static, Result<State, Error>>,
) -> BoxStream<'static, Answer> {
    stream::unfold(Some(states), |states| async {
        let mut states = states?;
        Some(match states.next().await {
            Some(Ok(state)) => (Answer::Streamed(state), Some(states)),
            Some(Err(error)) => (Answer::StreamEnded(Some(error)), None),
            None => (Answer::StreamEnded(None), None),
        })
    })
    .boxed()
}

async fn save(name: String, text: Secret) -> Result<PathBuf, Shown> {
    let save = move || {
        let folder = std::env::current_dir()
            .map_err(|error| Shown::line(&format!("this folder cannot be used: {error}")))?;
        files::save_new(&folder, &name, text.expose())
    };
    blocking(save)
        .await
        .unwrap_or_else(|| Err("the disk could not be asked".into()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::api::types::{AppId, CvmName, Found, LogLine};
    use crate::http::{Address, HeaderValue, Method, Transport, Way};
    use crate::shell::demo::{Demo, Options};
    use crate::wizard::boots::PastBoot;

    /// A sandbox in which a second is a millisecond, and the only client it knows.
    async fn sandbox() -> (Demo, Client) {
        let options = Options {
            speed: 1000.0,
            seed: 1,
        };
        let demo = Demo::start("on-chain", options).await.unwrap();
        let found = demo.found();
        let client = Client::new(&found.base, found.key.map(|(key, _)| key)).unwrap();
        (demo, client)
    }

    async fn ask(demo: &Demo, client: &Client, request: Request) -> Answer {
        let cockpit = Cockpit {
            client: Ok(client.clone()),
            boots: demo.boots(),
            is_sandbox: true,
        };
        cockpit.answer(request).await
    }

    async fn find(demo: &Demo, client: &Client, name: &str) -> Result<Box<Found>, Error> {
        let name = CvmName::parse(name).unwrap();
        match ask(demo, client, Request::Find(name)).await {
            Answer::Found(found) => found,
            other => panic!("{other:?}"),
        }
    }

    async fn uuid(demo: &Demo, client: &Client) -> CvmUuid {
        let found = find(demo, client, "kv-cache").await.unwrap();
        found.instance.uuid.unwrap()
    }

    fn container(name: &str) -> LogSource {
        LogSource::Container(name.into())
    }

    /// The first lines of a log, or why there are none.
    async fn begun(
        client: &Client,
        of: &CvmUuid,
        source: LogSource,
        after: Option<Shown>,
    ) -> Result<Vec<LogLine>, LogEnd> {
        let mask = Mask::new([Secret::new("Linux version")]);
        let mut answers = log(Ok(client.clone()), of, source.clone(), mask, after);
        match answers.next().await.unwrap() {
            Answer::Logged(whose, lines) if whose == source => Ok(lines),
            Answer::LogEnded(whose, end) if whose == source => Err(end),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn every_log_of_the_sandbox_is_read_or_says_why_not() {
        let (demo, client) = sandbox().await;
        let cvm = uuid(&demo, &client).await;
        let serial = begun(&client, &cvm, LogSource::Serial, None).await.unwrap();
        assert!(serial.len() > 10 && serial.iter().all(|line| line.at.is_some()));
        let version = serial
            .iter()
            .find(|line| line.text.as_str().contains("****"));
        assert!(version.is_some(), "the value is hidden: {serial:?}");
        let cache = || container("/dstack-cache-1");
        let lines = begun(&client, &cvm, cache(), None).await.unwrap();
        assert!(lines.len() > 20, "{lines:?}");
        assert!(lines.iter().any(|line| line.is_error));
        let last = lines.last().unwrap().at.clone();
        let more = begun(&client, &cvm, cache(), last.clone()).await.unwrap();
        assert!(more.iter().all(|line| line.at > last), "{more:?}");
        let wrong = begun(&client, &cvm, container("cache"), None).await;
        let names = ["dstack-cache-1".into(), "dstack-metrics-1".into()];
        assert_eq!(wrong, Err(LogEnd::NoContainer(names.to_vec())));
    }

    #[tokio::test]
    async fn an_app_that_keeps_its_logs_to_itself_is_private() {
        let (demo, client) = sandbox().await;
        let cvm = uuid(&demo, &client).await;
        let found = demo.found();
        let transport = Transport::new(Address::base(&found.base).unwrap(), Duration::from_secs(5));
        let key = found.key.unwrap().0;
        let mut request = crate::http::Request::of(Method::PATCH, Way::Own);
        request.path = ["cvms", "kv-cache"].map(str::to_owned).to_vec();
        request.headers = vec![
            ("X-API-Key", HeaderValue::from_str(key.expose()).unwrap()),
            ("Content-Type", HeaderValue::from_static("application/json")),
        ];
        request.body = Some(r#"{"public_logs": false}"#.to_owned());
        let changed = transport.open(&request, Duration::from_secs(5)).await;
        assert_eq!(changed.unwrap().status(), 202);
        let mut end = Ok(Vec::new());
        // It restarts first, and cannot be reached for a while.
        for _ in 0..300 {
            end = begun(&client, &cvm, container("dstack-cache-1"), None).await;
            if end == Err(LogEnd::Private) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(end, Err(LogEnd::Private));
        let serial = begun(&client, &cvm, LogSource::Serial, None).await;
        assert!(serial.is_ok(), "the console is no container: {serial:?}");
    }

    #[tokio::test]
    async fn an_instance_tells_how_it_does_and_is_restarted_and_deleted() {
        let (demo, client) = sandbox().await;
        let cvm = uuid(&demo, &client).await;
        let Answer::States(Ok(all)) = ask(&demo, &client, Request::States(vec![cvm.clone()])).await
        else {
            panic!("the state is told")
        };
        assert_eq!(all[0].0, cvm);
        assert_eq!(all[0].1.status.as_str(), "running");
        let Answer::Stats(Ok(stats)) = ask(&demo, &client, Request::Stats(cvm.clone())).await
        else {
            panic!("the figures are told")
        };
        assert!(stats.online && stats.memory_used < stats.memory);
        let Answer::Network(Ok(network)) = ask(&demo, &client, Request::Network(cvm.clone())).await
        else {
            panic!("the addresses are told")
        };
        let address = network.urls.first().cloned().unwrap();
        let checked = ask(&demo, &client, Request::CheckAddress(address)).await;
        let Answer::AddressChecked(Ok(reached)) = checked else {
            panic!("the app answers: {checked:?}")
        };
        assert_eq!(reached.status, 200);
        let restarted = ask(&demo, &client, Request::Restart(cvm.clone())).await;
        assert_eq!(restarted, Answer::Restarted(Ok(())));
        let Answer::Operations(Ok(operations)) =
            ask(&demo, &client, Request::Operations(cvm.clone())).await
        else {
            panic!("the operations are told")
        };
        assert_eq!(operations[0].kind.as_str(), "restart");
        // While it restarts it can be no other's.
        let mut deleted = ask(&demo, &client, Request::Delete(cvm.clone())).await;
        while matches!(&deleted, Answer::Deleted(Err(error)) if error.status() == Some(409)) {
            tokio::time::sleep(Duration::from_millis(10)).await;
            deleted = ask(&demo, &client, Request::Delete(cvm.clone())).await;
        }
        assert_eq!(deleted, Answer::Deleted(Ok(())));
        let mut left = find(&demo, &client, "kv-cache").await;
        for _ in 0..300 {
            if left.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
            left = find(&demo, &client, "kv-cache").await;
        }
        assert_eq!(left.unwrap_err().status(), Some(404));
        let again = ask(&demo, &client, Request::Delete(cvm)).await;
        assert!(matches!(again, Answer::Deleted(Err(error)) if error.status() == Some(404)));
    }

    #[tokio::test]
    async fn boots_in_the_sandbox_end_with_it() {
        let (demo, client) = sandbox().await;
        let app = AppId::from([7; 20]);
        let boot = PastBoot {
            whole: 9,
            ..PastBoot::default()
        };
        let kept = ask(&demo, &client, Request::KeepBoot(app, boot.clone())).await;
        assert_eq!(kept, Answer::BootKept(Ok(())));
        let past = ask(&demo, &client, Request::PastBoots(app)).await;
        assert_eq!(past, Answer::PastBoots(vec![boot]));
        let (other, client) = sandbox().await;
        let past = ask(&other, &client, Request::PastBoots(app)).await;
        assert_eq!(past, Answer::PastBoots(vec![]));
    }

    #[tokio::test]
    async fn a_log_that_nobody_can_be_asked_for_has_failed() {
        let error = Error {
            asked: Shown::default(),
            tries: 0,
            kind: crate::api::error::ErrorKind::Unreachable(
                crate::api::error::Unreachable::NotSent,
                "nobody is signed in".into(),
            ),
        };
        let of = CvmUuid::parse(&"12".repeat(16)).unwrap();
        let answers = log(
            Err(error.clone()),
            &of,
            LogSource::Serial,
            Mask::default(),
            None,
        );
        let answers: Vec<Answer> = answers.collect().await;
        let end = LogEnd::Failed(error);
        assert_eq!(answers, [Answer::LogEnded(LogSource::Serial, end)]);
    }
}
