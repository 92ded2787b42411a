//! What the pretend service says of one instance beside its state: logs, containers, addresses, figures, and what is
//! done to it.

use phala_wizard::api::error::Error;
use phala_wizard::api::types::{
    Composition, Container, CvmUuid, Disk, LogEnd, LogLine, LogSource, Network, Operation, Reached,
    State, Stats,
};
use phala_wizard::secret::mask::Mask;
use phala_wizard::shown::Shown;
use phala_wizard::wizard::boots::PastBoot;
use phala_wizard::wizard::event::{Answer, Request};
use std::collections::BTreeMap;

/// Everything that can be set.
#[derive(Debug, Clone)]
pub struct Cockpit {
    /// The lines of each log.
    pub logs: BTreeMap<LogSource, Vec<LogLine>>,
    /// Why a log is over; one that is not here stays open.
    pub ends: BTreeMap<LogSource, LogEnd>,
    pub composition: Result<Composition, Error>,
    pub network: Result<Network, Error>,
    pub stats: Result<Stats, Error>,
    /// What was done to it, newest first.
    pub operations: Result<Vec<Operation>, Error>,
    /// How other instances are doing.
    pub siblings: BTreeMap<CvmUuid, State>,
    /// What comes back from the app itself.
    pub reached: Result<Reached, Shown>,
    pub past: Vec<PastBoot>,
    pub restarted: Result<(), Error>,
    pub deleted: Result<(), Error>,
    /// Nothing is found by any name.
    pub hides: bool,
    /// Questions that meet a fault, and which.
    pub faults: Vec<(Kind, Meets)>,
}

/// Whether a question is of a kind.
pub type Kind = fn(&Request) -> bool;
/// What a question meets.
pub type Meets = fn(&Request) -> Fault;

/// What becomes of a question that meets a fault.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// This comes back at once.
    Fails(Error),
    /// The same, after the beginning of an answer where that can be told from none.
    Breaks(Error),
    /// Nothing comes back.
    Silent,
}

impl Default for Cockpit {
    fn default() -> Self {
        Self {
            logs: BTreeMap::new(),
            ends: BTreeMap::new(),
            composition: Ok(Composition {
                online: true,
                public: Some(true),
                trouble: None,
                containers: vec![container("api", "running", "Up 2 minutes (healthy)")],
            }),
            network: Ok(Network {
                online: true,
                urls: vec!["https://f2e4-8080.example".into()],
                ..Network::default()
            }),
            stats: Ok(stats(42)),
            operations: Ok(Vec::new()),
            siblings: BTreeMap::new(),
            reached: Ok(Reached {
                status: 200,
                millis: 212,
                certificate: None,
            }),
            past: Vec::new(),
            restarted: Ok(()),
            deleted: Ok(()),
            hides: false,
            faults: Vec::new(),
        }
    }
}

impl Cockpit {
    /// Sets what a log says.
    pub fn says(&mut self, source: LogSource, texts: &[&str]) {
        self.logs.insert(source, lines(texts));
    }

    /// Sets the containers there are.
    pub fn containers(&mut self, containers: Vec<Container>) {
        if let Ok(told) = &mut self.composition {
            told.containers = containers;
        }
    }

    /// The fault this question meets.
    pub fn fault(&self, request: &Request) -> Option<Fault> {
        let mut faults = self.faults.iter();
        let (_, fault) = faults.find(|(is, _)| is(request))?;
        Some(fault(request))
    }

    /// A log, as the shell brings it: from where it was left, values masked.
    pub fn log(&self, source: &LogSource, mask: &Mask, after: Option<&Shown>) -> Answer {
        let Some(lines) = self.logs.get(source) else {
            return match self.ends.get(source) {
                Some(why) => Answer::LogEnded(source.clone(), why.clone()),
                None => Answer::Logged(source.clone(), Vec::new()),
            };
        };
        let is_new = |line: &&LogLine| after.is_none() || line.at.as_ref() > after;
        let masked = |line: &LogLine| LogLine {
            text: Shown::line(&mask.hide(line.text.as_str())),
            ..line.clone()
        };
        let lines = lines.iter().filter(is_new).map(masked).collect();
        Answer::Logged(source.clone(), lines)
    }
}

pub fn container(name: &str, state: &str, status: &str) -> Container {
    Container {
        name: name.into(),
        image: format!("ghcr.io/acme/{name}:1.8.2").as_str().into(),
        state: state.into(),
        status: status.into(),
        has_log: true,
    }
}

/// How a question about an instance fails.
pub fn fails(request: &Request, error: Error) -> Option<Answer> {
    Some(match request {
        Request::Stream(_) => Answer::StreamEnded(Some(error)),
        Request::State(_) => Answer::State(Err(error)),
        Request::States(_) => Answer::States(Err(error)),
        Request::Apps { .. } => Answer::Apps(Err(error)),
        Request::Nodes => Answer::Nodes(Err(error)),
        Request::Instances(_) => Answer::Instances(Err(error)),
        Request::IsAllowed { .. } => Answer::IsAllowed(Err(error)),
        Request::Prepare(_) => Answer::Prepared(Err(error)),
        Request::Network(_) => Answer::Network(Err(error)),
        Request::Composition(_) => Answer::Composition(Err(error)),
        Request::Stats(_) => Answer::Stats(Err(error)),
        Request::Operations(_) => Answer::Operations(Err(error)),
        Request::Attestation(_) => Answer::Attestation(Err(error)),
        Request::Log { source, .. } => Answer::LogEnded(source.clone(), LogEnd::Failed(error)),
        _ => return None,
    })
}

/// A container's log.
pub fn of(name: &str) -> LogSource {
    LogSource::Container(name.into())
}

/// Lines of a log, a second apart.
pub fn lines(texts: &[&str]) -> Vec<LogLine> {
    let stamp = |second: usize| format!("2026-11-21T10:{:02}:{:02}Z", second / 60, second % 60);
    let line = |(second, text): (usize, &&str)| LogLine {
        at: Some(stamp(second).as_str().into()),
        is_error: false,
        text: Shown::line(text),
    };
    texts.iter().enumerate().map(line).collect()
}

/// Figures with so many hundredths of the processors busy.
pub fn stats(busy: u8) -> Stats {
    Stats {
        online: true,
        public: Some(true),
        trouble: None,
        system: Some("DStack 0.5.8".into()),
        kernel: Some("6.9.0-dstack".into()),
        cpus: Some(2),
        load: [Some(f64::from(busy) / 50.0), Some(0.4), Some(0.2)],
        memory: Some(4 << 30),
        memory_used: Some(3 << 30),
        uptime: Some(3725),
        disks: vec![
            Disk {
                place: "/".into(),
                size: 2 << 30,
                free: 1 << 30,
            },
            Disk {
                place: "/var/volatile/dstack/persistent".into(),
                size: 40 << 30,
                free: 3 << 30,
            },
        ],
    }
}
