//! Everything the cockpit asks while it watches, met by everything that can go wrong with it.
//!
//! A cell is one source, one fault and the moment it begins: with the watch, or once all of it was well. Whatever
//! happens in it, the boot ends Running, the other panes answer, the faulty one says what is wrong and comes back when
//! the fault is over, nothing is asked while it is under way, and a fault that lasts is asked about ever more seldom.

use std::thread;

use phala_wizard::api::error::{Error, ErrorKind, Refusal, Unreachable};
use phala_wizard::api::types::{LogSource, State};
use phala_wizard::wizard::event::{Answer, Outcome, Request};

use super::cloud::cockpit::{self, Fault, Kind, Meets};
use super::cloud::{self, Cloud};
use super::cockpit::{ready, typed};
use super::journey::Journey;

/// Pauses of less than ten seconds that a fault of some minutes may see: before they grow, and where the verdict changes.
const MOST_OFTEN: usize = 6;

/// Something the cockpit asks for.
struct Source {
    name: &'static str,
    is: Kind,
    /// From the status to its pane, and words that stand there while all is well.
    keys: &'static str,
    well: &'static str,
    /// Whether its pane says what is wrong with it.
    tells: bool,
    /// What makes it asked at all.
    when: When,
}

/// When a source is asked.
#[derive(PartialEq)]
enum When {
    /// While it boots.
    Booting,
    /// Once it runs.
    Running,
    /// While it is failed.
    Failed,
}

const SOURCES: [Source; 11] = [
    Source::new("stream", is_stream, "", "orders-api-c"),
    Source::new("state", is_state, "", "orders-api-c"),
    Source::new("composition", is_composition, "<right>", "1 of 1 are well").told(),
    Source::new(
        "network",
        is_network,
        "<right><right><right>",
        "The way there",
    )
    .told(),
    Source::new("stats", is_stats, "<left><left><left>", "Processors").told(),
    Source {
        when: When::Failed,
        ..Source::new("operations", is_operations, "", "orders-api-c")
    },
    Source::new("serial log", is_serial, "L1", "of the console").told(),
    Source::new("container log", is_container, "L4", "of the container").told(),
    Source {
        when: When::Running,
        ..Source::new(
            "attestation",
            is_attestation,
            "<left><left>",
            "shows no evidence yet",
        )
        .told()
    },
    Source::new("siblings' states", is_states, "<left>", "of 3 run").told(),
    Source::new("siblings", is_instances, "<left>", "of 3 run").told(),
];

/// Something that can go wrong, and what is read of it.
struct Trouble {
    name: &'static str,
    fault: Meets,
}

const TROUBLES: [Trouble; 11] = [
    Trouble::new("403", |_| {
        Fault::Fails(cloud::refused("GET /cvms/..", 403, None))
    }),
    Trouble::new("404", |_| {
        Fault::Fails(cloud::refused("GET /cvms/..", 404, None))
    }),
    Trouble::new("429", |_| Fault::Fails(busy())),
    Trouble::new("500", |_| {
        Fault::Fails(cloud::refused("GET /cvms/..", 500, None))
    }),
    Trouble::new("503 in HTML", |_| Fault::Fails(html())),
    Trouble::new("no time", |_| {
        Fault::Fails(unreachable(Unreachable::TimedOut))
    }),
    Trouble::new("no connection", |_| {
        Fault::Fails(unreachable(Unreachable::Connect))
    }),
    Trouble::new("lost half-way", |_| {
        Fault::Breaks(unreachable(Unreachable::Broken))
    }),
    Trouble::new("garbled", |_| Fault::Fails(garbled())),
    Trouble::new("silence", |_| Fault::Silent),
    Trouble::new("late", |_| Fault::Silent),
];

impl Source {
    const fn new(name: &'static str, is: Kind, keys: &'static str, well: &'static str) -> Self {
        Self {
            name,
            is,
            keys,
            well,
            tells: false,
            when: When::Booting,
        }
    }

    const fn told(self) -> Self {
        Self {
            tells: true,
            ..self
        }
    }
}

impl Trouble {
    const fn new(name: &'static str, fault: Meets) -> Self {
        Self { name, fault }
    }
}

