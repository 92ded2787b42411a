//! Whole deployments: the wizard from its form to the running instance, the shell's own ledger, a simulated disk and a
//! service that chance makes difficult. The world stops at every step of the disk and of the post, and again while what
//! is left is taken up.
//!
//! `KILL_POINTS=10000 cargo test --test faults whole -- --nocapture` is the long run; `WHOLE_SEED=n` is one seed again.

use std::collections::{BTreeMap, VecDeque};
use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use phala_wizard::api::error::Unreachable;
use phala_wizard::api::types::Prepared;
use phala_wizard::journal::reader;
use phala_wizard::journal::record::{self, fingerprint};
use phala_wizard::journal::replay::replay;
use phala_wizard::journal::state::{CommitAnswer, Known, State};
use phala_wizard::secret::Secret;
use phala_wizard::wizard::answers::Answers;
use phala_wizard::wizard::event::{Answer, Effect, Event, Exit, Outcome, Request, RequestId};
use phala_wizard::wizard::keymap::Command;
use phala_wizard::wizard::status::{Noted, Recalling, Reviewing, Status, Verdict};
use phala_wizard::wizard::{Start, Wizard};

use super::chance::Chance;
use super::sim::{EIO, ENOSPC, EROFS, Fault, Files, Sim, Survives};
use crate::cloud::{Cloud, refused};
use crate::shell::desk::{Desk, Left, Reply, unreachable};

/// Kill points where nobody says otherwise.
const KILL_POINTS: usize = 2_000;

/// Times that a deployment is taken up again.
const MOST_RUNS: usize = 9;

/// Things that a run does before it counts as one that never ends.
const MOST_TURNS: usize = 600;

const FAULTS: [Fault; 7] = [
    Fault::Errno(ENOSPC),
    Fault::Errno(EIO),
    Fault::Errno(EROFS),
    Fault::DoneAnd(ENOSPC),
    Fault::DoneAnd(EIO),
    Fault::DoneAnd(EROFS),
    Fault::Short,
];

#[test]
fn a_world_that_stops_anywhere_makes_one_instance_and_forgets_nothing() {
    if let Some(seed) = number("WHOLE_SEED") {
        let sum = live_all(seed, usize::MAX).unwrap_or_else(|why| panic!("{why}"));
        println!("seed {seed}: {sum:#?}");
        return;
    }
    let wanted = number("KILL_POINTS").map_or(KILL_POINTS, |kills| usize::try_from(kills).unwrap());
    let (kills, seeds) = (AtomicUsize::new(0), AtomicU64::new(1));
    let sum = Mutex::new((Sum::default(), Vec::new()));
    let at_once = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while kills.load(Ordering::Relaxed) < wanted {
                    let seed = seeds.fetch_add(1, Ordering::Relaxed);
                    let lived = live_all(seed, usize::MAX);
                    let mut sum = sum.lock().unwrap();
                    match lived {
                        Ok(lived) => {
                            kills.fetch_add(lived.kills, Ordering::Relaxed);
                            sum.0.add(&lived);
                        }
                        Err(why) => {
                            // A seed that fails must not keep the others from an end.
                            kills.fetch_add(100, Ordering::Relaxed);
                            sum.1.push(why);
                        }
                    }
                }
            });
        }
    });
    let (sum, wrong) = sum.into_inner().unwrap();
    println!("{sum:#?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(sum.kills >= wanted, "{sum:?}");
}

#[test]
fn a_disk_that_fails_anywhere_lets_nothing_leave_without_a_record() {
    let mut sum = Sum::default();
    for is_governed in [true, false] {
        for number in 1.. {
            let mut came_to_it = false;
            for fault in FAULTS {
                let mut life = Life::new(1, is_governed, false);
                let ended = life.live(&[(number, fault)]);
                let end = ended.unwrap_or_else(|why| panic!("{number} {fault:?}: {why}"));
                came_to_it |= life.steps >= number;
                sum.end(end, &life);
            }
            if !came_to_it {
                break;
            }
        }
    }
    println!("{} lives on a failing disk: {sum:?}", sum.lives);
    assert!(sum.lives > 300, "{sum:?}");
}

#[derive(Debug, Default)]
struct Sum {
    lives: usize,
    kills: usize,
    posts: usize,
    ends: BTreeMap<End, usize>,
}

