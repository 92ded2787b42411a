//! The wizard's own transition function and the shell's own ledger, explored exhaustively against a service that does
//! whatever a service may do, and a post that loses, delays and doubles.
//!
//! A state is the launch on screen, the journals on the disk, the requests on their way and what the service made. From
//! each, everything that can happen is tried: every key that is offered, the timer, every letter that arrives or is
//! doubled or never answered, a token that runs out, a list that lags, another operator, a crash after and in between
//! all writes. What is never allowed is looked for in every state.
//!
//! `MODEL=2 cargo test --release --test faults model -- --nocapture` explores with wider bounds.

mod book;
mod search;
mod service;
mod stage;
mod world;

use std::env;
use std::fmt::Debug;
use std::hash::{DefaultHasher, Hasher};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use search::{Found, explore};
use service::{How, Tokens};
use world::{Kind, Left, Wrong};

/// One thing that is explored.
#[derive(Debug, Clone, Copy)]
pub struct Config {
    name: &'static str,
    tokens: Tokens,
    /// The contract allows everything already when a token is handed out.
    is_registered: bool,
    /// What the service may answer besides the good answer.
    bad: &'static [How],
    /// Who gives up waiting has got a 502.
    is_cut: bool,
    /// The compose file comes from the disk, where it can change.
    has_file: bool,
    left: Left,
    slip: Option<Slip>,
}

/// A mistake that could have been made, seeded around the function that does not make it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
    RecordAfterSend,
    TokenAfterCommit,
    PrepareOnTimeOut,
    NoListing,
    PrepareUnrecorded,
    TimeOutAsFailure,
    AdoptAny,
    ShownBeforeWritten,
}

/// What is wrong today, and known: the words of it, and what it waits for. To be emptied.
const NOT_YET: &[(Kind, &str, &str)] = &[];

const LEFT: Left = Left {
    crashes: 1,
    doubles: 0,
    expiries: 0,
    others: 0,
    bad: 0,
    never: 0,
    prepares: 1,
    sends: 2,
    anew: 1,
    changes: 0,
    again: 0,
};

const PLAIN: Config = Config {
    name: "lost, late and crashed",
    tokens: Tokens::UsedUp,
    is_registered: true,
    bad: &[],
    is_cut: false,
    has_file: false,
    left: LEFT,
    slip: None,
};

const ALL: &[How] = &[How::Refused, How::NotRegistered, How::Offered, How::Stray];

/// Everything that is explored. `more`: how much wider the bounds are than in every run.
#[expect(clippy::too_many_lines, reason = "a table, line by line")]
fn configurations(more: u8) -> Vec<Config> {
    let crashes = 1 + more.min(1);
    let left = Left {
        crashes,
        sends: 2 + more.min(1),
        ..LEFT
    };
    let kinds = |tokens| {
        let with = |name, left| Config {
            name,
            tokens,
            left,
            ..PLAIN
        };
        [
            with(
                "two crashes, a token runs out",
                Left {
                    crashes: 1 + crashes,
                    expiries: 1 + more.min(1),
                    ..left
                },
            ),
            with("doubled", Left { doubles: 1, ..left }),
            with(
                "created again, by consent",
                Left {
                    prepares: 2,
                    ..left
                },
            ),
            with("another operator", Left { others: 1, ..left }),
            with("never arrived", Left { never: 1, ..left }),
        ]
    };
    let mut all = Vec::new();
    all.extend(kinds(Tokens::UsedUp));
    all.extend(kinds(Tokens::Idempotent));
    let many = kinds(Tokens::Many);
    all.extend(many);
    all.push(Config {
        name: "the same token again",
        left: Left { again: 1, ..left },
        ..many[2]
    });
    all.extend(kinds(Tokens::AtOnce));
    // Burnt is used up, but for what is refused.
    for config in &kinds(Tokens::Burnt)[..2] {
        all.push(Config {
            bad: &[How::Refused, How::NotRegistered],
            left: Left {
                bad: 1,
                ..config.left
            },
            ..*config
        });
    }
    for tokens in [Tokens::UsedUp, Tokens::Burnt, Tokens::AtOnce] {
        all.push(Config {
            name: "refused, or answered with something else",
            tokens,
            bad: ALL,
            left: Left {
                bad: 1 + more.min(1),
                prepares: 1 + more.min(1),
                ..left
            },
            ..PLAIN
        });
    }
    all.push(Config {
        name: "the contract agrees later",
        is_registered: false,
        ..PLAIN
    });
    all.push(Config {
        name: "cut off with a 502",
        is_cut: true,
        ..PLAIN
    });
    all.push(Config {
        name: "other answers in between",
        left: Left {
            changes: 1,
            prepares: 2,
            sends: 1,
            ..left
        },
        ..PLAIN
    });
    for tokens in [Tokens::UsedUp, Tokens::AtOnce] {
        all.push(Config {
            name: "a file that changes",
            tokens,
            has_file: true,
            left: Left { changes: 1, ..left },
            ..PLAIN
        });
    }
    all.push(Config {
        name: "two deployments for one wish",
        left: Left {
            crashes: 2,
            prepares: 2,
            ..left
        },
        ..PLAIN
    });
    if more > 0 {
        all.push(Config {
            name: "all of it at once",
            bad: ALL,
            left: Left {
                crashes: 2,
                doubles: 1,
                expiries: 1,
                others: 1,
                bad: 1,
                never: 1,
                ..LEFT
            },
            ..PLAIN
        });
    }
    all
}