fn is_stream(request: &Request) -> bool {
    matches!(request, Request::Stream(_))
}
fn is_state(request: &Request) -> bool {
    matches!(request, Request::State(_))
}
fn is_composition(request: &Request) -> bool {
    matches!(request, Request::Composition(_))
}
fn is_network(request: &Request) -> bool {
    matches!(request, Request::Network(_))
}
fn is_stats(request: &Request) -> bool {
    matches!(request, Request::Stats(_))
}
fn is_operations(request: &Request) -> bool {
    matches!(request, Request::Operations(_))
}
fn is_attestation(request: &Request) -> bool {
    matches!(request, Request::Attestation(_))
}
fn is_states(request: &Request) -> bool {
    matches!(request, Request::States(_))
}
fn is_instances(request: &Request) -> bool {
    matches!(request, Request::Instances(_))
}
fn is_serial(request: &Request) -> bool {
    matches!(
        request,
        Request::Log {
            source: LogSource::Serial,
            ..
        }
    )
}
fn is_container(request: &Request) -> bool {
    matches!(
        request,
        Request::Log {
            source: LogSource::Container(_),
            ..
        }
    )
}

fn unreachable(how: Unreachable) -> Error {
    error(ErrorKind::Unreachable(how, "".into()))
}

fn busy() -> Error {
    error(ErrorKind::Refused(Refusal {
        status: 429,
        message: "slow down".into(),
        retry_after: Some(30),
        ..Refusal::default()
    }))
}

fn html() -> Error {
    error(ErrorKind::Refused(Refusal {
        status: 503,
        message: "<html><h1>503 Service Unavailable</h1>".into(),
        foreign: true,
        ..Refusal::default()
    }))
}

fn garbled() -> Error {
    error(ErrorKind::Garbled {
        status: 200,
        cause: "expected value at line 1".into(),
        excerpt: "<!doctype html>".into(),
    })
}

fn error(kind: ErrorKind) -> Error {
    Error {
        asked: "GET /cvms/..".into(),
        tries: 1,
        kind,
    }
}

/// One cell while it is played.
struct Cell {
    source: &'static Source,
    trouble: &'static Trouble,
    /// The fault begins once all of it was well.
    later: bool,
    journey: Journey,
    now: u64,
    /// How often the source had been asked when its fault began.
    before: usize,
    /// When the source was asked, while it was at fault.
    asked: Vec<u64>,
    /// What was wrong.
    wrong: Vec<String>,
}

impl Cell {
    fn play(source: &'static Source, trouble: &'static Trouble, later: bool) -> Vec<String> {
        let mut cloud = ready();
        cloud.siblings_are_well();
        cloud.state = booting();
        cloud
            .cockpit
            .says(LogSource::Serial, &["line of the console"]);
        cloud
            .cockpit
            .says(cockpit::of("api"), &["line of the container"]);
        let mut cell = Self {
            source,
            trouble,
            later,
            journey: typed_without(cloud, source, trouble, later),
            now: 0,
            before: 0,
            asked: Vec::new(),
            wrong: Vec::new(),
        };
        cell.run();
        let name = format!(
            "{} / {}{}",
            source.name,
            trouble.name,
            if later { ", later" } else { "" }
        );
        cell.wrong
            .iter()
            .map(|why| format!("{name}: {why}"))
            .collect()
    }

    fn run(&mut self) {
        if self.later {
            self.wait(20);
            if self.source.when == When::Failed {
                self.journey.cloud.state = failed();
            }
            if self.source.when == When::Running {
                self.journey.cloud.boots_well();
            }
            self.wait(20);
            self.look(self.source.keys, self.source.well, "before the fault");
            self.journey.cloud.state = booting();
            self.wait(5);
        }
        self.set_fault();
        match self.source.when {
            When::Booting => {}
            When::Failed => self.journey.cloud.state = failed(),
            When::Running => self.journey.cloud.boots_well(),
        }
        self.stand();
        self.wait(45);
        self.says_so();
        self.back();
        if self.trouble.name == "late" {
            // The answer comes when somebody else is looked at.
            self.journey.cloud.cockpit.faults.clear();
            self.journey.release();
        }
        self.others();
        self.journey.cloud.boots_well();
        self.wait(40);
        self.ends_running("under the fault");
        self.stand();
        self.wait(200);
        self.pauses();
        self.back();
        self.journey.cloud.cockpit.faults.clear();
        self.journey.release();
        self.stand();
        self.wait(65);
        self.recovers();
        self.back();
        self.ends_running("after the fault");
    }