/// How a deployment ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// One instance, seen to run, and nothing unfinished.
    Runs,
    /// Nobody was asked for anything, and nothing was made.
    Nothing,
    /// It is not known, and the person is asked.
    Asks,
}

impl Sum {
    fn add(&mut self, other: &Self) {
        self.lives += other.lives;
        self.kills += other.kills;
        self.posts += other.posts;
        for (end, count) in &other.ends {
            *self.ends.entry(*end).or_default() += count;
        }
    }

    fn end(&mut self, end: End, life: &Life) {
        self.lives += 1;
        self.kills += life.kills;
        self.posts += life.posts;
        *self.ends.entry(end).or_default() += 1;
    }
}

/// One seed: the world stops at every step there is, and twice more at steps of chance.
fn live_all(seed: u64, most: usize) -> Result<Sum, String> {
    let mut sum = Sum::default();
    for step in 1..most {
        let mut chance = Chance(seed.wrapping_mul(1_000_003).wrapping_add(step as u64));
        let again = [1 + chance.below(30), 1 + chance.below(30)];
        let plan: Vec<(usize, Fault)> = [step, again[0], again[1]]
            .map(|step| (step, Fault::Crash))
            .into();
        let mut life = Life::new(seed, !seed.is_multiple_of(4), true);
        let end = life.live(&plan);
        let end = end.map_err(|why| format!("WHOLE_SEED={seed}, step {step}: {why}"))?;
        sum.end(end, &life);
        // Its first run has no such step: every step there is has been one to stop at.
        if life.steps < step {
            break;
        }
    }
    Ok(sum)
}

/// One deployment, over all its runs.
struct Life {
    chance: Chance,
    sim: Sim,
    cloud: Cloud,
    is_governed: bool,
    /// Whether the post loses, delays and doubles.
    is_difficult: bool,
    /// What is still on its way: it arrives after so many turns.
    post: Vec<(usize, Request)>,
    used: Vec<Secret>,
    before: usize,
    confirmed: usize,
    creating: usize,
    posts: usize,
    kills: usize,
    /// Steps of the first run.
    steps: usize,
    /// The token that was told last and was not sent.
    token: Option<Secret>,
    was_told: bool,
    runs: usize,
}

/// How a run ends.
#[derive(Debug, PartialEq, Eq)]
enum Ended {
    Crashed,
    /// The person left.
    Left,
}

impl Life {
    fn new(seed: u64, is_governed: bool, is_difficult: bool) -> Self {
        let cloud = Cloud {
            hash_allowed: !seed.is_multiple_of(3),
            ..Cloud::default()
        };
        Self {
            chance: Chance(seed),
            sim: Sim::new(),
            before: cloud.created.len(),
            cloud,
            is_governed,
            is_difficult,
            post: Vec::new(),
            used: Vec::new(),
            confirmed: 0,
            creating: 0,
            posts: 0,
            kills: 0,
            steps: 0,
            token: None,
            was_told: false,
            runs: 0,
        }
    }

    /// Lives until it is done. `plan`: at which step of each run what happens.
    fn live(&mut self, plan: &[(usize, Fault)]) -> Result<End, String> {
        self.cloud.boots_well();
        for run in 0..MOST_RUNS {
            self.runs = run;
            match plan.get(run) {
                Some((number, fault)) => self.sim.plan(*number, *fault),
                None => self.sim.plan(usize::MAX, Fault::Crash),
            }
            let ended = self.run()?;
            if run == 0 {
                self.steps = self.sim.operations();
            }
            if ended == Ended::Crashed {
                self.kills += 1;
                self.power_comes_back();
            }
            self.check()?;
            self.remembers()?;
            if ended == Ended::Left && self.unfinished().is_empty() {
                break;
            }
            // In the end everything arrives, and is listed.
            if run + 3 >= MOST_RUNS {
                self.deliver_all();
                self.cloud.hidden_for = 0;
            }
        }
        self.deliver_all();
        self.check()?;
        let made = self.made();
        let unfinished = self.unfinished();
        match (made, unfinished.as_slice()) {
            (1, []) => Ok(End::Runs),
            (0, []) if self.creating == 0 => Ok(End::Nothing),
            (0, [state]) if !self.is_governed && state.something_may_come() => Ok(End::Asks),
            (0, all) if all.iter().all(|state| !state.something_may_come()) => Ok(End::Nothing),
            (made, all) => {
                let all: Vec<&str> = all.iter().map(State::standing).collect();
                Err(format!("it ends with {made} made, and {all:?}"))
            }
        }
    }

