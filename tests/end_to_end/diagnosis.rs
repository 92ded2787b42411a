//! Every failure that the sandbox can tell, deployed into without a person: the cause that is told is the one of the
//! story's name, and what it rests on is there.
//!
//! ```text
//!   pilot ──▶ shell::drive ──HTTP──▶ sandbox      time of the wizard and of the sandbox runs at one speed
//!     └─ what it tells, and the log asked for once more past it
//! ```

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::stream::StreamExt;
use phala_wizard::api::client::Client;
use phala_wizard::api::log::LogStep;
use phala_wizard::api::types::{CvmUuid, LogSource};
use phala_wizard::line::{self, News, Orders, Paper, Stay};
use phala_wizard::sandbox::Scenario;
use phala_wizard::secret::Secret;
use phala_wizard::secret::mask::Mask;
use phala_wizard::shell;
use phala_wizard::shell::ask::Asker;
use phala_wizard::shell::credentials::Environment;
use phala_wizard::shell::demo;
use phala_wizard::shell::places::Places;
use phala_wizard::shell::questions::Questions;
use phala_wizard::shell::run::{Core, INBOX, Screen};
use phala_wizard::theme::address::Links;
use phala_wizard::wizard::Start;
use phala_wizard::wizard::answers::{Answers, Values};
use phala_wizard::wizard::event::{Effect, Event};
use ratatui::Frame;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::walk::{KEY, base, open};

/// Seconds of the wizard, and of the sandbox, in every one here.
const SPEED: u32 = 30;
/// Seconds of the wizard that a cause has to become another one.
const SECOND_THOUGHTS: u64 = 5;
/// Seconds of the wizard after which there is none.
const LONGEST: u64 = 1800;

/// Cause, verdict and repair of every failure.
const EXPECTED: &str = "\
app_unknown           failed    register
boot_denied           failed    nothing
build_impossible      failed    compose
clock_unset           stalled   restart
command_not_found     failed    script
compose_invalid       failed    compose
container_exits       running   compose
container_unhealthy   failed    compose
credit_exhausted      failed    nothing
data_disk_locked      failed    nothing
device_not_allowed    failed    register
device_refused        failed    compose
disk_full             failed    compose
env_missing           failed    env
env_not_allowed       running   env
env_unreadable        failed    env
file_missing          failed    compose
gpu_not_attested      failed    node
hash_not_allowed      failed    register
image_denied          failed    env
image_not_found       failed    compose
kms_unreachable       failed    restart
login_refused         failed    env
machine_exited        failed    restart
no_route              degraded  wait
node_full             failed    node
node_unavailable      failed    node
os_image_missing      failed    node
os_image_not_allowed  failed    node
out_of_memory         running   compose
port_taken            failed    compose
pull_limit            failed    env
quota_reached         failed    nothing
registry_unreachable  failed    restart
script_failed         failed    script
start_command         failed    compose
tcb_outdated          failed    node
volume_denied         running   compose
wrong_architecture    failed    compose
";

#[test]
fn every_failure_is_told_its_cause() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let stories = Scenario::all().into_iter();
    let stories = stories.filter(|story| story.name.starts_with("fails-"));
    let told = runtime.block_on(join_all(stories.map(deploy)));
    for told in &told {
        println!("{} {}", told.row(), told.rests_on());
    }
    let wrong: Vec<String> = told.iter().flat_map(Told::wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let table: String = told.iter().map(|told| told.row() + "\n").collect();
    assert_eq!(table, EXPECTED);
}

/// What a deployment came to.
struct Told {
    /// The name of the story, as the word of a cause.
    story: String,
    news: Vec<News>,
    /// The log that the cause rests on, read once more.
    log: Option<Vec<String>>,
}

impl Told {
    /// Cause, verdict and repair.
    fn row(&self) -> String {
        let verdict = self.news.iter().rev().find_map(|news| match news {
            News::Verdict { verdict, .. } => Some(*verdict),
            _ => None,
        });
        let verdict = verdict.unwrap_or("-");
        match self.causes().last() {
            Some(News::Cause { cause, repair, .. }) => format!("{cause:21} {verdict:9} {repair}"),
            _ => format!("{:21} {verdict:9} unknown", self.story),
        }
    }

    /// What the cause rests on, which may be a moment's matter: whether the log or the error came first.
    fn rests_on(&self) -> &str {
        match self.causes().last() {
            Some(News::Cause { rests_on, .. }) => rests_on,
            _ => "nothing",
        }
    }

    /// What is not as it should be.
    fn wrong(&self) -> Vec<String> {
        let story = &self.story;
        let mut causes: Vec<&News> = self.causes().collect();
        let Some(News::Cause {
            cause,
            rests_on,
            log,
            line,
            ..
        }) = causes.pop()
        else {
            return vec![format!("{story}: no cause in {:#?}", self.news)];
        };
        let mut wrong = Vec::new();
        if cause != story {
            wrong.push(format!("{story}: {cause}, {rests_on}"));
        }
        if cause == &"script_failed"
            && !rests_on.ends_with("seed: no snapshot for today, giving up")
        {
            wrong.push(format!(
                "{story}: the script's last words are not {rests_on}"
            ));
        }
        if let (Some(log), Some(line)) = (log, line) {
            let index = usize::try_from(*line).expect("a short log") - 1;
            let there = self.log.as_ref().and_then(|lines| lines.get(index));
            let said = there.map(|text| format!("{log} line {line}: {text}"));
            if said.as_ref() != Some(rests_on) {
                wrong.push(format!("{story}: {rests_on}, but the log has {said:?}"));
            }
        }
        // Docker says at once that a container ends; why it does is in a log, which takes a moment.
        wrong.extend(causes.into_iter().filter_map(|news| match news {
            News::Cause { rests_on, .. } if rests_on.starts_with("docker says") => None,
            news => Some(format!("{story}: at first {news:?}")),
        }));
        wrong
    }