    fn set_fault(&mut self) {
        let (is, fault) = (self.source.is, self.trouble.fault);
        self.journey.cloud.cockpit.faults = vec![(is, fault)];
        // What is open breaks.
        // From the start it met it before anybody could count.
        self.before = if self.later { self.count() } else { 0 };
        for (id, request) in self.journey.streams.clone() {
            let ends = match fault(&request) {
                Fault::Fails(error) | Fault::Breaks(error) if is(&request) => {
                    cockpit::fails(&request, error)
                }
                _ => None,
            };
            if let Some(ends) = ends {
                self.before = 0;
                self.journey.reply(id, ends);
            }
        }
        self.journey.settle();
    }

    /// How often the source was asked so far.
    fn count(&self) -> usize {
        let asked = self.journey.asked.iter();
        asked.filter(|request| (self.source.is)(request)).count()
    }

    /// Whether nothing but the state says that it is there, and the service says that it does not know it.
    fn is_gone(&self) -> bool {
        self.source.name == "state" && self.trouble.name == "404"
    }

    fn stand(&mut self) {
        self.journey.press(self.source.keys);
    }

    fn back(&mut self) {
        self.journey.press("<esc>");
    }

    /// Lets seconds go by: an open stream speaks every 5 s until it runs, and what is asked is watched.
    fn wait(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.now += 1;
            let under_way: Vec<Request> = self
                .journey
                .held
                .iter()
                .map(|(_, asked)| asked.clone())
                .collect();
            let before = self.journey.asked.len();
            self.journey.wait(1);
            if self.now.is_multiple_of(5) {
                self.speak();
            }
            for request in &self.journey.asked[before..] {
                if under_way.iter().any(|open| open.topic() == request.topic()) {
                    self.wrong
                        .push(format!("asked while under way: {request:?}"));
                }
                if (self.source.is)(request) && !self.journey.cloud.cockpit.faults.is_empty() {
                    self.asked.push(self.now);
                }
            }
        }
    }

    fn speak(&mut self) {
        let state = self.journey.cloud.state.clone();
        let is_over = state
            .boot_progress
            .as_ref()
            .is_some_and(|word| word.as_str() == "done");
        for (id, request) in self.journey.streams.clone() {
            if !is_stream(&request) || self.journey.cloud.cockpit.fault(&request).is_some() {
                continue;
            }
            self.journey.reply(id, Answer::Streamed(state.clone()));
            if is_over {
                self.journey.reply(id, Answer::StreamEnded(None));
            }
        }
        self.journey.settle();
    }

    fn look(&mut self, keys: &str, words: &str, when: &str) {
        self.journey.press(keys).settle();
        self.wait(6);
        let frame = self.journey.frame_at(200, 60);
        if !frame.contains(words) {
            self.wrong.push(format!(
                "'{words}' is not on its pane {when}:\n{}",
                short(&frame)
            ));
        }
        self.back();
    }

    /// The pane says what is wrong, or that it waits.
    fn says_so(&mut self) {
        let error = match (self.trouble.fault)(&Request::Nodes) {
            Fault::Fails(error) | Fault::Breaks(error) => error.to_string(),
            Fault::Silent => return,
        };
        let frame = self.journey.frame_at(300, 60);
        if self.source.tells && !frame.contains(&error) {
            self.wrong
                .push(format!("'{error}' is not on its pane:\n{}", short(&frame)));
        }
    }

    /// Every pane that has another source shows what it has.
    fn others(&mut self) {
        for other in &SOURCES {
            let same = other.keys == self.source.keys;
            // The console log of a container is behind the containers.
            let behind = self.source.name == "composition" && other.name == "container log";
            if !same && !behind && other.when == When::Booting && !self.is_gone() {
                self.look(other.keys, other.well, "while another one is at fault");
            }
        }
    }

    fn ends_running(&mut self, when: &str) {
        if self.is_gone() && when == "under the fault" {
            return;
        }
        if self.is_gone() {
            self.journey.press("r");
        }
        let outcome = self.journey.wizard.exit().outcome;
        let frame = self.journey.frame_at(100, 40);
        if outcome != Outcome::Running || !frame.contains("Running.") {
            self.wrong
                .push(format!("{outcome:?} {when}:\n{}", short(&frame)));
        }
    }

    /// What fails again and again is asked for more and more seldom.
    fn pauses(&mut self) {
        let pauses: Vec<u64> = self
            .asked
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .collect();
        let often = pauses.iter().filter(|pause| **pause < 10).count();
        let is_open = self.later && matches!((self.trouble.fault)(&Request::Nodes), Fault::Silent);
        let streams = is_stream as Kind;
        let may_stay_open =
            [streams, is_serial, is_container].map(|is| std::ptr::fn_addr_eq(is, self.source.is));
        if self.count() == self.before && !(is_open && may_stay_open.contains(&true)) {
            self.wrong.push("it never met its fault".to_owned());
        }
        if often > MOST_OFTEN {
            self.wrong.push(format!("asked too often: {pauses:?}"));
        }
    }

    fn recovers(&mut self) {
        if self.source.name == "attestation" {
            self.journey.press("r");
        }
        let frame = self.journey.frame_at(200, 60);
        if !frame.contains(self.source.well) && !self.is_gone() {
            self.wrong
                .push(format!("it does not come back:\n{}", short(&frame)));
        }
        for word in ["HTTP", "could not be read", "was lost", "cannot be read"] {
            if frame.contains(word) && !self.is_gone() {
                self.wrong
                    .push(format!("'{word}' is still on its pane:\n{}", short(&frame)));
            }
        }
    }
}