    /// One run of the program.
    fn run(&mut self) -> Result<Ended, String> {
        let mut program = match self.unfinished().first() {
            Some(state) => Program::start(&self.sim, None, Some(state.id().to_string())),
            None if self.was_told || self.is_done() => return Ok(Ended::Left),
            None => {
                let app = if self.is_governed {
                    "orders-api"
                } else {
                    "kv-cache"
                };
                Program::start(&self.sim, Some(app), None)
            }
        };
        for _ in 0..MOST_TURNS {
            if self.sim.is_crashed() {
                return Ok(Ended::Crashed);
            }
            self.time_passes();
            if let Some((id, request)) = program.open.pop_front() {
                self.answer(&mut program, id, request)?;
            } else if let Some(exit) = program.exit.take() {
                self.believes(&exit, &program.wizard.report().status)?;
                return Ok(Ended::Left);
            } else {
                self.act(&mut program);
            }
        }
        Err(format!(
            "a run does not end: {:?}",
            program.wizard.report().status
        ))
    }

    fn answer(
        &mut self,
        program: &mut Program,
        id: RequestId,
        request: Request,
    ) -> Result<(), String> {
        let answer = match &request {
            Request::Prepare(_) | Request::Commit { .. } => {
                let Some(reply) = self.send(&mut program.desk, &request)? else {
                    return Ok(());
                };
                if self.sim.is_crashed() {
                    return Ok(());
                }
                match &reply {
                    Ok(Prepared::Ticket(ticket)) => self.token = Some(ticket.token.clone()),
                    Ok(Prepared::Created(_)) => self.was_told = true,
                    Err(_) => (),
                }
                match request {
                    Request::Prepare(_) => Answer::Prepared(reply),
                    _ => Answer::Committed(reply),
                }
            }
            Request::Note(noted) => Answer::Noted(program.desk.note(noted.clone())),
            Request::Unfinished => Answer::Unfinished(program.desk.unfinished()),
            Request::Resume(id) => Answer::Resumed(program.desk.resume(*id)),
            other => match self.cloud.answer(other) {
                Some(answer) => answer,
                None => return Ok(()),
            },
        };
        program.event(Event::Reply(id, answer));
        Ok(())
    }

    /// A creating request goes through the ledger and the post. `None` where the world stopped.
    fn send(&mut self, desk: &mut Desk, request: &Request) -> Result<Option<Reply>, String> {
        const NUMBER: u32 = 1;
        let creates = matches!(request, Request::Commit { .. }) || !self.is_governed;
        if matches!(request, Request::Prepare(_)) {
            self.token = None;
        }
        let sent = desk.send(NUMBER, request.clone());
        if let Some(reply) = sent {
            return Ok(Some(reply));
        }
        let left = desk.left().pop().unwrap();
        is_written_down(&left)?;
        self.posts += 1;
        self.creating += usize::from(creates);
        if self.creating > self.confirmed {
            return Err(format!("{} for {}", self.creating, self.confirmed));
        }
        if let Request::Commit { ticket, .. } = request
            && self.token.as_ref() == Some(&ticket.token)
        {
            self.token = None;
        }
        let reply = self.carry(request);
        self.sim.beat();
        if self.sim.is_crashed() {
            return Ok(None);
        }
        let reply = desk.answer(NUMBER, reply);
        Ok(Some(reply))
    }

    /// What the post makes of a request.
    fn carry(&mut self, request: &Request) -> Reply {
        // Once it has been taken up often enough, the post is good.
        let fate = if self.is_difficult && self.runs < 5 {
            self.chance.below(12)
        } else {
            0
        };
        let timed_out = || Err(unreachable(Unreachable::TimedOut));
        match fate {
            6 => timed_out(),
            7 => {
                let _ = self.serve(request);
                timed_out()
            }
            8 => {
                let turns = 1 + self.chance.below(120);
                self.post.push((turns, request.clone()));
                timed_out()
            }
            // What doubles a request that the service cannot tell apart makes two, whatever is sent.
            9 if self.is_governed => {
                let turns = 1 + self.chance.below(120);
                self.post.push((turns, request.clone()));
                self.serve(request)
            }
            10 => {
                let _ = self.serve(request);
                Err(refused("POST /apps/../instances", 502, None))
            }
            11 => Err(unreachable(Unreachable::Connect)),
            _ => self.serve(request),
        }
    }