    fn causes(&self) -> impl Iterator<Item = &News> {
        let news = self.news.iter();
        news.filter(|news| matches!(news, News::Cause { .. }))
    }
}

/// Deploys where this story is told, and listens until there is a cause and no other one follows.
async fn deploy(story: Scenario) -> Told {
    let name = story.name.clone();
    let service = open(story, f64::from(SPEED)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let environment = Environment {
        state: Some(folder.path().join("phala-wizard")),
        key: Some(Secret::new(KEY)),
        base: Some(base(service)),
        ..Environment::default()
    };
    let asker = Asker::new(environment, Places::default(), demo::Options::default());
    let (to, inbox) = mpsc::channel(INBOX);
    let start = Start {
        answers: Some(answers(&name, folder.path().to_owned())),
        ..Start::default()
    };
    let orders = Orders {
        yes: true,
        prepare_only: false,
        stay: Stay::On,
        timeout: LONGEST,
        wait_chain: None,
    };
    let mut pilot = Hurried {
        walk: line::Walk::new(start, orders, Notes::default()),
        last: (0, 0),
        told: None,
    };
    let questions = Questions::new(Arc::new(asker), to);
    let mut dark = Dark;
    let drive = shell::drive(&mut pilot, &mut dark, questions, inbox);
    let end = timeout(Duration::from_mins(4), drive).await;
    let news = pilot.walk.paper().0.clone();
    assert!(matches!(end, Ok(Ok(_))), "{name}: {end:?} after {news:#?}");
    let log = reread(&news, &base(service)).await;
    let story = name.trim_start_matches("fails-").replace('-', "_");
    Told { story, news, log }
}

/// What the form is answered with, where the story needs more than any app.
fn answers(story: &str, folder: PathBuf) -> Answers {
    let (app, node) = match story {
        "fails-device-not-allowed" => ("pricing-oracle", "prod5"),
        _ => ("orders-api", "prod9"),
    };
    let values = if story == "fails-env-not-allowed" {
        let file = folder.join(".env");
        let text = "DATABASE_URL=one\nSTRIPE_KEY=two\nLOG_LEVEL=info\nQUEUE_URL=three\n";
        std::fs::write(&file, text).expect("a file");
        Values::File(file)
    } else {
        Values::Inherit
    };
    Answers {
        app: Some(app.to_owned()),
        nodes: vec![node.to_owned()],
        values,
        ..Answers::default()
    }
}

/// The log that the last cause rests on, asked for past the wizard: its lines.
async fn reread(news: &[News], base: &str) -> Option<Vec<String>> {
    let of = news.iter().find_map(|news| match news {
        News::Verdict { uuid, .. } => CvmUuid::parse(uuid.as_ref()?),
        _ => None,
    })?;
    let log = news.iter().rev().find_map(|news| match news {
        News::Cause { log, .. } => log.as_ref(),
        _ => None,
    })?;
    let source = match log.as_str() {
        "serial" => LogSource::Serial,
        "stdout" => LogSource::Stdout,
        "stderr" => LogSource::Stderr,
        name => LogSource::Container(name.into()),
    };
    let client = Client::new(base, Some(Secret::new(KEY))).expect("a client");
    let mut steps = client.log(&of, source, Mask::default(), None);
    match steps.next().await {
        Some(LogStep::Lines(lines)) => {
            let text = lines.iter().map(|line| line.text.to_string());
            Some(text.collect())
        }
        _ => None,
    }
}

/// The pilot, whose seconds are short until it is known how the boot came out: what is read then comes over a wire.
struct Hurried {
    walk: line::Walk<Notes>,
    /// The last second of the clock, and what it is for the pilot.
    last: (u64, u64),
    /// When a cause was told first.
    told: Option<u64>,
}

impl Core for Hurried {
    fn begin(&mut self) -> Vec<Effect> {
        self.walk.begin()
    }

    fn update(&mut self, event: Event) -> Vec<Effect> {
        let Event::Tick(second) = event else {
            return self.walk.update(event);
        };
        let is_out = self
            .walk
            .paper()
            .0
            .iter()
            .any(|news| matches!(news, News::Verdict { verdict, .. } if *verdict != "booting"));
        let (before, then) = self.last;
        let speed = if is_out { 1 } else { u64::from(SPEED) };
        let now = then + (second - before) * speed;
        self.last = (second, now);
        if self.told.is_some_and(|told| now >= told + SECOND_THOUGHTS) {
            return self.walk.update(Event::Leave);
        }
        let effects = self.walk.update(Event::Tick(now));
        let news = &self.walk.paper().0;
        if self.told.is_none() && news.iter().any(|news| matches!(news, News::Cause { .. })) {
            self.told = Some(now);
        }
        effects
    }

    fn moves(&self) -> bool {
        true
    }

    fn draw(&self, _frame: &mut Frame) {}
}

/// Keeps everything that is told.
#[derive(Debug, Default)]
struct Notes(Vec<News>);

impl Paper for Notes {
    fn tell(&mut self, news: &News) {
        self.0.push(news.clone());
    }

    fn keep(&mut self, _token: &Secret) -> Result<Option<String>, String> {
        Ok(None)
    }
}

/// Nothing is drawn.
struct Dark;

impl Screen for Dark {
    fn draw(&mut self, _paint: &mut dyn FnMut(&mut Frame) -> Links) -> io::Result<()> {
        Ok(())
    }
}