/// A frame without its empty lines.
fn short(frame: &str) -> String {
    let lines = frame.lines().filter(|line| !line.trim().is_empty());
    lines.take(22).collect::<Vec<_>>().join("\n")
}

fn typed_without(cloud: Cloud, source: &Source, trouble: &Trouble, later: bool) -> Journey {
    let mut cloud = cloud;
    // The form asks for the app's instances too, and is not at fault here.
    if !later && source.name != "siblings" {
        cloud.cockpit.faults = vec![(source.is, trouble.fault)];
    }
    typed(cloud)
}

fn booting() -> State {
    State {
        status: "running".into(),
        boot_progress: Some("starting containers".into()),
        ..State::default()
    }
}

fn failed() -> State {
    State {
        boot_error: Some("failed to start containers".into()),
        ..booting()
    }
}

#[test]
fn whatever_goes_wrong_beside_the_boot_it_ends_running_and_every_pane_comes_back() {
    let play = |source: &'static Source| {
        let cells = TROUBLES
            .iter()
            .flat_map(|trouble| [(trouble, false), (trouble, true)]);
        let told = cells.map(|(trouble, later)| Cell::play(source, trouble, later));
        told.collect::<Vec<Vec<String>>>()
    };
    let told: Vec<Vec<String>> = thread::scope(|scope| {
        let played: Vec<_> = SOURCES
            .iter()
            .map(|source| scope.spawn(move || play(source)))
            .collect();
        let joined = played
            .into_iter()
            .map(|source| source.join().expect("it is played"));
        joined.flatten().collect()
    });
    let wrong = told.concat();
    eprintln!(
        "{} cells: {} sources, {} faults, from the start and later; {} wrong",
        told.len(),
        SOURCES.len(),
        TROUBLES.len(),
        wrong.len()
    );
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

/// The network is away, or the service is, and comes back.
#[test]
fn a_fault_of_everything_at_once_ends_with_it() {
    let mut wrong = Vec::new();
    for trouble in &TROUBLES {
        let mut cloud = ready();
        cloud.siblings_are_well();
        cloud.state = booting();
        cloud
            .cockpit
            .says(LogSource::Serial, &["line of the console"]);
        cloud
            .cockpit
            .says(cockpit::of("api"), &["line of the container"]);
        let mut cell = Cell {
            source: &SOURCES[1],
            trouble,
            later: true,
            journey: typed(cloud),
            now: 0,
            before: 0,
            asked: Vec::new(),
            wrong: Vec::new(),
        };
        cell.wait(10);
        for source in &SOURCES {
            cell.source = source;
            let others = cell.journey.cloud.cockpit.faults.clone();
            cell.set_fault();
            cell.journey.cloud.cockpit.faults.extend(others);
        }
        cell.wait(200);
        for source in &SOURCES {
            cell.journey.press(source.keys);
            cell.wait(30);
            cell.back();
        }
        cell.journey.cloud.boots_well();
        cell.journey.cloud.cockpit.faults.clear();
        cell.journey.release();
        // What the service did not know is not asked for by itself.
        if trouble.name == "404" {
            cell.journey.press("r");
        }
        cell.wait(130);
        cell.ends_running("after all of it");
        for source in &SOURCES {
            cell.look(source.keys, source.well, "after all of it");
        }
        let told = cell
            .wrong
            .iter()
            .map(|why| format!("{}: {why}", trouble.name));
        wrong.extend(told);
    }
    eprintln!(
        "{} faults of everything at once; {} wrong",
        TROUBLES.len(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