    /// What the service makes of it.
    fn serve(&mut self, request: &Request) -> Reply {
        if let Request::Commit { ticket, .. } = request {
            if self.used.contains(&ticket.token) {
                return Err(refused("POST /apps/../instances", 466, Some("ERR-01-006")));
            }
            self.used.push(ticket.token.clone());
        }
        let made = self.made();
        let answer = self.cloud.answer(request);
        if self.made() > made && self.is_difficult {
            let lag = [0, 0, 1, 3, 8][self.chance.below(5)];
            self.cloud.hidden_for = u32::try_from(lag).unwrap();
        }
        match answer {
            Some(Answer::Prepared(reply) | Answer::Committed(reply)) => reply,
            other => panic!("{other:?}"),
        }
    }

    /// The one who sits in front of it, or the pilot of the line mode: it wants one instance.
    fn act(&mut self, program: &mut Program) {
        let status = program.wizard.report().status;
        let command = match &status {
            Status::Recalling(Recalling::Found(_)) | Status::Reviewing(Reviewing::Ready(_)) => {
                Some(Command::Next)
            }
            Status::Recalling(Recalling::Missing(_) | Recalling::Refused(_))
            | Status::Choosing { stop: Some(_), .. }
            | Status::SignedOut { .. }
            | Status::Doubt { .. } => return program.leave(),
            // What was taken up again and is refused for certain ends at a form that nobody has answered.
            Status::Choosing { stop: None, .. } if !program.patience() => return program.leave(),
            Status::Unprepared(_) => match self.chance.below(2) {
                0 if program.patience() => Some(Command::Refresh),
                _ => return program.leave(),
            },
            Status::Refused { .. } => match self.chance.below(2) {
                0 if program.patience() => Some(Command::Choose(1)),
                _ => return program.leave(),
            },
            Status::Chain(registration) => registration.all.then_some(Command::Next),
            Status::Asking { create: false, .. } => Some(Command::Right),
            Status::Asking { before, .. } if *before != Noted::Reading => {
                self.confirmed += 1;
                Some(Command::Next)
            }
            Status::Unknown { candidates, .. } => match candidates.len() {
                1 => Some(Command::Next),
                0 if program.patience() => None,
                0 if program.offers_same_token() => Some(Command::Choose(2)),
                _ => return program.leave(),
            },
            Status::Live(life) => {
                self.was_told = true;
                if life.verdict == Verdict::Running {
                    return program.leave();
                }
                None
            }
            _ => None,
        };
        match command {
            Some(command) => program.event(Event::Command(command)),
            None => program.tick(),
        }
    }

    fn time_passes(&mut self) {
        for (turns, _) in &mut self.post {
            *turns = turns.saturating_sub(1);
        }
        while let Some(due) = self.post.iter().position(|(turns, _)| *turns == 0) {
            let (_, request) = self.post.remove(due);
            let _ = self.serve(&request);
        }
    }

    fn deliver_all(&mut self) {
        for (_, request) in std::mem::take(&mut self.post) {
            let _ = self.serve(&request);
        }
    }

    fn power_comes_back(&mut self) {
        let left = Survives::ALL[self.chance.below(Survives::ALL.len())];
        let names = [0, 1, usize::MAX][self.chance.below(3)];
        self.sim = self.sim.after_crash(names, left);
    }

    fn made(&self) -> usize {
        self.cloud.created.len() - self.before
    }

    /// Whether an instance exists, or may still come of what is on its way.
    fn comes(&self) -> bool {
        let creates = |request: &Request| match request {
            Request::Commit { ticket, .. } => !self.used.contains(&ticket.token),
            _ => !self.is_governed,
        };
        self.made() > 0 || self.post.iter().any(|(_, request)| creates(request))
    }

    fn check(&self) -> Result<(), String> {
        match self.made() {
            0 | 1 => Ok(()),
            made => Err(format!("{made} instances")),
        }
    }