impl Config {
    /// How many instances nobody asked for there must be: no program can keep a post from doubling what the service does
    /// not tell apart (2.3 of the design), and a token that is good more than once must not be sent twice.
    fn is_promised(&self) -> bool {
        let risky = matches!(self.tokens, Tokens::Many | Tokens::AtOnce);
        !(risky && self.left.doubles > 0 || self.left.again > 0)
    }
}

fn digest<T: Debug + ?Sized>(of: &T) -> u64 {
    digest_of(&format!("{of:?}"))
}

fn digest_of(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// What of it is not known yet.
fn news(found: &Found) -> Vec<String> {
    let known = |wrong: &Wrong| {
        let mut known = NOT_YET.iter();
        known.any(|(kind, what, _)| wrong.kind == *kind && wrong.what.starts_with(what))
    };
    let news = found.wrong.iter().filter(|(wrong, _)| !known(wrong));
    news.map(|(wrong, (states, way))| {
        let way = way.join("\n    ");
        format!(
            "{:?} {:?} in {states} states:\n    {way}",
            wrong.kind, wrong.what
        )
    })
    .collect()
}

/// Explores all of these, as many at a time as there are processors.
fn explore_all(all: &[Config], most: usize) -> Vec<(Config, Found)> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let at_once = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while let Some(config) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = explore(config, most);
                    done.lock().unwrap().push((*config, found));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    let place = |config: &Config| {
        let mut all = all.iter();
        all.position(|other| other.name == config.name && other.tokens == config.tokens)
    };
    done.sort_by_key(|(config, _)| place(config));
    done
}

#[test]
fn whatever_happens_there_is_one_instance_or_a_question() {
    let more = env::var("MODEL").map_or(0, |more| more.parse().unwrap());
    let all = explore_all(&configurations(more), 10_000_000);
    let (mut states, mut transitions, mut wrong) = (0, 0, Vec::new());
    println!(
        "tokens      what happens                                states  transitions   dup false  lost posts stuck"
    );
    for (config, found) in &all {
        states += found.states;
        transitions += found.transitions;
        let kinds = [Kind::Dup, Kind::False, Kind::Lost, Kind::Posts, Kind::Stuck];
        let counts: Vec<String> = kinds
            .iter()
            .map(|kind| format!("{:>5}", found.count(*kind)))
            .collect();
        println!(
            "{:<11} {:<41} {:>8} {:>12} {}{}",
            format!("{:?}", config.tokens),
            config.name,
            found.states,
            found.transitions,
            counts.join(" "),
            if config.is_promised() { "" } else { "  (*)" },
        );
        let news = news(found);
        if config.is_promised() {
            wrong.extend(news.into_iter().map(|it| format!("{config:?}: {it}")));
        } else {
            assert!(found.count(Kind::Dup) > 0, "{config:?} can be promised now");
            wrong.extend(news.into_iter().filter(|it| !it.starts_with("Dup")));
        }
    }
    println!(
        "{} configurations, {states} states, {transitions} transitions",
        all.len()
    );
    println!("(*) no program can: the service does not tell two requests apart");
    for (kind, what, why) in NOT_YET {
        let known = all.iter().flat_map(|(_, found)| &found.wrong);
        let of = known.filter(|(wrong, _)| wrong.kind == *kind && wrong.what.starts_with(what));
        let states: usize = of.map(|(_, (states, _))| states).sum();
        println!("not yet: {kind:?} {what:?} in {states} states: {why}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_slip_is_found() {
    let slips = [
        (
            Slip::RecordAfterSend,
            Tokens::UsedUp,
            "the record is written after the request has left",
        ),
        (
            Slip::TokenAfterCommit,
            Tokens::UsedUp,
            "the token is written down when it is committed",
        ),
        (
            Slip::PrepareOnTimeOut,
            Tokens::UsedUp,
            "no answer to a commit: a new token, by itself",
        ),
        (
            Slip::NoListing,
            Tokens::UsedUp,
            "it says that it looked, and did not",
        ),
        (
            Slip::PrepareUnrecorded,
            Tokens::AtOnce,
            "a preparation leaves without a record",
        ),
        (
            Slip::TimeOutAsFailure,
            Tokens::UsedUp,
            "no answer is told as a no",
        ),
        (
            Slip::AdoptAny,
            Tokens::UsedUp,
            "the first new instance is taken, whoever's it is",
        ),
        (
            Slip::ShownBeforeWritten,
            Tokens::UsedUp,
            "created is said before it is written",
        ),
    ];
    let all: Vec<Config> = slips
        .iter()
        .map(|(slip, tokens, name)| Config {
            name,
            tokens: *tokens,
            slip: Some(*slip),
            left: Left {
                prepares: 2 - u8::from(*slip == Slip::AdoptAny),
                others: u8::from(*slip == Slip::AdoptAny),
                anew: u8::from(*slip == Slip::PrepareUnrecorded),
                ..LEFT
            },
            ..PLAIN
        })
        .collect();
    let mut missed = Vec::new();
    for (config, found) in explore_all(&all, 1_000_000) {
        let news = news(&found);
        println!("{}: {} states, found as", config.name, found.states);
        for it in &news {
            println!("    {}", it.lines().next().unwrap_or_default());
        }
        if news.is_empty() {
            missed.push(config.name);
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}