    /// What the program says when it is left.
    fn believes(&mut self, exit: &Exit, at: &Status) -> Result<(), String> {
        let says_nothing = matches!(
            exit.outcome,
            Outcome::Nothing | Outcome::Failed | Outcome::Prepared | Outcome::NoRoom
        );
        let says_created = matches!(exit.outcome, Outcome::Running | Outcome::Unhealthy);
        if says_nothing && self.comes() || says_created && self.made() == 0 {
            return Err(format!(
                "it says {exit:?} at {at:?}, and {} are made",
                self.made()
            ));
        }
        Ok(())
    }

    /// What was told is still known after a restart.
    fn remembers(&self) -> Result<(), String> {
        let Some(token) = &self.token else {
            return Ok(());
        };
        let unfinished = self.unfinished();
        let has = |state: &State| {
            let offered = state.offered().and_then(|offered| offered.token.as_ref());
            offered == Some(token) || state.ticket().is_some_and(|it| it.token == *token)
        };
        if self.was_told || unfinished.iter().any(has) {
            Ok(())
        } else {
            Err("a token is lost".to_owned())
        }
    }

    /// Whether a journal was closed because its instance runs: whoever was not told finds nothing unfinished.
    fn is_done(&self) -> bool {
        let contents = self.files().into_values();
        let contents = contents.filter_map(|bytes| reader::read(&bytes).ok());
        let mut states = contents.filter_map(|contents| replay(&contents.records));
        states.any(|state| state.known() == Known::Closed(record::End::Running))
    }

    fn files(&self) -> Files {
        let names = self.sim.names().into_iter();
        names
            .filter_map(|name| Some((name.clone(), self.sim.bytes(&name)?)))
            .collect()
    }

    /// What a look into the folder shows, now that nothing is written.
    fn unfinished(&self) -> Vec<State> {
        let all = Desk::on(&Sim::of(&self.files())).unfinished();
        let found = all.expect("this disk is well").found;
        found.into_iter().map(|found| found.state).collect()
    }
}

/// A request that has left stands on the disk, whatever happens to it.
fn is_written_down(left: &Left) -> Result<(), String> {
    let states = left.certain.values().filter_map(|bytes| {
        let contents = reader::read(bytes).ok()?;
        replay(&contents.records)
    });
    let is_it = |state: State| match &left.token {
        None => state.known() == Known::PrepareUnanswered,
        Some(token) => {
            let is_last = state
                .sent()
                .last()
                .is_some_and(|sent| sent.answer == CommitAnswer::None);
            is_last && state.prepared().map(|it| it.fingerprint) == Some(fingerprint(token))
        }
    };
    if states.into_iter().any(is_it) {
        Ok(())
    } else {
        Err("a request has left that is not written down".to_owned())
    }
}

/// The wizard, and whoever performs its effects.
struct Program {
    wizard: Wizard,
    desk: Desk,
    open: VecDeque<(RequestId, Request)>,
    exit: Option<Exit>,
    now: u64,
    waited: usize,
}

impl Program {
    fn start(sim: &Sim, app: Option<&str>, resume: Option<String>) -> Self {
        let answers = app.map(|app| Answers {
            app: Some(app.to_owned()),
            ..Answers::default()
        });
        let start = Start {
            answers,
            registering: phala_wizard::wizard::registering::Registering::default(),
            resume,
            ..Start::default()
        };
        let mut program = Self {
            wizard: Wizard::new(start),
            desk: Desk::on(sim),
            open: VecDeque::new(),
            exit: None,
            now: 0,
            waited: 0,
        };
        let effects = program.wizard.begin();
        program.perform(effects);
        program
    }

    fn event(&mut self, event: Event) {
        let effects = self.wizard.update(event);
        self.perform(effects);
    }

    fn tick(&mut self) {
        self.now += 70;
        self.event(Event::Tick(self.now));
    }

    fn leave(&mut self) {
        self.event(Event::Leave);
    }

    /// Whether to go on waiting; not for ever.
    fn patience(&mut self) -> bool {
        self.waited += 1;
        self.waited < 6
    }

    fn offers_same_token(&self) -> bool {
        self.wizard.offer().find(Command::Choose(3)).is_some()
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(id, request) => self.open.push_back((id, request)),
                Effect::Forget(id) => {
                    // What creates, and what is noted, is done to its end.
                    self.open
                        .retain(|(open, request)| *open != id || request.must_finish());
                }
                Effect::Quit(exit) => self.exit = Some(exit),
                _ => (),
            }
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}
